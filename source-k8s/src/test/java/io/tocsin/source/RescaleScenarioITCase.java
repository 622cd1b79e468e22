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
import io.tocsin.testing.fault.Request;
import io.tocsin.testing.fault.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Rescales a job in Flink while its lists are under way, on a real kube-apiserver and etcd. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RescaleScenarioITCase {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final String NAME = "rescale";
    private static final List<String> NAMESPACES =
            IntStream.range(0, 6).mapToObj(i -> "rescale-" + i).toList();
    private static final int EVENTS = 30;
    private static final int PAGE = 10;

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

    @TempDir Path folder;

    private final Queue<String> written = new ConcurrentLinkedQueue<>();
    private JobClient job;
    private InMemoryReporter metrics;

    @AfterEach
    void cancelJob() throws Exception {
        if (job != null) {
            job.cancel().get();
        }
    }

    @Test
    @DisplayName(
            "44 Given lists under way, when rescaled 1 to 4 to 2 by savepoints, then each split has one owner and nothing is lost or told twice")
    void scenario44_rescalesAmidLists(KubeControlPlane plane) throws Exception {
        NAMESPACES.forEach(plane.rest()::createNamespace);
        write(plane, "old", EVENTS);
        try (FaultProxy proxy = FaultProxy.before(plane)) {
            Path kubeconfig =
                    Files.writeString(
                            folder.resolve("kubeconfig"),
                            proxy.kubeconfig(KubeControlPlane.ADMIN, plane.token()));
            // No list gets beyond its second page.
            proxy.script(Rule.on(Request.continuedList("events")).silence());
            start(1, kubeconfig, null);
            awaitOwners();
            await().atMost(LONG)
                    .until(() -> Ledger.of(NAME).versions().size() == NAMESPACES.size() * PAGE);
            String first = stop();
            assertThat(proxy.counts().of(Fault.SILENCE)).isGreaterThanOrEqualTo(NAMESPACES.size());

            start(4, kubeconfig, first);
            awaitOwners();
            write(plane, "between", 2);
            String second = stop();
            assertThat(Ledger.of(NAME).versions()).hasSizeLessThan(written.size());
            proxy.pass();

            start(2, kubeconfig, second);
            write(plane, "late", 2);
            awaitOwners();
            await().atMost(LONG)
                    .untilAsserted(
                            () ->
                                    assertThat(Ledger.of(NAME).versions())
                                            .containsExactlyInAnyOrderElementsOf(written));
            assertThat(Ledger.of(NAME).restores()).isEqualTo(2);
            System.out.printf(
                    "scenario44: %d versions, lost 0, repeated 0, rescaled 1 -> 4 -> 2 amid %d lists%n",
                    written.size(), NAMESPACES.size());
        }
    }

    private void write(KubeControlPlane plane, String prefix, int count) {
        ClusterFixtures cluster = new ClusterFixtures(plane.rest());
        for (String namespace : NAMESPACES) {
            for (int i = 0; i < count; i++) {
                var stored =
                        cluster.create(
                                PodEvent.backOff(namespace, prefix + "-" + i, "cart", "pod-uid"));
                written.add(ClusterFixtures.version(stored));
            }
        }
    }

    /** Waits until the readers together have each split, and each but once. */
    private void awaitOwners() {
        await().atMost(LONG).until(() -> splits() == NAMESPACES.size());
    }

    private long splits() {
        return metrics.findMetrics(job.getJobID(), "kubernetes.splits").values().stream()
                .mapToLong(gauge -> ((Number) ((Gauge<?>) gauge).getValue()).longValue())
                .sum();
    }

    /** Stops with a savepoint; Flink refuses one until each task of the job runs. */
    private String stop() throws Exception {
        String savepoint =
                await().atMost(LONG)
                        .ignoreExceptionsMatching(e -> e.toString().contains("required tasks"))
                        .until(
                                () ->
                                        job.stopWithSavepoint(
                                                        false,
                                                        folder.toUri().toString(),
                                                        SavepointFormatType.CANONICAL)
                                                .get(),
                                Objects::nonNull);
        job.getJobExecutionResult().get();
        job = null;
        return savepoint;
    }

    private void start(int parallelism, Path kubeconfig, String savepoint) throws Exception {
        metrics = InMemoryReporter.create();
        Configuration configuration = metrics.addToConfiguration(new Configuration());
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        if (savepoint != null) {
            configuration.setString("execution.savepoint.path", savepoint);
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);
        env.enableCheckpointing(200);
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.PAGE_SIZE, PAGE);
        options.set(KubernetesSourceOptions.BACKOFF_CAP, Duration.ofSeconds(1));
        KubernetesSource<EventRecord> source =
                KubernetesSource.<EventRecord>builder()
                        .cluster("c")
                        .access(new ClusterAccess(kubeconfig.toString(), null, false))
                        .namespaces(NAMESPACES)
                        .deserializer(new EventDeserializer())
                        .options(options)
                        .build();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "events")
                .uid("source")
                .process(Ledger.named(NAME))
                .uid("ledger")
                .setParallelism(1)
                .sinkTo(new DiscardingSink<>())
                .uid("nothing")
                .setParallelism(1);
        job = env.executeAsync();
    }
}
