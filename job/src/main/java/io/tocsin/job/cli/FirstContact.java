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
import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.api.ClusterContact;
import io.tocsin.source.api.Fabric8ClusterContact;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure, before a run, that clusters can be reached and watched: tries for some seconds, in
 * parallel. One cluster that can be watched is enough; of the others a warning is logged, and the
 * source goes on trying.
 */
final class FirstContact {
    private static final Logger LOG = LoggerFactory.getLogger(FirstContact.class);
    private static final long PAUSE_MILLIS = 1000;

    private final Duration patience;

    /**
     * @param patience how long to try
     */
    FirstContact(Duration patience) {
        this.patience = patience;
    }

    /**
     * @param resources what is to be watched besides events; where that is not allowed an error is
     *     logged, and the run goes on with the rest
     * @param resuming whether a checkpoint will be restored: there was contact before, so a cluster
     *     that does not answer now is ill, and Tocsin is blind, not wrong
     * @throws UsageException if a kubeconfig cannot be used
     * @throws UnreachableException if no cluster can be watched
     */
    void require(
            List<Cluster> clusters, Collection<String> resources, boolean resuming, StopSignal stop)
            throws InterruptedException {
        List<CompletableFuture<ClusterContact>> contacts = new ArrayList<>();
        long deadline = System.nanoTime() + patience.toNanos();
        for (Cluster cluster : clusters) {
            CompletableFuture<ClusterContact> contact = new CompletableFuture<>();
            Thread thread =
                    new Thread(
                            () -> contact.complete(attempt(cluster, resources, deadline, stop)),
                            "first contact with " + cluster.name());
            thread.setDaemon(true); // a server that accepts and never answers holds it
            thread.start();
            contacts.add(contact);
        }
        boolean ready = false;
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < clusters.size(); i++) {
            Cluster cluster = clusters.get(i);
            ClusterContact contact = result(contacts.get(i), deadline);
            if (contact instanceof ClusterContact.BadConfig bad) {
                throw new UsageException(
                        "Cluster " + cluster.name() + ": " + bad.message() + " " + bad.remedy());
            } else if (contact instanceof ClusterContact.Ready found) {
                ready = true;
                tell(cluster, found);
            } else if (contact instanceof ClusterContact.Limited limited) {
                ready = true;
                tell(cluster, limited.ready());
                limited.refusals()
                        .forEach(each -> LOG.error("Cluster {}: {}", cluster.name(), text(each)));
            } else {
                ready |= resuming && !(contact instanceof ClusterContact.Forbidden);
                problems.add("Cluster " + cluster.name() + ": " + problem(contact));
            }
        }
        if (!ready) {
            throw new UnreachableException(String.join("\n", problems));
        }
        problems.forEach(problem -> LOG.warn("{} Trying on.", problem));
    }

    private static void tell(Cluster cluster, ClusterContact.Ready found) {
        LOG.info(
                "Cluster {}: Kubernetes {} at {}",
                cluster.name(),
                found.serverVersion(),
                found.server());
    }

    /** What somebody may do about a resource that may not be watched. */
    static String text(ClusterContact.Limited.Refusal refusal) {
        String resource = refusal.resource();
        boolean everywhere = refusal.scope().equals("*");
        return "forbidden: "
                + refusal.message()
                + ". Rules with state: "
                + resource
                + " see nothing there; the others go on. Grant list and watch on "
                + (resource.equals("deployments") ? "deployments.apps" : resource)
                + " by a "
                + (everywhere ? "ClusterRole" : "Role in namespace " + refusal.scope())
                + ", or leave those rules out.";
    }

    private static ClusterContact attempt(
            Cluster cluster, Collection<String> resources, long deadline, StopSignal stop) {
        ClusterAccess access =
                new ClusterAccess(cluster.kubeconfig(), cluster.context(), cluster.inCluster());
        while (true) {
            try {
                ClusterContact contact =
                        Fabric8ClusterContact.check(
                                access,
                                cluster.namespaces(),
                                cluster.namespaceSelector(),
                                resources);
                if (contact instanceof ClusterContact.Ready
                        || contact instanceof ClusterContact.Limited
                        || contact instanceof ClusterContact.BadConfig
                        || System.nanoTime() + PAUSE_MILLIS * 1_000_000 > deadline
                        || stop.await(PAUSE_MILLIS)) {
                    return contact;
                }
            } catch (InterruptedException e) {
                return new ClusterContact.Unreachable("interrupted");
            } catch (RuntimeException e) {
                return new ClusterContact.Unreachable(e.toString());
            }
        }
    }

    private ClusterContact result(CompletableFuture<ClusterContact> contact, long deadline)
            throws InterruptedException {
        try {
            // some grace: the last attempt may be under way
            return contact.get(
                    Math.max(0, deadline - System.nanoTime()) + 1_000_000_000L,
                    TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new ClusterContact.Unreachable(
                    "no answer within " + patience.toSeconds() + " s");
        } catch (ExecutionException e) {
            return new ClusterContact.Unreachable(String.valueOf(e.getCause()));
        }
    }

    private static String problem(ClusterContact contact) {
        if (contact instanceof ClusterContact.Forbidden forbidden) {
            return "forbidden: "
                    + forbidden.message()
                    + ". Grant list and watch on events.events.k8s.io (and on namespaces where labels"
                    + " select them), or choose namespaces with"
                    + " --namespace.";
        }
        if (contact instanceof ClusterContact.NotKubernetes other) {
            return "no Kubernetes API server: "
                    + other.message()
                    + ". Check the server's address in the kubeconfig.";
        }
        return "unreachable: "
                + ((ClusterContact.Unreachable) contact).message()
                + ". Check the network, and the server's address in the kubeconfig.";
    }
}
