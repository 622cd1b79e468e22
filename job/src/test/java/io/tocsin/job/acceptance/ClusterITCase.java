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
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.ClusterOracle;
import io.tocsin.testing.FlinkCluster;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.PodEvent;
import io.tocsin.testing.ServerProcess;
import io.tocsin.testing.WebhookRecorder;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job jar on a Flink cluster of processes of their own, with {@code flink-conf/}: whatever is
 * killed or moved while events are written, the weights add up to what was written, no version is
 * told twice, and alerts arrive; each time the job went on from a checkpoint, not from nothing.
 * {@code -Dtocsin.seed=…} to repeat what is written.
 */
class ClusterITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** A look reads all output. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private static final ExecutorService WRITER = Executors.newSingleThreadExecutor();

    /** What happens to the cluster or the job. */
    private interface Disturbance {
        void execute() throws Exception;
    }

    private final long seed = Long.getLong("tocsin.seed", System.nanoTime());
    private final Map<String, Long> written = new TreeMap<>();
    @TempDir private Path folder;
    private KubeControlPlane plane;
    private FlinkCluster flink;
    private WebhookRecorder receiver;
    private String jar;
    private String job;

    @BeforeEach
    void startCluster() throws IOException {
        System.out.println("ClusterITCase: tocsin.seed=" + seed);
        plane = CLUSTER.controlPlane();
        receiver = WebhookRecorder.start();
        flink = FlinkCluster.start();
        jar = flink.rest().upload(TocsinProcess.jar());
        Files.writeString(
                folder.resolve("rules.yaml"),
                """
                rules:
                  - name: Toll
                    match: {reason: Tolling}
                    when: {atLeast: 5, within: 3m}
                """);
    }

    @AfterAll
    static void stopWriting() {
        WRITER.shutdownNow();
    }

    @AfterEach
    void stopCluster() {
        receiver.close();
        flink.close();
    }

    @Test
    void losesAndRepeatsNothingWhateverIsKilledOrMoved() throws Exception {
        ServerProcess first = flink.startTaskManager();
        job = run("prod", 1, null);
        awaitRunning();
        assertThat(restored()).isZero();

        duringWrites(
                "taskmanager",
                () -> {
                    first.kill();
                    flink.startTaskManager();
                });
        int incremental = incrementalStates(newestCheckpoint());
        assertThat(incremental).isPositive();

        duringWrites(
                "jobmanager",
                () -> {
                    flink.jobManager().kill();
                    flink.jobManager().start();
                    await().atMost(PATIENCE)
                            .until(() -> flink.rest().taskManagers().contains("taskmanager-2"));
                    jar = flink.rest().upload(TocsinProcess.jar());
                    job = run("prod", 1, newestCheckpoint());
                });

        duringWrites(
                "rescaled",
                () -> {
                    Path savepoint = flink.rest().stop(job, flink.savepoints());
                    assertThatThrownBy(() -> run("other", 1, savepoint))
                            .hasMessageContaining(
                                    "has no state for alerts/other, events-source/other")
                            .hasMessageContaining("the names they had");
                    flink.startTaskManager();
                    job = run("prod", 2, savepoint);
                });
        assertThat(flink.rest().job(job).findValuesAsText("parallelism")).contains("2");
        assertThat(flink.rest().get("/overview").path("slots-available").asInt()).isZero();
        keepsWhatAReceiverRefuses();

        Set<String> versions = new HashSet<>();
        long repeated = events().stream().filter(event -> !versions.add(version(event))).count();
        Map<String, Long> counted = counted();
        long lost =
                written.entrySet().stream()
                        .mapToLong(
                                entry ->
                                        entry.getValue() - counted.getOrDefault(entry.getKey(), 0L))
                        .sum();
        System.out.printf(
                "ClusterITCase: TaskManager killed, JobManager killed, stopped with a savepoint,"
                        + " parallelism 1 -> 2; %d versions of %d events, weight %d, lost %d,"
                        + " repeated %d; 3 alerts delivered and 1 refused and kept, in %d requests; %d incremental keyed states%n",
                versions.size(),
                written.size(),
                written.values().stream().mapToLong(Long::longValue).sum(),
                lost,
                repeated,
                receiver.requests().size(),
                incremental);
        assertThat(lost).isZero();
        assertThat(repeated).isZero();
    }

    /**
     * Writes into a namespace of its own, disturbs when some of it has arrived, writes on until
     * some arrives afterwards, and expects exactly what was written.
     */
    private void duringWrites(String namespace, Disturbance disturbance) throws Exception {
        plane.rest().createNamespace(namespace);
        try (ClusterOracle oracle =
                ClusterOracle.on(plane.rest(), namespace, 1, 4, seed + written.size())) {
            CountDownLatch stop = new CountDownLatch(1);
            Future<?> writer = WRITER.submit(() -> write(oracle, stop));
            try {
                awaitEvents(namespace, 20);
                disturbance.execute();
                // Until it was, a job whose TaskManager is not missed yet looks as if it ran.
                eventually(() -> assertThat(restored()).isPositive());
                awaitRunning();
                awaitEvents(namespace, oracle.versions().size());
            } finally {
                stop.countDown();
                writer.get();
            }
            oracle.settle();
            written.putAll(oracle.weights());
        }
        eventually(() -> assertThat(counted()).isEqualTo(written));
        assertThat(events().stream().map(ClusterITCase::version)).doesNotHaveDuplicates();
        rings(namespace);
    }

    /** At a pace that lets one look at all output again and again. */
    private static Void write(ClusterOracle oracle, CountDownLatch stop)
            throws InterruptedException {
        while (!stop.await(50, TimeUnit.MILLISECONDS)) {
            oracle.write(5);
        }
        return null;
    }

    private void keepsWhatAReceiverRefuses() {
        receiver.answer(WebhookRecorder.Answer.status(400));
        toll("refused");
        eventually(
                () ->
                        assertThat(deadLetters().resolve("dead-letters.jsonl"))
                                .content()
                                .contains("refused"));
    }

    private void toll(String name) {
        PodEvent toll =
                PodEvent.backOff("default", name, name, "uid-" + name)
                        .withReason("Warning", "Tolling", "a bell");
        new ClusterFixtures(plane.rest()).create(toll.withCount(5, Instant.now()));
    }

    private void rings(String namespace) {
        toll(namespace);
        eventually(
                () ->
                        assertThat(receiver.requests())
                                .anySatisfy(
                                        request -> {
                                            JsonNode alert = JSON.readTree(request.body());
                                            assertThat(alert.path("status").asText())
                                                    .isEqualTo("firing");
                                            assertThat(alert.at("/labels/name").asText())
                                                    .isEqualTo(namespace);
                                        }));
    }

    private String run(String cluster, int parallelism, Path from) throws IOException {
        Path pipeline =
                Files.writeString(
                        folder.resolve("pipeline.yaml"),
                        """
                        clusters:
                          - name: %s
                            kubeconfig: %s
                        rules: [rules.yaml]
                        receivers:
                          - name: bell
                            webhook: {url: "%s"}
                        """
                                .formatted(cluster, plane.kubeconfig(), receiver.uri("/hook")));
        String id =
                flink.rest()
                        .run(
                                jar,
                                parallelism,
                                from,
                                List.of(
                                        "--config",
                                        pipeline.toString(),
                                        "--output",
                                        "file:" + output().toUri(),
                                        "--events",
                                        "--dead-letters",
                                        deadLetters().toString()));
        if (from != null) {
            eventually(
                    () ->
                            assertThat(
                                            flink.rest()
                                                    .checkpoints(id)
                                                    .at("/latest/restored/external_path")
                                                    .asText())
                                    .endsWith("/" + from.getFileName()));
        }
        return id;
    }

    /** How often the job was restored from a checkpoint or savepoint since its submission. */
    private int restored() {
        return flink.rest().checkpoints(job).at("/counts/restored").asInt(-1);
    }

    private void awaitRunning() {
        eventually(
                () -> {
                    JsonNode state = flink.rest().job(job);
                    assertThat(state.path("state").asText()).isEqualTo("RUNNING");
                    assertThat(state.path("vertices"))
                            .isNotEmpty()
                            .allSatisfy(
                                    vertex ->
                                            assertThat(vertex.path("status").asText())
                                                    .isEqualTo("RUNNING"));
                });
    }

    private void awaitEvents(String namespace, int atLeast) {
        eventually(
                () ->
                        assertThat(events())
                                .filteredOn(
                                        event -> event.path("namespace").asText().equals(namespace))
                                .hasSizeGreaterThanOrEqualTo(atLeast));
    }

    private void eventually(ThrowingRunnable assertion) {
        try {
            await().atMost(PATIENCE).pollInterval(BETWEEN_LOOKS).untilAsserted(assertion);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(e.getMessage() + "\n" + flink.logs(), e);
        }
    }

    /** What an operator resumes from when the JobManager is gone and with it what it knew. */
    private Path newestCheckpoint() throws IOException {
        try (Stream<Path> folders = Files.list(flink.checkpoints().resolve(job))) {
            return folders.filter(each -> Files.exists(each.resolve("_metadata")))
                    .max(
                            Comparator.comparingLong(
                                    each ->
                                            Long.parseLong(
                                                    each.getFileName()
                                                            .toString()
                                                            .substring("chk-".length()))))
                    .orElseThrow();
        }
    }

    private static int incrementalStates(Path checkpoint) throws IOException {
        try (DataInputStream in =
                new DataInputStream(Files.newInputStream(checkpoint.resolve("_metadata")))) {
            List<KeyedStateHandle> keyed =
                    Checkpoints.loadCheckpointMetadata(
                                    in, ClusterITCase.class.getClassLoader(), checkpoint.toString())
                            .getOperatorStates()
                            .stream()
                            .flatMap(operator -> operator.getStates().stream())
                            .flatMap(subtask -> subtask.getManagedKeyedState().stream())
                            .toList();
            assertThat(keyed)
                    .allSatisfy(
                            state ->
                                    assertThat(state)
                                            .isInstanceOf(IncrementalRemoteKeyedStateHandle.class));
            return keyed.size();
        }
    }

    private Path deadLetters() {
        return folder.resolve("dead-letters");
    }

    private Path output() {
        return folder.resolve("out");
    }

    private List<JsonNode> events() {
        return TocsinProcess.lines(output(), "event");
    }

    private Map<String, Long> counted() {
        Map<String, Long> counts = new TreeMap<>();
        for (JsonNode event : events()) {
            if (!event.path("namespace").asText().equals("default")) {
                counts.merge(
                        event.path("namespace").asText() + "/" + event.path("name").asText(),
                        event.path("weight").asLong(),
                        Long::sum);
            }
        }
        return counts;
    }

    private static String version(JsonNode event) {
        return event.path("uid").asText() + "@" + event.path("resourceVersion").asText();
    }
}
