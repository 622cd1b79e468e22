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

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.WatchedKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A pipeline as it is configured: what {@code pipeline.yaml} says, with defaults filled in. Values
 * only; secrets are named, never held (except an inline URL, which {@link Secret#toString} hides).
 *
 * @param clusters clusters to watch; empty where the command line or the current kubeconfig context
 *     decides
 * @param rules {@code default} or rule files, globs allowed; never empty
 * @param receivers where alerts go besides the output
 * @param route name of the receiver that gets the alerts, or null for all receivers
 */
@Pure
public record PipelineConfig(
        List<Cluster> clusters, List<String> rules, List<Receiver> receivers, String route) {

    /** What runs when nothing is configured. */
    public static PipelineConfig defaults() {
        return new PipelineConfig(List.of(), List.of("default"), List.of(), null);
    }

    /** The receivers that alerts are routed to. */
    public List<Receiver> routed() {
        return route == null
                ? receivers
                : receivers.stream().filter(receiver -> receiver.name().equals(route)).toList();
    }

    /**
     * A cluster to watch.
     *
     * @param name its name in outputs and in operator uids
     * @param context context of the kubeconfig, or null for the current one
     * @param kubeconfig path of the kubeconfig, or null for the usual one
     * @param inCluster use the service account of the pod Tocsin runs in
     * @param namespaces names, or the single {@code *} for all; empty where labels select them
     * @param eventTtl how long its API server keeps events (its {@code --event-ttl})
     * @param namespaceSelector label selector of namespaces, or null where they are named
     * @param fieldSelector field selector of events, or null for all
     */
    public record Cluster(
            String name,
            String context,
            String kubeconfig,
            boolean inCluster,
            List<String> namespaces,
            Duration eventTtl,
            String namespaceSelector,
            String fieldSelector) {

        /** Of an API server that was not told otherwise. */
        public static final Duration DEFAULT_EVENT_TTL = Duration.ofHours(1);

        /** A cluster whose namespaces are named. */
        public Cluster(
                String name,
                String context,
                String kubeconfig,
                boolean inCluster,
                List<String> namespaces,
                Duration eventTtl) {
            this(name, context, kubeconfig, inCluster, namespaces, eventTtl, null, null);
        }

        /** A cluster whose API server was not told otherwise. */
        public Cluster(
                String name,
                String context,
                String kubeconfig,
                boolean inCluster,
                List<String> namespaces) {
            this(name, context, kubeconfig, inCluster, namespaces, DEFAULT_EVENT_TTL);
        }

        /**
         * As this one, with the namespaces a resource is watched in: nodes belong to none, so they
         * are watched as a whole, whatever namespaces are named or selected.
         *
         * @param resource plural name, such as {@code pods}
         */
        public Cluster scopedFor(String resource) {
            return WatchedKind.NODE.isResource(resource)
                    ? new Cluster(
                            name,
                            context,
                            kubeconfig,
                            inCluster,
                            List.of("*"),
                            eventTtl,
                            null,
                            fieldSelector)
                    : this;
        }
    }

    /**
     * A receiver of kind {@code webhook}: a POST of the alert document.
     *
     * @param name name
     * @param url where to
     * @param headers further headers of each request
     */
    public record Receiver(String name, Secret url, Map<String, Secret> headers) {}

    /**
     * A value that must not be shown: an environment variable, a file that is read again when it
     * changes, or the value itself.
     */
    public record Secret(Kind kind, String value) {
        /** Where the value comes from. */
        public enum Kind {
            /** Name of an environment variable. */
            ENV,
            /** Path of a file. */
            FILE,
            /** The value itself. */
            INLINE
        }

        @Override
        public String toString() {
            return kind == Kind.INLINE ? "(inline)" : kind + ":" + value;
        }
    }
}
