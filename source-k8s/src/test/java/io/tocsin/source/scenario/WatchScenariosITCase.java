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

import io.tocsin.source.Startup;
import io.tocsin.source.split.ResourceVersion;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.fault.Fault;
import io.tocsin.testing.fault.LineEdit;
import io.tocsin.testing.fault.Request;
import io.tocsin.testing.fault.Rule;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Watches that end: by time, by silence, by compaction, by whatever stands between. */
class WatchScenariosITCase extends Scenarios {

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
            "04 Given a namespace that is quiet for more than 3 compactions, when then an event is"
                    + " written, then it is told once, and the position had moved all the while")
    void scenario04_keepsAQuietPositionFresh() {
        stage.createAll("old", 10);
        SourceRun run = stage.start();
        run.take(10);
        String begin = run.position().version().value();
        for (int i = 0; i < 3; i++) {
            CompletableFuture<Void> compacted = CompletableFuture.runAsync(stage::compact);
            run.until("a compaction of the API server", compacted::isDone);
            compacted.join();
        }
        stage.compactAtOnce();
        assertThat(new ResourceVersion(begin)).isLessThan(run.position().version());
        stage.rest().awaitExpired(begin, SourceRun.LONG);
        stage.create("new");
        stage.assertAllTold();
        assertThat(run.metrics().of("quiet.relists")).isGreaterThanOrEqualTo(3);
    }

    @Test
    @DisplayName(
            "05 Given a cut for longer than compaction, when connected again, then the watch is"
                    + " told 410 in its stream, and after a list nothing is lost or told twice")
    void scenario05_listsAfterAnExpiredWatch() {
        AtomicInteger expired = new AtomicInteger();
        SourceRun run = startAndCut();
        stage.compact();
        stage.proxy()
                .script(
                        Rule.on(Request.watch("events"))
                                .lines(
                                        WatchScenariosITCase::isExpired,
                                        LineEdit.change(
                                                line -> {
                                                    expired.incrementAndGet();
                                                    return line;
                                                })));
        stage.proxy().mend();
        stage.assertAllTold();
        assertThat(stage.proxy().counts().of(Fault.CUT)).isPositive();
        assertThat(expired).as("told by the server itself").hasPositiveValue();
        assertThat(run.metrics().of("expired.relists")).isPositive();
    }

    @Test
    @DisplayName(
            "06 Given a proxy that makes an HTTP status of 410, when a watch is too old, then it is"
                    + " the same, without a loop")
    void scenario06_listsAfterAnExpiredRequest() {
        SourceRun run = startAndCut();
        ResourceVersion now = new ResourceVersion(stage.rest().currentVersion());
        stage.compactAtOnce();
        Rule tooOld =
                Rule.on(Request.watch("events").and(request -> isBefore(request, now)))
                        .answer(410, ServerErrors.status(410, "Expired", "too old"));
        stage.proxy().script(tooOld);
        stage.proxy().mend();
        stage.assertAllTold();
        stage.proxy().assertAllHappened();
        assertThat(tooOld.matched()).as("watches from the old version").isLessThanOrEqualTo(2);
        assertThat(run.metrics().of("expired.relists")).isEqualTo(tooOld.matched());
    }

    private static boolean isBefore(Request request, ResourceVersion version) {
        String asked = new RequestLog.Asked(0, request).parameter("resourceVersion");
        return new ResourceVersion(asked).compareTo(version) <= 0;
    }

    @Test
    @DisplayName(
            "07 Given a server that says Gone instead of Expired, with code 410 and without, when a"
                    + " watch is too old, then it is the same")
    void scenario07_knowsGoneAsExpired() {
        SourceRun run = startAndCut();
        Rule gone = goneInsteadOfExpired(line -> line);
        Rule goneWithoutCode =
                goneInsteadOfExpired(line -> line.replace("\"code\":410", "\"code\":0"));
        int gaps = 0;
        for (Rule rule : List.of(gone, goneWithoutCode)) {
            stage.compactAtOnce();
            stage.proxy().pass();
            stage.proxy().script(rule);
            stage.proxy().mend();
            stage.awaitTold(stage.written());
            stage.proxy().assertAllHappened();
            cutWatch("live-" + ++gaps);
            stage.create("more-" + gaps);
        }
        stage.proxy().mend();
        stage.assertAllTold();
        assertThat(run.metrics().of("expired.relists")).isGreaterThanOrEqualTo(2);
    }

    private static Rule goneInsteadOfExpired(UnaryOperator<String> more) {
        return Rule.on(Request.watch("events"))
                .lines(
                        WatchScenariosITCase::isExpired,
                        LineEdit.change(
                                line ->
                                        more.apply(
                                                line.replace(
                                                        "\"reason\":\"Expired\"",
                                                        "\"reason\":\"Gone\""))));
    }

    private static boolean isExpired(String line) {
        return line.contains("\"type\":\"ERROR\"")
                && line.contains("\"reason\":\"Expired\"")
                && line.contains("\"code\":410");
    }

    /** Reads ten versions, and is cut off from a watch when eleven more are written. */
    private SourceRun startAndCut() {
        stage.createAll("old", 10);
        SourceRun run = stage.start(Startup.EARLIEST, SourceRun::neverQuiet);
        run.take(10);
        cutWatch("live");
        stage.createAll("new", 10);
        stage.raise("old-0", 2);
        return run;
    }

    /** What is cut is a watch that was of use, and neither a list nor a watch that begins. */
    private void cutWatch(String event) {
        stage.create(event);
        stage.awaitTold(stage.written());
        stage.proxy().cut();
    }

    @Test
    @DisplayName(
            "08 Given watches that are accepted and closed at once for 3 seconds, when events are"
                    + " written, then lists tell them, and no hot loop runs")
    void scenario08_listsWhereWatchesCloseAtOnce() {
        stage.createAll("old", 10);
        Rule closes = Rule.on(Request.watch("events")).answer(200, "");
        stage.proxy().script(closes);
        SourceRun run = stage.start();
        run.take(10);
        stage.createAll("new", 10);
        run.take(10);
        run.readFor(Duration.ofSeconds(3));
        run.until("three watches were closed", () -> closes.matched() >= 3);
        int requests = log.all().size();
        assertThat(run.metrics().of("instant_closes.relists")).isPositive();
        assertThat(requests).as("requests in 3 seconds and some more").isLessThan(100);
        stage.proxy().assertAllHappened();
        stage.proxy().pass();
        stage.createAll("later", 10);
        stage.assertAllTold();
        System.out.printf(
                "scenario08: %d watches closed at once, %d requests%n", closes.matched(), requests);
    }

    @Test
    @DisplayName(
            "18 Given a watch that goes silent within a line, when its time and 5 seconds are over,"
                    + " then it is given up, and nothing is lost or told twice")
    void scenario18_givesUpASilentWatch() {
        stage.createAll("old", 3);
        AtomicInteger silentWatch = new AtomicInteger();
        stage.proxy()
                .script(
                        Rule.on(Request.watch("events"))
                                .lines(
                                        line ->
                                                line.contains("\"name\":\"new-2\"")
                                                        && silentWatch.compareAndSet(
                                                                0, log.watches().size()),
                                        LineEdit.silenceAfter(40)));
        SourceRun run = stage.start(Startup.EARLIEST, SourceRun::shortWatches);
        run.take(3);
        String before = stage.create("new-1");
        run.take(1);
        stage.create("new-2");
        run.until("the silence", () -> silentWatch.get() > 0);
        long since = System.nanoTime();
        stage.create("new-3");
        stage.assertAllTold();
        stage.proxy().assertAllHappened();
        RequestLog.Asked silent = log.watches().get(silentWatch.get() - 1);
        RequestLog.Asked next = log.watches().get(silentWatch.get());
        long allowed = 5 + Long.parseLong(silent.parameter("timeoutSeconds"));
        long noticed = TimeUnit.NANOSECONDS.toSeconds(next.nanos() - since);
        System.out.printf(
                "scenario18: silence noticed after %d s, %d s were allowed%n", noticed, allowed);
        assertThat(run.metrics().of("broken")).isPositive();
        assertThat(noticed).as("TCP itself waits for 15 minutes").isLessThan(allowed + 30);
        assertThat(before).endsWith("@" + next.parameter("resourceVersion"));
    }
}
