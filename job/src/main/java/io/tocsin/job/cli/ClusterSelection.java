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
package io.tocsin.job.cli;

import io.tocsin.job.config.PipelineConfig.Cluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides which clusters to watch: those of the command line, else those of the pipeline file, else
 * the current context, else the cluster Tocsin itself runs in.
 */
final class ClusterSelection {
    private static final Path SERVICE_ACCOUNT =
            Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

    private final Map<String, String> variables;

    ClusterSelection(Map<String, String> variables) {
        this.variables = variables;
    }

    /**
     * @param configured clusters of the pipeline file
     * @param kubeconfig option, or null
     * @param contexts options; empty for the current one
     * @param namespaces options; empty for what is configured, else all
     * @throws UsageException if a kubeconfig or context is missing or wrong
     */
    List<Cluster> select(
            List<Cluster> configured,
            String kubeconfig,
            List<String> contexts,
            List<String> namespaces) {
        List<Cluster> clusters = new ArrayList<>();
        List<String> all = namespaces.isEmpty() ? List.of("*") : List.copyOf(namespaces);
        if (kubeconfig == null && contexts.isEmpty() && !configured.isEmpty()) {
            for (Cluster cluster : configured) {
                clusters.add(check(cluster, namespaces));
            }
            return clusters;
        }
        Kubeconfig config = Kubeconfig.find(kubeconfig, variables);
        if (config == null) {
            if (contexts.isEmpty() && Files.exists(SERVICE_ACCOUNT)) {
                return List.of(new Cluster("in-cluster", null, null, true, all));
            }
            throw new UsageException(
                    "There is no kubeconfig: expected one at ~/.kube/config, in the variable"
                            + " KUBECONFIG, or by --kubeconfig FILE. To try Tocsin without a cluster:"
                            + " ./tocsin run --local");
        }
        Set<String> names = new TreeSet<>();
        for (String context : contexts.isEmpty() ? List.of(config.context(null)) : contexts) {
            if (names.add(config.context(context))) {
                clusters.add(
                        new Cluster(
                                nameOf(context), context, config.file().toString(), false, all));
            }
        }
        return clusters;
    }

    /** A cluster is named after its context; a slash would end the name where it is a key. */
    private static String nameOf(String context) {
        return context.replace('/', '_');
    }

    private Cluster check(Cluster cluster, List<String> namespaces) {
        List<String> scopes = namespaces.isEmpty() ? cluster.namespaces() : List.copyOf(namespaces);
        String selector = namespaces.isEmpty() ? cluster.namespaceSelector() : null;
        if (cluster.inCluster()) {
            if (!Files.exists(SERVICE_ACCOUNT)) {
                throw new UsageException(
                        "Cluster "
                                + cluster.name()
                                + " is inCluster, but there is no service account at "
                                + SERVICE_ACCOUNT
                                + ". Outside of a pod, give context or kubeconfig.");
            }
            return new Cluster(
                    cluster.name(),
                    null,
                    null,
                    true,
                    scopes,
                    cluster.eventTtl(),
                    selector,
                    cluster.fieldSelector());
        }
        Kubeconfig config = Kubeconfig.find(cluster.kubeconfig(), variables);
        if (config == null) {
            throw new UsageException(
                    "Cluster "
                            + cluster.name()
                            + " needs a kubeconfig, and there is none at ~/.kube/config or in the"
                            + " variable KUBECONFIG. Give kubeconfig: FILE in the pipeline file.");
        }
        return new Cluster(
                cluster.name(),
                config.context(cluster.context()),
                config.file().toString(),
                false,
                scopes,
                cluster.eventTtl(),
                selector,
                cluster.fieldSelector());
    }
}
