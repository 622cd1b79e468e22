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
import io.tocsin.job.rule.YamlKey;
import java.util.List;

/** The keys of a pipeline file that work, with what the reference says of them. */
final class PipelineKeys {

    private static final String SECRET_VALUE = "secret";

    /** Of the file. */
    static final List<YamlKey> ROOT =
            List.of(
                    new YamlKey(
                            "clusters",
                            "list",
                            "the current kubeconfig context; without a kubeconfig, and on a Flink"
                                    + " cluster, the cluster Tocsin runs in",
                            "What to watch, see below. `--kubeconfig` or `--context` on the command"
                                    + " line replace it."),
                    new YamlKey(
                            "rules",
                            "list of texts",
                            "`[default]`",
                            "Rule files or globs; `default` stands for the built-in rules."
                                    + " `--rules` replaces it."),
                    new YamlKey("receivers", "list", "none", "Where alerts go besides the output."),
                    new YamlKey(
                            "route", "mapping", "all receivers", "Which receiver gets alerts."));

    /** Of {@code namespaces} where it is a mapping. */
    static final List<YamlKey> NAMESPACE_SELECTION =
            List.of(
                    new YamlKey(
                            "selector",
                            "label selector, as kubectl takes it",
                            "required",
                            "Namespaces with these labels, as they come and go: `team=shop`, `env"
                                    + " in (prod, stage),!legacy`. Needs a ClusterRole to list and"
                                    + " watch `namespaces`, besides the right to watch events in"
                                    + " each."));

    /** Of a cluster. */
    static final List<YamlKey> CLUSTER =
            List.of(
                    new YamlKey(
                            "name",
                            "name",
                            "required",
                            "Its name in outputs; part of the identity of its state, so keep it."),
                    new YamlKey("context", "text", "the current one", "Context of the kubeconfig."),
                    new YamlKey(
                            "kubeconfig",
                            "path",
                            "the variable `KUBECONFIG`, else `~/.kube/config`",
                            "The kubeconfig."),
                    new YamlKey(
                            "inCluster",
                            "`true` or `false`",
                            "`false`",
                            "Use the service account of the pod Tocsin runs in. Excludes `context`"
                                    + " and `kubeconfig`."),
                    new YamlKey(
                            "namespaces",
                            "list of names, `[\"*\"]`, or a mapping with `selector`",
                            "`[\"*\"]`",
                            "Namespaces to watch; `--namespace` replaces it. With `*` a ClusterRole"
                                    + " is needed, with names a Role in each. May change: what"
                                    + " stays watched goes on where it stood."),
                    new YamlKey(
                            "eventTtl",
                            "duration, at least 1m",
                            "`" + Cluster.DEFAULT_EVENT_TTL.toHours() + "h`",
                            "How long its API server keeps events: its `--event-ttl`."));

    /** Of a receiver. */
    static final List<YamlKey> RECEIVER =
            List.of(
                    new YamlKey(
                            "name",
                            "name",
                            "required",
                            "Unique; what `route` and metrics call it."),
                    new YamlKey("webhook", "mapping", "required", "A POST of the alert as JSON."));

    /** Of a webhook. */
    static final List<YamlKey> WEBHOOK =
            List.of(
                    new YamlKey(
                            "url", SECRET_VALUE, "required", "Where to, `http://` or `https://`."),
                    new YamlKey(
                            "headers",
                            "mapping of names to secrets",
                            "none",
                            "Further headers of each request."));

    /** Of a secret that is not given in place. */
    static final List<YamlKey> SECRET =
            List.of(
                    new YamlKey("env", "text", "", "Name of an environment variable."),
                    new YamlKey("file", "path", "", "A file; read again when it changes."));

    /** Of the route. */
    static final List<YamlKey> ROUTE =
            List.of(
                    new YamlKey(
                            "receiver", "name", "required", "The receiver that gets all alerts."));

    private PipelineKeys() {}

    static List<String> names(List<YamlKey> keys) {
        return List.copyOf(YamlKey.names(keys));
    }
}
