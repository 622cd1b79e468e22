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
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class FaultProxyTest {

    private static final String WATCH = "/api/v1/events?watch=1&resourceVersion=5";
    private static final String LINES = "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n";

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void passesEachByteAsItComes() throws Exception {
        Semaphore next = new Semaphore(0);
        try (ScriptedApiServer server =
                        ScriptedApiServer.start(
                                (request, exchange) -> {
                                    exchange.send("{");
                                    next.acquire();
                                    exchange.send("\"ü\"}\n");
                                });
                FaultProxy proxy = FaultProxy.start(server.uri(), null);
                RawClient raw = new RawClient(proxy.uri())) {
            assertThat(raw.get(WATCH).readUntil("1\r\n{\r\n")).startsWith("HTTP/1.1 200 ");
            next.release();
            assertThat(raw.readUntil("0\r\n\r\n")).startsWith("6\r\n\"");
            assertThat(raw.read()).as("a watch is the last request").isEqualTo(-1);
            assertThat(server.requests()).containsExactly("GET " + WATCH);
            assertThat(proxy.counts().requests("/api/v1/events")).isOne();
        }
    }

    @Test
    void answersTheNthRequestOnly() throws Exception {
        try (ScriptedApiServer server = lines();
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(
                                        Rule.on(Request.list("events"))
                                                .nth(2)
                                                .answer(429, "{\"kind\":\"Status\"}")
                                                .header("Retry-After", "7"))) {
            assertThat(get(proxy, "/api/v1/events").statusCode()).isEqualTo(200);
            assertThat(get(proxy, "/api/v1/pods").statusCode()).isEqualTo(200);
            HttpResponse<String> second = get(proxy, "/api/v1/events");
            assertThat(second.statusCode()).isEqualTo(429);
            assertThat(second.headers().firstValue("Retry-After")).contains("7");
            assertThat(second.body()).isEqualTo("{\"kind\":\"Status\"}");
            assertThat(get(proxy, "/api/v1/events").statusCode()).isEqualTo(200);
            assertThat(proxy.counts().of(Fault.ANSWER, "/api/v1/events")).isOne();
            assertThat(proxy.counts().of(Fault.ANSWER, "/api/v1/pods")).isZero();
            assertThat(proxy.counts().requests()).isEqualTo(4);
            assertThat(server.requests()).hasSize(3);
            proxy.assertAllHappened();
        }
    }

    @Test
    void editsLines() throws Exception {
        try (ScriptedApiServer server = lines();
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(
                                        Rule.on(Request.watch("events"))
                                                .line(1, LineEdit.insert("first"))
                                                .line(2, LineEdit.drop())
                                                .lines(
                                                        line -> line.contains("3"),
                                                        LineEdit.change(line -> line + "!"))
                                                .line(4, LineEdit.end()))) {
            assertThat(get(proxy, WATCH).body()).isEqualTo("first\n{\"n\":1}\n{\"n\":3}!\n");
            assertThat(proxy.counts().of(Fault.INSERT_LINE)).isOne();
            assertThat(proxy.counts().of(Fault.DROP_LINE)).isOne();
            assertThat(proxy.counts().of(Fault.REPLACE_LINE)).isOne();
            assertThat(proxy.counts().of(Fault.END)).isOne();
        }
    }

    @Test
    void splitsDownToOneByteChunks() throws Exception {
        try (ScriptedApiServer server =
                        ScriptedApiServer.start((request, exchange) -> exchange.send("é\n"));
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(
                                        Rule.on(Request.watch("events")).piecesOf(1),
                                        Rule.on(Request.watch("pods")).line(1, LineEdit.split(2)));
                RawClient bytes = new RawClient(proxy.uri());
                RawClient pairs = new RawClient(proxy.uri())) {
            assertThat(bytes.get(WATCH).readUntil("0\r\n\r\n"))
                    .endsWith("1\r\n\u00c3\r\n1\r\n\u00a9\r\n1\r\n\n\r\n0\r\n\r\n");
            assertThat(pairs.get("/api/v1/pods?watch=true").readUntil("0\r\n\r\n"))
                    .endsWith("2\r\n\u00c3\u00a9\r\n1\r\n\n\r\n0\r\n\r\n");
            assertThat(proxy.counts().of(Fault.SPLIT)).isEqualTo(5);
        }
    }

    @Test
    void resetsAndClosesInMidLine() throws Exception {
        try (ScriptedApiServer server = lines();
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(
                                        Rule.on(Request.watch("events"))
                                                .nth(1)
                                                .line(2, LineEdit.resetAfter(3)),
                                        Rule.on(Request.watch("events"))
                                                .nth(2)
                                                .line(2, LineEdit.closeAfter(3)));
                RawClient reset = new RawClient(proxy.uri());
                RawClient closed = new RawClient(proxy.uri())) {
            assertThat(reset.get(WATCH).readUntil("3\r\n{\"n\r\n")).contains("{\"n\":1}\n");
            assertThatThrownBy(reset::read)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            closed.get(WATCH).readUntil("3\r\n{\"n\r\n");
            assertThat(closed.read()).isEqualTo(-1);
            proxy.assertAllHappened();
        }
    }

    @Test
    void staysSilentWithTheConnectionOpen() throws Exception {
        try (ScriptedApiServer server = lines();
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(
                                        Rule.on(Request.watch("events"))
                                                .line(3, LineEdit.silenceAfter(0)),
                                        Rule.on(Request.list("pods")).silence());
                RawClient watch = new RawClient(proxy.uri());
                RawClient list = new RawClient(proxy.uri())) {
            assertThat(watch.get(WATCH).readUntil("{\"n\":2}\n\r\n")).doesNotContain("3");
            watch.patience(100);
            assertThatThrownBy(watch::read).isInstanceOf(SocketTimeoutException.class);
            list.get("/api/v1/pods").patience(100);
            assertThatThrownBy(list::read).isInstanceOf(SocketTimeoutException.class);
            assertThat(proxy.counts().of(Fault.SILENCE)).isEqualTo(2);
        }
    }

    @Test
    void closesOrResetsInPlaceOfAnAnswer() throws Exception {
        try (ScriptedApiServer server = lines();
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(
                                        Rule.on(Request.path("/version")).first(1).close(),
                                        Rule.on(Request.path("/version")).from(2).reset());
                RawClient closed = new RawClient(proxy.uri());
                RawClient reset = new RawClient(proxy.uri())) {
            assertThat(closed.get("/version").read()).isEqualTo(-1);
            assertThatThrownBy(() -> reset.get("/version").read())
                    .isInstanceOf(SocketException.class);
            assertThat(server.requests()).isEmpty();
            assertThat(proxy.counts().of(Fault.CLOSE)).isOne();
            assertThat(proxy.counts().of(Fault.RESET)).isOne();
        }
    }

    @Test
    void movesTheServersClock() throws Exception {
        try (ScriptedApiServer server =
                        ScriptedApiServer.start(
                                (request, exchange) ->
                                        exchange.header("Date", "Sat, 21 Nov 2026 12:00:00 GMT")
                                                .send("{}"));
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(
                                        Rule.on(Request.path("/livez"))
                                                .answer(200, "ok")
                                                .skewDate(Duration.ofDays(2)),
                                        Rule.on(Request.any()).skewDate(Duration.ofHours(-13)))) {
            assertThat(get(proxy, "/version").headers().firstValue("Date"))
                    .contains("Fri, 20 Nov 2026 23:00:00 GMT");
            assertThat(
                            ZonedDateTime.parse(
                                            get(proxy, "/livez")
                                                    .headers()
                                                    .firstValue("Date")
                                                    .orElseThrow(),
                                            DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant())
                    .isAfter(Instant.now().plus(Duration.ofDays(1)));
            assertThat(proxy.counts().of(Fault.DATE)).isEqualTo(2);
        }
    }

    @Test
    void delaysAndThrottles() throws Exception {
        try (ScriptedApiServer server = lines();
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(
                                        Rule.on(Request.list("pods")).delay(Duration.ofMillis(300)),
                                        Rule.on(Request.list("events")).bytesPerSecond(100),
                                        Rule.on(Request.watch("events"))
                                                .line(2, LineEdit.delay(Duration.ofMillis(300))))) {
            assertThat(nanos(proxy, "/api/v1/pods")).isGreaterThan(300_000_000L);
            // 32 bytes.
            assertThat(nanos(proxy, "/api/v1/events")).isGreaterThan(300_000_000L);
            assertThat(nanos(proxy, WATCH)).isGreaterThan(300_000_000L);
            assertThat(proxy.counts().of(Fault.DELAY)).isEqualTo(2);
            assertThat(proxy.counts().of(Fault.THROTTLE, "/api/v1/events")).isOne();
        }
    }

    @Test
    void speaksTls() throws Exception {
        try (ScriptedApiServer server = lines();
                FaultProxy proxy =
                        FaultProxy.startTls(server.uri(), null)
                                .script(
                                        Rule.on(Request.watch("events"))
                                                .from(2)
                                                .line(2, LineEdit.resetAfter(1)))) {
            HttpClient trusting =
                    HttpClient.newBuilder().sslContext(Tls.trusting(proxy.caCertificate())).build();
            assertThat(send(trusting, proxy, WATCH).body()).isEqualTo(LINES);
            // From the second on: the client tries again when it has not yet seen a byte.
            assertThatThrownBy(() -> send(trusting, proxy, WATCH)).isInstanceOf(IOException.class);
            assertThat(proxy.kubeconfig("admin", "t"))
                    .contains(proxy.uri().toString(), proxy.caCertificate().toString());
            proxy.assertAllHappened();
        }
    }

    @Test
    void cutsAndMends() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (ScriptedApiServer server =
                        ScriptedApiServer.start(
                                (request, exchange) -> {
                                    exchange.send("{}\n");
                                    if (request.contains("watch")) {
                                        never.await();
                                    }
                                });
                FaultProxy proxy = FaultProxy.start(server.uri(), null);
                RawClient watch = new RawClient(proxy.uri())) {
            watch.get(WATCH).readUntil("{}\n");
            proxy.cut();
            assertThatThrownBy(() -> watch.readUntil("more")).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> get(proxy, "/version")).isInstanceOf(IOException.class);
            assertThat(proxy.counts().of(Fault.CUT)).isGreaterThanOrEqualTo(2);
            proxy.mend();
            assertThat(get(proxy, "/version").body()).isEqualTo("{}\n");
        }
    }

    @Test
    void freezesAndThaws() throws Exception {
        Semaphore next = new Semaphore(0);
        try (ScriptedApiServer server =
                        ScriptedApiServer.start(
                                (request, exchange) -> {
                                    exchange.send("1\n");
                                    next.acquire();
                                    exchange.send("2\n");
                                });
                FaultProxy proxy = FaultProxy.start(server.uri(), null);
                RawClient watch = new RawClient(proxy.uri());
                RawClient later = new RawClient(proxy.uri())) {
            watch.get(WATCH).readUntil("1\n");
            proxy.freeze();
            next.release(2);
            later.get("/version");
            await().until(() -> proxy.counts().of(Fault.FREEZE) >= 2);
            watch.patience(50);
            // What frames the first line may still come, the second line does not.
            assertThatThrownBy(() -> watch.readUntil("2\n"))
                    .isInstanceOf(SocketTimeoutException.class);
            proxy.thaw();
            watch.patience(20_000);
            watch.readUntil("0\r\n\r\n");
            later.readUntil("2\n");
        }
    }

    @Test
    void tellsTheServerThatTheClientLeft() throws Exception {
        CountDownLatch left = new CountDownLatch(1);
        try (ScriptedApiServer server =
                        ScriptedApiServer.start(
                                (request, exchange) -> {
                                    exchange.send("{}\n");
                                    try {
                                        while (left.getCount() > 0) {
                                            exchange.send("\n");
                                        }
                                    } catch (IOException e) {
                                        left.countDown();
                                    }
                                });
                FaultProxy proxy = FaultProxy.start(server.uri(), null)) {
            try (RawClient watch = new RawClient(proxy.uri())) {
                watch.get(WATCH).readUntil("{}\n");
            }
            await().until(() -> left.getCount() == 0);
        }
    }

    @Test
    void namesWhatDidNotHappen() throws Exception {
        try (ScriptedApiServer server = lines();
                FaultProxy proxy =
                        FaultProxy.start(server.uri(), null)
                                .script(
                                        Rule.on(Request.watch("events"))
                                                .nth(1)
                                                .line(9, LineEdit.drop()))) {
            get(proxy, WATCH);
            assertThatThrownBy(proxy::assertAllHappened)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("request 1 of 1 requests: [DROP_LINE]")
                    .hasMessageContaining("missing [DROP_LINE]")
                    .hasMessageContaining("1 /api/v1/events");
            assertThatThrownBy(() -> Rule.on(Request.any()).reset().answer(200, ""))
                    .hasMessageContaining("A request has one answer");
            proxy.pass();
            assertThatThrownBy(proxy::assertAllHappened).hasMessageContaining("[DROP_LINE]");
        }
    }

    private static ScriptedApiServer lines() {
        return ScriptedApiServer.start((request, exchange) -> exchange.send(LINES));
    }

    private long nanos(FaultProxy proxy, String path) throws Exception {
        long start = System.nanoTime();
        get(proxy, path);
        return System.nanoTime() - start;
    }

    private HttpResponse<String> get(FaultProxy proxy, String path) throws Exception {
        return send(client, proxy, path);
    }

    private static HttpResponse<String> send(HttpClient client, FaultProxy proxy, String path)
            throws Exception {
        return client.send(
                HttpRequest.newBuilder(proxy.uri().resolve(path))
                        .version(HttpClient.Version.HTTP_1_1)
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
