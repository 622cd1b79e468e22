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
import io.tocsin.job.config.PipelineConfig.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads {@code pipeline.yaml}. Tells all errors of a file at once, each with line, field, what was
 * got and what was expected; never shows the value of a secret. Relative paths are relative to the
 * file.
 */
public final class PipelineConfigReader {
    private static final List<String> ROOT = List.of("clusters", "rules", "receivers", "route");
    private static final List<String> ROOT_LATER =
            List.of("archive", "logs", "silences", "inhibit", "enrichment");
    private static final List<String> CLUSTER =
            List.of("name", "context", "kubeconfig", "inCluster", "namespaces");
    private static final List<String> RECEIVER = List.of("name", "webhook");
    private static final List<String> RECEIVER_LATER =
            List.of(
                    "slack",
                    "teams",
                    "pagerduty",
                    "opsgenie",
                    "discord",
                    "telegram",
                    "email",
                    "alertmanager",
                    "opensearch",
                    "kafka",
                    "file");
    private static final List<String> WEBHOOK = List.of("url", "headers");
    private static final List<String> ROUTE = List.of("receiver");
    private static final List<String> ROUTE_LATER =
            List.of(
                    "match",
                    "continue",
                    "groupBy",
                    "groupWait",
                    "groupInterval",
                    "repeatInterval",
                    "routes");
    private static final List<String> SECRET = List.of("env", "file");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._@:-]{0,251})");
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

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
        Node root = yaml.parse(text);
        if (root == null) {
            return PipelineConfig.defaults();
        }
        Map<String, Node> entries = yaml.map(root, "", ROOT, ROOT_LATER);
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
        List<Receiver> receivers = receivers(entries.get("receivers"));
        return new PipelineConfig(
                clusters, rules, receivers, route(entries.get("route"), receivers));
    }

    private List<Cluster> clusters(Node node) {
        List<Cluster> clusters = new ArrayList<>();
        if (node == null) {
            return clusters;
        }
        Set<String> names = new HashSet<>();
        List<Node> items = yaml.list(node, "clusters");
        for (int i = 0; i < items.size(); i++) {
            Node item = items.get(i);
            String field = "clusters[" + i + "]";
            Map<String, Node> entries = yaml.map(item, field, CLUSTER, List.of("fieldSelector"));
            String name = name(item, entries, field, names);
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
            clusters.add(
                    new Cluster(
                            name,
                            context,
                            kubeconfig == null ? null : path(kubeconfig),
                            inCluster,
                            namespaces(entries.get("namespaces"), field + ".namespaces")));
        }
        return clusters;
    }

    private List<String> namespaces(Node node, String field) {
        if (node == null) {
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

    private List<Receiver> receivers(Node node) {
        List<Receiver> receivers = new ArrayList<>();
        if (node == null) {
            return receivers;
        }
        Set<String> names = new HashSet<>();
        List<Node> items = yaml.list(node, "receivers");
        for (int i = 0; i < items.size(); i++) {
            Node item = items.get(i);
            String field = "receivers[" + i + "]";
            Map<String, Node> entries = yaml.map(item, field, RECEIVER, RECEIVER_LATER);
            String name = name(item, entries, field, names);
            Node webhook = entries.get("webhook");
            if (webhook == null) {
                yaml.error(item, field, "has no kind; expected webhook: {url: …}");
            } else {
                receivers.add(webhook(name, webhook, field + ".webhook"));
            }
        }
        return receivers;
    }

    private Receiver webhook(String name, Node node, String field) {
        Map<String, Node> entries = yaml.map(node, field, WEBHOOK, List.of());
        Secret url = null;
        if (entries.containsKey("url")) {
            url = secret(entries.get("url"), field + ".url");
            if (url != null && url.kind() == Secret.Kind.INLINE && !isHttp(url.value())) {
                // the value may carry a token: it is not shown
                yaml.error(
                        entries.get("url"), field + ".url", "expected an http:// or https:// URL");
            }
        } else {
            yaml.error(node, field, "has no url; expected url: {env: NAME} or url: {file: PATH}");
        }
        Map<String, Secret> headers = new LinkedHashMap<>();
        if (entries.containsKey("headers")) {
            yaml.anyMap(entries.get("headers"), field + ".headers")
                    .forEach(
                            (header, value) -> {
                                String path = field + ".headers." + header;
                                if (!HEADER.matcher(header).matches()) {
                                    yaml.error(value, path, "is no name of an HTTP header");
                                }
                                headers.put(header, secret(value, path));
                            });
        }
        return new Receiver(name, url, headers);
    }

    /** A secret: {env: NAME}, {file: PATH}, or a text that stands for itself. */
    private Secret secret(Node node, String field) {
        if (node instanceof org.yaml.snakeyaml.nodes.ScalarNode) {
            String value = yaml.text(node, field);
            return value == null ? null : new Secret(Secret.Kind.INLINE, value);
        }
        Map<String, Node> entries = yaml.map(node, field, SECRET, List.of());
        if (entries.size() != 1) {
            yaml.error(node, field, "expected either {env: NAME} or {file: PATH}");
            return null;
        }
        if (entries.containsKey("env")) {
            String variable = yaml.text(entries.get("env"), field + ".env");
            return variable == null ? null : new Secret(Secret.Kind.ENV, variable);
        }
        String file = yaml.text(entries.get("file"), field + ".file");
        return file == null ? null : new Secret(Secret.Kind.FILE, path(file));
    }

    private String route(Node node, List<Receiver> receivers) {
        if (node == null) {
            return null;
        }
        Map<String, Node> entries = yaml.map(node, "route", ROUTE, ROUTE_LATER);
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
                            + Suggestion.of(receiver, names)
                            + " Expected one of "
                            + names);
        }
        return receiver;
    }

    private String name(Node item, Map<String, Node> entries, String field, Set<String> names) {
        if (!entries.containsKey("name")) {
            yaml.error(item, field, "has no name");
            return "?";
        }
        Node node = entries.get("name");
        String name = yaml.text(node, field + ".name");
        if (name == null) {
            return "?";
        }
        if (!NAME.matcher(name).matches()) {
            yaml.error(
                    node,
                    field + ".name",
                    "\"" + name + "\" is no name; expected letters, digits and . _ @ : -");
        } else if (!names.add(name)) {
            yaml.error(
                    node, field + ".name", "\"" + name + "\" is taken; expected different names");
        }
        return name;
    }

    private String optional(Node node, String field) {
        return node == null ? null : yaml.text(node, field);
    }

    private String path(String path) {
        String home = System.getProperty("user.home");
        String expanded = path.startsWith("~/") ? home + path.substring(1) : path;
        return folder == null ? expanded : folder.resolve(expanded).normalize().toString();
    }

    private static boolean isHttp(String url) {
        try {
            URI uri = URI.create(url);
            return uri.getHost() != null
                    && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
