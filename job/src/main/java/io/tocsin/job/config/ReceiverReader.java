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

import io.tocsin.job.config.PipelineConfig.Receiver;
import io.tocsin.job.config.PipelineConfig.Secret;
import io.tocsin.job.yaml.Yaml;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Reads the key {@code receivers} of a pipeline file; never shows the value of a secret. */
final class ReceiverReader {
    private static final List<String> RECEIVER = PipelineKeys.names(PipelineKeys.RECEIVER);
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
    private static final List<String> WEBHOOK = PipelineKeys.names(PipelineKeys.WEBHOOK);
    private static final List<String> SECRET = PipelineKeys.names(PipelineKeys.SECRET);
    private static final Pattern HEADER = Pattern.compile(PipelineKeys.HEADER);

    private final YamlFile yaml;
    private final UnaryOperator<String> paths;

    /**
     * @param paths makes a path absolute
     */
    ReceiverReader(YamlFile yaml, UnaryOperator<String> paths) {
        this.yaml = yaml;
        this.paths = paths;
    }

    /**
     * @param node value of the key, or null
     */
    List<Receiver> read(Yaml node) {
        List<Receiver> receivers = new ArrayList<>();
        if (node == null) {
            return receivers;
        }
        Set<String> names = new HashSet<>();
        List<Yaml> items = yaml.list(node, "receivers");
        for (int i = 0; i < items.size(); i++) {
            Yaml item = items.get(i);
            String field = "receivers[" + i + "]";
            Map<String, Yaml> entries = yaml.map(item, field, RECEIVER, RECEIVER_LATER);
            String name = yaml.name(item, entries, field, names);
            Yaml webhook = entries.get("webhook");
            if (webhook == null) {
                yaml.error(item, field, "has no kind; expected webhook: {url: …}");
            } else {
                receivers.add(webhook(name, webhook, field + ".webhook"));
            }
        }
        return receivers;
    }

    private Receiver webhook(String name, Yaml node, String field) {
        Map<String, Yaml> entries = yaml.map(node, field, WEBHOOK, List.of());
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
    private Secret secret(Yaml node, String field) {
        if (node instanceof Yaml.Scalar) {
            String value = yaml.text(node, field);
            return value == null ? null : new Secret(Secret.Kind.INLINE, value);
        }
        Map<String, Yaml> entries = yaml.map(node, field, SECRET, List.of());
        if (entries.size() != 1) {
            yaml.error(node, field, "expected either {env: NAME} or {file: PATH}");
            return null;
        }
        if (entries.containsKey("env")) {
            String variable = yaml.text(entries.get("env"), field + ".env");
            return variable == null ? null : new Secret(Secret.Kind.ENV, variable);
        }
        String file = yaml.text(entries.get("file"), field + ".file");
        return file == null ? null : new Secret(Secret.Kind.FILE, paths.apply(file));
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
