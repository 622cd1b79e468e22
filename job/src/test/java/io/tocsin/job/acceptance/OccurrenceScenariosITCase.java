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

import com.fasterxml.jackson.databind.JsonNode;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.occurrence.OccurrenceFunction;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesSource;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.Startup;
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
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a count on a real API server becomes behind the source: occurrences with the weight of what
 * happened since.
 */
class OccurrenceScenariosITCase {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Map<String, Queue<Occurrence>> TOLD = new ConcurrentHashMap<>();

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

    @TempDir private Path folder;
    private KubeControlPlane plane;
    private ClusterFixtures fixtures;
    private FaultProxy proxy;
    private String scenario;
    private String namespace;
    private InMemoryReporter metrics;
    private JobClient job;

    @BeforeEach
    void open(TestInfo test, KubeControlPlane controlPlane) {
        plane = controlPlane;
        fixtures = new ClusterFixtures(plane.rest());
        proxy = FaultProxy.before(plane);
        String method = test.getTestMethod().orElseThrow().getName();
        scenario = method.substring(0, method.indexOf('_'));
        namespace = scenario.toLowerCase(Locale.ROOT);
        plane.rest().createNamespace(namespace);
        TOLD.put(namespace, new ConcurrentLinkedQueue<>());
    }

    @AfterEach
    void close() throws Exception {
        if (job != null) {
            job.cancel().get();
        }
        proxy.close();
    }

    @Test
    @DisplayName(
            "02 Given a start at the latest state and an event at count 57, when it becomes 58,"
                    + " then one occurrence is counted")
    void scenario02_countsFromWhereItFoundTheCount() throws Exception {
        PodEvent event = event("old").withCount(57, Instant.now());
        fixtures.create(event);
        start(Startup.LATEST);
        awaitWeights("old", 0);
        fixtures.raise(event.withCount(58, Instant.now()));
        awaitWeights("old", 0, 1);
        assertThat(of("old").get(0).origin()).isEqualTo(Occurrence.Origin.BASELINE);
    }

    @Test
    @DisplayName(
            "32 Given an event at count 5, when it becomes 9 in a gap longer than history, then 4"
                    + " occurrences are counted")
    void scenario32_countsWhatHappenedInAGap() throws Exception {
        PodEvent event = event("gap").withCount(5, Instant.now());
        fixtures.create(event);
        start(Startup.EARLIEST);
        awaitWeights("gap", 5);

        proxy.cut();
        for (int count = 6; count <= 9; count++) {
            fixtures.raise(event.withCount(count, Instant.now()));
        }
        String now = plane.rest().currentVersion();
        fixtures.create(PodEvent.backOff("default", "beat-" + scenario, "beat", "beat"));
        plane.rest().awaitExpired(now, LONG);
        proxy.mend();

        awaitWeights("gap", 5, 4);
        assertThat(of("gap").get(1).origin()).isEqualTo(Occurrence.Origin.LISTED);
        assertThat(counter("relist.expired.relists")).as("410s").isPositive();
    }

    @Test
    @DisplayName(
            "33 Given an event at count 5, when it is created again under its name with count 6,"
                    + " then one occurrence is counted")
    void scenario33_goesOnCountingInARecreatedEvent() throws Exception {
        PodEvent event = event("again").withCount(5, Instant.now());
        fixtures.create(event);
        start(Startup.EARLIEST);
        awaitWeights("again", 5);

        JsonNode stored = fixtures.recreate(event.withCount(6, Instant.now()));
        awaitWeights("again", 5, 1);
        assertThat(of("again").get(1).uid())
                .isEqualTo(stored.at("/metadata/uid").asText())
                .isNotEqualTo(of("again").get(0).uid());
    }

    @Test
    @DisplayName(
            "34 Given an event without a series, when it becomes one of 2 and then of 40, then 1, 1"
                    + " and 38 occurrences are counted")
    void scenario34_countsASeries() throws Exception {
        start(Startup.EARLIEST);
        PodEvent event = PodEvent.failedScheduling(namespace, "series", "cart", "pod-uid");
        JsonNode stored = fixtures.create(event);
        assertThat(stored.has("series")).isFalse();
        awaitWeights("series", 1);
        fixtures.raise(event.withCount(2, Instant.now()));
        awaitWeights("series", 1, 1);
        fixtures.raise(event.withCount(40, Instant.now()));
        awaitWeights("series", 1, 1, 38);
    }

    @Test
    @DisplayName(
            "35 Given a combined event, when its message changes with its count, then what is new"
                    + " is counted, and the rest not again")
    void scenario35_countsACombinedEventWhateverItSays() throws Exception {
        start(Startup.EARLIEST);
        String prefix = "(combined from similar events): ";
        PodEvent event =
                event("combined").withReason("Warning", "FailedMount", prefix + "attempt 9");
        fixtures.create(event);
        awaitWeights("combined", 1);
        for (int count = 2; count <= 4; count++) {
            plane.rest()
                    .patch(
                            "/api/v1/namespaces/" + namespace + "/events/combined",
                            "{\"count\": %d, \"message\": \"%sattempt %d\"}"
                                    .formatted(count, prefix, 10 * count));
            awaitWeights("combined", weightsOfOne(count));
        }
        assertThat(of("combined")).extracting(Occurrence::note).doesNotHaveDuplicates();
    }

    private static long[] weightsOfOne(int count) {
        long[] weights = new long[count];
        Arrays.fill(weights, 1);
        return weights;
    }

    // ------------------------------------------------------------------ the job

    private void start(Startup startup) throws Exception {
        Path kubeconfig =
                Files.writeString(
                        folder.resolve("kubeconfig"),
                        proxy.kubeconfig(KubeControlPlane.ADMIN, plane.token()));
        metrics = InMemoryReporter.create();
        Configuration configuration = metrics.addToConfiguration(new Configuration());
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofSeconds(1));
        options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofSeconds(1));
        options.set(KubernetesSourceOptions.BACKOFF_BASE, Duration.ofMillis(100));
        options.set(KubernetesSourceOptions.BACKOFF_CAP, Duration.ofSeconds(1));
        KubernetesSource<EventRecord> source =
                KubernetesSource.<EventRecord>builder()
                        .cluster("c")
                        .access(new ClusterAccess(kubeconfig.toString(), null, false))
                        .namespaces(List.of(namespace))
                        .startup(startup)
                        .deserializer(new EventDeserializer())
                        .options(options)
                        .build();
        environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "events")
                .filter(record -> record.envelope().kind() == KubernetesRecord.Kind.UPSERTED)
                .keyBy(OccurrenceFunction::lineageKey, Types.STRING)
                .process(new OccurrenceFunction(Duration.ofHours(1)))
                .returns(TypeInformation.of(Occurrence.class))
                .map(new Tell(namespace))
                .sinkTo(new DiscardingSink<>());
        job = environment.executeAsync(scenario);
    }

    private long counter(String name) {
        return metrics.findMetrics(job.getJobID(), name).values().stream()
                .filter(Counter.class::isInstance)
                .mapToLong(metric -> ((Counter) metric).getCount())
                .sum();
    }

    private PodEvent event(String name) {
        return PodEvent.backOff(namespace, name, "cart", "pod-uid");
    }

    private List<Occurrence> of(String event) {
        return TOLD.get(namespace).stream().filter(each -> each.name().equals(event)).toList();
    }

    private void awaitWeights(String event, long... weights) {
        await().atMost(LONG)
                .untilAsserted(
                        () ->
                                assertThat(of(event).stream().mapToLong(Occurrence::weight))
                                        .containsExactly(
                                                Arrays.stream(weights)
                                                        .boxed()
                                                        .toArray(Long[]::new)));
        System.out.printf(
                "%s: %s counted %s, 410s %d%n",
                scenario, event, Arrays.toString(weights), counter("relist.expired.relists"));
    }

    private static final class Tell implements MapFunction<Occurrence, String> {
        private static final long serialVersionUID = 1L;
        private final String namespace;

        Tell(String namespace) {
            this.namespace = namespace;
        }

        @Override
        public String map(Occurrence occurrence) {
            TOLD.get(namespace).add(occurrence);
            return occurrence.uid();
        }
    }
}
