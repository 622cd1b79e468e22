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
import io.tocsin.testing.ClusterOracle;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.KubeRest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random kill -9 of Tocsin and of the API server while recorders write events: for every lineage
 * the weights add up to what was written, and no version is told twice. {@code -Dtocsin.rounds=20}
 * for more rounds, {@code -Dtocsin.seed=…} to repeat a run.
 */
class CrashITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

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
        int killedTocsin = 0;
        int killedServer = 0;
        try (ClusterOracle oracle = ClusterOracle.on(rest, "shop", 2, 2, seed + 1);
                TocsinProcess tocsin =
                        new TocsinProcess(
                                folder.resolve("tocsin"),
                                "--kubeconfig",
                                plane.kubeconfig().toString())) {
            tocsin.start();
            oracle.start(Duration.ofMillis(20));
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
            oracle.stop();
            oracle.settle();
            Map<String, Long> written = oracle.weights();
            await().atMost(Duration.ofSeconds(240))
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
            assertThat(versions).as("versions nobody wrote").isSubsetOf(acknowledged(oracle));
            assertThat(counted(tocsin)).isEqualTo(written);
            assertThat(killedTocsin + killedServer).isGreaterThanOrEqualTo(rounds);
            System.out.printf(
                    "CrashITCase: killed tocsin %d times, the API server %d times; %d versions of %d"
                            + " lineages, lost 0, repeated 0; written: %s%n",
                    killedTocsin, killedServer, events.size(), written.size(), oracle);
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

    private static Set<String> acknowledged(ClusterOracle oracle) {
        return oracle.versions().stream()
                .map(ClusterOracle.Version::id)
                .collect(Collectors.toSet());
    }

    private static Map<String, Long> counted(TocsinProcess tocsin) {
        Map<String, Long> counts = new TreeMap<>();
        for (JsonNode event : tocsin.lines("event")) {
            if (event.path("namespace").asText().equals("shop")) {
                counts.merge(
                        "shop/" + event.path("name").asText(),
                        event.path("weight").asLong(),
                        Long::sum);
            }
        }
        return counts;
    }
}
