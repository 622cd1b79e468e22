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

import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.ClusterOracle;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Events kept apart from all the rest, with versions that are counted apart. */
class SeparateEtcdScenariosITCase extends Scenarios {

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder ->
                            builder.compactionInterval(Duration.ofSeconds(5))
                                    .withEventsInTheirOwnEtcd());

    @Test
    @DisplayName(
            "41 Given events in an etcd of their own, when versions expire while the source is cut"
                    + " off, then nothing is lost or told twice")
    void scenario41_readsEventsThatAreCountedApart(KubeControlPlane plane) {
        ClusterOracle recorders = stage.recorders(2, 3, 41);
        recorders.write(40);
        SourceRun run = stage.start();
        run.take(20);
        run.checkpoint();
        recorders.start();
        run.take(20);
        stage.proxy().cut();
        stage.compact();
        stage.proxy().mend();
        run.take(20);
        run.crash();
        recorders.stop();
        recorders.settle();
        stage.assertPresentTold();

        assertThat(run.metrics().expired()).as("410s").isPositive();
        // Each write elsewhere would have moved the versions of events, were they counted together.
        long events = Long.parseLong(stage.rest().currentVersion());
        for (int i = 0; i < 10; i++) {
            new ClusterFixtures(stage.rest()).createPod(stage.namespace(), "pod-" + i, 1);
        }
        assertThat(plane.eventsEtcd().revision()).isNotEqualTo(plane.etcdCluster().revision());
        assertThat(Long.parseLong(stage.rest().currentVersion()))
                .as("version of events after 10 writes elsewhere")
                .isLessThan(events + 10);
    }
}
