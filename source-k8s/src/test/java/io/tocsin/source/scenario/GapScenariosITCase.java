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
import static org.awaitility.Awaitility.await;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.Startup;
import io.tocsin.testing.KubeControlPlaneExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Gaps shorter and longer than the time for which the server keeps events. */
class GapScenariosITCase extends Scenarios {

    private static final Duration TTL = Duration.ofSeconds(60);

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)).eventTtl(TTL));

    @Test
    @DisplayName(
            "36 Given events that expire after 60 s, when the source is away for longer, then a"
                    + " possible loss covers what was lost; 37 when away for less, there is none")
    void scenario36_37_tellsWhatMayBeLostIffAwayForLongerThanEventsLive() {
        SourceRun run =
                stage.start(
                        Startup.EARLIEST,
                        options -> options.set(KubernetesSourceOptions.EVENT_TTL, TTL));
        stage.createAll("before", 5);
        stage.assertAllTold();
        awaitRelistAndCheckpoint(run);

        // 37: long enough for the history to be gone, not for events.
        run.stop();
        stage.createAll("short", 5);
        stage.compact();
        run.restart();
        stage.assertAllTold();
        assertThat(run.metrics().of("expired.relists")).as("410s after the short gap").isPositive();
        assertThat(run.timeline().of(Kind.POSSIBLE_LOSS)).isEmpty();
        awaitRelistAndCheckpoint(run);

        // 36: what is written at its beginning comes and goes unseen.
        long stopped = System.currentTimeMillis();
        run.stop();
        List<String> unseen = List.of(stage.create("lost-1"), stage.create("lost-2"));
        long written = System.currentTimeMillis();
        await().atMost(TTL.multipliedBy(3))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> stage.present().isEmpty());
        long gone = System.currentTimeMillis();
        stage.create("after");
        run.restart();
        stage.assertPresentTold();
        run.until("a possible loss", () -> !run.timeline().of(Kind.POSSIBLE_LOSS).isEmpty());

        assertThat(run.timeline().lost(unseen)).containsExactlyInAnyOrderElementsOf(unseen);
        List<KubernetesRecord> losses = run.timeline().of(Kind.POSSIBLE_LOSS);
        assertThat(losses).hasSize(1);
        KubernetesRecord loss = losses.get(0);
        assertThat(loss.fromMillis()).isLessThanOrEqualTo(stopped);
        assertThat(loss.toMillis()).isBetween(written, gone);
        System.out.printf(
                "scenario36: lost %d versions written in [%d, %d]; told possible loss of [%d, %d]%n",
                unseen.size(), stopped, written, loss.fromMillis(), loss.toMillis());
    }

    /** So that the checkpoint knows the present as the time of the last contact. */
    private static void awaitRelistAndCheckpoint(SourceRun run) {
        long before = run.metrics().of("quiet.relists");
        run.until("a quiet list", () -> run.metrics().of("quiet.relists") > before + 1);
        run.checkpoint();
    }
}
