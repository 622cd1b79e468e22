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
package io.tocsin.source.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.Startup;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.split.ResourceVersion;
import io.tocsin.testing.ClusterOracle;
import io.tocsin.testing.KubeControlPlaneExtension;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Everything at once, by chance, for 30 s; for another time with {@code -Dtocsin.mix=30m} (units s,
 * m, h). {@code -Dtocsin.seed=…} chooses the same faults again, though not the same moments.
 *
 * <p>Goes by rounds. Each ends in calm, with the oracle settled: then every failure's whole count
 * stands on the server, and whoever was away while versions collapsed can know it.
 */
class RandomMixITCase extends Scenarios {

    private static final Duration TTL = Duration.ofSeconds(60);
    private static final Duration LENGTH = length(System.getProperty("tocsin.mix", "30s"));
    private static final int ROUNDS = LENGTH.toSeconds() >= 100 ? 10 : 2;
    private static final int THREADS_BY_CHANCE = 8;
    private static final int LOOKS_AT_LEAST = 6;
    private static final int LOOKS_AT_MOST = 120;

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder ->
                            builder.compactionInterval(Duration.ofSeconds(3))
                                    .eventTtl(TTL)
                                    .apiServerFlag("--shutdown-watch-termination-grace-period=1s"));

    private final ExecutorService others =
            Executors.newFixedThreadPool(
                    2,
                    task -> {
                        Thread thread = new Thread(task, "random mix");
                        thread.setDaemon(true);
                        return thread;
                    });
    private final Map<FaultMix.Kind, Integer> faults = new TreeMap<>();
    private final List<Sample> samples = new ArrayList<>();
    private long told;

    /** What is in use in calm. */
    private record Sample(long heapBytes, int threads) {}

    @AfterEach
    void end() {
        others.shutdownNow();
    }

    @Test
    @DisplayName(
            "48 Given recorders that write, when faults of network, answers, servers and reader"
                    + " come by chance, then nothing is lost and nothing told twice")
    void scenario48_losesAndRepeatsNothingWhateverHappens() throws Exception {
        long seed = Long.getLong("tocsin.seed", System.nanoTime() & 0xffffffL);
        System.out.printf(
                "scenario48: %s in %d rounds; repeat it with -Dtocsin.seed=%d -Dtocsin.mix=%s%n",
                LENGTH, ROUNDS, seed, System.getProperty("tocsin.mix", "30s"));
        Random chance = new Random(seed);
        SourceRun run =
                stage.start(
                        Startup.EARLIEST,
                        options ->
                                options.set(KubernetesSourceOptions.PAGE_SIZE, 40)
                                        .set(
                                                KubernetesSourceOptions.WATCH_TIMEOUT,
                                                Duration.ofSeconds(5))
                                        .set(KubernetesSourceOptions.EVENT_TTL, TTL));
        for (int round = 1; round <= ROUNDS; round++) {
            round(run, round, chance.nextLong());
        }
        System.out.printf("scenario48: faults %s%n", faults);
        System.out.printf(
                "scenario48: %d versions told, lost 0, repeated 0, 410s %d, relists %d, crashes"
                        + " %d; %s%n",
                told,
                run.metrics().expired(),
                run.metrics().relists(),
                run.crashes(),
                run.metrics());
        assertThat(faults.size()).as("kinds of faults that happened").isGreaterThanOrEqualTo(3);
        assertThat(run.metrics().expired()).as("410s").isPositive();
        assertThat(run.crashes()).isPositive();
    }

    private void round(SourceRun run, int round, long seed) throws Exception {
        Duration length = LENGTH.dividedBy(ROUNDS);
        ResourceVersion before = new ResourceVersion(stage.rest().currentVersion());
        ClusterOracle oracle = ClusterOracle.on(stage.rest(), stage.namespace(), 2, 4, seed);
        FaultMix mix = new FaultMix(stage, new Random(seed), length).first(FaultMix.Kind.COMPACTED);
        Future<Map<FaultMix.Kind, Integer>> harm = others.submit(mix::run);
        Future<?> writing = others.submit(() -> writeUntilDone(oracle, harm));

        readAndCrash(run, new Random(seed), List.of(harm, writing));
        get(harm).forEach((kind, times) -> faults.merge(kind, times, Integer::sum));
        get(writing);
        oracle.settle();
        assertNothingLostOrRepeated(run, oracle, before);
        sample(run, round, oracle);
    }

    /** Leaves the server some room for others. */
    private static void writeUntilDone(ClusterOracle oracle, Future<?> harm) {
        while (!harm.isDone()) {
            oracle.write(5);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private static void readAndCrash(SourceRun run, Random random, List<Future<?>> others) {
        int steps = 0;
        while (!others.stream().allMatch(Future::isDone)) {
            run.readFor(Duration.ofMillis(random.nextInt(200)));
            if (random.nextInt(10) == 0) {
                run.checkpoint();
            }
            // Once at least, however slow the machine is.
            if (steps++ == 20 || random.nextInt(50) == 0) {
                run.crash();
            }
        }
    }

    private void assertNothingLostOrRepeated(
            SourceRun run, ClusterOracle oracle, ResourceVersion before) {
        // Of rounds before, events may still be there; what expires now was told or is no loss.
        Set<String> written = new HashSet<>();
        oracle.versions().forEach(version -> written.add(version.id()));
        Set<String> present = new HashSet<>(stage.present());
        present.retainAll(written);
        run.until("all that is present", () -> run.timeline().lost(present).isEmpty());

        Map<String, Long> counted = new HashMap<>();
        for (EventRecord record : run.timeline().records()) {
            if (record.envelope().kind() == Kind.UPSERTED) {
                counted.merge(
                        record.envelope().namespace() + "/" + record.envelope().name(),
                        record.event().occurrences(),
                        Math::max);
                assertThat(new ResourceVersion(record.envelope().resourceVersion()))
                        .as("version told after all up to %s were, in a round before", before)
                        .isGreaterThan(before);
            }
        }
        assertThat(counted).as("occurrences").containsAllEntriesOf(oracle.weights());
        assertThat(run.timeline().repeated()).as("repeated").isEmpty();
        assertThat(run.timeline().of(Kind.DEAD_LETTER)).as("lines lost by others").isEmpty();
        told += run.timeline().versions().size();
    }

    /** Looks at the heap and at threads in calm, with the books of the test closed. */
    private void sample(SourceRun run, int round, ClusterOracle oracle) {
        run.checkpointAndForget();
        int atFirst = samples.isEmpty() ? 0 : samples.get(0).threads();
        int threads = fewestThreads(atFirst);
        if (!samples.isEmpty()) {
            assertThat(threads)
                    .as("threads in calm, %d at first: %s", atFirst, names())
                    .isLessThanOrEqualTo(atFirst + THREADS_BY_CHANCE);
        }
        Runtime runtime = Runtime.getRuntime();
        Sample sample = new Sample(runtime.totalMemory() - runtime.freeMemory(), threads);
        samples.add(sample);
        System.out.printf(
                "scenario48: round %d: heap %.1f MB, %d threads, 410s %d, relists %d, crashes %d; %s%n",
                round,
                sample.heapBytes() / 1e6,
                sample.threads(),
                run.metrics().expired(),
                run.metrics().relists(),
                run.crashes(),
                oracle);
    }

    /**
     * Clients that were closed end their threads some seconds after they are collected, on a loaded
     * machine later.
     */
    private static int fewestThreads(int wanted) {
        int fewest = Integer.MAX_VALUE;
        int bound = wanted + THREADS_BY_CHANCE;
        for (int look = 0;
                look < LOOKS_AT_LEAST || look < LOOKS_AT_MOST && fewest > bound;
                look++) {
            System.gc();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
            fewest = Math.min(fewest, ManagementFactory.getThreadMXBean().getThreadCount());
        }
        return fewest;
    }

    /** How many threads there are of each name, numbers left out. */
    private static Map<String, Integer> names() {
        Map<String, Integer> names = new TreeMap<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            names.merge(thread.getName().replaceAll("[0-9]+", "N"), 1, Integer::sum);
        }
        return names;
    }

    private static <T> T get(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new AssertionError("The mix itself failed", e.getCause());
        }
    }

    private static Duration length(String text) {
        return Duration.parse("PT" + text);
    }
}
