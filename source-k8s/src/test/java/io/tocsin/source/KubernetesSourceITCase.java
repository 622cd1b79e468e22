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
package io.tocsin.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.EventRecord;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.PodEvent;
import io.tocsin.testing.fault.FaultProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The source in Flink, on a real kube-apiserver and etcd: each version of an event is told once,
 * whatever happens to the connection, the server and the job.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KubernetesSourceITCase {

    private static final Duration LONG = Duration.ofSeconds(60);

    /** Quiet time with which a job lists again and again beside what is tested. */
    private static final Duration QUICK = Duration.ofSeconds(1);

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

    @TempDir Path folder;

    private String namespace;
    private ClusterFixtures cluster;
    private Path kubeconfig;
    private JobClient job;
    private Ledger.Page ledger;
    private InMemoryReporter metrics;

    @BeforeEach
    void createNamespace(TestInfo test, KubeControlPlane plane) {
        namespace = "n-" + Integer.toHexString(test.getDisplayName().hashCode());
        plane.rest().createNamespace(namespace);
        cluster = new ClusterFixtures(plane.rest());
        kubeconfig = plane.kubeconfig();
    }

    @AfterEach
    void cancelJob() throws Exception {
        if (job != null) {
            job.cancel().get();
        }
    }

    @Test
    void tellsEachVersionOnceOverSeveralPagesAndTheWatch() throws Exception {
        List<String> written = new ArrayList<>(createAll("old", 1_200));
        start(QUICK, null);
        written.addAll(createAll("new", 100));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(ledger.starting("LIST_END")).hasSize(1));
        for (int i = 0; i < 20; i++) {
            written.add(raise("old-" + i, 2));
            written.add(raise("new-" + i, 2));
        }
        cluster.delete(event("old-1000"));

        await().atMost(LONG).untilAsserted(() -> assertToldOnce(written));
        await().untilAsserted(
                        () -> assertThat(ledger.starting("DELETED WATCH old-1000")).hasSize(1));
        assertThat(ledger.starting("UPSERTED LISTED").size()).isBetween(1_200, 1_300);
        assertToldOnce(written);
    }

    @Test
    void listsAgainAfterALossOfContactThatOutlivedItsVersion(KubeControlPlane plane)
            throws Exception {
        try (FaultProxy proxy = FaultProxy.before(plane)) {
            kubeconfig = through(proxy);
            List<String> written = new ArrayList<>(createAll("old", 30));
            start(LONG, null);
            written.add(create("watched"));
            await().atMost(LONG).untilAsserted(() -> assertToldOnce(written));
            int told = ledger.lines().size();
            String before = plane.rest().currentVersion();

            proxy.cut();
            written.addAll(createAll("unseen", 10));
            written.add(raise("old-3", 7));
            plane.apiServer().kill();
            plane.apiServer().start();
            written.addAll(createAll("later", 10));
            plane.rest().awaitExpired(before, LONG);
            assertThat(counter("kubernetes.broken")).isPositive();
            assertThat(ledger.lines()).hasSize(told);
            assertThat(counter("relist.expired.relists")).isZero();
            proxy.mend();

            await().atMost(LONG).untilAsserted(() -> assertToldOnce(written));
            assertThat(counter("relist.expired.relists")).isPositive();
            await().untilAsserted(() -> assertThat(ledger.starting("LIST_END")).hasSize(2));
            assertThat(ledger.lines().subList(told, told + 21))
                    .as("what the relist told")
                    .allMatch(line -> line.startsWith("UPSERTED LISTED"));
            written.add(create("after"));
            await().atMost(LONG).untilAsserted(() -> assertToldOnce(written));
            assertThat(ledger.starting("UPSERTED WATCH after")).hasSize(1);
        }
    }

    @Test
    void outlastsAServerThatFreezesWithItsConnectionsOpen(KubeControlPlane plane) throws Exception {
        List<String> written = new ArrayList<>(createAll("old", 30));
        start(QUICK, null);
        await().atMost(LONG).untilAsserted(() -> assertToldOnce(written));
        long relists = counter("relist.quiet.relists");
        plane.apiServer().pause();
        try {
            await().atMost(LONG)
                    .untilAsserted(
                            () ->
                                    assertThat(counter("relist.quiet.relists"))
                                            .isGreaterThan(relists));
        } finally {
            plane.apiServer().resume();
        }
        written.addAll(createAll("new", 10));
        written.add(raise("old-3", 2));
        await().atMost(LONG).untilAsserted(() -> assertToldOnce(written));
    }

    @Test
    void goesOnWhereItWasStoppedWithASavepoint() throws Exception {
        List<String> written = new ArrayList<>(createAll("old", 30));
        start(QUICK, null);
        written.addAll(createAll("seen", 20));
        await().atMost(LONG).untilAsserted(() -> assertToldOnce(written));
        String savepoint =
                job.stopWithSavepoint(
                                false, folder.toUri().toString(), SavepointFormatType.CANONICAL)
                        .get();
        job.getJobExecutionResult().get();
        job = null;
        int told = ledger.lines().size();

        written.addAll(createAll("unseen", 20));
        written.add(raise("old-3", 2));
        start(QUICK, savepoint);
        await().atMost(LONG).untilAsserted(() -> assertToldOnce(written));
        written.add(create("after"));

        await().atMost(LONG).untilAsserted(() -> assertToldOnce(written));
        assertThat(ledger.restores()).isEqualTo(1);
        // Told by a list instead where history was compacted while the job was starting.
        assertThat(ledger.lines().subList(told, ledger.lines().size()))
                .as("told from where the first job stood")
                .filteredOn(line -> line.startsWith("UPSERTED"))
                .hasSize(22)
                .allMatch(line -> line.matches("\\S+ \\S+ (unseen-\\d+|old-3|after) .*"));
    }

    @Test
    void goesOnFromTheCheckpointAfterAFailure() throws Exception {
        List<String> written = new ArrayList<>(createAll("old", 30));
        start(QUICK, null);
        written.addAll(createAll("seen", 20));
        await().atMost(LONG).untilAsserted(() -> assertToldOnce(written));
        await().atMost(LONG).until(() -> ledger.checkpointed() == ledger.lines().size());
        int told = ledger.lines().size();

        ledger.failOn("new-29");
        for (int i = 0; i < 40; i++) {
            written.add(create("new-" + i));
        }
        await().atMost(LONG).untilAsserted(() -> assertToldOnce(written));

        assertThat(ledger.restores()).isEqualTo(1);
        assertThat(ledger.lines().subList(told, ledger.lines().size()))
                .as("told from where the checkpoint stood")
                .filteredOn(line -> line.startsWith("UPSERTED"))
                .hasSize(40)
                .allMatch(line -> line.matches("\\S+ \\S+ new-\\d+ .*"));
    }

    // ------------------------------------------------------------------ the job

    private void start(Duration quiet, String savepoint) throws Exception {
        metrics = InMemoryReporter.create();
        Configuration configuration = metrics.addToConfiguration(new Configuration());
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        if (savepoint != null) {
            configuration.setString("execution.savepoint.path", savepoint);
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        env.enableCheckpointing(200);
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.QUIET_MIN, quiet);
        options.set(KubernetesSourceOptions.QUIET_MAX, quiet);
        options.set(KubernetesSourceOptions.BACKOFF_CAP, Duration.ofSeconds(1));
        KubernetesSource<EventRecord> source =
                KubernetesSource.<EventRecord>builder()
                        .cluster("c")
                        .access(new ClusterAccess(kubeconfig.toString(), null, false))
                        .namespaces(List.of(namespace))
                        .deserializer(new EventDeserializer())
                        .options(options)
                        .build();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "events")
                .uid("source")
                .process(Ledger.named(namespace))
                .uid("ledger")
                .sinkTo(new DiscardingSink<>())
                .uid("nothing");
        job = env.executeAsync();
        ledger = Ledger.of(namespace);
    }

    private long counter(String name) {
        return metrics.findMetrics(job.getJobID(), name).values().stream()
                .filter(Counter.class::isInstance)
                .mapToLong(metric -> ((Counter) metric).getCount())
                .sum();
    }

    private Path through(FaultProxy proxy) throws Exception {
        return Files.writeString(
                folder.resolve("kubeconfig"),
                proxy.kubeconfig(KubeControlPlane.ADMIN, PLANE.controlPlane().token()));
    }

    // ------------------------------------------------------------------ what is written

    private void assertToldOnce(List<String> written) {
        assertThat(ledger.versions()).containsExactlyInAnyOrderElementsOf(written);
    }

    private PodEvent event(String name) {
        return PodEvent.backOff(namespace, name, "cart", "pod-uid");
    }

    private String create(String name) {
        return ClusterFixtures.version(cluster.create(event(name)));
    }

    private String raise(String name, int count) {
        return ClusterFixtures.version(cluster.raise(event(name).withCount(count, Instant.now())));
    }

    private List<String> createAll(String prefix, int count) {
        Queue<String> created = new ConcurrentLinkedQueue<>();
        IntStream.range(0, count).parallel().forEach(i -> created.add(create(prefix + "-" + i)));
        return List.copyOf(created);
    }
}
