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
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class KubeControlPlaneITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER =
            KubeControlPlaneExtension.with(
                    builder ->
                            builder.compactionInterval(Duration.ofSeconds(1))
                                    .eventTtl(Duration.ofMinutes(30))
                                    .user("reader", "tests"));

    @Test
    void servesTheAdministrator(KubeControlPlane controlPlane, KubeRest rest) {
        assertThat(rest.get("/version").at("/gitVersion").asText()).startsWith("v1.");
        assertThat(rest.get("/api/v1/namespaces/default").at("/metadata/name").asText())
                .isEqualTo("default");
        assertThat(controlPlane.kubeconfig())
                .content()
                .contains(controlPlane.server().toString(), controlPlane.token());
    }

    @Test
    void refusesAUserWithoutRights(KubeControlPlane controlPlane) {
        assertThat(controlPlane.restAs("reader").call("GET", "/api/v1/events", null, null).status())
                .isEqualTo(403);
        assertThat(Files.exists(controlPlane.kubeconfigFor("reader"))).isTrue();
        assertThatThrownBy(() -> controlPlane.token("nobody"))
                .hasMessageContaining("No user nobody; known: [admin, reader]");
    }

    @Test
    void keepsDataAndAddressWhenTheApiServerIsKilled(KubeControlPlane controlPlane, KubeRest rest) {
        rest.createNamespace("kept-by-etcd");
        long before = controlPlane.apiServer().pid();
        controlPlane.apiServer().kill();
        assertThat(ServerProcess.stateOf(before)).isEqualTo('-');
        assertThatThrownBy(() -> rest.get("/version")).isInstanceOf(UncheckedIOException.class);
        controlPlane.apiServer().start();
        assertThat(controlPlane.apiServer().pid()).isNotEqualTo(before);
        assertThat(rest.get("/api/v1/namespaces/kept-by-etcd").isMissingNode()).isFalse();
    }

    @Test
    void goesOnAfterEtcdWasKilled(KubeControlPlane controlPlane, KubeRest rest) {
        rest.createNamespace("older-than-the-kill");
        controlPlane.etcd().kill();
        await().until(() -> !controlPlane.isReady());
        controlPlane.etcd().start();
        rest.awaitStatus("/readyz", 200, Duration.ofSeconds(30));
        assertThat(rest.get("/api/v1/namespaces/older-than-the-kill").isMissingNode()).isFalse();
    }

    @Test
    void standsStillWhilePaused(KubeControlPlane controlPlane, KubeRest rest) {
        controlPlane.apiServer().pause();
        assertThat(controlPlane.apiServer().isPaused()).isTrue();
        assertThat(controlPlane.apiServer().isRunning()).isTrue();
        controlPlane.apiServer().resume();
        assertThat(rest.get("/version").isMissingNode()).isFalse();
    }

    @Test
    void saysWhyItDoesNotStart() {
        assertThatThrownBy(() -> KubeControlPlane.builder().apiServerFlag("--no-such-flag").start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("kube-apiserver ended while starting")
                .hasMessageContaining("unknown flag: --no-such-flag");
    }

    @Test
    void isNotReadyWhilePaused(KubeControlPlane controlPlane) {
        controlPlane.apiServer().pause();
        try {
            assertThat(controlPlane.isReady()).isFalse();
        } finally {
            controlPlane.apiServer().resume();
        }
        await().until(controlPlane::isReady);
    }

    @Test
    void expiresOldVersions(KubeRest rest) {
        String version = rest.currentVersion();
        rest.awaitExpired(version, Duration.ofSeconds(20));
        KubeRest.Answer watch =
                rest.call(
                        "GET",
                        "/api/v1/events?watch=1&timeoutSeconds=5&resourceVersion=" + version,
                        null,
                        null);
        assertThat(watch.status()).isEqualTo(200);
        assertThat(watch.body()).contains("\"code\":410");
    }
}
