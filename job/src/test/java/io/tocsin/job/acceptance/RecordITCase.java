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
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.PodEvent;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code tocsin record} on a real API server: what it wrote leads to what the server has. */
class RecordITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER =
            KubeControlPlaneExtension.with(builder -> builder);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> PATHS =
            Map.of(
                    "events", "/apis/events.k8s.io/v1/namespaces/rec/events",
                    "pods", "/api/v1/namespaces/rec/pods",
                    "nodes", "/api/v1/nodes");

    @TempDir private Path folder;

    @Test
    void aRecordingLeadsToTheObjectsOfTheClusterAndCtrlCEndsIt() throws Exception {
        KubeControlPlane plane = CLUSTER.controlPlane();
        ClusterFixtures cluster = new ClusterFixtures(plane.rest());
        plane.rest().createNamespace("rec");
        cluster.createReadyNode("worker", 2);
        cluster.createPod("rec", "listed", 1);
        cluster.create(event("listed"));
        Path recording = folder.resolve("recording.jsonl.gz");
        Path log = folder.resolve("log");
        Instant started = Instant.now();
        Process tocsin = record(plane, recording, log);
        try {
            // A busy machine may not answer its first request in time; record then gives up.
            for (int retries = 5; !isRecording(tocsin, log) && retries > 0; retries--) {
                assertThat(Files.readString(log)).contains("no answer within");
                tocsin = record(plane, recording, log);
            }
            PodEvent raised = event("raised").withReason("Warning", "BackOff", "Größe 容量 ⚠");
            cluster.create(raised);
            cluster.raise(raised.withCount(7, Instant.now()));
            cluster.create(event("gone"));
            cluster.delete(event("gone"));
            cluster.createPod("rec", "watched", 1);
            cluster.create(event("last"));
            await().atMost(Duration.ofMinutes(2))
                    .untilAsserted(
                            () -> {
                                assertThat(replayed(lines(recording), "events"))
                                        .containsKey("last");
                                assertThat(replayed(lines(recording), "pods"))
                                        .containsKey("watched");
                            });
            TocsinProcess.interrupt(tocsin);
            assertThat(tocsin.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(tocsin.exitValue()).as(Files.readString(log)).isZero();
        } finally {
            tocsin.destroyForcibly();
        }

        List<JsonNode> lines = wholeFile(recording);
        assertThat(lines)
                .allSatisfy(
                        line -> {
                            assertThat(Instant.parse(line.path("t").asText()))
                                    .isBetween(started, Instant.now());
                            assertThat(line.path("line").path("object").isObject()).isTrue();
                        });
        for (Map.Entry<String, String> resource : PATHS.entrySet()) {
            Map<String, JsonNode> existing = new TreeMap<>();
            for (JsonNode item : plane.rest().get(resource.getValue()).path("items")) {
                existing.put(item.path("metadata").path("name").asText(), untyped(item));
            }
            assertThat(replayed(lines, resource.getKey()))
                    .as(resource.getKey())
                    .isEqualTo(existing)
                    .isNotEmpty();
        }
        assertThat(lines.stream().filter(line -> line.path("list").asBoolean()))
                .extracting(line -> line.path("line").path("object").path("metadata").path("name"))
                .extracting(JsonNode::asText)
                .contains("listed", "worker")
                .doesNotContain("last");
        assertThat(lines.stream().map(line -> line.path("line").path("type").asText()))
                .contains("ADDED", "MODIFIED", "DELETED");
        assertThat(Files.readString(log)).contains("Recorded " + lines.size() + " lines");
    }

    private static Process record(KubeControlPlane plane, Path recording, Path log)
            throws IOException {
        return new ProcessBuilder(
                        TocsinProcess.command(
                                List.of(
                                        "record",
                                        "--kubeconfig",
                                        plane.kubeconfig().toString(),
                                        "--namespace",
                                        "rec",
                                        "-o",
                                        recording.toString())))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** Waits until all is being recorded; false if the process ended before. */
    private static boolean isRecording(Process tocsin, Path log) {
        List<String> all = List.of("Recording events", "Recording pods", "Recording nodes");
        await().atMost(Duration.ofMinutes(2))
                .until(
                        () ->
                                !tocsin.isAlive()
                                        || all.stream().allMatch(Files.readString(log)::contains));
        return tocsin.isAlive();
    }

    private static PodEvent event(String name) {
        return PodEvent.backOff("rec", name, "cart", "uid-cart");
    }

    /** The objects that remain when the lines of a resource are applied in order, by name. */
    private static Map<String, JsonNode> replayed(List<JsonNode> lines, String resource) {
        Map<String, JsonNode> objects = new TreeMap<>();
        for (JsonNode line : lines) {
            if (line.path("resource").asText().equals(resource)) {
                JsonNode object = line.path("line").path("object");
                String name = object.path("metadata").path("name").asText();
                if (line.path("line").path("type").asText().equals("DELETED")) {
                    objects.remove(name);
                } else {
                    objects.put(name, untyped(object));
                }
            }
        }
        return objects;
    }

    /** Items of a list do not say what they are; objects of a watch do. */
    private static JsonNode untyped(JsonNode object) {
        return ((ObjectNode) object.deepCopy()).without(List.of("apiVersion", "kind"));
    }

    /** What can be read while it is still being written. */
    private static List<JsonNode> lines(Path recording) throws IOException {
        return read(recording, false);
    }

    private static List<JsonNode> wholeFile(Path recording) throws IOException {
        return read(recording, true);
    }

    private static List<JsonNode> read(Path recording, boolean whole) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[64 * 1024];
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(recording))) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                bytes.write(buffer, 0, read);
            }
        } catch (EOFException e) {
            if (whole) {
                throw e;
            }
        }
        String text = bytes.toString(StandardCharsets.UTF_8);
        List<JsonNode> lines = new ArrayList<>();
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }
}
