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
package io.tocsin.source.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.Startup;
import io.tocsin.source.split.Position;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.PodEvent;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Crashes within a list, and what is left of it after them. */
class CrashScenariosITCase extends Scenarios {

    private static final int PAGE = 5;
    private static final UnaryOperator<Configuration> SMALL_PAGES =
            options -> SourceRun.neverQuiet(options).set(KubernetesSourceOptions.PAGE_SIZE, PAGE);

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

    @Test
    @DisplayName(
            "12 Given a list of 5 pages, when crashed after each record of each page, then nothing"
                    + " is lost or told twice")
    void scenario12_goesOnAfterEachRecordOfEachPage() {
        int events = 4 * PAGE + 3;
        stage.createAll("old", events);
        for (int told = 0; told <= events; told++) {
            SourceRun run = stage.start(Startup.EARLIEST, SMALL_PAGES);
            run.take(told);
            run.checkpoint();
            run.crash();
            stage.awaitTold(stage.written());
            assertThat(run.timeline().repeated()).as("repeated after %s", told).isEmpty();
            assertThat(run.crashes()).isEqualTo(1);
            run.close();
        }
        SourceRun run = stage.start(Startup.EARLIEST, SMALL_PAGES);
        crashAtEveryMove(run, () -> !run.position().needsList());
        stage.assertAllTold();
        assertThat(run.crashes()).isGreaterThan(events);
    }

    @Test
    @DisplayName(
            "13 Given a crash within a list, when its token has expired and the new list crashes,"
                    + " too, again and again, then nothing is lost or told twice")
    void scenario13_crashesInTheListThatFollowsAnExpiredOne() {
        stage.createAll("old", 8 * PAGE);
        SourceRun run = stage.start(Startup.EARLIEST, SMALL_PAGES);
        for (int i = 1; i <= 3; i++) {
            run.take(PAGE + 2);
            assertThat(run.position().relist()).as("list under way").isNotNull();
            run.checkpoint();
            run.stop();
            // Behind the list, and before it.
            stage.raise("old-0", 1 + i);
            stage.raise("old-9", 1 + i);
            stage.create("a-new-" + i);
            stage.create("old-1-" + i);
            stage.compactAtOnce();
            run.restart();
        }
        stage.assertPresentTold();
        assertThat(run.crashes()).isEqualTo(3);
        assertThat(run.metrics().of("continue_expired.relists")).isGreaterThanOrEqualTo(3);
    }

    @Test
    @DisplayName(
            "14 Given records that were told after the last checkpoint, when crashed, then the"
                    + " restored source tells them once more, and state holds each once")
    void scenario14_tellsAgainWhatNoCheckpointHolds() {
        stage.createAll("old", 4 * PAGE);
        SourceRun run = stage.start(Startup.EARLIEST, SMALL_PAGES);
        run.take(PAGE + 2);
        run.checkpoint();
        run.take(PAGE + 1);
        crashLosing(run, PAGE + 1);
        run.take(4 * PAGE - run.timeline().versions().size());
        run.checkpoint();
        for (int count = 2; count < 6; count++) {
            stage.raise("old-0", count);
            stage.create("new-" + count);
        }
        run.take(6);
        crashLosing(run, 6);
        run.take(3);
        run.checkpoint();
        run.take(5);
        crashLosing(run, 5);
        stage.assertAllTold();
        assertThat(run.crashes()).isEqualTo(3);
    }

    private static void crashLosing(SourceRun run, int versions) {
        int before = run.timeline().versions().size();
        run.crash();
        assertThat(before - run.timeline().versions().size())
                .as("told and forgotten")
                .isEqualTo(versions);
    }

    @Test
    @DisplayName(
            "42 Given namespaces a, a-b and a0 and names with dots and dashes, when their one list,"
                    + " and a second one, crashes at every step, then nothing is lost or told twice")
    void scenario42_keepsTheOrderOfKeys() {
        String a = stage.namespace();
        List<String> namespaces = List.of(a, a + "-b", a + "0");
        namespaces.stream().skip(1).forEach(stage.rest()::createNamespace);
        assertThat(
                        stage.rest()
                                .call(
                                        "POST",
                                        "/api/v1/namespaces",
                                        "application/json",
                                        "{\"metadata\":{\"name\":\"" + a + ".b\"}}")
                                .status())
                .as("no server has a namespace with a dot")
                .isEqualTo(422);
        forgetOtherEvents();
        createInAll(namespaces, "x", "x-y", "x.y-z", "xy");
        SourceRun run = stage.startEverywhere(SMALL_PAGES);
        crashAtEveryMove(run, () -> !run.position().needsList());
        stage.awaitTold(stage.written());
        run.checkpoint();
        run.stop();
        createInAll(namespaces, "x.y", "x0", "x-y.z");
        stage.compactAtOnce();
        run.restart();
        crashAtEveryMove(run, () -> run.timeline().lost(stage.written()).isEmpty());
        stage.assertAllTold();
        assertThat(run.crashes()).isGreaterThan(stage.written().size());
        assertThat(run.metrics().of("expired.relists")).isPositive();
        assertThat(run.metrics().of("unsorted")).isZero();
    }

    private void createInAll(List<String> namespaces, String... names) {
        for (String namespace : namespaces) {
            for (String name : names) {
                stage.create(PodEvent.backOff(namespace, name, "cart", "pod-uid"));
            }
        }
    }

    /** The list of everything shall be short. */
    private void forgetOtherEvents() {
        stage.rest()
                .get("/api/v1/namespaces")
                .get("items")
                .forEach(
                        namespace ->
                                stage.rest()
                                        .delete(
                                                "/api/v1/namespaces/"
                                                        + namespace.at("/metadata/name").asText()
                                                        + "/events"));
    }

    /** Takes a checkpoint and crashes whenever the position has moved at all. */
    private static void crashAtEveryMove(SourceRun run, BooleanSupplier done) {
        Position last = run.position();
        while (!done.getAsBoolean()) {
            Position before = last;
            run.until("the position moves", () -> !run.position().equals(before));
            last = run.position();
            run.checkpoint();
            run.crash();
        }
    }
}
