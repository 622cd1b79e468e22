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

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** An etcd that is restored from a snapshot, as after a disaster. */
class RestoreScenariosITCase extends Scenarios {

    /** More writes than the API server makes by itself when it starts. */
    private static final int FAR = 300;

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

    @TempDir private Path folder;
    private int snapshots;

    @Test
    @DisplayName(
            "38 Given a source that is ahead of a snapshot, when etcd is restored from it, while the"
                    + " source runs and while it is stopped, then a new epoch begins each time")
    void scenario38_noticesThatTheServerWentBack(KubeControlPlane plane) {
        stage.createAll("kept", 5);
        SourceRun run = stage.start();
        stage.assertAllTold();
        Path snapshot = snapshot();
        stage.createAll("lost", FAR);
        stage.assertAllTold();

        assertGoesBack(() -> plane.restore(snapshot, 0));
        stage.create("while-running");
        awaitEpoch(1, "while-running");

        run.checkpoint();
        Path later = snapshot();
        stage.createAll("lost-too", FAR);
        stage.assertPresentTold();
        run.checkpoint();
        run.stop();
        assertGoesBack(() -> plane.restore(later, 0));
        stage.create("while-stopped");
        run.restart();
        awaitEpoch(2, "while-stopped");
        assertThat(run.metrics().of("rolled_back")).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "39 Given etcd restored with bumped revisions, when the source goes on, then it lists"
                    + " again, in the same epoch, and tells nothing twice")
    void scenario39_listsAgainAfterARestoreWithBumpedRevisions(KubeControlPlane plane) {
        stage.createAll("kept", 20);
        SourceRun run = stage.start();
        stage.assertAllTold();
        Path snapshot = snapshot();
        long before = version();

        plane.restore(snapshot, 1_000_000);
        assertThat(version()).as("versions are bumped").isGreaterThan(before + 900_000);
        stage.create("after");
        stage.assertPresentTold();
        assertThat(run.timeline().named("after")).hasSize(1);
        assertThat(run.timeline().named("kept-0")).as("told of what was restored").hasSize(1);
        assertThat(run.metrics().expired()).as("410s").isPositive();
        assertThat(run.metrics().of("rolled_back")).isZero();
        assertThat(run.position().epoch()).isZero();
    }

    @Test
    @DisplayName(
            "40 Given etcd restored while the source is stopped, when its versions have grown past"
                    + " the source's before it starts, then a witness tells and all is told")
    void scenario40_noticesARestoreWhoseVersionsHaveGrownPastIt(KubeControlPlane plane) {
        stage.createAll("kept", 5);
        SourceRun run = stage.start();
        stage.assertAllTold();
        Path snapshot = snapshot();
        stage.createAll("lost", FAR);
        stage.assertAllTold();
        run.checkpoint();
        long stopped = version();
        run.stop();

        assertGoesBack(() -> plane.restore(snapshot, 0));
        List<String> unseen =
                IntStream.range(0, 3 * FAR)
                        .parallel()
                        .mapToObj(i -> stage.create("regrown-" + i))
                        .toList();
        assertThat(version()).as("versions have grown past the source's").isGreaterThan(stopped);
        assertThat(unseen)
                .as("versions that seem to be known")
                .anyMatch(id -> Long.parseLong(id.substring(id.indexOf('@') + 1)) < stopped);
        run.restart();
        awaitEpoch(1, "regrown-0");
        assertThat(run.timeline().lost(unseen)).isEmpty();
        assertThat(run.metrics().of("witness_gone")).isOne();
    }

    private Path snapshot() {
        return stage.plane().etcdCluster().snapshot(folder.resolve("snapshot-" + snapshots++));
    }

    private long version() {
        return Long.parseLong(stage.rest().currentVersion());
    }

    private void assertGoesBack(Runnable restore) {
        long before = version();
        restore.run();
        assertThat(version()).as("version after the restore").isLessThan(before);
    }

    /** Reads until the new epoch has told an event, and all that there is. */
    private void awaitEpoch(int epoch, String event) {
        SourceRun run = stage.run();
        List<String> present = stage.present();
        run.until(
                "all told in epoch " + epoch,
                () -> {
                    // Not after each record: a look at all of them takes its time.
                    run.readFor(Duration.ofMillis(50));
                    return toldIn(epoch).containsAll(present);
                });
        assertThat(run.timeline().named(event)).isNotEmpty();
        stage.assertPresentTold();
        assertThat(run.position().epoch()).isEqualTo(epoch);
    }

    private Set<String> toldIn(int epoch) {
        Set<String> told = new HashSet<>();
        for (KubernetesRecord version : stage.run().timeline().of(Kind.UPSERTED)) {
            if (version.epoch() == epoch) {
                told.add(Timeline.id(version));
            }
        }
        return told;
    }
}
