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
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.KubeRest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random kill -9 of Tocsin and of the API server while events are written: for every lineage the
 * weights add up to what was written, and no version is told twice. {@code -Dtocsin.rounds=20} for
 * more rounds, {@code -Dtocsin.seed=…} to repeat a run.
 */
class CrashITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

    private static final int LINEAGES = 20;
    private static final String EVENTS = "/api/v1/namespaces/shop/events";

    @TempDir Path folder;

    @Test
    void weightsAddUpToWhatWasWrittenWhateverIsKilled() throws Exception {
        long seed = Long.getLong("tocsin.seed", System.nanoTime());
        int rounds = Integer.getInteger("tocsin.rounds", 3);
        System.out.println("CrashITCase: tocsin.seed=" + seed + ", tocsin.rounds=" + rounds);
        Random random = new Random(seed);
        KubeControlPlane plane = CLUSTER.controlPlane();
        KubeRest rest = plane.rest();
        rest.createNamespace("shop");
        AtomicBoolean writing = new AtomicBoolean(true);
        Thread writer = new Thread(() -> write(rest, new Random(seed + 1), writing), "writer");
        int killedTocsin = 0;
        int killedServer = 0;
        try (TocsinProcess tocsin =
                new TocsinProcess(
                        folder.resolve("tocsin"), "--kubeconfig", plane.kubeconfig().toString())) {
            tocsin.start();
            writer.start();
            awaitProgress(tocsin, 1);
            for (int round = 0; round < rounds; round++) {
                boolean server = random.nextInt(3) == 0;
                if (server) {
                    plane.apiServer().kill();
                    killedServer++;
                }
                if (!server || random.nextBoolean()) {
                    tocsin.kill();
                    killedTocsin++;
                }
                if (server) {
                    plane.apiServer().start();
                }
                int before = tocsin.lines("event").size();
                if (!tocsin.isAlive()) {
                    tocsin.start();
                }
                awaitProgress(tocsin, before + 1 + random.nextInt(30));
            }
            writing.set(false);
            writer.join();
            Map<String, Long> written = written(rest);
            await().atMost(Duration.ofSeconds(120))
                    .untilAsserted(
                            () -> {
                                assertThat(tocsin.isAlive()).as(tocsin.log()).isTrue();
                                assertThat(counted(tocsin)).isEqualTo(written);
                            });
            assertThat(tocsin.stop()).isZero();
            List<JsonNode> events = tocsin.lines("event");
            Set<String> versions = new HashSet<>();
            for (JsonNode event : events) {
                String version =
                        event.path("uid").asText() + "@" + event.path("resourceVersion").asText();
                assertThat(versions.add(version)).as("told twice: %s", event).isTrue();
            }
            assertThat(counted(tocsin)).isEqualTo(written);
            assertThat(killedTocsin + killedServer).isGreaterThanOrEqualTo(rounds);
            System.out.printf(
                    "CrashITCase: killed tocsin %d times, the API server %d times; %d versions of %d"
                            + " lineages, lost 0, repeated 0%n",
                    killedTocsin, killedServer, events.size(), written.size());
        } finally {
            writing.set(false);
            writer.join();
        }
    }

    private static void awaitProgress(TocsinProcess tocsin, int lines) {
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(
                        () -> {
                            assertThat(tocsin.isAlive()).as(tocsin.log()).isTrue();
                            assertThat(tocsin.lines("event")).hasSizeGreaterThanOrEqualTo(lines);
                        });
    }

    /**
     * Raises counts, and at times re-creates an event under its name with the count going on, as
     * recorders do.
     */
    private static void write(KubeRest rest, Random random, AtomicBoolean writing) {
        Instant first = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Map<String, Long> known = new HashMap<>();
        while (writing.get()) {
            String name = "pod-" + random.nextInt(LINEAGES);
            try {
                KubeRest.Answer found = rest.call("GET", EVENTS + "/" + name, null, null);
                if (found.status() == 404) {
                    // Not there yet, or a deletion went through just before the server died.
                    rest.create(EVENTS, event(name, known.getOrDefault(name, 0L) + 1, first));
                } else if (found.status() == 200) {
                    known.put(name, found.json().path("count").asLong());
                    long count = known.get(name) + 1 + random.nextInt(3);
                    if (random.nextInt(10) == 0) {
                        rest.delete(EVENTS + "/" + name);
                        rest.create(EVENTS, event(name, count, first));
                    } else {
                        rest.patch(
                                EVENTS + "/" + name,
                                "{\"count\":%d,\"lastTimestamp\":\"%s\"}"
                                        .formatted(
                                                count,
                                                Instant.now().truncatedTo(ChronoUnit.SECONDS)));
                    }
                }
            } catch (RuntimeException e) {
                // The server is down: whether the write took place is seen by the next read.
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    private static String event(String name, long count, Instant first) {
        return """
        {"apiVersion":"v1","kind":"Event","metadata":{"name":"%1$s","namespace":"shop"},
         "involvedObject":{"kind":"Pod","namespace":"shop","name":"%1$s","uid":"uid-%1$s"},
         "reason":"Unhealthy","message":"Readiness probe failed: ⚠ 503","type":"Warning",
         "source":{"component":"kubelet","host":"worker"},"reportingComponent":"kubelet","reportingInstance":"worker",
         "firstTimestamp":"%3$s","lastTimestamp":"%4$s","count":%2$d}
        """
                .formatted(name, count, first, Instant.now().truncatedTo(ChronoUnit.SECONDS));
    }

    /**
     * Count of each lineage as the server has it: re-creation goes on counting, so it is what was
     * written in all.
     */
    private static Map<String, Long> written(KubeRest rest) {
        Map<String, Long> counts = new TreeMap<>();
        for (JsonNode event : rest.get(EVENTS).path("items")) {
            counts.put(event.path("metadata").path("name").asText(), event.path("count").asLong());
        }
        return counts;
    }

    private static Map<String, Long> counted(TocsinProcess tocsin) {
        Map<String, Long> counts = new TreeMap<>();
        for (JsonNode event : tocsin.lines("event")) {
            if (event.path("namespace").asText().equals("shop")) {
                counts.merge(event.path("name").asText(), event.path("weight").asLong(), Long::sum);
            }
        }
        return counts;
    }
}
