/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.tocsin.job.config;

import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.config.PipelineConfig.Receiver;
import io.tocsin.job.rule.FieldSelector;
import io.tocsin.job.yaml.Durations;
import io.tocsin.job.yaml.Suggestion;
import io.tocsin.job.yaml.Yaml;
import io.tocsin.source.LabelSelector;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads {@code pipeline.yaml}. Tells all errors of a file at once, each with line, field, what was
 * got and what was expected; never shows the value of a secret. Relative paths are relative to the
 * file.
 */
public final class PipelineConfigReader {
    private static final List<String> ROOT = PipelineKeys.names(PipelineKeys.ROOT);
    private static final List<String> ROOT_LATER =
            List.of("archive", "logs", "silences", "inhibit", "enrichment");
    private static final List<String> CLUSTER = PipelineKeys.names(PipelineKeys.CLUSTER);
    private static final List<String> SELECTION =
            PipelineKeys.names(PipelineKeys.NAMESPACE_SELECTION);
    private static final List<String> ROUTE = PipelineKeys.names(PipelineKeys.ROUTE);
    private static final List<String> ROUTE_LATER =
            List.of(
                    "match",
                    "continue",
                    "groupBy",
                    "groupWait",
                    "groupInterval",
                    "repeatInterval",
                    "routes");
    private static final Duration LEAST_EVENT_TTL = Duration.ofMinutes(1);
    private static final Pattern NAMESPACE = Pattern.compile(PipelineKeys.NAMESPACE);

    private final YamlFile yaml;
    private final Path folder;

    private PipelineConfigReader(String file, Path folder) {
        this.yaml = new YamlFile(file);
        this.folder = folder;
    }

    /**
     * Reads a file.
     *
     * @throws InvalidConfigException with every error of the file; also if it cannot be read
     */
    public static PipelineConfig read(Path file) throws InvalidConfigException {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new InvalidConfigException(
                    List.of(file + ": there is no such file; give the pipeline's path with -c"));
        } catch (MalformedInputException e) {
            throw new InvalidConfigException(List.of(file + ": is not text in UTF-8"));
        } catch (IOException e) {
            throw new InvalidConfigException(List.of(file + ": cannot be read: " + e));
        }
        return parse(text, file.toString(), file.toAbsolutePath().getParent());
    }

    /**
     * Reads a text.
     *
     * @param name the file's name, for errors
     * @param folder what relative paths are relative to
     * @throws InvalidConfigException with every error
     */
    public static PipelineConfig parse(String text, String name, Path folder)
            throws InvalidConfigException {
        PipelineConfigReader reader = new PipelineConfigReader(name, folder);
        PipelineConfig config = reader.config(text);
        if (!reader.yaml.errors().isEmpty()) {
            throw new InvalidConfigException(reader.yaml.errors());
        }
        return config;
    }

    private PipelineConfig config(String text) {
        Yaml root = yaml.parse(text);
        if (root == null) {
            return PipelineConfig.defaults();
        }
        Map<String, Yaml> entries = yaml.map(root, "", ROOT, ROOT_LATER);
        List<Cluster> clusters = clusters(entries.get("clusters"));
        List<String> rules =
                entries.containsKey("rules")
                        ? yaml.texts(entries.get("rules"), "rules").stream()
                                .map(rule -> rule.equals("default") ? rule : path(rule))
                                .toList()
                        : List.of("default");
        if (entries.containsKey("rules") && rules.isEmpty()) {
            yaml.error(entries.get("rules"), "rules", "is empty; expected [default] or rule files");
        }
        List<Receiver> receivers =
                new ReceiverReader(yaml, this::path).read(entries.get("receivers"));
        return new PipelineConfig(
                clusters, rules, receivers, route(entries.get("route"), receivers));
    }

    private List<Cluster> clusters(Yaml node) {
        List<Cluster> clusters = new ArrayList<>();
        if (node == null) {
            return clusters;
        }
        Set<String> names = new HashSet<>();
        List<Yaml> items = yaml.list(node, "clusters");
        for (int i = 0; i < items.size(); i++) {
            Yaml item = items.get(i);
            String field = "clusters[" + i + "]";
            Map<String, Yaml> entries = yaml.map(item, field, CLUSTER, List.of());
            String name = yaml.name(item, entries, field, names);
            String context = optional(entries.get("context"), field + ".context");
            String kubeconfig = optional(entries.get("kubeconfig"), field + ".kubeconfig");
            boolean inCluster =
                    entries.containsKey("inCluster")
                            && yaml.flag(entries.get("inCluster"), field + ".inCluster");
            if (inCluster && (context != null || kubeconfig != null)) {
                yaml.error(
                        item,
                        field,
                        "inCluster excludes context and kubeconfig; keep one of the two ways");
            }
            String selector = selector(entries.get("namespaces"), field + ".namespaces");
            clusters.add(
                    new Cluster(
                            name,
                            context,
                            kubeconfig == null ? null : path(kubeconfig),
                            inCluster,
                            selector != null
                                    ? List.of()
                                    : namespaces(entries.get("namespaces"), field + ".namespaces"),
                            eventTtl(entries.get("eventTtl"), field + ".eventTtl"),
                            selector,
                            fieldSelector(entries.get("fieldSelector"), field + ".fieldSelector")));
        }
        return clusters;
    }

    private Duration eventTtl(Yaml node, String field) {
        String text = node == null ? null : yaml.text(node, field);
        if (text == null) {
            return Cluster.DEFAULT_EVENT_TTL;
        }
        long millis = Durations.parse(text);
        if (millis < LEAST_EVENT_TTL.toMillis()) {
            yaml.error(
                    node,
                    field,
                    "\""
                            + text
                            + "\" is not what the API server was started with as --event-ttl;"
                            + " expected "
                            + Durations.EXPECTED
                            + ", at least 1m");
        }
        return Duration.ofMillis(millis);
    }

    private String fieldSelector(Yaml node, String field) {
        String text = node == null ? null : yaml.text(node, field);
        if (text == null) {
            return null;
        }
        try {
            return FieldSelector.parse(text).text();
        } catch (IllegalArgumentException e) {
            yaml.error(node, field, "\"" + text + "\" is no field selector: " + e.getMessage());
            return null;
        }
    }

    /** The label selector in the place of names; null where there is none. */
    private String selector(Yaml node, String field) {
        if (!(node instanceof Yaml.Mapping)) {
            return null;
        }
        Map<String, Yaml> entries = yaml.map(node, field, SELECTION, List.of());
        if (!entries.containsKey("selector")) {
            yaml.error(node, field, "has no selector; expected {selector: \"team=shop\"} or names");
            return null;
        }
        String text = yaml.text(entries.get("selector"), field + ".selector");
        if (text == null) {
            return null;
        }
        try {
            return LabelSelector.parse(text).text();
        } catch (IllegalArgumentException e) {
            yaml.error(
                    entries.get("selector"),
                    field + ".selector",
                    "\"" + text + "\" is no label selector: " + e.getMessage());
            return null;
        }
    }

    private List<String> namespaces(Yaml node, String field) {
        // What is wrong with a mapping was told.
        if (node == null || node instanceof Yaml.Mapping) {
            return List.of("*");
        }
        List<String> namespaces = yaml.texts(node, field).stream().distinct().toList();
        for (String namespace : namespaces) {
            if (!namespace.equals("*") && !NAMESPACE.matcher(namespace).matches()) {
                yaml.error(
                        node,
                        field,
                        "\"" + namespace + "\" is no namespace; expected a name or \"*\" for all");
            }
        }
        if (namespaces.size() > 1 && namespaces.contains("*")) {
            yaml.error(node, field, "\"*\" means all namespaces; expected it alone or names only");
        }
        return namespaces.isEmpty() ? List.of("*") : namespaces;
    }

    private String route(Yaml node, List<Receiver> receivers) {
        if (node == null) {
            return null;
        }
        Map<String, Yaml> entries = yaml.map(node, "route", ROUTE, ROUTE_LATER);
        if (!entries.containsKey("receiver")) {
            yaml.error(node, "route", "has no receiver; expected the name of a receiver");
            return null;
        }
        String receiver = yaml.text(entries.get("receiver"), "route.receiver");
        List<String> names = receivers.stream().map(Receiver::name).toList();
        if (receiver != null && !names.contains(receiver)) {
            yaml.error(
                    entries.get("receiver"),
                    "route.receiver",
                    "there is no receiver \""
                            + receiver
                            + "\""
                            + Suggestion.orFullStop(receiver, names)
                            + " Expected one of "
                            + names);
        }
        return receiver;
    }

    private String optional(Yaml node, String field) {
        return node == null ? null : yaml.text(node, field);
    }

    private String path(String path) {
        String home = System.getProperty("user.home");
        String expanded = path.startsWith("~/") ? home + path.substring(1) : path;
        return folder == null ? expanded : folder.resolve(expanded).normalize().toString();
    }
}
