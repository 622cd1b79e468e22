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
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.PodEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Tocsin that is killed twelve times, each time while subjects are in another state of detection,
 * and one that is not, watch the same cluster with the same rules. Both must tell the same, to the
 * millisecond and the identity.
 *
 * <p>Times are those of the events: what has to ring by waiting is written so far in the past that
 * it rings some seconds after the kill, and what is to end it comes while Tocsin is down. On a slow
 * machine the same must be told, as long as no start takes a minute (that would be blindness, at
 * whose end waiting begins anew) and all is over within seven minutes, when what goes on would
 * ring.
 */
class CrashDetectionITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER = KubeControlPlaneExtension.with(b -> b);

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String RULES =
            """
            rules:
              - {name: Half, match: {reason: Half}, when: {atLeast: 3, within: 10m}, resolveAfter: 2h}
              - {name: Held, match: {reason: Held}, when: {atLeast: 1, within: 20m}, for: 10m, clears: {reason: HeldOk}, resolveAfter: 2h}
              - {name: Slow, match: {reason: Slow}, when: {atLeast: 1, within: 20m}, for: 15m, quiet: 10m}
              - {name: Absent, match: {reason: Absent}, when: {missing: {reason: AbsentOk}, within: 10m}, clears: {reason: AbsentOk}, resolveAfter: 2h}
              - {name: Fired, match: {reason: Fired}, when: {atLeast: 1, within: 20m}, clears: {reason: FiredOk}, resolveAfter: 2h}
              - {name: Silent, match: {reason: Silent}, when: {atLeast: 1, within: 20m}, resolveAfter: 10m}
              - {name: Ordered, when: {sequence: [First, not Never, Second, Third], within: 10m}, resolveAfter: 2h}
              - {name: Ended, when: {sequence: [Begin, Go, not End], within: 40s}, resolveAfter: 2h}
              - name: Spread
                match: {reason: Spread}
                per: [cluster, regarding.namespace]
                when: {distinct: {field: regarding.name, atLeast: 3}, within: 10m}
                resolveAfter: 2h
            """;

    /** What is told, however often it is killed: rule, pod, status, occurrences. */
    private static final List<String> EXPECTED =
            List.of(
                    "Absent absent firing 1",
                    "Absent early firing 1",
                    "Absent early resolved 1",
                    "Ended rings firing 2",
                    "Fired cleared firing 1",
                    "Fired cleared resolved 1",
                    "Fired fired firing 1",
                    "Fired fired resolved 1",
                    "Half half firing 3",
                    "Half whole firing 3",
                    "Held held firing 1",
                    "Held held pending 1",
                    "Held withdrawn pending 1",
                    "Held withdrawn resolved 1",
                    "Ordered ordered firing 3",
                    "Silent goes-on firing 1",
                    "Silent silent firing 1",
                    "Silent silent resolved 1",
                    "Slow goes-on pending 1",
                    "Slow slow pending 1",
                    "Slow slow resolved 1",
                    "Spread c firing 3");

    @TempDir private Path folder;
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicInteger kills = new AtomicInteger();
    private ClusterFixtures cluster;
    private TocsinProcess killed;

    @Test
    void tellsWhatItWouldHaveToldUndisturbed() throws Exception {
        KubeControlPlane plane = CLUSTER.controlPlane();
        cluster = new ClusterFixtures(plane.rest());
        plane.rest().createNamespace("crash");
        Path rules = Files.writeString(folder.resolve("rules.yaml"), RULES);
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try (TocsinProcess twin = tocsin("twin", plane, rules);
                TocsinProcess victim = tocsin("killed", plane, rules)) {
            killed = victim;
            twin.start();
            killed.start();
            happens("Ready all");
            heard(twin);
            heard(killed);
            // Event time follows the newest event.
            clock.scheduleWithFixedDelay(this::tick, 0, 500, TimeUnit.MILLISECONDS);

            killAtEachPoint();

            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> {
                                assertThat(killed.isAlive()).as(killed.log()).isTrue();
                                assertThat(told(twin)).isEqualTo(EXPECTED);
                                assertThat(told(killed)).isEqualTo(EXPECTED);
                            });
            heard(twin);
            heard(killed);
            clock.shutdown();
            assertThat(killed.stop()).as(killed.log()).isZero();
            assertThat(twin.stop()).as(twin.log()).isZero();

            assertThat(told(killed)).isEqualTo(EXPECTED);
            assertThat(documents(killed)).isEqualTo(documents(twin));
            assertThat(versions(killed)).isEqualTo(versions(twin)).doesNotHaveDuplicates();
            System.out.printf(
                    "CrashDetectionITCase: killed %d times; %d changes of alerts told of %d events,"
                            + " as by the one that was not%n",
                    kills.get(), told(killed).size(), written.get());
        } finally {
            clock.shutdownNow();
        }
    }

    private void killAtEachPoint() throws Exception {
        // 1. Within what must not come at the end of a sequence.
        happens("Begin rings", "Go rings", "Begin ends", "Go ends");
        heard(killed);
        restartAfter("End ends");

        // 2. In `for`.
        happensLongAgo(Duration.ofSeconds(20), "Held held");
        happens("Held withdrawn");
        heard(killed);
        restartAfter("HeldOk withdrawn");

        // 3. Before an absence is due.
        happensLongAgo(Duration.ofSeconds(20), "Absent absent");
        happens("Absent answered");
        heard(killed);
        restartAfter("AbsentOk answered");

        // 4. While what is ahead of event time waits for what rings before it.
        happensLongAgo(Duration.ofSeconds(15), "Absent early");
        happensAt(Instant.now().plusSeconds(20), "AbsentOk early");
        heard(killed);
        restartAfter();

        // 5. In `quiet`.
        happensLongAgo(Duration.ofSeconds(15), "Slow slow");
        happensLongAgo(Duration.ofMinutes(2), "Slow goes-on");
        heard(killed);
        restartAfter("Slow goes-on");

        // 6. In `resolveAfter`.
        happensLongAgo(Duration.ofSeconds(15), "Silent silent");
        happensLongAgo(Duration.ofMinutes(2), "Silent goes-on");
        heard(killed);
        restartAfter("Silent goes-on");

        // 7. Between firing and what clears it.
        happens("Fired fired", "Fired cleared");
        told("Fired fired firing 1", "Fired cleared firing 1");
        restartAfter("FiredOk fired");

        // 8. Between what clears it and the next checkpoint, so before it is told.
        told("Fired fired resolved 1");
        happens("FiredOk cleared");
        restartAfter();

        // 9. In a window below its threshold, and one value short of enough.
        happens("Half half", "Half half", "Spread a", "Spread b", "Spread a");
        heard(killed);
        restartAfter("Half half", "Spread c");

        // 10. At the threshold and before the next checkpoint.
        happens("Half whole", "Half whole", "Half whole");
        restartAfter();

        // 11. Behind the first stage of a sequence.
        happens("First ordered", "First broken");
        heard(killed);
        restartAfter("Never broken", "Second ordered", "Second broken");

        // 12. Behind the second stage.
        heard(killed);
        restartAfter("Third ordered", "Third broken");
    }

    /** Kills it, lets this happen while it is down, and starts it. */
    private void restartAfter(String... events) throws Exception {
        killed.kill();
        kills.incrementAndGet();
        happens(events);
        killed.start();
    }

    private TocsinProcess tocsin(String name, KubeControlPlane plane, Path rules) {
        return new TocsinProcess(
                folder.resolve(name),
                "--kubeconfig",
                plane.kubeconfig().toString(),
                "--namespace",
                "crash",
                "--rules",
                rules.toString());
    }

    /** Each as {@code reason pod}. */
    private void happens(String... events) {
        for (String event : events) {
            happensAt(Instant.now(), event);
        }
    }

    /** So long ago that ten minutes are over in this time. */
    private void happensLongAgo(Duration until, String event) {
        happensAt(Instant.now().minus(Duration.ofMinutes(10)).plus(until), event);
    }

    private void happensAt(Instant time, String event) {
        String[] words = event.split(" ");
        String name = words[1] + "-" + written.incrementAndGet();
        cluster.create(
                PodEvent.failedScheduling("crash", name, words[1], "uid-" + words[1])
                        .withReason("Warning", words[0], "it happened")
                        .at(time));
    }

    private void tick() {
        cluster.create(
                PodEvent.failedScheduling("crash", "tick-" + System.nanoTime(), "tick", "uid-tick")
                        .withReason("Normal", "Tick", "time goes on"));
    }

    /** Waits until it has told of all events but ticks, and so keeps them in a checkpoint. */
    private void heard(TocsinProcess tocsin) {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            assertThat(tocsin.isAlive()).as(tocsin.log()).isTrue();
                            assertThat(tocsin.lines("event"))
                                    .filteredOn(
                                            line -> !line.path("reason").asText().equals("Tick"))
                                    .hasSize(written.get());
                        });
    }

    /** Waits until it has told this of alerts. */
    private void told(String... changes) {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            assertThat(killed.isAlive()).as(killed.log()).isTrue();
                            assertThat(told(killed)).contains(changes);
                        });
    }

    private static List<String> told(TocsinProcess tocsin) {
        return tocsin.lines("alert").stream()
                .map(
                        alert ->
                                String.join(
                                        " ",
                                        alert.path("rule").asText(),
                                        alert.path("labels").path("name").asText(),
                                        alert.path("status").asText(),
                                        alert.path("occurrences").asText()))
                .sorted()
                .toList();
    }

    private static List<String> documents(TocsinProcess tocsin) {
        return tocsin.lines("alert").stream().map(JsonNode::toString).sorted().toList();
    }

    private static List<String> versions(TocsinProcess tocsin) {
        return tocsin.lines("event").stream()
                .map(
                        line ->
                                line.path("uid").asText()
                                        + "@"
                                        + line.path("resourceVersion").asText()
                                        + " "
                                        + line.path("weight").asText())
                .sorted()
                .toList();
    }
}
