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

import static io.tocsin.job.yaml.YamlKey.alternative;
import static io.tocsin.job.yaml.YamlKey.optional;
import static io.tocsin.job.yaml.YamlKey.required;
import static io.tocsin.job.yaml.YamlKey.withDefault;

import io.tocsin.annotation.Pure;
import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.rule.FieldSelector;
import io.tocsin.job.yaml.YamlKey;
import io.tocsin.job.yaml.YamlType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The keys of a pipeline file that work, with what the reference says of them and what the JSON
 * Schema checks. A new key is one entry here and its lines in the reader.
 */
@Pure
final class PipelineKeys {

    /** What the name of a cluster or receiver matches. */
    static final String NAME = "[A-Za-z0-9]([A-Za-z0-9._@:-]{0,251})";

    /** What the name of a namespace matches. */
    static final String NAMESPACE = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

    /** What the name of an HTTP header matches. */
    static final String HEADER = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    private static final YamlType NAME_TYPE =
            YamlType.text("name", NAME, "letters, digits and . _ @ : -");

    /** Of a secret that is not given in place. */
    static final List<YamlKey> SECRET =
            List.of(
                    alternative("env", YamlType.filled("text"), "Name of an environment variable."),
                    alternative(
                            "file",
                            YamlType.filled("path"),
                            "A file; read again when it changes."));

    private static final YamlType NAMED_SECRET = YamlType.mapping("", SECRET);

    /** Of a webhook. */
    static final List<YamlKey> WEBHOOK =
            List.of(
                    required(
                            "url",
                            YamlType.either(
                                    "secret",
                                    YamlType.text(
                                            "",
                                            "https?://[^/?#\\s]\\S*",
                                            "an http:// or https:// URL"),
                                    NAMED_SECRET),
                            "Where to, `http://` or `https://`."),
                    optional(
                            "headers",
                            YamlType.dictionary(
                                    "mapping of names to secrets",
                                    HEADER,
                                    "the name of an HTTP header",
                                    YamlType.either("", YamlType.filled(""), NAMED_SECRET)),
                            "none",
                            "Further headers of each request."));

    /** Of a receiver. */
    static final List<YamlKey> RECEIVER =
            List.of(
                    required("name", NAME_TYPE, "Unique; what `route` and metrics call it."),
                    required(
                            "webhook",
                            YamlType.mapping("mapping", WEBHOOK),
                            "A POST of the alert as JSON."));

    /** Of {@code namespaces} where it is a mapping. */
    static final List<YamlKey> NAMESPACE_SELECTION =
            List.of(
                    required(
                            "selector",
                            YamlType.filled("label selector, as kubectl takes it"),
                            "Namespaces with these labels, as they come and go: `team=shop`, `env"
                                    + " in (prod, stage),!legacy`. Needs a ClusterRole to list and"
                                    + " watch `namespaces`, besides the right to watch events in"
                                    + " each."));

    /** Of a cluster. */
    static final List<YamlKey> CLUSTER =
            List.of(
                    required(
                            "name",
                            NAME_TYPE,
                            "Its name in outputs; part of the identity of its state, so keep it."),
                    optional(
                            "context",
                            YamlType.filled("text"),
                            "the current one",
                            "Context of the kubeconfig."),
                    optional(
                            "kubeconfig",
                            YamlType.filled("path"),
                            "the variable `KUBECONFIG`, else `~/.kube/config`",
                            "The kubeconfig."),
                    withDefault(
                            "inCluster",
                            YamlType.flag(),
                            false,
                            "Use the service account of the pod Tocsin runs in. Excludes `context`"
                                    + " and `kubeconfig`."),
                    withDefault(
                            "namespaces",
                            namespaces(),
                            List.of("*"),
                            "Namespaces to watch; `--namespace` replaces it. With `*` a ClusterRole"
                                    + " is needed, with names a Role in each. May change: what"
                                    + " stays watched goes on where it stood."),
                    withDefault(
                            "eventTtl",
                            YamlType.durationOfMinutes("duration, at least 1m"),
                            Cluster.DEFAULT_EVENT_TTL.toHours() + "h",
                            "How long its API server keeps events: its `--event-ttl`."),
                    optional(
                            "fieldSelector",
                            YamlType.text(
                                    "field selector, as kubectl takes it",
                                    FieldSelector.FORM,
                                    FieldSelector.EXPECTED),
                            "all events",
                            "Events that the API server sends; the others cost nothing. Fields: `"
                                    + String.join("`, `", FieldSelector.FIELDS.keySet())
                                    + "`. A rule that needs what it keeps out is an error: most"
                                    + " rules need events of type `Normal`, which end alerts. What"
                                    + " was kept out before a change is not told afterwards."));

    /** Of the route. */
    static final List<YamlKey> ROUTE =
            List.of(
                    required(
                            "receiver",
                            YamlType.filled("name"),
                            "The receiver that gets all alerts."));

    /** Of the file. */
    static final List<YamlKey> ROOT =
            List.of(
                    optional(
                            "clusters",
                            YamlType.list("list", cluster().defined("cluster")),
                            "the current kubeconfig context; without a kubeconfig, and on a Flink"
                                    + " cluster, the cluster Tocsin runs in",
                            "What to watch. `--kubeconfig` or `--context` on the command line"
                                    + " replace it."),
                    withDefault(
                            "rules",
                            YamlType.list("list of texts", YamlType.filled("text"))
                                    .with("minItems", 1),
                            List.of("default"),
                            "Rule files or globs; `default` stands for the built-in rules."
                                    + " `--rules` replaces it."),
                    optional(
                            "receivers",
                            YamlType.list(
                                    "list", YamlType.mapping("", RECEIVER).defined("receiver")),
                            "none",
                            "Where alerts go besides the output."),
                    optional(
                            "route",
                            YamlType.mapping("mapping", ROUTE),
                            "all receivers",
                            "Which receiver gets alerts."));

    private PipelineKeys() {}

    /** A pipeline file. */
    static YamlType file() {
        return YamlType.mapping("pipeline", ROOT);
    }

    static List<String> names(List<YamlKey> keys) {
        return List.copyOf(YamlKey.names(keys));
    }

    private static YamlType cluster() {
        return YamlType.mapping("mapping", CLUSTER)
                .with(
                        "if",
                        new TreeMap<>(
                                Map.of(
                                        "required",
                                        List.of("inCluster"),
                                        "properties",
                                        Map.of("inCluster", Map.of("const", true)))))
                .with(
                        "then",
                        Map.of(
                                "properties",
                                new TreeMap<>(Map.of("context", false, "kubeconfig", false))));
    }

    private static YamlType namespaces() {
        return YamlType.either(
                "list of names, `[\"*\"]`, or a mapping with `selector`",
                YamlType.list("", YamlType.text("", NAMESPACE, "a name, or \"*\" alone for all")),
                YamlType.list("", YamlType.oneOf("", List.of("*"))),
                YamlType.mapping("", NAMESPACE_SELECTION));
    }
}
