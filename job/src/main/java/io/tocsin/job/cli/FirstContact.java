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
import io.tocsin.job.pipeline.LiveClusters;
import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.api.ClusterContact;
import io.tocsin.source.api.Fabric8ClusterContact;
import io.tocsin.source.api.Refusal;
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
     * @param resources what is to be watched besides events; where that does not succeed it is
     *     logged with a remedy, and the run goes on with the rest
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
        List<ObjectContact> objects = new ArrayList<>();
        for (Cluster cluster : clusters) {
            CompletableFuture<ClusterContact> contact = new CompletableFuture<>();
            ObjectContact besides = new ObjectContact(cluster, resources);
            Thread thread =
                    new Thread(
                            () -> contact(cluster, contact, besides, deadline, stop),
                            "first contact with " + cluster.name());
            thread.setDaemon(true); // a server that accepts and never answers holds it
            thread.start();
            contacts.add(contact);
            objects.add(besides);
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
                LOG.info(
                        "Cluster {}: Kubernetes {} at {}",
                        cluster.name(),
                        found.serverVersion(),
                        found.server());
                objects.get(i)
                        .refusals(millisUntil(deadline))
                        .forEach(refusal -> tell(cluster, refusal));
            } else {
                ready |= resuming && !isRefused(contact);
                problems.add("Cluster " + cluster.name() + ": " + problem(contact));
            }
        }
        if (!ready) {
            throw new UnreachableException(String.join("\n", problems));
        }
        problems.forEach(problem -> LOG.warn("{} Trying on.", problem));
    }

    private static void tell(Cluster cluster, Refusal refusal) {
        String text = ObjectContact.text(refusal);
        if (refusal.cause() == Refusal.Cause.TROUBLE) {
            LOG.warn("Cluster {}: {}", cluster.name(), text);
        } else {
            LOG.error("Cluster {}: {}", cluster.name(), text);
        }
    }

    private static boolean isRefused(ClusterContact contact) {
        return contact instanceof ClusterContact.Forbidden
                || contact instanceof ClusterContact.Unauthorized;
    }

    private static void contact(
            Cluster cluster,
            CompletableFuture<ClusterContact> told,
            ObjectContact besides,
            long deadline,
            StopSignal stop) {
        ClusterContact contact = attempt(cluster, deadline, stop);
        told.complete(contact);
        if (contact instanceof ClusterContact.Ready) {
            try {
                besides.attempt(stop, PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static ClusterContact attempt(Cluster cluster, long deadline, StopSignal stop) {
        ClusterAccess access = LiveClusters.access(cluster);
        while (true) {
            try {
                ClusterContact contact =
                        Fabric8ClusterContact.check(
                                access, cluster.namespaces(), cluster.namespaceSelector());
                if (contact instanceof ClusterContact.Ready
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
            return contact.get(millisUntil(deadline), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new ClusterContact.Unreachable(
                    "no answer within " + patience.toSeconds() + " s");
        } catch (ExecutionException e) {
            return new ClusterContact.Unreachable(String.valueOf(e.getCause()));
        }
    }

    /** With some grace: the last attempt may be under way. */
    private static long millisUntil(long deadline) {
        return Math.max(0, deadline - System.nanoTime()) / 1_000_000 + 1000;
    }

    /** What somebody may do about a cluster that cannot be watched. */
    static String problem(ClusterContact contact) {
        if (contact instanceof ClusterContact.Unauthorized unauthorized) {
            return "unauthorized: " + unauthorized.message() + ".";
        }
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
