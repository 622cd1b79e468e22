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

import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.PodEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are stopped in order, and what the next run makes of their state. */
class StopAndResumeITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER =
            KubeControlPlaneExtension.with(builder -> builder);

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final String RULES =
            """
            rules:
              - name: BackOff
                match: {reason: BackOff, reportingController: kubelet}
                when: {atLeast: 9, within: 10m}
              - name: Gone
                match: {reason: Evicted, reportingController: kubelet}
                when: {atLeast: 2, within: 10m}
            """;
    private static final String OTHER_RULES =
            """
            rules:
              - name: BackOff
                match: {reason: BackOff, reportingController: kubelet}
                when: {atLeast: 5, within: 20m}
              - name: KillLoop
                match: {reason: BackOff, reportingController: kubelet}
                when:
                  sequence:
                    - {match: {reason: Killing}}
                    - {match: {reason: BackOff}}
                  within: 10m
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
    void bothSignalsEndARunAndTheNextOneResumesEvenUnderOtherRules() throws Exception {
        plane.rest().createNamespace("stop");
        PodEvent event = PodEvent.backOff("stop", "cart", "cart", "uid-cart");
        try (TocsinProcess tocsin = tocsin("stop")) {
            cluster.create(event);
            await(tocsin, () -> assertThat(weights(tocsin)).isEqualTo(1));
            assertThat(tocsin.interrupt()).as(tocsin.log()).isZero();
            assertThat(tocsin.handle().descendants()).isEmpty();
            assertThat(tocsin.log()).contains("Stopped; the next run resumes from");

            cluster.raise(event.withCount(3, Instant.now()));
            tocsin.start();
            await(tocsin, () -> assertThat(weights(tocsin)).isEqualTo(3));
            assertThat(tocsin.log()).contains("Resuming from");
            assertThat(tocsin.stop()).as(tocsin.log()).isZero();

            // A threshold lowered, a rule gone, a sequence new: the counts so far still count.
            Files.writeString(rules, OTHER_RULES);
            tocsin.start();
            cluster.raise(event.withCount(5, Instant.now()));
            await(tocsin, () -> assertThat(tocsin.lines("alert")).isNotEmpty());
            assertThat(tocsin.interrupt()).as(tocsin.log()).isZero();

            assertThat(tocsin.lines("alert"))
                    .singleElement()
                    .satisfies(alert -> assertThat(alert.path("occurrences").asInt()).isEqualTo(5));
            assertThat(weights(tocsin)).isEqualTo(5);
        }
    }

    @Test
    void aStateDirectoryServesOneRunAtATimeAndItsOwnClusterOnly() throws Exception {
        plane.rest().createNamespace("one");
        try (TocsinProcess tocsin = tocsin("one")) {
            cluster.create(PodEvent.backOff("one", "cart", "cart", "uid-cart"));
            await(tocsin, () -> assertThat(weights(tocsin)).isEqualTo(1));

            Result second = refused(plane.kubeconfig());
            assertThat(second.code()).as(second.output()).isEqualTo(2);
            assertThat(second.output())
                    .contains("in use by another Tocsin (process " + tocsin.handle().pid() + ")")
                    .contains("--state");
            assertThat(tocsin.isAlive()).isTrue();
            assertThat(tocsin.stop()).as(tocsin.log()).isZero();

            Path renamed =
                    Files.writeString(
                            folder.resolve("renamed"),
                            Files.readString(plane.kubeconfig())
                                    .replace("current-context: test", "current-context: prod")
                                    .replaceAll("- name: test(\\s+context:)", "- name: prod$1"));
            Result other = refused(renamed);
            assertThat(other.code()).as(other.output()).isEqualTo(2);
            assertThat(other.output())
                    .contains("no state for")
                    .contains("events-source/prod")
                    .contains("another --state directory");

            tocsin.start();
            cluster.create(PodEvent.backOff("one", "next", "cart", "uid-cart"));
            await(tocsin, () -> assertThat(weights(tocsin)).isEqualTo(2));
            assertThat(tocsin.stop()).as(tocsin.log()).isZero();
        }
    }

    private record Result(int code, String output) {}

    /** A run on the state of namespace one, which has to end by itself. */
    private Result refused(Path kubeconfig) throws Exception {
        Process process =
                new ProcessBuilder(
                                TocsinProcess.command(
                                        List.of(
                                                "run",
                                                "--kubeconfig",
                                                kubeconfig.toString(),
                                                "--namespace",
                                                "one",
                                                "--rules",
                                                rules.toString(),
                                                "--output",
                                                "json",
                                                "--state",
                                                folder.resolve("one/state").toString())))
                        .redirectErrorStream(true)
                        .start();
        try {
            byte[] output = process.getInputStream().readAllBytes();
            return new Result(process.waitFor(), new String(output, StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
        }
    }

    private TocsinProcess tocsin(String namespace) throws IOException {
        TocsinProcess tocsin =
                new TocsinProcess(
                        folder.resolve(namespace),
                        "--kubeconfig",
                        plane.kubeconfig().toString(),
                        "--namespace",
                        namespace,
                        "--rules",
                        rules.toString());
        tocsin.start();
        return tocsin;
    }

    private static long weights(TocsinProcess tocsin) {
        return tocsin.lines("event").stream().mapToLong(e -> e.path("weight").asLong()).sum();
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
}
