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
package io.tocsin.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class EtcdClusterITCase {

    private static final String EVENTS = "/api/v1/namespaces/default/events";

    @RegisterExtension static final BeforeEachCallback NOTE = RealServers::note;

    @TempDir Path folder;

    @Test
    void restoresASnapshotPlainAndBumped() {
        try (KubeControlPlane plane = KubeControlPlane.start()) {
            KubeRest rest = plane.rest();
            ClusterFixtures fixtures = new ClusterFixtures(rest);
            fixtures.create(PodEvent.backOff("default", "kept.1", "kept", "uid-kept"));
            Path snapshot = plane.etcdCluster().snapshot(folder.resolve("snapshot.db"));
            JsonNode lost = fixtures.create(PodEvent.backOff("default", "lost.1", "lost", "u"));
            for (int i = 0; i < 100; i++) {
                fixtures.raise(
                        PodEvent.backOff("default", "lost.1", "lost", "u")
                                .withCount(i + 2, Instant.now()));
            }
            long before = Long.parseLong(rest.currentVersion());

            plane.restore(snapshot, 0);
            assertThat(rest.call("GET", EVENTS + "/kept.1", null, null).status()).isEqualTo(200);
            assertThat(rest.call("GET", EVENTS + "/lost.1", null, null).status()).isEqualTo(404);
            assertThat(Long.parseLong(rest.currentVersion()))
                    .as("numbers are given out anew")
                    .isLessThan(before);

            plane.restore(snapshot, 1_000_000);
            assertThat(rest.call("GET", EVENTS + "/kept.1", null, null).status()).isEqualTo(200);
            assertThat(Long.parseLong(rest.currentVersion())).isGreaterThan(1_000_000);
            KubeRest.Answer watch =
                    rest.call(
                            "GET",
                            EVENTS
                                    + "?watch=1&timeoutSeconds=5&resourceVersion="
                                    + lost.at("/metadata/resourceVersion").asText(),
                            null,
                            null);
            assertThat(watch.body()).contains("\"code\":410");
        }
    }

    @Test
    void changesTheLeaderOfThree() {
        try (KubeControlPlane plane = KubeControlPlane.builder().etcdMembers(3).start()) {
            EtcdCluster etcd = plane.etcdCluster();
            int first = etcd.leader();
            int second = etcd.moveLeader();
            assertThat(second).isNotEqualTo(first);
            plane.rest().awaitStatus("/readyz", 200, Duration.ofSeconds(30));
            plane.rest().createNamespace("after-the-change");
            etcd.member(second).kill();
            int third = etcd.leader();
            assertThat(third).isNotEqualTo(second);
            plane.rest()
                    .awaitStatus(
                            "/api/v1/namespaces/after-the-change", 200, Duration.ofSeconds(30));
            etcd.start();
            assertThat(etcd.member(second).isRunning()).isTrue();
        }
    }

    @Test
    void countsVersionsOfEventsApart() {
        try (KubeControlPlane plane =
                KubeControlPlane.builder().withEventsInTheirOwnEtcd().start()) {
            JsonNode event =
                    new ClusterFixtures(plane.rest())
                            .create(PodEvent.backOff("default", "apart.1", "apart", "u"));
            assertThat(plane.eventsEtcd().revision())
                    .isEqualTo(event.at("/metadata/resourceVersion").asLong());
            assertThat(plane.etcdCluster().revision()).isGreaterThan(plane.eventsEtcd().revision());
        }
        try (KubeControlPlane plane = KubeControlPlane.start()) {
            assertThatThrownBy(plane::eventsEtcd).hasMessageContaining("withEventsInTheirOwnEtcd");
        }
    }
}
