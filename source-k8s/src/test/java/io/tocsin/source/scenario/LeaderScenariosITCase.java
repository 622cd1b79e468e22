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

import io.tocsin.testing.ClusterOracle;
import io.tocsin.testing.EtcdCluster;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An etcd of three members whose leader changes. */
class LeaderScenariosITCase extends Scenarios {

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)).etcdMembers(3));

    @Test
    @DisplayName(
            "17 Given recorders that write, when etcd's leader resigns and its successor is killed,"
                    + " then nothing is lost")
    void scenario17_outlivesChangesOfTheLeader(KubeControlPlane plane) {
        EtcdCluster etcd = plane.etcdCluster();
        ClusterOracle recorders = stage.recorders(2, 3, 17);
        recorders.write(30);
        SourceRun run = stage.start();
        run.take(20);
        recorders.start();
        run.take(20);

        int first = etcd.leader();
        int second = etcd.moveLeader();
        run.take(20);
        etcd.member(second).kill();
        int third = etcd.leader();
        run.take(20);
        assertThat(second).isNotEqualTo(first);
        assertThat(third).isNotEqualTo(second);
        etcd.start();

        recorders.stop();
        recorders.settle();
        stage.assertPresentTold();
        System.out.printf("scenario17: etcd led by %d, %d, %d%n", first, second, third);
    }
}
