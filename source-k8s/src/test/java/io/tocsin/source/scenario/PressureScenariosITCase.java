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

import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.Startup;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.fault.Request;
import io.tocsin.testing.fault.Rule;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Load and what limits it: watches that end under it, a throttling server, a blocked sink. */
class PressureScenariosITCase extends Scenarios {

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

    private final RequestLog log = new RequestLog();

    @BeforeEach
    void listen() {
        stage.proxy().script(log.rule());
    }

    @Test
    @DisplayName(
            "03 Given a watch that times out every second or two, when events are written all the"
                    + " while, then each is told once, and most within a second")
    void scenario03_losesNoTimeBetweenWatches() {
        stage.createAll("old", 5);
        SourceRun run = stage.start(Startup.EARLIEST, SourceRun::shortWatches);
        run.take(5);
        Map<String, Long> written = new ConcurrentHashMap<>();
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Void> writer =
                CompletableFuture.runAsync(
                        () -> {
                            for (int i = 0; !enough.get(); i++) {
                                written.put(stage.create("new-" + i), System.nanoTime());
                                written.put(stage.raise("new-" + i, 2), System.nanoTime());
                            }
                        });
        Map<String, Long> told = new HashMap<>();
        run.until(
                "five watches timed out",
                () -> {
                    noteTold(run, told);
                    return run.metrics().of("reconnect") >= 5 || writer.isDone();
                });
        enough.set(true);
        writer.join();
        run.until(
                "the last ones told",
                () -> {
                    noteTold(run, told);
                    return told.keySet().containsAll(written.keySet());
                });
        stage.assertAllTold();
        assertThat(log.watches()).hasSizeGreaterThanOrEqualTo(6);
        assertThat(log.pages()).as("a watch follows a watch").hasSizeLessThan(6);
        List<Long> delays =
                written.keySet().stream()
                        .map(id -> Math.max(0, told.get(id) - written.get(id)))
                        .sorted()
                        .toList();
        System.out.printf(
                "scenario03: delay of %d versions over %d watches: half within %d ms, all within"
                        + " %d ms%n",
                delays.size(),
                log.watches().size(),
                TimeUnit.NANOSECONDS.toMillis(delays.get(delays.size() / 2)),
                TimeUnit.NANOSECONDS.toMillis(delays.get(delays.size() - 1)));
        assertThat(delays.get(delays.size() / 2)).isLessThan(TimeUnit.SECONDS.toNanos(1));
    }

    /** Notes when versions were told that were not told when last looked. */
    private static void noteTold(SourceRun run, Map<String, Long> told) {
        List<String> versions = run.timeline().versions();
        // Each is told once: otherwise the verdict is another anyway.
        for (int i = told.size(); i < versions.size(); i++) {
            told.put(versions.get(i), System.nanoTime());
        }
    }

    @Test
    @DisplayName(
            "24 Given 429 with Retry-After 7 to a list and to a watch, when waited, then nothing is"
                    + " asked for 7 seconds")
    void scenario24_waitsAsLongAsItIsTold() {
        stage.createAll("old", 3);
        Rule list = throttle(Rule.on(Request.list("events")));
        Rule watch = throttle(Rule.on(Request.watch("events")));
        stage.proxy().script(list, watch);
        SourceRun run = stage.start();
        run.take(3);
        run.until("the watch was refused", () -> run.metrics().of("throttled") == 2);
        stage.createAll("new", 3);
        stage.assertAllTold();
        stage.proxy().assertAllHappened();
        List<RequestLog.Asked> asked = log.all();
        int refusedWatch = asked.indexOf(log.watches().get(0));
        assertThat(waited(asked, 0)).isGreaterThanOrEqualTo(Duration.ofSeconds(7));
        assertThat(waited(asked, refusedWatch)).isGreaterThanOrEqualTo(Duration.ofSeconds(7));
    }

    private static Rule throttle(Rule rule) {
        return rule.nth(1)
                .answer(429, ServerErrors.status(429, "TooManyRequests", "slow down"))
                .header("Retry-After", "7");
    }

    private static Duration waited(List<RequestLog.Asked> asked, int after) {
        return Duration.ofNanos(asked.get(after + 1).nanos() - asked.get(after).nanos());
    }

    @Test
    @DisplayName(
            "45 Given a sink that is blocked for longer than compaction, when events are written all"
                    + " the while, then memory is bounded, and afterwards nothing is lost or told"
                    + " twice")
    void scenario45_standsStillInBoundedMemory() {
        int queue = 32;
        int writes = 400;
        String note = "x".repeat(60_000);
        stage.createAll("old", 20);
        SourceRun run =
                stage.start(
                        Startup.EARLIEST,
                        // The server ends a watch that stands still as soon as it goes on.
                        options ->
                                SourceRun.shortWatches(options)
                                        .set(KubernetesSourceOptions.QUEUE_ELEMENTS, queue)
                                        .set(
                                                KubernetesSourceOptions.QUEUE_BYTES,
                                                MemorySize.ofMebiBytes(1)));
        run.take(20);
        String begin = run.position().version().value();
        long heapBefore = usedHeap();
        // From here on this thread does not poll.
        IntStream.range(0, writes)
                .parallel()
                .forEach(
                        i ->
                                stage.create(
                                        stage.event("new-" + i)
                                                .withReason("Warning", "Failed", note)));
        IntStream.range(0, 20).forEach(i -> stage.raise("new-" + i, 2));
        stage.compact();
        stage.createAll("later", 20);
        stage.rest().awaitExpired(begin, SourceRun.LONG);
        long pending = run.metrics().gauge("pendingRecords");
        long heap = usedHeap() - heapBefore;
        assertThat(run.timeline().versions()).hasSize(20);
        assertThat(pending).isPositive().isLessThanOrEqualTo(queue);
        assertThat(heap).as("of 24 MB that were written").isLessThan(12 << 20);
        stage.assertPresentTold();
        assertThat(run.metrics().of("expired.relists")).isPositive();
        System.out.printf(
                "scenario45: %d pending, %d KiB more on the heap, %d of %d versions told, %d of"
                        + " them by watches%n",
                pending,
                heap >> 10,
                run.timeline().versions().size(),
                stage.written().size(),
                run.timeline().by(Origin.WATCH));
    }

    private static long usedHeap() {
        System.gc();
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
