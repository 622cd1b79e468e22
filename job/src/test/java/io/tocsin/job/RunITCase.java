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
package io.tocsin.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeRest;
import io.tocsin.testing.WebhookRecorder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way, in a process of its own that is killed, on a real API server. */
class RunITCase {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EVENTS = "/api/v1/namespaces/default/events";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir private Path folder;
    private KubeControlPlane plane;
    private Process tocsin;

    @BeforeEach
    void startAControlPlane() {
        plane = KubeControlPlane.builder().compactionInterval(Duration.ofSeconds(5)).start();
    }

    @AfterEach
    void stopAll() throws Exception {
        if (tocsin != null) {
            tocsin.destroyForcibly().waitFor();
        }
        plane.close();
    }

    @Test
    void aKillChangesNothing() throws Exception {
        String first = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        run("--output", "file:" + folder.resolve("out"), "--events");
        create("cart", 1, first);
        await().atMost(PATIENCE).until(() -> weight("cart") == 1);
        patch("cart", 2);
        patch("cart", 3);
        await().atMost(PATIENCE).until(() -> weight("cart") == 3);
        for (int i = 0; i < 4; i++) {
            create("quiet" + i, 1, first, "quiet");
        }
        kill();

        String version = plane.rest().currentVersion();
        plane.rest().delete(EVENTS + "/cart");
        create("cart", 4, first);
        plane.rest().awaitExpired(version, PATIENCE);
        run("--output", "file:" + folder.resolve("out"), "--events");
        patch("cart", 5);
        await().atMost(PATIENCE).until(() -> weight("cart") == 5 && !alerts().isEmpty());
        assertThat(stop()).isZero();

        assertThat(alerts())
                .singleElement()
                .satisfies(
                        alert -> {
                            assertThat(alert.get("status").asText()).isEqualTo("firing");
                            assertThat(alert.get("occurrences").asInt()).isEqualTo(5);
                            assertThat(alert.get("labels").get("name").asText()).isEqualTo("cart");
                        });
        assertThat(lines("event").map(RunITCase::identity)).doesNotHaveDuplicates();
        assertThat(lines("event").filter(line -> name(line).startsWith("quiet"))).hasSize(4);
    }

    @Test
    void aReceiverThatWasDownGetsItsAlertOnceAfterAKill() throws Exception {
        try (WebhookRecorder receiver = WebhookRecorder.start()) {
            receiver.stop();
            String[] options = {
                "--output",
                "file:" + folder.resolve("out"),
                "--webhook",
                receiver.uri("/hook").toString()
            };
            run(options);
            String first = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
            create("cart", 5, first);
            await().atMost(PATIENCE).until(() -> !alerts().isEmpty());
            kill();
            receiver.resume();
            run(options);
            await().atMost(PATIENCE).until(() -> !receiver.requests().isEmpty());
            assertThat(stop()).isZero();

            assertThat(receiver.requests()).hasSize(1);
            JsonNode body = JSON.readTree(receiver.requests().get(0).body());
            assertThat(body.get("status").asText()).isEqualTo("firing");
            assertThat(receiver.requests().get(0).header("Idempotency-Key"))
                    .isEqualTo(body.get("id").asText() + "-firing");
        }
    }

    private void run(String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String opened :
                List.of("lang", "net", "io", "nio", "util", "util.concurrent", "time", "text")) {
            command.add("--add-opens=java.base/java." + opened + "=ALL-UNNAMED");
        }
        command.addAll(
                List.of(
                        "-Xmx256m",
                        "-cp",
                        jar() + ":" + Path.of("target", "runtime").toAbsolutePath() + "/*",
                        "io.tocsin.job.cli.Tocsin",
                        "run",
                        "--kubeconfig",
                        plane.kubeconfig().toString(),
                        "--state",
                        folder.resolve("state").toString(),
                        "--checkpoint-interval",
                        "500ms"));
        command.addAll(List.of(options));
        tocsin =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(
                                        Path.of("target", "run-it.log").toFile()))
                        .start();
    }

    private void kill() throws InterruptedException {
        assertThat(tocsin.isAlive()).isTrue();
        tocsin.destroyForcibly().waitFor();
    }

    private int stop() throws InterruptedException {
        tocsin.destroy();
        assertThat(tocsin.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return tocsin.exitValue();
    }

    private static Path jar() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            return files.filter(f -> f.getFileName().toString().matches("tocsin-job-.*\\.jar"))
                    .findFirst()
                    .orElseThrow()
                    .toAbsolutePath();
        }
    }

    private void create(String name, int count, String first) {
        create(name, count, first, name);
    }

    private void create(String name, int count, String first, String pod) {
        KubeRest rest = plane.rest();
        rest.create(
                EVENTS,
                """
                {"metadata": {"name": "%s", "namespace": "default"},
                 "involvedObject": {"apiVersion": "v1", "kind": "Pod", "namespace": "default",
                   "name": "%s", "uid": "uid-%s", "fieldPath": "spec.containers{app}"},
                 "type": "Warning", "reason": "BackOff", "message": "Back-off restarting",
                 "count": %d, "firstTimestamp": "%s", "lastTimestamp": "%s",
                 "source": {"component": "kubelet", "host": "n"},
                 "reportingComponent": "kubelet", "reportingInstance": "n"}
                """
                        .formatted(name, pod, pod, count, first, now()));
    }

    private void patch(String name, int count) {
        plane.rest()
                .patch(
                        EVENTS + "/" + name,
                        "{\"count\": %d, \"lastTimestamp\": \"%s\"}".formatted(count, now()));
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private long weight(String name) {
        return lines("event")
                .filter(line -> name(line).equals(name))
                .mapToLong(line -> line.get("weight").asLong())
                .sum();
    }

    private List<JsonNode> alerts() {
        return lines("alert").toList();
    }

    private static String name(JsonNode line) {
        return line.get("name").asText();
    }

    private static String identity(JsonNode line) {
        return line.get("uid").asText() + "/" + line.get("resourceVersion").asText();
    }

    private Stream<JsonNode> lines(String kind) {
        List<JsonNode> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder.resolve("out"))) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().matches("tocsin-.*\\.jsonl")) {
                    for (String line : Files.readAllLines(file)) {
                        lines.add(JSON.readTree(line));
                    }
                }
            }
        } catch (NoSuchFileException e) {
            return Stream.empty(); // nothing yet
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines.stream().filter(line -> line.get("kind").asText().equals(kind));
    }
}
