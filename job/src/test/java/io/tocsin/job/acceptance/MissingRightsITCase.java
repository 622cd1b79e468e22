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
package io.tocsin.job.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tocsin.job.config.PipelineConfig;
import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.output.JsonLines;
import io.tocsin.job.pipeline.LiveClusters;
import io.tocsin.job.pipeline.TocsinPipeline;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.api.ClusterContact;
import io.tocsin.source.api.Fabric8ClusterContact;
import io.tocsin.source.api.Refusal;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.object.ObjectRecord;
import io.tocsin.source.reader.DateServerClock;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.PodEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rules want pods and nodes, and the account may watch events only, on a real API server with RBAC:
 * it is told what is missing, that Tocsin is blind there, and event time of the events goes on, by
 * which an absence rings. So again after a restart, and the rights work as soon as they are there.
 */
class MissingRightsITCase {

    private static final Duration LONG = Duration.ofMinutes(2);
    private static final String USER = "watcher";
    private static final String NAMESPACE = "rights";
    private static final String RULES =
            """
            rules:
              - name: Stuck
                match: {reason: FailedScheduling}
                when: {missing: {reason: Scheduled}, within: 5s}
              - {name: Crashing, match: {reason: CrashLoopBackOff}, when: {state: pods}}
              - {name: Down, match: {reason: NotReady}, when: {state: nodes}}
            """;

    private static final Queue<Alert> ALERTS = new ConcurrentLinkedQueue<>();
    private static final Queue<KubernetesRecord> TOLD = new ConcurrentLinkedQueue<>();

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(builder -> builder.user(USER));

    @TempDir private Path folder;
    private final KubeControlPlane plane = PLANE.controlPlane();
    private final ClusterFixtures fixtures = new ClusterFixtures(plane.rest());
    private final RuleSet rules = RuleSet.parse("rules.yaml", RULES);
    private Cluster cluster;
    private JobClient job;

    @AfterEach
    void cancel() throws Exception {
        if (job != null) {
            job.cancel().get();
        }
    }

    @Test
    void eventsGoOnWithoutTheRightToWatchObjects() throws Exception {
        plane.rest().createNamespace(NAMESPACE);
        String kubeconfig = plane.kubeconfigFor(USER).toString();
        cluster = new Cluster("limited", null, kubeconfig, false, List.of(NAMESPACE));
        fixtures.allow(USER, NAMESPACE, "events.k8s.io", "events", "list", "watch");

        assertThat(Fabric8ClusterContact.check(LiveClusters.access(cluster), cluster.namespaces()))
                .isInstanceOf(ClusterContact.Ready.class);
        assertRefused("nodes", "*", "list nodes");
        assertRefused("pods", NAMESPACE, "list pods in namespace rights");

        start(null);
        stuck("first");
        await().atMost(LONG).until(() -> rang("Stuck", "first"));
        assertBlindFor("pods", NAMESPACE);
        assertBlindFor("nodes", "*");

        String savepoint =
                job.stopWithSavepoint(
                                false, folder.toUri().toString(), SavepointFormatType.CANONICAL)
                        .get();
        TOLD.clear();
        start(savepoint);
        stuck("again");
        await().atMost(LONG).until(() -> rang("Stuck", "again"));
        assertBlindFor("pods", NAMESPACE);

        fixtures.allow(USER, NAMESPACE, "", "pods", "list", "watch");
        fixtures.allow(USER, null, "", "nodes", "list", "watch");
        fixtures.createPod(NAMESPACE, "cart", 1);
        plane.rest()
                .patch(
                        "/api/v1/namespaces/" + NAMESPACE + "/pods/cart/status",
                        """
                        {"status": {"containerStatuses": [{"name": "app", "image": "none",
                         "imageID": "", "ready": false, "restartCount": 0,
                         "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}}""");
        await().atMost(LONG).until(() -> rang("Crashing", "cart"));
        stuck("last");
        await().atMost(LONG).until(() -> rang("Stuck", "last"));
    }

    private void assertRefused(String resource, String scope, String verb)
            throws InterruptedException {
        Refusal refusal =
                Fabric8ClusterContact.refusal(LiveClusters.access(cluster), resource, scope);
        assertThat(refusal.cause()).isEqualTo(Refusal.Cause.FORBIDDEN);
        assertThat(refusal.message()).contains(verb, "User \"watcher\" cannot list resource");
    }

    /** With the remedy in its reason, and for as long as the right is missing. */
    private static void assertBlindFor(String resource, String scope) {
        assertThat(TOLD)
                .filteredOn(record -> record.kind() == KubernetesRecord.Kind.BLIND)
                .filteredOn(record -> record.resource().equals(resource))
                .isNotEmpty()
                .allSatisfy(
                        blind -> {
                            assertThat(blind.scope()).isEqualTo(scope);
                            assertThat(blind.toMillis()).isZero();
                            assertThat(blind.reason()).contains("cannot list resource", resource);
                        });
    }

    private void stuck(String pod) {
        fixtures.create(PodEvent.failedScheduling(NAMESPACE, pod, pod, "uid-" + pod));
    }

    private static boolean rang(String rule, String pod) {
        return ALERTS.stream()
                .filter(alert -> alert.status() == AlertStatus.FIRING)
                .filter(alert -> alert.rule().equals(rule))
                .anyMatch(alert -> pod.equals(alert.labels().asMap().get("name")));
    }

    private void start(String savepoint) throws Exception {
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofSeconds(1));
        options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofSeconds(1));
        options.set(KubernetesSourceOptions.BACKOFF_BASE, Duration.ofMillis(100));
        options.set(KubernetesSourceOptions.BACKOFF_CAP, Duration.ofSeconds(1));
        options.set(KubernetesSourceOptions.BLIND_AFTER, Duration.ofSeconds(3));
        Configuration configuration = new Configuration();
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        TocsinPipeline.build(
                environment,
                new PipelineConfig(List.of(cluster), List.of("rules"), List.of(), null),
                rules,
                new TocsinPipeline.Output(new JsonLines(), new DiscardingSink<>(), false),
                letter -> {},
                new Overheard(new LiveClusters(options, DateServerClock::ofProcess)),
                alerts -> alerts.map(new Ring()).uid("ring"));
        job = environment.executeAsync("without rights");
    }

    /** Notes what is told about the watches of objects. */
    private record Overheard(LiveClusters live) implements TocsinPipeline.EventStreams {
        @Override
        public DataStream<EventRecord> of(
                StreamExecutionEnvironment environment, Cluster cluster, String uid) {
            return live.of(environment, cluster, uid);
        }

        @Override
        public DataStream<ObjectRecord> objects(
                StreamExecutionEnvironment environment,
                Cluster cluster,
                String resource,
                String uid) {
            return live.objects(environment, cluster, resource, uid)
                    .filter(Overheard::note)
                    .uid("overheard-" + resource);
        }

        private static boolean note(ObjectRecord record) {
            TOLD.add(record.envelope());
            return true;
        }
    }

    private static final class Ring implements MapFunction<Alert, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public String map(Alert alert) {
            ALERTS.add(alert);
            return alert.id();
        }
    }
}
