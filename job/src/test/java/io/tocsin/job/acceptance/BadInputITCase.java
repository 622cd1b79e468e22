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

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.PodEvent;
import io.tocsin.testing.WebhookRecorder;
import io.tocsin.testing.WebhookRecorder.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Strange events and bad receivers, on a real API server and in a process of its own. */
class BadInputITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER =
            KubeControlPlaneExtension.with(builder -> builder);

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final String RULES =
            """
            rules:
              - name: BackOff
                match: {reason: BackOff, reportingController: kubelet}
                when: {atLeast: 2, within: 3m}
            """;

    @TempDir private Path folder;
    private KubeControlPlane plane;
    private ClusterFixtures cluster;
    private Path rules;

    @BeforeEach
    void findTheCluster() throws Exception {
        plane = CLUSTER.controlPlane();
        cluster = new ClusterFixtures(plane.rest());
        rules = Files.writeString(folder.resolve("rules.yaml"), RULES);
    }

    @Test
    void hugeForeignAndFutureEventsGetThroughAndHarmNothing() throws Exception {
        plane.rest().createNamespace("strange");
        String note = "Größe überschritten: 容量不足 🔔 \u001b[31m";
        try (TocsinProcess tocsin = tocsin("strange")) {
            cluster.create(backOff("strange", "foreign").withReason("Warning", "BackOff", note));
            // Just below what etcd takes; the note itself is limited, annotations are not.
            plane.rest()
                    .create(
                            "/api/v1/namespaces/strange/events",
                            """
                            {"apiVersion":"v1","kind":"Event",
                             "metadata":{"name":"huge","namespace":"strange",
                                         "labels":{"size":"huge"}},
                             "involvedObject":{"kind":"Pod","namespace":"strange","name":"huge",
                                               "uid":"uid-huge","fieldPath":"%s"},
                             "reason":"BackOff","type":"Warning","message":"x","count":2,
                             "source":{"component":"kubelet"},"reportingComponent":"kubelet",
                             "firstTimestamp":"%2$s","lastTimestamp":"%2$s"}"""
                                    .formatted(
                                            "ü".repeat(700_000),
                                            Instant.now().truncatedTo(ChronoUnit.SECONDS)));
            // A node whose clock is far ahead must not make everything else late.
            cluster.create(backOff("strange", "future").at(Instant.parse("2099-01-01T00:00:00Z")));
            await(
                    tocsin,
                    () ->
                            assertThat(names(tocsin))
                                    .containsExactlyInAnyOrder("foreign", "huge", "future"));
            // The others still ring: event time has not run away.
            cluster.create(backOff("strange", "after").withCount(2, Instant.now()));
            await(
                    tocsin,
                    () ->
                            assertThat(
                                            tocsin.lines("alert").stream()
                                                    .map(a -> a.path("labels").path("name")))
                                    .extracting(JsonNode::asText)
                                    .contains("huge", "after"));
            cluster.raise(
                    backOff("strange", "foreign")
                            .withReason("Warning", "BackOff", note)
                            .withCount(2, Instant.now()));
            await(
                    tocsin,
                    () ->
                            assertThat(tocsin.lines("alert"))
                                    .anySatisfy(
                                            alert ->
                                                    assertThat(alert.toString())
                                                            .contains("foreign", "容量不足 🔔")));
            assertThat(tocsin.lines("deadLetter")).isEmpty();
            assertThat(tocsin.stop()).as(tocsin.log()).isZero();
        }
    }

    @Test
    void whatIsTooLateToRingIsWritten() throws Exception {
        plane.rest().createNamespace("late");
        try (TocsinProcess tocsin = tocsin("late")) {
            cluster.create(backOff("late", "now"));
            await(tocsin, () -> assertThat(names(tocsin)).contains("now"));
            cluster.create(backOff("late", "old").at(Instant.now().minusSeconds(1800)));
            await(
                    tocsin,
                    () ->
                            assertThat(tocsin.lines("late"))
                                    .singleElement()
                                    .satisfies(
                                            late -> {
                                                assertThat(late.path("subject").asText())
                                                        .contains("late/old");
                                                assertThat(late.path("roles").get(0).asText())
                                                        .startsWith("BackOff/");
                                                assertThat(late.path("weight").asInt())
                                                        .isEqualTo(1);
                                            }));
            assertThat(tocsin.lines("alert")).isEmpty();
            assertThat(tocsin.stop()).as(tocsin.log()).isZero();
        }
    }

    @Test
    void badReceiversHoldUpNobodyAndMissNothing() throws Exception {
        plane.rest().createNamespace("hooks");
        AtomicBoolean lying = new AtomicBoolean(true);
        AtomicInteger lies = new AtomicInteger();
        AtomicInteger truths = new AtomicInteger();
        HttpServer liar =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        liar.createContext("/", exchange -> lie(exchange, lying.get() ? lies : truths, lying));
        liar.start();
        try (WebhookRecorder well = WebhookRecorder.start();
                WebhookRecorder hanging = WebhookRecorder.start();
                WebhookRecorder refusing = WebhookRecorder.start();
                WebhookRecorder failing = WebhookRecorder.start();
                WebhookRecorder redirecting = WebhookRecorder.start()) {
            hanging.answerByDefault(Answer.hang());
            refusing.stop();
            failing.answerByDefault(Answer.status(500));
            redirecting.answerByDefault(
                    Answer.status(302).withHeader("Location", well.uri("/moved").toString()));
            Path pipeline = folder.resolve("pipeline.yaml");
            StringBuilder text = new StringBuilder("receivers:\n");
            Map.of(
                            "well", well.uri("/"),
                            "hanging", hanging.uri("/"),
                            "refusing", refusing.uri("/"),
                            "failing", failing.uri("/"),
                            "redirecting", redirecting.uri("/"),
                            "lying",
                                    java.net.URI.create(
                                            "http://127.0.0.1:" + liar.getAddress().getPort()))
                    .forEach(
                            (name, uri) ->
                                    text.append(
                                            "  - {name: %s, webhook: {url: '%s'}}\n"
                                                    .formatted(name, uri)));
            Files.writeString(pipeline, text);
            try (TocsinProcess tocsin = tocsin("hooks", "-c", pipeline.toString())) {
                cluster.create(backOff("hooks", "one").withCount(2, Instant.now()));
                await(tocsin, () -> assertThat(well.requests()).hasSize(1));
                await(tocsin, () -> assertThat(tocsin.lines("alert")).hasSize(1));
                await(
                        tocsin,
                        () -> {
                            assertThat(hanging.requests().size()).isPositive();
                            assertThat(failing.requests().size()).isGreaterThan(1);
                            assertThat(lies.get()).isGreaterThan(1);
                        });
                // A second alert still gets through to the one that is well.
                cluster.create(backOff("hooks", "two").withCount(2, Instant.now()));
                await(tocsin, () -> assertThat(well.requests()).hasSize(2));
                assertThat(well.requests()).noneMatch(each -> each.path().equals("/moved"));

                hanging.stop();
                hanging.clear();
                hanging.answerByDefault(Answer.status(200));
                hanging.resume();
                refusing.resume();
                failing.clear();
                failing.answerByDefault(Answer.status(200));
                lying.set(false);
                await(
                        tocsin,
                        () -> {
                            for (WebhookRecorder each : List.of(hanging, refusing, failing)) {
                                assertThat(alerts(each)).isEqualTo(alerts(well));
                            }
                            assertThat(truths.get()).isEqualTo(2);
                        });
                Path letters = folder.resolve("hooks/state/deadletters/dead-letters.jsonl");
                await(tocsin, () -> assertThat(letters).exists());
                await(
                        tocsin,
                        () ->
                                assertThat(Files.readAllLines(letters))
                                        .hasSize(2)
                                        .allMatch(
                                                line ->
                                                        line.contains("\"origin\":\"redirecting\"")
                                                                && line.contains(
                                                                        "configure the final"
                                                                                + " URL")));
                assertThat(tocsin.log()).contains("\"kind\":\"deadLetter\"");
                assertThat(tocsin.stop()).as(tocsin.log()).isZero();
            }
        } finally {
            liar.stop(0);
        }
    }

    /** Says 200, announces a long body, and breaks off. */
    private static void lie(HttpExchange exchange, AtomicInteger count, AtomicBoolean lying)
            throws IOException {
        exchange.getRequestBody().readAllBytes();
        if (lying.get()) {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
        } else {
            exchange.sendResponseHeaders(200, -1);
        }
        count.incrementAndGet();
        exchange.close();
    }

    /** Which alerts it was told of, in order: how often does not matter to one that was ill. */
    private static List<String> alerts(WebhookRecorder receiver) {
        return receiver.requests().stream()
                .map(request -> request.header("Idempotency-Key"))
                .distinct()
                .sorted()
                .toList();
    }

    private TocsinProcess tocsin(String namespace, String... options) throws IOException {
        String[] arguments = {
            "--kubeconfig", plane.kubeconfig().toString(),
            "--namespace", namespace,
            "--rules", rules.toString()
        };
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + options.length);
        System.arraycopy(options, 0, all, arguments.length, options.length);
        TocsinProcess tocsin = new TocsinProcess(folder.resolve(namespace), all);
        tocsin.start();
        return tocsin;
    }

    private static PodEvent backOff(String namespace, String name) {
        return PodEvent.backOff(namespace, name, name, "uid-" + name);
    }

    private static List<String> names(TocsinProcess tocsin) {
        return tocsin.lines("event").stream().map(event -> event.path("name").asText()).toList();
    }

    private interface Assertion {
        void check() throws Exception;
    }

    private static void await(TocsinProcess tocsin, Assertion assertion) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            assertThat(tocsin.isAlive()).as(tocsin.log()).isTrue();
                            assertion.check();
                        });
    }
}
