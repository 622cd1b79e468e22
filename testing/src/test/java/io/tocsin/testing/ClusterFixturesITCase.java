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
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ClusterFixturesITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER =
            KubeControlPlaneExtension.with(builder -> builder.user("reader").withScheduler());

    private final KubeRest rest = CLUSTER.controlPlane().rest();
    private final ClusterFixtures fixtures = new ClusterFixtures(rest);

    @Test
    void repeatsAnEventAsTheKubeletDoes() {
        PodEvent event = PodEvent.backOff("default", "web-0.1", "web-0", "pod-uid");
        JsonNode created = fixtures.create(event);
        assertThat(created.at("/count").asInt()).isEqualTo(1);
        JsonNode raised = fixtures.raise(event.withCount(3, Instant.now().plusSeconds(20)));
        assertThat(raised.at("/count").asInt()).isEqualTo(3);
        assertThat(raised.at("/metadata/uid")).isEqualTo(created.at("/metadata/uid"));
        assertThat(raised.at("/firstTimestamp")).isEqualTo(created.at("/firstTimestamp"));
        JsonNode again = fixtures.recreate(event.withCount(4, Instant.now().plusSeconds(40)));
        assertThat(again.at("/count").asInt()).isEqualTo(4);
        assertThat(again.at("/metadata/uid")).isNotEqualTo(created.at("/metadata/uid"));
        JsonNode newStyle =
                rest.get("/apis/events.k8s.io/v1/namespaces/default/events/" + event.name());
        assertThat(newStyle.at("/deprecatedCount").asInt()).isEqualTo(4);
        assertThat(newStyle.at("/regarding/fieldPath").asText()).isEqualTo("spec.containers{app}");
    }

    @Test
    void repeatsAnEventAsTheSchedulerDoes() {
        PodEvent event = PodEvent.failedScheduling("default", "big-0.1", "big-0", "pod-uid");
        assertThat(fixtures.create(event).at("/series").isMissingNode()).isTrue();
        JsonNode raised = fixtures.raise(event.withCount(52, Instant.now()));
        assertThat(raised.at("/series/count").asInt()).isEqualTo(52);
        assertThat(raised.at("/eventTime").asText()).endsWith("Z");
    }

    @Test
    void deletesANamespaceWithAllEventsInIt() {
        String uid = rest.createNamespace("gone").at("/metadata/uid").asText();
        fixtures.create(PodEvent.backOff("gone", "web-0.1", "web-0", "pod-uid"));
        fixtures.createPod("gone", "web-0", 1);
        fixtures.deleteNamespace("gone");
        assertThat(rest.createNamespace("gone").at("/metadata/uid").asText()).isNotEqualTo(uid);
        assertThat(rest.get("/api/v1/namespaces/gone/events").path("items")).isEmpty();
        assertThat(rest.get("/api/v1/namespaces/gone/pods").path("items")).isEmpty();
    }

    @Test
    void allowsAndRevokes() {
        KubeRest reader = CLUSTER.controlPlane().restAs("reader");
        String events = "/apis/events.k8s.io/v1/events";
        String role = fixtures.allow("reader", null, "events.k8s.io", "events", "list", "watch");
        reader.awaitStatus(events, 200, Duration.ofSeconds(10));
        fixtures.revoke(null, role);
        reader.awaitStatus(events, 403, Duration.ofSeconds(10));

        fixtures.allow("reader", "default", "events.k8s.io", "events", "list");
        reader.awaitStatus(
                "/apis/events.k8s.io/v1/namespaces/default/events", 200, Duration.ofSeconds(10));
        assertThat(reader.call("GET", events, null, null).status()).isEqualTo(403);
    }

    @Test
    void letsTheSchedulerBindWhatFitsAndRefuseWhatDoesNot() {
        fixtures.createReadyNode("node-1", 4);
        fixtures.createPod("default", "fits", 2);
        fixtures.createPod("default", "huge", 64);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> {
                            assertThat(pod("fits").at("/spec/nodeName").asText())
                                    .isEqualTo("node-1");
                            assertThat(pod("huge").at("/status/conditions/0/reason").asText())
                                    .isEqualTo("Unschedulable");
                        });
    }

    private JsonNode pod(String name) {
        return rest.get("/api/v1/namespaces/default/pods/" + name);
    }
}
