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

import io.tocsin.source.Startup;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.Kubeconfig;
import io.tocsin.testing.fault.FaultProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The ways to an API server, and to be somebody there. Rotating token files: scenario 27. */
class CredentialsITCase {

    private static final ClientCertificate CERTIFICATE = ClientCertificate.of("certified");

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder ->
                            builder.apiServerFlag("--client-ca-file=" + CERTIFICATE.authority()));

    @TempDir private Path folder;
    private KubeControlPlane plane;
    private Stage stage;

    @BeforeEach
    void open(TestInfo test, KubeControlPlane controlPlane) {
        plane = controlPlane;
        stage = new Stage(plane, "credentials");
        stage.create("before");
    }

    @AfterEach
    void close() throws Exception {
        stage.close();
    }

    @Test
    void aClientCertificate() throws IOException {
        String token = Kubeconfig.of(plane.server(), plane.caCertificate(), "u", "t");
        start(
                token.replace(
                        "token: t",
                        "client-certificate: %s\n    client-key: %s"
                                .formatted(CERTIFICATE.certificate(), CERTIFICATE.key())));
        assertGoesOn();
    }

    @Test
    void aCredentialPluginWhoseFirstTokenIsRefused() throws IOException {
        Path plugin =
                Files.writeString(
                        folder.resolve("plugin"),
                        """
                        #!/bin/sh
                        runs="$(dirname "$0")/runs"
                        token=stale
                        [ -e "$runs" ] && token=%s
                        echo x >> "$runs"
                        echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",'
                        echo '"status":{"token":"'$token'"}}'
                        """
                                .formatted(plane.token()));
        assertThat(plugin.toFile().setExecutable(true)).isTrue();
        String token = stage.proxy().kubeconfig("u", "t");
        SourceRun run =
                start(
                        token.replace(
                                "token: t",
                                ("exec: {apiVersion: client.authentication.k8s.io/v1, command: %s,"
                                                + " interactiveMode: Never}")
                                        .formatted(plugin)));
        assertGoesOn();
        assertThat(run.metrics().of("unauthorized")).isPositive();
        assertThat(Files.readAllLines(folder.resolve("runs"))).hasSize(2);
    }

    @Test
    void anHttpProxy() throws IOException {
        try (ConnectProxy proxy = new ConnectProxy()) {
            String direct =
                    Kubeconfig.of(plane.server(), plane.caCertificate(), "u", plane.token());
            start(direct.replace("    server:", "    proxy-url: " + proxy.uri() + "\n    server:"));
            assertGoesOn();
            assertThat(proxy.connected())
                    .isNotEmpty()
                    .containsOnly(plane.server().getHost() + ":" + plane.server().getPort());
        }
    }

    @Test
    void anIpv6LiteralWithItsCertificateVerified() throws IOException {
        try (FaultProxy proxy = onIpv6()) {
            assertThat(proxy.uri().toString()).startsWith("https://[");
            start(proxy.kubeconfig("u", plane.token()));
            assertGoesOn();
            assertThat(proxy.counts().requests(stage.eventsPath())).isGreaterThan(1);
        }
    }

    @Test
    void noServerWhoseCertificateIsNotOfTheGivenAuthority() throws IOException {
        for (FaultProxy proxy : List.of(stage.proxy(), onIpv6())) {
            try (proxy) {
                SourceRun run =
                        start(
                                Kubeconfig.of(
                                        proxy.uri(), plane.caCertificate(), "u", plane.token()));
                run.until("refused to talk", () -> run.metrics().of("broken") > 2);
                assertThat(run.timeline().records()).isEmpty();
                assertThat(proxy.counts().requests()).as("requests that got through").isZero();
                run.close();
            }
        }
    }

    private FaultProxy onIpv6() {
        return FaultProxy.startTlsOn("::1", plane.server(), plane.caCertificate());
    }

    private SourceRun start(String kubeconfig) throws IOException {
        return stage.start(
                Files.writeString(folder.resolve("kubeconfig"), kubeconfig),
                Startup.EARLIEST,
                options -> options);
    }

    /** Lists and watches. */
    private void assertGoesOn() {
        stage.assertAllTold();
        stage.create("after");
        stage.assertAllTold();
    }
}
