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
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.KubeRest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Absence over a real scheduler: a pod that finds no node rings, one that finds it in time does
 * not.
 */
class SchedulerITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER =
            KubeControlPlaneExtension.with(KubeControlPlane.Builder::withScheduler);

    private static final Duration WITHIN = Duration.ofSeconds(45);

    private static final String RULES =
            """
            rules:
              - name: Unschedulable
                severity: warning
                match: {reason: FailedScheduling, reportingController: default-scheduler, regarding: {kind: Pod}}
                when: {missing: {reason: Scheduled, reportingController: default-scheduler}, within: 45s}
                resolveAfter: 10m
                summary: "{{regarding.name}} found no node"
            """;

    @TempDir Path folder;

    @Test
    void ringsForThePodWithoutNodeAndNotForTheOneThatFindsItInTime() throws Exception {
        KubeRest rest = CLUSTER.controlPlane().rest();
        node(rest, "worker");
        rest.createNamespace("shop");
        Path rules = Files.writeString(folder.resolve("rules.yaml"), RULES);
        try (TocsinProcess tocsin =
                new TocsinProcess(
                        folder.resolve("tocsin"),
                        "--kubeconfig",
                        CLUSTER.controlPlane().kubeconfig().toString(),
                        "--rules",
                        rules.toString())) {
            tocsin.start();
            pod(rest, "never", "tape");
            pod(rest, "late", "ssd");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> about(tocsin, "event", "FailedScheduling", "late"));
            rest.patch("/api/v1/nodes/worker", "{\"metadata\":{\"labels\":{\"disk\":\"ssd\"}}}");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> about(tocsin, "event", "Scheduled", "late"));

            await().atMost(WITHIN.plusSeconds(90))
                    .untilAsserted(
                            () -> {
                                assertThat(tocsin.isAlive()).as(tocsin.log()).isTrue();
                                assertThat(tocsin.lines("alert")).hasSize(1);
                            });
            JsonNode alert = tocsin.lines("alert").get(0);
            assertThat(alert.path("status").asText()).isEqualTo("firing");
            assertThat(alert.path("summary").asText()).isEqualTo("never found no node");
            Duration waited =
                    Duration.between(
                            Instant.parse(alert.path("first").asText()),
                            Instant.parse(alert.path("firedAt").asText()));
            assertThat(waited).isBetween(WITHIN, WITHIN.plusSeconds(30));
            assertThat(tocsin.stop()).isZero();
            assertThat(tocsin.lines("alert")).hasSize(1);
        }
    }

    private static boolean about(TocsinProcess tocsin, String kind, String reason, String pod) {
        return tocsin.lines(kind).stream()
                .anyMatch(
                        line ->
                                line.path("reason").asText().equals(reason)
                                        && line.path("regarding")
                                                .path("name")
                                                .asText()
                                                .equals(pod));
    }

    /** A node that is said to be ready; no kubelet runs it. */
    private static void node(KubeRest rest, String name) {
        rest.create(
                "/api/v1/nodes",
                "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\""
                        + name
                        + "\"}}");
        rest.patch("/api/v1/nodes/" + name, "{\"spec\":{\"taints\":null}}");
        rest.patch(
                "/api/v1/nodes/" + name + "/status",
                """
                {"status":{"capacity":{"cpu":"4","memory":"8Gi","pods":"110"},
                 "allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},
                 "conditions":[{"type":"Ready","status":"True","reason":"KubeletReady",
                  "lastHeartbeatTime":"2026-01-01T00:00:00Z","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}
                """);
    }

    private static void pod(KubeRest rest, String name, String disk) {
        rest.create(
                "/api/v1/namespaces/shop/pods",
                """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s"},
                 "spec":{"nodeSelector":{"disk":"%s"},"containers":[{"name":"c","image":"shop:1",
                  "resources":{"requests":{"cpu":"1"}}}]}}
                """
                        .formatted(name, disk));
    }
}
