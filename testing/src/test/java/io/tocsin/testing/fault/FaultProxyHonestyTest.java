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
import static org.awaitility.Awaitility.await;

import io.tocsin.testing.ScriptedApiServer;
import io.tocsin.testing.Tls;
import io.tocsin.testing.WebhookRecorder;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The proxy does what its script says and nothing else, and tells when it did not. */
class FaultProxyHonestyTest {

    private static final String WATCH = "/api/v1/events?watch=1&resourceVersion=5";

    @Test
    void resetsAndTellsWhatATestsOwnCodeThrows() throws Exception {
        List<Rule> broken =
                List.of(
                        Rule.on(
                                        request -> {
                                            throw new IllegalStateException("bad test");
                                        })
                                .header("a", "b"),
                        Rule.on(Request.any())
                                .line(
                                        2,
                                        LineEdit.change(
                                                line -> {
                                                    throw new AssertionError("bad test");
                                                })),
                        Rule.on(Request.any())
                                .meanwhile(
                                        () -> {
                                            throw new IllegalStateException("bad test");
                                        }));
        for (Rule rule : broken) {
            try (ScriptedApiServer server = lines();
                    FaultProxy proxy = FaultProxy.start(server.uri(), null).script(rule);
                    RawClient client = new RawClient(proxy.uri())) {
                client.get(WATCH);
                assertThatThrownBy(() -> client.readUntil("never"))
                        .isInstanceOf(SocketException.class);
                await().untilAsserted(
                                () ->
                                        assertThatThrownBy(proxy::assertAllHappened)
                                                .hasMessageContaining("bad test"));
                assertThat(rule.missing()).hasSize(1);
                assertThat(proxy.counts().of(Fault.REPLACE_LINE)).isZero();
            }
        }
    }

    @Test
    void wantsEachEditToHappen() throws Exception {
        try (ScriptedApiServer server = lines();
                FaultProxy proxy = FaultProxy.start(server.uri(), null);
                RawClient client = new RawClient(proxy.uri())) {
            assertThatThrownBy(proxy::assertAllHappened).hasMessageContaining("never was a rule");
            proxy.script(
                    Rule.on(Request.watch("events"))
                            .line(2, LineEdit.drop())
                            .line(9, LineEdit.drop()));
            client.get(WATCH).readUntil("0\r\n\r\n");
            assertThatThrownBy(proxy::assertAllHappened)
                    .hasMessageContaining("missing [DROP_LINE]");
            proxy.pass();
            assertThatThrownBy(proxy::assertAllHappened)
                    .hasMessageContaining("missing [DROP_LINE]");
        }
    }

    @Test
    void doesAllThatIsToldOfALineInOrder() throws Exception {
        try (ScriptedApiServer server = lines();
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(
                                        Rule.on(Request.watch("events"))
                                                .line(1, LineEdit.change(line -> "a" + line))
                                                .line(1, LineEdit.change(line -> "b" + line))
                                                .line(2, LineEdit.replace("xy"))
                                                .line(2, LineEdit.split(1))
                                                .line(3, LineEdit.replace("long"))
                                                .line(3, LineEdit.closeAfter(2)));
                RawClient client = new RawClient(proxy.uri())) {
            client.get(WATCH);
            assertThat(client.readUntil("2\r\nlo\r\n"))
                    .endsWith("6\r\nba{1}\n\r\n1\r\nx\r\n1\r\ny\r\n1\r\n\n\r\n2\r\nlo\r\n");
            assertThat(client.read()).isEqualTo(-1);
            proxy.assertAllHappened();
        }
    }

    @Test
    void resetsOnlyWhenTheClientHasWhatCameBefore() throws Exception {
        int size = 3_000_000;
        try (ScriptedApiServer server =
                        ScriptedApiServer.start(
                                (request, exchange) -> {
                                    byte[] line = new byte[4_000_000];
                                    Arrays.fill(line, (byte) 'x');
                                    exchange.send("first\n").send(line).send("\n");
                                });
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(Rule.on(Request.any()).line(2, LineEdit.resetAfter(size)));
                Socket client = new Socket("127.0.0.1", proxy.uri().getPort())) {
            client.setSoTimeout(20_000);
            client.getOutputStream()
                    .write(("GET " + WATCH + " HTTP/1.1\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            // By now all is written, and the client has read nothing.
            await().until(() -> proxy.counts().of(Fault.RESET) == 1);
            await().during(Duration.ofMillis(300)).until(() -> true);
            byte[] buffer = new byte[100_000];
            long[] got = {0};
            InputStream in = client.getInputStream();
            assertThatThrownBy(
                            () -> {
                                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                                    for (int i = 0; i < n; i++) {
                                        got[0] += buffer[i] == 'x' ? 1 : 0;
                                    }
                                }
                            })
                    .isInstanceOf(SocketException.class);
            assertThat(got[0]).isEqualTo(size);
        }
    }

    @Test
    void forgetsASilentConnectionWhenTheClientLeaves() throws Exception {
        try (ScriptedApiServer server = lines();
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(
                                        Rule.on(Request.watch("events"))
                                                .line(2, LineEdit.silenceAfter(0)),
                                        Rule.on(Request.list("events")).silence())) {
            for (String path : List.of(WATCH, "/api/v1/events")) {
                try (RawClient client = new RawClient(proxy.uri())) {
                    client.get(path);
                    await().until(() -> proxy.counts().of(Fault.SILENCE) > 0);
                    assertThat(connections()).isPositive();
                }
                await().until(() -> connections() == 0);
            }
        }
    }

    @Test
    void asksForABodyThatIsAnnounced() throws Exception {
        try (WebhookRecorder server = WebhookRecorder.start();
                FaultProxy proxy = FaultProxy.start(server.uri("/"), null)) {
            HttpRequest request =
                    HttpRequest.newBuilder(proxy.uri().resolve("/post"))
                            .expectContinue(true)
                            .timeout(Duration.ofSeconds(20))
                            .POST(HttpRequest.BodyPublishers.ofString("body"))
                            .build();
            HttpClient client =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
            assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
            assertThat(server.requests().get(0).body()).isEqualTo("body");
        }
    }

    @Test
    void knowsRequestsAsTheServerDoes() throws Exception {
        assertThat(get("/api/v1/events?watch=True").isWatch()).isTrue();
        assertThat(get("/api/v1/events?watch=0").isWatch()).isFalse();
        assertThat(get("/api/v1/events?watch=&limit=1").isWatch()).isFalse();
        String named = "/api/v1/namespaces/events";
        assertThat(Request.list("events").test(get(named))).isFalse();
        assertThat(Request.list("events").test(get(named + "/events"))).isTrue();
        assertThat(Request.list("namespaces").test(get("/api/v1/namespaces"))).isTrue();
        assertThat(Request.list("events").test(get("/apis/events.k8s.io/v1/events"))).isTrue();
        assertThat(Request.continuedList("events").test(get("/api/v1/events?limit=1&continue=")))
                .isFalse();
        assertThat(Request.continuedList("events").test(get("/api/v1/events?limit=1&continue=a")))
                .isTrue();
    }

    @Test
    void writesDatesAsServersDo() throws Exception {
        try (ScriptedApiServer server =
                        ScriptedApiServer.start(
                                (request, exchange) ->
                                        exchange.header("Date", "Sat, 05 Dec 2026 12:00:00 GMT")
                                                .send("{}"));
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(Rule.on(Request.any()).skewDate(Duration.ofDays(-1)));
                RawClient client = new RawClient(proxy.uri())) {
            assertThat(client.get(WATCH).readUntil("0\r\n\r\n"))
                    .contains("Date: Fri, 04 Dec 2026 12:00:00 GMT\r\n");
        }
    }

    @Test
    void breaksOffWhenTheServerSpeaksNonsenseOrDies() throws Exception {
        for (String answer :
                List.of(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\na\r\n0\r\n\r\n",
                        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                        "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
                        "nonsense\r\n\r\n")) {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                    FaultProxy proxy =
                            FaultProxy.start(
                                    URI.create("http://127.0.0.1:" + server.getLocalPort()), null);
                    RawClient client = new RawClient(proxy.uri())) {
                client.get(WATCH);
                try (Socket socket = server.accept()) {
                    Head.read(socket.getInputStream());
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                }
                assertThatThrownBy(() -> client.readUntil("never"))
                        .as(answer)
                        .isInstanceOf(SocketException.class);
            }
        }
    }

    @Test
    void hasATestActWhileTheClientWaits() throws Exception {
        StringBuffer order = new StringBuffer();
        try (ScriptedApiServer server =
                        ScriptedApiServer.start(
                                (request, exchange) -> {
                                    order.append(" server");
                                    exchange.send("1\n2\n");
                                });
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(
                                        Rule.on(Request.watch("events"))
                                                .meanwhile(() -> order.append("before"))
                                                .line(
                                                        2,
                                                        LineEdit.meanwhile(
                                                                () -> order.append(" between"))));
                RawClient client = new RawClient(proxy.uri())) {
            client.get(WATCH).readUntil("0\r\n\r\n");
            assertThat(order).hasToString("before server between");
            assertThat(proxy.counts().of(Fault.MEANWHILE)).isEqualTo(2);
            proxy.assertAllHappened();
        }
    }

    @Test
    void speaksTlsOnIpv6() throws Exception {
        try (ScriptedApiServer server = lines();
                FaultProxy proxy = FaultProxy.startTlsOn("::1", server.uri(), null)) {
            assertThat(proxy.uri().toString()).startsWith("https://[");
            HttpClient trusting =
                    HttpClient.newBuilder().sslContext(Tls.trusting(proxy.caCertificate())).build();
            HttpRequest request = HttpRequest.newBuilder(proxy.uri().resolve("/version")).build();
            assertThat(trusting.send(request, BodyHandlers.ofString()).body()).startsWith("{1}");
        }
    }

    private static long connections() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("fault proxy: connection"))
                .count();
    }

    private static Request get(String target) throws Exception {
        return Request.of(new Head("GET " + target + " HTTP/1.1", List.of()), new byte[0]);
    }

    private static ScriptedApiServer lines() {
        return ScriptedApiServer.start((request, exchange) -> exchange.send("{1}\n{2}\n{3}\n"));
    }
}
