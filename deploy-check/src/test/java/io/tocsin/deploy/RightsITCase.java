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
package io.tocsin.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.KubeRest;
import io.tocsin.testing.Kubeconfig;
import io.tocsin.testing.PodEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * That the manifest's rights are enough and none is too much: the job jar, as the ServiceAccount of
 * the manifest, on a real API server with RBAC.
 */
class RightsITCase {
    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER = new KubeControlPlaneExtension();

    @TempDir private Path folder;

    private final KubeControlPlane controlPlane = CLUSTER.controlPlane();
    private final KubeRest rest = controlPlane.rest();

    @Test
    void theServiceAccountSeesEventsAndNothingElse() throws Exception {
        KubeRest account = account("tocsin", null);
        Process process = tocsin("tocsin");
        try {
            // Written over and over: it is seen whether the list or the watch came first.
            PodEvent event = PodEvent.backOff("default", "web-0.1", "web-0", "pod-uid");
            ClusterFixtures fixtures = new ClusterFixtures(rest);
            fixtures.create(event);
            await().atMost(Duration.ofSeconds(120))
                    .untilAsserted(
                            () -> assertThat(log("tocsin")).contains("\"name\":\"web-0.1\""));
            fixtures.create(PodEvent.backOff("default", "web-1.1", "web-1", "other-uid"));
            await().atMost(Duration.ofSeconds(120))
                    .untilAsserted(
                            () -> assertThat(log("tocsin")).contains("\"name\":\"web-1.1\""));
            assertThat(log("tocsin")).doesNotContain("forbidden").doesNotContain("Missing RBAC");
        } finally {
            end(process);
        }
        for (String other :
                List.of(
                        "/api/v1/secrets",
                        "/api/v1/namespaces/tocsin/secrets",
                        "/api/v1/pods",
                        "/api/v1/events",
                        "/api/v1/nodes")) {
            assertThat(account.call("GET", other, null, null).status()).as(other).isEqualTo(403);
        }
        assertThat(account.call("GET", "/api/v1/namespaces/tocsin/pods", null, null).status())
                .isEqualTo(200);
    }

    @Test
    void aVerbTakenAwayIsNamed() throws Exception {
        // Both at once: each is patient for a while before it gives up.
        account("no-list", "list");
        account("no-watch", "watch");
        Process list = tocsin("no-list");
        Process watch = tocsin("no-watch");
        try {
            assertNames("list", "no-list", list);
            assertNames("watch", "no-watch", watch);
        } finally {
            end(list);
            end(watch);
        }
    }

    private void assertNames(String verb, String account, Process process) throws Exception {
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).as(log(account)).isTrue();
        assertThat(process.exitValue()).as(log(account)).isEqualTo(1);
        assertThat(log(account))
                .contains("not allowed to " + verb + " events in all namespaces")
                .contains("system:serviceaccount:tocsin:" + account)
                .contains("Grant");
    }

    /**
     * Applies the manifest's rights, and makes a kubeconfig with a token of its account.
     *
     * @param name of the account; another one than the manifest's gets its like under that name
     * @param without a verb to take out of the ClusterRole, or null
     */
    private KubeRest account(String name, String without) throws IOException {
        if (rest.call("GET", "/api/v1/namespaces/tocsin", null, null).status() == 404) {
            rest.createNamespace("tocsin");
        }
        for (ObjectNode object : ManifestObjects.ofManifest()) {
            if (!object.path("kind").asText().matches("ServiceAccount|.*Role(Binding)?")) {
                continue;
            }
            if (!name.equals("tocsin")) {
                rename(object, name);
            }
            if (without != null && object.path("kind").asText().equals("ClusterRole")) {
                ArrayNode verbs = (ArrayNode) object.at("/rules/0/verbs");
                assertThat(verbs).extracting(JsonNode::asText).contains(without);
                verbs.removeIf(verb -> verb.asText().equals(without));
            }
            ManifestObjects.create(rest, object);
        }
        String token =
                rest.create("/api/v1/namespaces/tocsin/serviceaccounts/" + name + "/token", "{}")
                        .at("/status/token")
                        .asText();
        Files.writeString(
                folder.resolve(name + ".kubeconfig"),
                Kubeconfig.of(controlPlane.server(), controlPlane.caCertificate(), name, token));
        KubeRest account = new KubeRest(controlPlane.server(), token, controlPlane.caCertificate());
        account.awaitStatus("/api/v1/namespaces/tocsin/configmaps", 200, Duration.ofSeconds(30));
        return account;
    }

    private static void rename(ObjectNode object, String name) {
        ((ObjectNode) object.get("metadata")).put("name", name);
        if (object.has("roleRef")) {
            ((ObjectNode) object.get("roleRef")).put("name", name);
            ((ObjectNode) object.at("/subjects/0")).put("name", name);
        }
    }

    private Process tocsin(String account) throws IOException {
        Path target = Path.of("..", "job", "target");
        String jar;
        try (Stream<Path> files = Files.list(target)) {
            jar =
                    files.filter(f -> f.getFileName().toString().matches("tocsin-job-.*\\.jar"))
                            .findFirst()
                            .orElseThrow()
                            .toString();
        }
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "--add-opens=java.base/java.util=ALL-UNNAMED",
                        "-Xmx256m",
                        "-Dlog4j2.configurationFile=../flink-conf/log4j2-cli.properties",
                        "-cp",
                        jar + ":" + target.resolve("runtime") + "/*",
                        "io.tocsin.job.cli.Tocsin",
                        "run",
                        "--kubeconfig",
                        folder.resolve(account + ".kubeconfig").toString(),
                        "--state",
                        folder.resolve(account + ".state").toString(),
                        "--output",
                        "json",
                        "--events")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(account + ".log").toFile())
                .start();
    }

    private String log(String account) throws IOException {
        return Files.readString(folder.resolve(account + ".log"));
    }

    private static void end(Process process) {
        process.destroyForcibly().onExit().join();
    }
}
