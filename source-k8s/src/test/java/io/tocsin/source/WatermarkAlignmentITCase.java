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
import io.tocsin.testing.fault.Fault;
import io.tocsin.testing.fault.FaultProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Flink's watermark alignment, of sources and of the splits of one reader: what is ahead waits, in
 * bounded memory, and is told exactly once when the others have caught up. On a real
 * kube-apiserver, with {@code pipeline.watermark-alignment.allow-unaligned-source-splits} off.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class WatermarkAlignmentITCase {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Duration QUICK = Duration.ofSeconds(1);
    private static final Duration DRIFT = Duration.ofSeconds(1);
    private static final int QUEUE = 60;
    private static final long QUEUE_BYTES = 1 << 20;

    /** More than the queue holds, and what Flink has taken from it before it pauses. */
    private static final int MANY = 800;

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

    @TempDir Path folder;

    private StreamExecutionEnvironment env;
    private InMemoryReporter metrics;
    private JobClient job;

    @AfterEach
    void cancelJob() throws Exception {
        if (job != null) {
            job.cancel().get();
        }
    }

    @Test
    void aSourceThatIsAheadWaitsAndOutlastsItsServersRestartMeanwhile(KubeControlPlane plane)
            throws Exception {
        Log ahead = new Log(plane, "group-ahead", "group-ahead");
        Log behind = new Log(plane, "group-behind", "group-behind");
        try (FaultProxy proxy = FaultProxy.before(plane)) {
            environment();
            source("group-ahead", List.of(ahead.namespace), plane.kubeconfig(), QUICK);
            source("group-behind", List.of(behind.namespace), through(proxy, plane), QUICK);
            job = env.executeAsync();
            ahead.write(5);
            behind.write(5);
            ahead.awaitToldOnce();
            behind.awaitToldOnce();

            // Event time of a cluster that is out of reach stands still.
            proxy.cut();
            behind.write(20);
            ahead.writeUntil(() -> gauge(ahead, "watermarkAlignmentDrift") > 0);
            ahead.write(MANY);
            int told = awaitFull(ahead, QUEUE, () -> {});
            assertThat(gauge(ahead, "watermarkAlignmentDrift")).as("it is ahead").isPositive();
            assertThat(proxy.counts().of(Fault.CUT)).isPositive();
            assertThat(counter(behind, "kubernetes.broken")).isPositive();

            String before = plane.rest().currentVersion();
            plane.apiServer().kill();
            plane.apiServer().start();
            ahead.write(20);
            plane.rest().awaitExpired(before, LONG);
            awaitCheckpoints(ahead, 3);
            assertThat(ahead.told()).as("told while it waits").hasSize(told);
            assertBounded(ahead, QUEUE);
            assertThat(behind.told()).hasSize(5);
            assertThat(counter(ahead, "kubernetes.relist.expired.relists")).isZero();

            proxy.mend();
            ahead.awaitToldOnce();
            behind.awaitToldOnce();
            assertThat(counter(ahead, "kubernetes.relist.expired.relists"))
                    .as("its watch was lost while it waited, and its version compacted")
                    .isPositive();
            ahead.write(5);
            behind.write(5);
            ahead.awaitToldOnce();
            behind.awaitToldOnce();
            ahead.report(told);
        }
    }

    @Test
    void aSplitThatIsAheadWaitsWhileTheOtherOfTheSameReaderGoesOn(KubeControlPlane plane)
            throws Exception {
        Log ahead = new Log(plane, "split-ahead", "splits");
        Log behind = new Log(plane, "split-behind", "splits");
        environment();
        // Nothing but its events moves event time.
        source(
                "splits",
                List.of(ahead.namespace, behind.namespace),
                plane.kubeconfig(),
                Duration.ofMinutes(20));
        job = env.executeAsync();
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(ahead.page().starting("LIST_END")).hasSize(2));
        ahead.write(5);
        behind.write(5);
        ahead.awaitToldOnce();
        behind.awaitToldOnce();

        ahead.writeUntil(() -> gauge(ahead, "pendingRecords") >= QUEUE / 2);
        ahead.write(MANY);
        // Event time follows the server's clock up to the newest event: that has to be settled.
        int told = awaitFull(ahead, QUEUE / 2, () -> behind.writeOldAndAwait(1));
        assertThat(gauge(ahead, "watermarkAlignmentDrift"))
                .as("the reader as a whole is not ahead")
                .isNegative();
        behind.writeOldAndAwait(20);
        awaitCheckpoints(ahead, 3);
        assertThat(ahead.told()).as("told while it waits").hasSize(told);
        assertBounded(ahead, QUEUE / 2);

        behind.write(1);
        behind.awaitToldOnce();
        ahead.awaitToldOnce();
        ahead.write(5);
        behind.write(5);
        behind.awaitToldOnce();
        ahead.awaitToldOnce();
        ahead.report(told);
    }

    // ------------------------------------------------------------------ the job

    private void environment() {
        metrics = InMemoryReporter.create();
        Configuration configuration = metrics.addToConfiguration(new Configuration());
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        assertThat(configuration.get(PipelineOptions.ALLOW_UNALIGNED_SOURCE_SPLITS)).isFalse();
        env = StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        env.enableCheckpointing(200);
    }

    private void source(String name, List<String> namespaces, Path kubeconfig, Duration quiet) {
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.QUIET_MIN, quiet);
        options.set(KubernetesSourceOptions.QUIET_MAX, quiet);
        options.set(KubernetesSourceOptions.BACKOFF_CAP, Duration.ofSeconds(1));
        options.set(KubernetesSourceOptions.BLIND_AFTER, Duration.ofMinutes(10));
        options.set(KubernetesSourceOptions.QUEUE_ELEMENTS, QUEUE);
        options.set(KubernetesSourceOptions.QUEUE_BYTES, new MemorySize(QUEUE_BYTES));
        KubernetesSource<EventRecord> source =
                KubernetesSource.<EventRecord>builder()
                        .cluster(name)
                        .access(new ClusterAccess(kubeconfig.toString(), null, false))
                        .namespaces(namespaces)
                        .deserializer(new EventDeserializer())
                        .options(options)
                        .build();
        env.fromSource(
                        source,
                        WatermarkStrategy.<EventRecord>noWatermarks()
                                .withWatermarkAlignment("group", DRIFT, Duration.ofMillis(50)),
                        name)
                .uid("source-" + name)
                .process(Ledger.named(name))
                .uid("ledger-" + name)
                .sinkTo(new DiscardingSink<>())
                .uid("nothing-" + name);
    }

    private Path through(FaultProxy proxy, KubeControlPlane plane) throws Exception {
        return Files.writeString(
                folder.resolve("kubeconfig"),
                proxy.kubeconfig(KubeControlPlane.ADMIN, plane.token()));
    }

    // ------------------------------------------------------------------ what it tells of itself

    /** Of the source of a namespace; far below zero before Flink registers it. */
    private long gauge(Log log, String name) {
        return metrics.findOperatorMetricGroups(job.getJobID(), "Source: " + log.ledger).stream()
                .map(group -> metrics.getMetricsByGroup(group).get(name))
                .filter(Objects::nonNull)
                .map(metric -> (Number) ((Gauge<?>) metric).getValue())
                .mapToLong(Number::longValue)
                .findFirst()
                .orElse(Long.MIN_VALUE);
    }

    private long counter(Log log, String name) {
        return metrics
                .findMetrics(job.getJobID(), "Source: " + log.ledger + "\\.0\\." + name)
                .values()
                .stream()
                .mapToLong(metric -> ((Counter) metric).getCount())
                .sum();
    }

    /**
     * Waits until a namespace is told no further and its share of the queue is full.
     *
     * @param meanwhile is done again and again
     * @return how many versions were told of it
     */
    private int awaitFull(Log log, int share, Runnable meanwhile) {
        await().atMost(LONG).until(() -> gauge(log, "pendingRecords") >= share);
        AtomicInteger before = new AtomicInteger(-1);
        await().atMost(LONG)
                .until(
                        () -> {
                            meanwhile.run();
                            awaitCheckpoints(log, 3);
                            int told = log.told().size();
                            return told == before.getAndSet(told);
                        });
        assertThat(before.get()).isLessThan(log.written.size() - share);
        return before.get();
    }

    /** So much happens in Flink meanwhile. */
    private static void awaitCheckpoints(Log log, int count) {
        long begun = log.page().checkpoints();
        await().atMost(LONG).until(() -> log.page().checkpoints() >= begun + count);
    }

    private void assertBounded(Log log, int share) {
        assertThat(gauge(log, "pendingRecords")).isBetween((long) share, (long) QUEUE);
        assertThat(gauge(log, "pendingBytes")).isBetween(1L, QUEUE_BYTES);
    }

    /** A namespace: what was written into it, and what was told of it. */
    private static final class Log {
        private final ClusterFixtures cluster;
        private final String namespace;
        private final String ledger;
        private final List<String> written = new ArrayList<>();

        Log(KubeControlPlane plane, String namespace, String ledger) {
            this.cluster = new ClusterFixtures(plane.rest());
            this.namespace = namespace;
            this.ledger = ledger;
            plane.rest().createNamespace(namespace);
        }

        Ledger.Page page() {
            return Ledger.of(ledger);
        }

        List<String> told() {
            return page().starting("UPSERTED").stream()
                    .filter(line -> line.contains(" " + namespace + "-"))
                    .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                    .toList();
        }

        void write(int count) {
            for (int i = 0; i < count; i++) {
                writeAt(Instant.now());
            }
        }

        void writeAt(Instant time) {
            String name = namespace + "-" + written.size();
            var stored =
                    cluster.create(PodEvent.backOff(namespace, name, "cart", "pod-uid").at(time));
            written.add(ClusterFixtures.version(stored));
        }

        /** One by one, of an hour ago. */
        void writeOldAndAwait(int count) {
            for (int i = 0; i < count; i++) {
                writeAt(Instant.now().minusSeconds(3_600));
                awaitToldOnce();
            }
        }

        void writeUntil(BooleanSupplier reached) {
            await().atMost(LONG)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(10))
                    .until(
                            () -> {
                                write(1);
                                return reached.getAsBoolean();
                            });
        }

        void awaitToldOnce() {
            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(told()).containsExactlyInAnyOrderElementsOf(written));
        }

        void report(int toldBefore) {
            System.out.printf(
                    "%s: %d versions, lost 0, repeated 0, paused after %d%n",
                    namespace, written.size(), toldBefore);
        }
    }
}
