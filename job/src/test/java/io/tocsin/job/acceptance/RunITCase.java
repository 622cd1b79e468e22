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
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.PodEvent;
import io.tocsin.testing.WebhookRecorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The whole way, in a process of its own that is killed, on a real API server. */
class RunITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final String RULES =
            """
            rules:
              - name: BackOff
                match: {reason: BackOff, reportingController: kubelet}
                when: {atLeast: 5, within: 3m}
                clears: {reason: Killing, reportingController: kubelet}
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
    void aKillChangesNothing() throws Exception {
        plane.rest().createNamespace("kill");
        Instant now = Instant.now();
        PodEvent cart = PodEvent.backOff("kill", "cart", "cart", "uid-cart");
        try (TocsinProcess tocsin = tocsin("kill")) {
            cluster.create(cart);
            await(tocsin, () -> assertThat(weight(tocsin, "cart")).isEqualTo(1));
            // Five within 195 seconds: at no time five within three minutes.
            for (int seconds : new int[] {-170, -120, -60, 0, 25}) {
                Instant time = now.plusSeconds(seconds);
                cluster.create(backOff("slow", seconds).at(time));
            }
            for (int i = 0; i < 4; i++) {
                cluster.create(backOff("four", i));
            }
            cart = cart.withCount(2, Instant.now());
            cluster.raise(cart);
            cart = cart.withCount(3, Instant.now());
            cluster.raise(cart);
            await(tocsin, () -> assertThat(weight(tocsin, "cart")).isEqualTo(3));
            tocsin.kill();

            String version = plane.rest().currentVersion();
            cart = cart.withCount(4, Instant.now());
            cluster.recreate(cart);
            plane.rest().awaitExpired(version, PATIENCE);
            tocsin.start();
            cluster.raise(cart.withCount(5, Instant.now()));
            await(tocsin, () -> assertThat(tocsin.lines("alert")).isNotEmpty());
            await(tocsin, () -> assertThat(weight(tocsin, "cart")).isEqualTo(5));
            assertThat(tocsin.stop()).as(tocsin.log()).isZero();

            assertThat(tocsin.lines("alert"))
                    .singleElement()
                    .satisfies(
                            alert -> {
                                assertThat(alert.path("status").asText()).isEqualTo("firing");
                                assertThat(alert.path("occurrences").asInt()).isEqualTo(5);
                                assertThat(alert.path("labels").path("name").asText())
                                        .isEqualTo("cart");
                            });
            List<JsonNode> events = tocsin.lines("event");
            assertThat(events.stream().map(RunITCase::version)).doesNotHaveDuplicates();
            assertThat(weight(tocsin, "four")).isEqualTo(4);
            assertThat(weight(tocsin, "slow")).isEqualTo(5);
        }
    }

    @Test
    void aReceiverThatWasDownGetsFiringAndResolvedOnceEach() throws Exception {
        plane.rest().createNamespace("down");
        PodEvent crash = PodEvent.backOff("down", "crash", "cart", "uid-cart");
        PodEvent gone =
                PodEvent.backOff("down", "gone", "cart", "uid-cart")
                        .withReason("Normal", "Killing", "Stopping container app");
        try (WebhookRecorder receiver = WebhookRecorder.start()) {
            receiver.stop();
            try (TocsinProcess tocsin =
                    tocsin("down", "--webhook", receiver.uri("/hook").toString())) {
                cluster.create(crash.withCount(5, Instant.now()));
                await(tocsin, () -> assertThat(tocsin.lines("alert")).hasSize(1));
                tocsin.kill();
                tocsin.start();
                cluster.create(gone.at(Instant.now()));
                await(tocsin, () -> assertThat(tocsin.lines("alert")).hasSize(2));
                tocsin.kill();
                assertThat(receiver.requests()).isEmpty();

                receiver.resume();
                tocsin.start();
                await(tocsin, () -> assertThat(receiver.requests()).hasSize(2));
                assertThat(tocsin.stop()).as(tocsin.log()).isZero();
                // Nothing is sent again by a run that finds all delivered.
                tocsin.start();
                cluster.create(backOff("down", "after", "other").at(Instant.now()));
                await(tocsin, () -> assertThat(weight(tocsin, "other")).isEqualTo(1));
                assertThat(tocsin.stop()).as(tocsin.log()).isZero();
            }
            assertThat(receiver.requests()).hasSize(2);
            List<JsonNode> bodies = new ArrayList<>();
            for (WebhookRecorder.Recorded request : receiver.requests()) {
                bodies.add(JSON.readTree(request.body()));
            }
            assertThat(bodies.stream().map(body -> body.path("status").asText()))
                    .containsExactly("firing", "resolved");
            String id = bodies.get(0).path("id").asText();
            assertThat(bodies.get(1).path("id").asText()).isEqualTo(id).isNotEmpty();
            assertThat(receiver.requests().stream().map(each -> each.header("Idempotency-Key")))
                    .containsExactly(id + "-firing", id + "-resolved");
        }
    }

    private TocsinProcess tocsin(String namespace, String... options) throws IOException {
        String[] arguments = {
            "--kubeconfig", plane.kubeconfig().toString(),
            "--namespace", namespace,
            "--rules", rules.toString()
        };
        String[] all = Arrays.copyOf(arguments, arguments.length + options.length);
        System.arraycopy(options, 0, all, arguments.length, options.length);
        TocsinProcess tocsin = new TocsinProcess(folder.resolve(namespace), all);
        tocsin.start();
        return tocsin;
    }

    private static PodEvent backOff(String pod, int number) {
        return backOff("kill", pod + "." + (number + 1000), pod);
    }

    private static PodEvent backOff(String namespace, String name, String pod) {
        return PodEvent.backOff(namespace, name, pod, "uid-" + pod);
    }

    private static void await(TocsinProcess tocsin, Runnable assertion) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            assertThat(tocsin.isAlive()).as(tocsin.log()).isTrue();
                            assertion.run();
                        });
    }

    private static long weight(TocsinProcess tocsin, String pod) {
        return tocsin.lines("event").stream()
                .filter(line -> line.path("regarding").path("name").asText().equals(pod))
                .mapToLong(line -> line.path("weight").asLong())
                .sum();
    }

    private static String version(JsonNode line) {
        return line.path("uid").asText() + "/" + line.path("resourceVersion").asText();
    }
}
