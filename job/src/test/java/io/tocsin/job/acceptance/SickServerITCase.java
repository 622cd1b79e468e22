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
import io.tocsin.job.acceptance.ScriptedCluster.Health;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.PodEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * After first contact no illness of an API server ends a run: it says that it is blind, then that
 * contact is regained, and has missed nothing.
 */
class SickServerITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER =
            KubeControlPlaneExtension.with(builder -> builder.user("watcher"));

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir private Path folder;

    @Test
    void errorsLoginPagesAndGarbageEndNothing() throws Exception {
        try (ScriptedCluster cluster = new ScriptedCluster();
                TocsinProcess tocsin =
                        new TocsinProcess(
                                folder.resolve("run"),
                                "--kubeconfig",
                                cluster.kubeconfig(folder).toString())) {
            cluster.event("before");
            tocsin.start();
            await(tocsin, () -> assertThat(names(tocsin)).contains("before"));
            for (Health illness : List.of(Health.ERRORS, Health.LOGIN_PAGE, Health.GARBAGE)) {
                int blind = times("Blind there until contact", tocsin);
                int regained = times("contact regained", tocsin);
                cluster.become(illness);
                await(
                        tocsin,
                        () -> {
                            assertThat(cluster.illAnswers()).isGreaterThanOrEqualTo(3);
                            assertThat(times("Blind there until contact", tocsin))
                                    .as("%s: %s", illness, tocsin.log())
                                    .isGreaterThan(blind);
                        });
                cluster.event("during-" + illness);
                cluster.become(Health.WELL);
                cluster.event("after-" + illness);
                await(
                        tocsin,
                        () -> {
                            assertThat(names(tocsin))
                                    .contains("during-" + illness, "after-" + illness);
                            assertThat(times("contact regained", tocsin)).isGreaterThan(regained);
                        });
            }
            assertThat(tocsin.stop()).as(tocsin.log()).isZero();
            assertThat(names(tocsin)).hasSize(7).doesNotHaveDuplicates();
        }
    }

    @Test
    void rightsTakenBackAndAServerKilledEndNothing() throws Exception {
        KubeControlPlane plane = CLUSTER.controlPlane();
        ClusterFixtures cluster = new ClusterFixtures(plane.rest());
        plane.rest().createNamespace("sick");
        String role = cluster.allow("watcher", "sick", "events.k8s.io", "events", "list", "watch");
        try (TocsinProcess tocsin =
                new TocsinProcess(
                        folder.resolve("run"),
                        "--kubeconfig",
                        plane.kubeconfigFor("watcher").toString(),
                        "--namespace",
                        "sick")) {
            tocsin.start();
            cluster.create(event("first"));
            await(tocsin, () -> assertThat(names(tocsin)).contains("first"));

            cluster.revoke("sick", role);
            await(
                    tocsin,
                    () ->
                            assertThat(tocsin.log())
                                    .contains(
                                            "FORBIDDEN",
                                            "Missing RBAC: verbs list and watch on events",
                                            "in namespace sick",
                                            "\"watcher\"",
                                            "Blind there until then"));
            cluster.create(event("second"));
            cluster.allow("watcher", "sick", "events.k8s.io", "events", "list", "watch");
            await(
                    tocsin,
                    () -> {
                        assertThat(names(tocsin)).contains("second");
                        assertThat(times("contact regained", tocsin)).isEqualTo(1);
                    });

            plane.apiServer().kill();
            await(tocsin, () -> assertThat(tocsin.log()).contains("BROKEN"));
            plane.apiServer().start();
            cluster.create(event("third"));
            await(
                    tocsin,
                    () -> {
                        assertThat(names(tocsin)).contains("third");
                        assertThat(times("contact regained", tocsin)).isEqualTo(2);
                    });
            assertThat(tocsin.stop()).as(tocsin.log()).isZero();
            assertThat(names(tocsin)).containsExactlyInAnyOrder("first", "second", "third");
        }
    }

    @Test
    void aLineThatCannotBeReadGoesToTheDeadLettersAndHoldsNothingUp() throws Exception {
        try (ScriptedCluster cluster = new ScriptedCluster();
                TocsinProcess tocsin =
                        new TocsinProcess(
                                folder.resolve("run"),
                                "--kubeconfig",
                                cluster.kubeconfig(folder).toString())) {
            tocsin.start();
            cluster.event("good");
            await(tocsin, () -> assertThat(names(tocsin)).contains("good"));
            cluster.line("{\"type\":\"ADDED\",\"object\":{\"kind\":\"Event\",\"metadata\":{]ünd");
            cluster.event("next");
            await(tocsin, () -> assertThat(names(tocsin)).contains("next"));
            await(tocsin, () -> assertThat(tocsin.lines("deadLetter")).hasSize(1));

            assertThat(tocsin.lines("deadLetter"))
                    .singleElement()
                    .satisfies(
                            letter -> {
                                assertThat(letter.path("stage").asText()).isEqualTo("source");
                                assertThat(letter.path("raw").asText()).endsWith("{]ünd");
                                assertThat(letter.path("time").isNull()).isFalse();
                            });
            Path file = folder.resolve("run/state/deadletters/dead-letters.jsonl");
            assertThat(Files.readAllLines(file))
                    .singleElement()
                    .asString()
                    .contains("{]ünd", "\"stage\":\"source\"");
            assertThat(tocsin.log())
                    .contains("\"kind\":\"deadLetter\"", "\"rawBytes\":")
                    .doesNotContain("{]ünd");
            assertThat(tocsin.stop()).as(tocsin.log()).isZero();
            assertThat(names(tocsin)).containsExactlyInAnyOrder("good", "next");
        }
    }

    private static PodEvent event(String name) {
        return PodEvent.backOff("sick", name, name, "uid-" + name);
    }

    private static List<String> names(TocsinProcess tocsin) {
        return tocsin.lines("event").stream().map(SickServerITCase::name).toList();
    }

    private static String name(JsonNode event) {
        return event.path("name").asText();
    }

    private static int times(String text, TocsinProcess tocsin) {
        return (int) Pattern.compile(Pattern.quote(text)).matcher(tocsin.log()).results().count();
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
