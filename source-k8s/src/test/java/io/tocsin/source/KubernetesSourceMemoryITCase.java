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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The source in a Flink cluster, before an API server in memory. */
class KubernetesSourceMemoryITCase {

    private static final long START = 1_760_000_000_000L;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Map<String, Queue<String>> SEEN = new ConcurrentHashMap<>();

    @TempDir Path folder;

    private static JobClient start(String name, int parallelism, List<String> namespaces)
            throws Exception {
        return start(name, parallelism, builder -> builder.namespaces(namespaces), null);
    }

    private static JobClient start(
            String name,
            int parallelism,
            UnaryOperator<KubernetesSourceBuilder<String>> scopes,
            String savepoint)
            throws Exception {
        return start(name, parallelism, scopes, savepoint, new Configuration());
    }

    private static JobClient start(
            String name,
            int parallelism,
            UnaryOperator<KubernetesSourceBuilder<String>> scopes,
            String savepoint,
            Configuration configuration)
            throws Exception {
        if (savepoint != null) {
            configuration.setString("execution.savepoint.path", savepoint);
        }
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);
        env.enableCheckpointing(200);
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofMillis(400));
        options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofMillis(400));
        options.set(KubernetesSourceOptions.BLIND_AFTER, Duration.ofMillis(500));
        options.set(KubernetesSourceOptions.BACKOFF_CAP, Duration.ofMillis(800));
        KubernetesSource<String> source =
                scopes.apply(KubernetesSource.<String>builder())
                        .cluster(name)
                        .access(new ClusterAccess(null, null, false))
                        .deserializer(new PlainDeserializer())
                        .options(options)
                        .resourceApiFactory(MemoryApi.factory(name))
                        .build();
        SEEN.put(name, new ConcurrentLinkedQueue<>());
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "events")
                .uid("source")
                .keyBy(value -> "all")
                .process(new Absence(name))
                .uid("absence")
                .setParallelism(1);
        return env.executeAsync();
    }

    /** Tells each element, and 15 s of event time later that it was told. */
    private static final class Absence extends KeyedProcessFunction<String, String, String> {
        private static final long serialVersionUID = 1L;
        private final String name;

        Absence(String name) {
            this.name = name;
        }

        @Override
        public void processElement(String value, Context context, Collector<String> out) {
            SEEN.get(name).add(value);
            if (value.contains("@")) {
                context.timerService().registerEventTimeTimer(context.timestamp() + 15_000);
            }
        }

        @Override
        public void onTimer(long timestamp, OnTimerContext context, Collector<String> out) {
            SEEN.get(name).add("timer " + timestamp);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void advancesEventTimeOnAQuietClusterWithOneSplit(int parallelism) throws Exception {
        String name = "quiet-" + parallelism;
        MemoryApi api = MemoryApi.named(name);
        api.now(START);
        api.write("ns", "a", START - 1_000);
        JobClient job = start(name, parallelism, List.of());
        Queue<String> seen = SEEN.get(name);
        await().untilAsserted(
                        () ->
                                assertThat(seen)
                                        .containsExactly(
                                                "LISTED/a@" + (START - 1_000), "LIST_END:0:0"));
        api.write("ns", "b", START + 1_000);
        await().untilAsserted(() -> assertTold(seen, "b@" + (START + 1_000)));
        assertThat(seen).noneMatch(each -> each.startsWith("timer"));

        api.now(START + 27_000);

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () ->
                                assertThat(seen)
                                        .contains(
                                                "timer " + (START + 14_000),
                                                "timer " + (START + 16_000)));
        assertThat(seen).doesNotHaveDuplicates();
        job.cancel().get();
    }

    @Test
    void advancesEventTimeWhileOnlyDeletionsAndOldEventsCome() throws Exception {
        String name = "deletions";
        MemoryApi api = MemoryApi.named(name);
        api.now(START);
        JobClient job = start(name, 1, List.of());
        Queue<String> seen = SEEN.get(name);
        await().untilAsserted(() -> assertThat(seen).contains("LIST_END:0:0"));
        api.write("ns", "b", START + 1_000);
        await().untilAsserted(() -> assertTold(seen, "b@" + (START + 1_000)));
        api.now(START + 27_000);

        ScheduledExecutorService emptying = Executors.newSingleThreadScheduledExecutor();
        AtomicInteger gone = new AtomicInteger();
        emptying.scheduleWithFixedDelay(
                () -> {
                    api.delete("ns", "old-" + gone.incrementAndGet(), START - 600_000);
                    api.write("ns", "dated-" + gone.get(), START - 600_000);
                },
                0,
                50,
                TimeUnit.MILLISECONDS);
        try {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(seen).contains("timer " + (START + 16_000)));
            assertThat(gone).hasPositiveValue();
        } finally {
            emptying.shutdownNow();
        }
        job.cancel().get();
    }

    @Test
    void followsNamespacesThatComeAndGoAndAreMadeAnew() throws Exception {
        String name = "selected";
        MemoryApi api = MemoryApi.named(name);
        api.now(START);
        api.select("ns", "1");
        api.write("ns", "a", START - 1_000);
        api.write("other", "b", START - 1_000);
        JobClient job = start(name, 2, each -> each.namespaceSelector("team=shop"), null);
        Queue<String> seen = SEEN.get(name);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(seen).contains("LISTED/a@" + (START - 1_000)));
        api.select("other", "2");
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(seen).contains("LISTED/b@" + (START - 1_000)));

        api.deselect("ns");
        // What was written before is told; a list that began later proves it.
        api.now(START + 60_000);
        // For a while: between two watches of a scope that is still read there is none, either.
        await().during(Duration.ofSeconds(2))
                .atMost(LONG)
                .until(
                        () -> {
                            api.write("ns", "unseen-" + seen.size(), START + 1_000);
                            return api.watched().equals(Set.of("other"));
                        });
        seen.clear();
        api.write("ns", "c", START + 2_000);
        api.write("other", "d", START + 2_000);
        await().atMost(LONG).untilAsserted(() -> assertTold(seen, "d@" + (START + 2_000)));
        assertThat(seen).noneMatch(each -> each.contains("/c@"));

        api.select("ns", "3");
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(seen).contains("LISTED/c@" + (START + 2_000)));
        job.cancel().get();
    }

    @Test
    void goesOnWhereItStoodAsSingleNamespacesBecomeAllAndAgainSelectedOnes() throws Exception {
        String name = "handover";
        MemoryApi api = MemoryApi.named(name);
        api.now(START);
        api.write("ns", "a", START);
        api.write("other", "b", START);
        JobClient job = start(name, 2, each -> each.namespaces(List.of("ns", "third")), null);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(SEEN.get(name)).contains("LISTED/a@" + START));
        String named = stop(job);

        api.write("ns", "c", START);
        job = start(name, 3, each -> each.namespaces(List.of("*")), named);
        await().atMost(LONG)
                .untilAsserted(
                        () ->
                                assertThat(SEEN.get(name))
                                        .contains("LISTED/b@" + START, "LISTED/c@" + START));
        await().atMost(LONG).until(() -> api.watched().equals(Set.of("*")));
        assertThat(SEEN.get(name)).noneMatch(each -> each.contains("/a@"));
        String all = stop(job);

        api.select("ns", "1");
        api.select("other", "2");
        api.write("other", "d", START);
        job = start(name, 1, each -> each.namespaceSelector("team=shop"), all);
        await().atMost(LONG).untilAsserted(() -> assertTold(SEEN.get(name), "d@" + START));
        await().atMost(LONG).until(() -> api.watched().equals(Set.of("ns", "other")));
        assertThat(SEEN.get(name)).noneMatch(each -> each.matches(".*/[abc]@.*"));
        job.cancel().get();
    }

    @Test
    void tellsEachVersionOnceWhileItIsRescaled() throws Exception {
        String name = "rescale";
        MemoryApi api = MemoryApi.named(name);
        api.now(START);
        List<String> namespaces = List.of("a", "b", "d", "e", "f");
        List<String> written = new ArrayList<>();
        List<String> told = new ArrayList<>();
        String savepoint = null;
        for (int parallelism : new int[] {1, 4, 2}) {
            for (String namespace : namespaces) {
                String object = namespace + "-before-" + parallelism;
                api.write(namespace, object, START);
                written.add(object);
            }
            JobClient job =
                    start(name, parallelism, each -> each.namespaces(namespaces), savepoint);
            for (String namespace : namespaces) {
                String object = namespace + "-at-" + parallelism;
                api.write(namespace, object, START);
                written.add(object);
            }
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(objects(name, told)).containsAll(written));
            savepoint = stop(job);
            told.addAll(objects(name, List.of()));
        }
        assertThat(told).containsExactlyInAnyOrderElementsOf(written);
    }

    /** By a watch, or on a busy machine by a list that came before. */
    private static void assertTold(Queue<String> seen, String object) {
        assertThat(seen).anyMatch(each -> each.endsWith("/" + object));
    }

    /** Names of the objects that were told, after those that were told before. */
    private static List<String> objects(String name, List<String> before) {
        List<String> objects = new ArrayList<>(before);
        SEEN.get(name).stream()
                .filter(each -> each.contains("@"))
                .map(each -> each.substring(each.indexOf('/') + 1, each.indexOf('@')))
                .forEach(objects::add);
        return objects;
    }

    private String stop(JobClient job) throws Exception {
        String savepoint =
                job.stopWithSavepoint(
                                false, folder.toUri().toString(), SavepointFormatType.CANONICAL)
                        .get();
        job.getJobExecutionResult().get();
        return savepoint;
    }

    @Test
    void doesNotWaitForAForbiddenCluster() throws Exception {
        String name = "forbidden";
        MemoryApi api = MemoryApi.named(name);
        api.now(START);
        JobClient job = start(name, 1, List.of("ns", "other"));
        Queue<String> seen = SEEN.get(name);
        await().untilAsserted(() -> assertThat(seen).contains("LIST_END:0:0"));
        api.forbid(true);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () ->
                                assertThat(seen)
                                        .anyMatch(each -> each.matches("BLIND:[1-9][0-9]*:0")));
        api.forbid(false);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () ->
                                assertThat(seen)
                                        .anyMatch(
                                                each ->
                                                        each.matches(
                                                                "BLIND:[1-9][0-9]*:[1-9][0-9]*")));
        api.write("other", "late", START + 2_000);
        await().untilAsserted(() -> assertThat(seen).anyMatch(each -> each.contains("/late@")));
        job.cancel().get();
    }

    @Test
    void tellsFlinksStandardMetricsOfSources() throws Exception {
        String name = "metrics";
        MemoryApi api = MemoryApi.named(name);
        api.now(START);
        InMemoryReporter metrics = InMemoryReporter.create();
        JobClient job =
                start(
                        name,
                        1,
                        each -> each.namespaces(List.of("*")),
                        null,
                        metrics.addToConfiguration(new Configuration()));
        await().untilAsserted(() -> assertThat(SEEN.get(name)).contains("LIST_END:0:0"));
        assertThat(standard(metrics, job, "currentFetchEventTimeLag"))
                .as("nothing was read")
                .isEqualTo(-1);
        long bytes = 0;
        for (int i = 0; i < 5; i++) {
            long time = START - 2_000 + i;
            api.write("ns", "timed-" + i, time);
            bytes += Long.toString(time).length();
        }
        api.write("ns", "not-understood", -1);
        bytes += "-1".length();
        await().untilAsserted(
                        () -> assertThat(SEEN.get(name)).anyMatch(each -> each.contains("DEAD")));

        assertThat(standard(metrics, job, "numBytesIn")).isEqualTo(bytes);
        assertThat(standard(metrics, job, "numRecordsInErrors")).isOne();
        // Lists that prove the quiet move positions, and are no records.
        await().untilAsserted(
                        () -> assertThat(standard(metrics, job, "numRecordsIn")).isEqualTo(6));
        await().untilAsserted(() -> assertThat(standard(metrics, job, "pendingRecords")).isZero());
        await().untilAsserted(() -> assertThat(standard(metrics, job, "pendingBytes")).isZero());
        assertThat(standard(metrics, job, "currentFetchEventTimeLag"))
                .as("by the server's clock, whatever ours says")
                .isBetween(1_990L, 100_000L);
        assertThat(standard(metrics, job, "currentEmitEventTimeLag"))
                .as("by Flink's clock: the server's is years behind or ahead")
                .isNotEqualTo(-1);
        await().until(() -> find(metrics, job, "watermarkLag").isPresent());
        await().until(() -> standard(metrics, job, "sourceIdleTime") > 0);
        job.cancel().get();
    }

    private static long standard(InMemoryReporter metrics, JobClient job, String name) {
        Metric metric = find(metrics, job, name).orElseThrow();
        return metric instanceof Counter counter
                ? counter.getCount()
                : ((Number) ((Gauge<?>) metric).getValue()).longValue();
    }

    /** Of the source's operator; the task has some of the same names. */
    private static Optional<Metric> find(InMemoryReporter metrics, JobClient job, String name) {
        return metrics.findOperatorMetricGroups(job.getJobID(), "Source: events").stream()
                .map(metrics::getMetricsByGroup)
                .filter(all -> all.containsKey(name))
                .map(all -> all.get(name))
                .findFirst();
    }
}
