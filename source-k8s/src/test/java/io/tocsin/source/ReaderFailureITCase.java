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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One of two readers fails, in a region of its own: the other reads on, and what the failed one was
 * assigned after the last checkpoint comes back to the enumerator. On a real kube-apiserver.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ReaderFailureITCase {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int READERS = 2;

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE = new KubeControlPlaneExtension();

    private final List<String> written = new ArrayList<>();
    private final List<String> namespaces = new ArrayList<>();
    private KubeControlPlane plane;
    private String name;
    private MiniCluster flink;
    private InMemoryReporter metrics;
    private JobID job;

    @AfterEach
    void stopFlink() throws Exception {
        if (flink != null) {
            flink.close();
        }
    }

    private enum Failure {
        READER(true),
        READER_BEFORE_ANY_CHECKPOINT(false),
        TASK_MANAGER(true);

        private final boolean checkpointed;

        Failure(boolean checkpointed) {
            this.checkpointed = checkpointed;
        }
    }

    @ParameterizedTest
    @EnumSource(Failure.class)
    void aFailedReadersSplitsAreGivenOutAgainOnceWhileTheOtherReadsOn(
            Failure failure, KubeControlPlane controlPlane) throws Exception {
        plane = controlPlane;
        name = "fails-" + failure.ordinal();
        follow("a");
        follow("b");
        start();
        awaitToldOnce();
        if (failure.checkpointed) {
            checkpoint(1);
        }
        // No checkpoint knows who has these; each reader has one of them.
        follow("d");
        follow("e");
        awaitToldOnce();
        List<Ledger.Page> pages = pages();
        assertThat(pages).allMatch(page -> late(page.lines()) == 1).allMatch(p -> p.starts() == 1);

        int failed = fail(failure);
        assertThat(pages.get(1 - failed).starts()).as("the other read on").isOne();
        assertThat(pages.get(failed).restores()).isEqualTo(failure.checkpointed ? 1 : 0);
        assertThat(late(pages.get(failed).restored()))
                .as("assigned after the checkpoint that was restored")
                .isZero();
        namespaces.forEach(namespace -> write(namespace, "after"));
        awaitToldOnce();
        awaitOwners();

        // The same splits again, and now their reader's state has them.
        checkpoint(failure.checkpointed ? 2 : 1);
        long restores = pages.get(failed).restores();
        failOn(failed);
        assertThat(pages.get(failed).restores()).isEqualTo(restores + 1);
        namespaces.forEach(namespace -> write(namespace, "last"));
        awaitToldOnce();
        awaitOwners();
        assertThat(pages.get(1 - failed).starts()).isOne();
        System.out.printf(
                "%s: %d versions, lost 0, repeated 0, splits given back to the enumerator%n",
                failure, written.size());
    }

    // ------------------------------------------------------------------ failures

    /** Which reader it was. */
    private int fail(Failure failure) throws Exception {
        if (failure != Failure.TASK_MANAGER) {
            failOn(0);
            return 0;
        }
        flink.terminateTaskManager(0).get();
        flink.startTaskManager();
        await().atMost(LONG).until(() -> pages().stream().anyMatch(page -> page.starts() == 2));
        return pages().get(0).starts() == 2 ? 0 : 1;
    }

    /** An object that its pipeline fails on comes to a reader. */
    private void failOn(int reader) {
        Ledger.Page page = pages().get(reader);
        long starts = page.starts();
        String namespace =
                namespaces.stream()
                        .filter(
                                each ->
                                        page.lines().stream()
                                                .anyMatch(l -> l.contains(each + "-o")))
                        .findFirst()
                        .orElseThrow();
        page.failOn(namespace + "-poison" + starts);
        write(namespace, "poison" + starts);
        await().atMost(LONG).until(() -> page.starts() == starts + 1);
    }

    /** Namespaces of the two that came late that are told in these lines. */
    private long late(List<String> lines) {
        return namespaces.stream()
                .skip(2)
                .filter(each -> lines.stream().anyMatch(line -> line.contains(each + "-o")))
                .count();
    }

    // ------------------------------------------------------------------ the job

    private void start() throws Exception {
        metrics = InMemoryReporter.create();
        Configuration configuration = metrics.addToConfiguration(new Configuration());
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 2);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        flink =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(configuration)
                                .setNumTaskManagers(READERS)
                                .setNumSlotsPerTaskManager(1)
                                .withRandomPorts()
                                .build());
        flink.start();
        JobGraph graph = graph(configuration);
        job = graph.getJobID();
        flink.submitJob(graph).get();
    }

    /** Reader and ledger of a subtask are a region of their own. */
    private JobGraph graph(Configuration configuration) {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(READERS);
        // Only when the test says so.
        env.enableCheckpointing(Duration.ofDays(1).toMillis());
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.BACKOFF_CAP, Duration.ofSeconds(1));
        KubernetesSource<EventRecord> source =
                KubernetesSource.<EventRecord>builder()
                        .cluster("c")
                        .access(new ClusterAccess(plane.kubeconfig().toString(), null, false))
                        .namespaceSelector("team=" + name)
                        .deserializer(new EventDeserializer())
                        .options(options)
                        .build();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "events")
                .uid("source")
                .process(Ledger.perSubtask(name))
                .uid("ledger")
                .sinkTo(new DiscardingSink<>())
                .uid("nothing");
        return env.getStreamGraph().getJobGraph();
    }

    private void checkpoint(int number) throws Exception {
        flink.triggerCheckpoint(job).get();
        await().atMost(LONG)
                .until(() -> pages().stream().allMatch(page -> page.checkpoints() >= number));
    }

    private List<Ledger.Page> pages() {
        return IntStream.range(0, READERS).mapToObj(i -> Ledger.of(name, i)).toList();
    }

    /** Waits until each split has one reader, as the readers and the enumerator have it. */
    private void awaitOwners() {
        await().atMost(LONG).until(() -> gauge("kubernetes.splits") == namespaces.size());
        await().atMost(LONG).until(() -> gauge("kubernetes.assignedSplits") == namespaces.size());
        assertThat(gauge("unassignedSplits")).isZero();
        assertThat(gauge("kubernetes.retiringSplits")).isZero();
    }

    private long gauge(String metric) {
        return metrics.findMetrics(job, metric).values().stream()
                .mapToLong(gauge -> ((Number) ((Gauge<?>) gauge).getValue()).longValue())
                .sum();
    }

    // ------------------------------------------------------------------ what is written

    /** A namespace with objects that is selected. */
    private void follow(String suffix) {
        String namespace = name + "-" + suffix;
        namespaces.add(namespace);
        plane.rest()
                .create(
                        "/api/v1/namespaces",
                        "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"team\":\"%s\"}}}"
                                .formatted(namespace, name));
        for (int i = 0; i < 5; i++) {
            write(namespace, "o" + i);
        }
    }

    private void write(String namespace, String object) {
        var stored =
                new ClusterFixtures(plane.rest())
                        .create(
                                PodEvent.backOff(
                                        namespace, namespace + "-" + object, "cart", "pod-uid"));
        written.add(ClusterFixtures.version(stored));
    }

    /** All readers together: what two of them read would be told twice. */
    private void awaitToldOnce() {
        await().atMost(LONG)
                .untilAsserted(
                        () ->
                                assertThat(pages())
                                        .flatExtracting(Ledger.Page::versions)
                                        .containsExactlyInAnyOrderElementsOf(written));
    }
}
