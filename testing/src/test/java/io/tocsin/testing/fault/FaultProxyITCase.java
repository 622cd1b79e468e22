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
package io.tocsin.testing.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.KubeRest;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class FaultProxyITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER = new KubeControlPlaneExtension();

    @Test
    void standsBeforeARealApiServer() {
        KubeControlPlane plane = CLUSTER.controlPlane();
        try (FaultProxy proxy = FaultProxy.before(plane)) {
            KubeRest through = new KubeRest(proxy.uri(), plane.token(), proxy.caCertificate());
            KubeRest stranger = new KubeRest(proxy.uri(), "wrong", proxy.caCertificate());
            assertThat(stranger.call("GET", "/api/v1/events", null, null).status()).isEqualTo(401);
            String before = through.currentVersion();
            through.createNamespace("seen-through-the-proxy");
            String watch = "/api/v1/namespaces?watch=1&timeoutSeconds=1&resourceVersion=" + before;
            String straight = through.call("GET", watch, null, null).body();
            assertThat(straight).contains("\"name\":\"seen-through-the-proxy\"");

            proxy.script(
                    Rule.on(Request.watch("namespaces")).nth(1).piecesOf(1),
                    Rule.on(Request.watch("namespaces"))
                            // The client tries again when it has not yet seen a byte.
                            .from(2)
                            .lines(
                                    line -> line.contains("seen-through-the-proxy"),
                                    LineEdit.resetAfter(40)),
                    Rule.on(Request.watch("events"))
                            .answer(
                                    200,
                                    """
                                    {"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}
                                    """));
            assertThat(through.call("GET", watch, null, null).body()).isEqualTo(straight);
            assertThatThrownBy(() -> through.call("GET", watch, null, null))
                    .isInstanceOf(UncheckedIOException.class);
            assertThat(through.call("GET", "/api/v1/events?watch=1", null, null).body())
                    .contains("Expired");
            proxy.assertAllHappened();
            assertThat(proxy.counts().of(Fault.SPLIT)).isEqualTo(straight.length());
            plane.apiServer().kill();
            assertThatThrownBy(() -> through.get("/version"))
                    .isInstanceOf(UncheckedIOException.class);
            plane.apiServer().start();
            assertThat(List.of(through.get("/version").path("major").asText()))
                    .containsExactly("1");
        }
    }
}
