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
package io.tocsin.source.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tocsin.source.api.Signal.Closed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class Fabric8ResourceApiTest {

    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String DATE = "Date: Sat, 21 Nov 2026 02:11:42 GMT\r\n";
    private static final long DATE_MILLIS = 1795227102000L;
    private static final String CHUNKED = JSON + DATE + "Transfer-Encoding: chunked\r\n";
    private static final String LIST =
            "{\"kind\":\"EventList\",\"apiVersion\":\"events.k8s.io/v1\",\"metadata\":"
                    + "{\"resourceVersion\":\"40\",\"continue\":\"tok+en=\"},\"items\":["
                    + "{\"metadata\":{\"name\":\"a\",\"namespace\":\"x\",\"uid\":\"u1\",\"resourceVersion\":\"7\"},\"note\":\"ö\"},"
                    + "{\"metadata\":{\"name\":\"b\",\"namespace\":\"x\",\"uid\":\"u2\",\"resourceVersion\":\"9\"}}]}\n";

    @TempDir Path directory;
    private ScriptedServer server;
    private final Signals signals = new Signals();
    private ResourceApi api;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer();
        api = open("events", "*", "{}");
    }

    @AfterEach
    void stop() throws Exception {
        api.close();
        server.close();
        assertThat(server.failures).isEmpty();
    }

    private ResourceApi open(String resource, String scope, String user) {
        return new Fabric8ResourceApi(
                Fabric8Connection.open(server.access(directory, user)),
                ResourcePath.of(resource, scope),
                new Fabric8ResourceApi.Timeouts(2_000, 2_000, 500),
                Bounds.DEFAULT);
    }

    @Test
    void listsAPage() throws Exception {
        server.answer(200, JSON + DATE, LIST);

        api.list(500, null, null, signals);

        assertThat(signals.all.get(0)).isEqualTo(new Signal.Opened(DATE_MILLIS));
        List<Signal.Upserted> items = signals.of(Signal.Upserted.class);
        assertThat(items).extracting(i -> i.object().name()).containsExactly("a", "b");
        assertThat(new String(items.get(0).object().json(), UTF_8))
                .startsWith("{\"metadata\"")
                .endsWith("\"note\":\"ö\"}");
        assertThat(signals.last())
                .isEqualTo(new Signal.Page("40", "tok+en=", DATE_MILLIS, 2, true, "x", "b"));
        assertThat(server.requests.get(0).target())
                .isEqualTo("/apis/events.k8s.io/v1/events?limit=500");
        assertThat(server.requests.get(0).headers().get("User-Agent")).isEqualTo("tocsin");
    }

    @Test
    void listsTheNextPageOrAnExactVersion() throws Exception {
        server.answer(200, JSON, LIST).answer(200, JSON, LIST).answer(200, JSON, LIST);

        api.list(500, "tok+en=", null, signals);
        api.list(500, null, "40", signals);
        api.probe("41", signals);

        assertThat(server.requests)
                .extracting(ScriptedServer.Request::target)
                .containsExactly(
                        "/apis/events.k8s.io/v1/events?limit=500&continue=tok%2Ben%3D",
                        "/apis/events.k8s.io/v1/events?limit=500&resourceVersionMatch=Exact&resourceVersion=40",
                        "/apis/events.k8s.io/v1/events?limit=1&resourceVersionMatch=NotOlderThan&resourceVersion=41");
    }

    @Test
    void readsACompressedList() throws Exception {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(LIST.getBytes(UTF_8));
        }
        server.answer(
                (request, out) -> {
                    assertThat(request.headers().get("Accept-Encoding")).isEqualTo("gzip");
                    ScriptedServer.head(out, 200, CHUNKED + "Content-Encoding: gzip\r\n");
                    for (byte b : compressed.toByteArray()) {
                        ScriptedServer.chunk(out, new byte[] {b});
                    }
                    ScriptedServer.lastChunk(out);
                });

        api.list(500, null, null, signals);

        assertThat(signals.last()).isInstanceOf(Signal.Page.class);
    }

    @Test
    void aListThatIsCutIsNoPage() throws Exception {
        for (int cut : new int[] {0, 1, 30, 150, LIST.length() - 2}) {
            server.answer(
                    (request, out) -> {
                        ScriptedServer.head(out, 200, CHUNKED);
                        if (cut > 0) {
                            ScriptedServer.chunk(out, LIST.substring(0, cut).getBytes(UTF_8));
                        }
                    });
            api.list(500, null, null, signals);
            assertThat(signals.last())
                    .as("cut at %d", cut)
                    .isInstanceOfSatisfying(
                            Closed.class,
                            c -> assertThat(c.cause()).isEqualTo(Closed.Cause.BROKEN));
        }
        assertThat(signals.of(Signal.Page.class)).isEmpty();
    }

    @Test
    void watchesByteByByte() throws Exception {
        String note = "ö 🔔 \u2028 \\n";
        String line =
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\",\"namespace\":\"x\",\"uid\":\"u\",\"resourceVersion\":\"7\"},\"note\":\""
                        + note
                        + "\"}}\n";
        String bookmark =
                "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"8\"}}}\n";
        server.answer(
                (request, out) -> {
                    ScriptedServer.head(out, 200, CHUNKED);
                    for (byte b : (line + bookmark).getBytes(UTF_8)) {
                        ScriptedServer.chunk(out, new byte[] {b});
                    }
                    ScriptedServer.lastChunk(out);
                });

        api.watch("5", Duration.ofSeconds(30), signals);

        assertThat(server.requests.get(0).target())
                .isEqualTo(
                        "/apis/events.k8s.io/v1/events?watch=1&allowWatchBookmarks=true&timeoutSeconds=30&resourceVersion=5");
        assertThat(signals.of(Signal.Upserted.class))
                .singleElement()
                .satisfies(u -> assertThat(new String(u.object().json(), UTF_8)).contains(note));
        assertThat(signals.all.get(2)).isEqualTo(new Signal.Bookmark("8"));
        assertThat(signals.last())
                .isInstanceOfSatisfying(
                        Closed.class,
                        c -> {
                            assertThat(c.cause()).isEqualTo(Closed.Cause.CLEAN);
                            assertThat(c.lines()).isEqualTo(2);
                        });
    }

    @Test
    void aWatchCutInALineIsBrokenAndTheLineIsNotTold() throws Exception {
        server.answer(
                (request, out) -> {
                    ScriptedServer.head(out, 200, CHUNKED);
                    ScriptedServer.chunk(out, "{\"type\":\"ADDED\",\"obj".getBytes(UTF_8));
                });

        api.watch("5", Duration.ofSeconds(30), signals);

        assertThat(signals.all).hasSize(2);
        assertThat(((Closed) signals.last()).cause()).isEqualTo(Closed.Cause.BROKEN);
    }

    @Test
    void cancelEndsASilentWatchAtOnce() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        server.answer(
                (request, out) -> {
                    ScriptedServer.head(out, 200, CHUNKED);
                    open.countDown();
                    end.await();
                });
        Thread caller = watchInBackground();
        open.await();
        Awaitility.await().until(() -> signals.all.size() == 1);

        long begin = System.nanoTime();
        api.cancel();
        caller.join();

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));
        assertThat(((Closed) signals.last()).cause()).isEqualTo(Closed.Cause.CANCELLED);
        end.countDown();
    }

    @Test
    void cancelEndsAWatchThatGetsNoAnswer() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        server.answer((request, out) -> end.await());
        Thread caller = watchInBackground();
        Awaitility.await().until(() -> server.requests.size() == 1);

        api.cancel();
        caller.join();

        assertThat(((Closed) signals.last()).cause()).isEqualTo(Closed.Cause.CANCELLED);
        end.countDown();
    }

    @Test
    void cancelLeavesNoConnectionOpenWheneverItComes() throws Exception {
        CountDownLatch hungUp = new CountDownLatch(200);
        endAtRandomMoments(200, new Random(1), () -> api.cancel(), hungUp::countDown);
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(hungUp.getCount()).as("connections left open").isZero());
    }

    /** Before the answer's head, amid it and behind it. */
    private void endAtRandomMoments(int calls, Random random, Runnable end, Runnable hungUp)
            throws Exception {
        for (int i = 0; i < calls; i++) {
            CountDownLatch asked = new CountDownLatch(1);
            long answerNanos = random.nextInt(1_000_000);
            long endNanos = random.nextInt(2_000_000);
            server.answer(
                    (request, out) -> {
                        asked.countDown();
                        LockSupport.parkNanos(answerNanos);
                        try {
                            ScriptedServer.head(out, 200, CHUNKED);
                            while (true) {
                                ScriptedServer.chunk(out, "\n".getBytes(UTF_8));
                                LockSupport.parkNanos(1_000_000);
                            }
                        } catch (IOException e) {
                            hungUp.run();
                        }
                    });
            Thread caller = watchInBackground();
            asked.await();
            LockSupport.parkNanos(endNanos);
            end.run();
            caller.join();
        }
    }

    @Test
    void interruptionEndsACall() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        server.answer(
                (request, out) -> {
                    ScriptedServer.head(out, 200, CHUNKED);
                    end.await();
                });
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread caller =
                new Thread(
                        () -> {
                            try {
                                api.watch("5", Duration.ofSeconds(30), signals);
                            } catch (Throwable t) {
                                thrown.set(t);
                            }
                        });
        caller.start();
        Awaitility.await().until(() -> signals.all.size() == 1);

        caller.interrupt();
        caller.join();

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        end.countDown();
    }

    private Thread watchInBackground() {
        Thread caller =
                new Thread(
                        () -> {
                            try {
                                api.watch("5", Duration.ofSeconds(30), signals);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        caller.start();
        return caller;
    }

    @Test
    void aSilentWatchIsIdleAfterItsTimeoutAndAMargin() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        server.answer(
                (request, out) -> {
                    ScriptedServer.head(out, 200, CHUNKED);
                    end.await();
                });

        api.watch("5", Duration.ofSeconds(1), signals);

        Closed closed = (Closed) signals.last();
        assertThat(closed.cause()).isEqualTo(Closed.Cause.IDLE);
        assertThat(closed.openMillis()).isBetween(1_400L, 10_000L);
        end.countDown();
    }

    @Test
    void closingLeavesNoThreadWheneverItComes() throws Exception {
        int before = selectors();
        Runnable closeAndOpen =
                () -> {
                    api.close();
                    api = open("events", "*", "{}");
                };
        endAtRandomMoments(100, new Random(2), closeAndOpen, () -> {});
        // A client that nobody has any more ends its thread some seconds after it is collected.
        Awaitility.await()
                .atMost(Duration.ofSeconds(45))
                .until(
                        () -> {
                            System.gc();
                            return selectors() <= before + 2;
                        });
    }

    private static int selectors() {
        return (int)
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().endsWith("SelectorManager"))
                        .count();
    }

    @Test
    void nobodyThereIsBroken() throws Exception {
        int port = server.port();
        server.close();
        try (Socket taken = new Socket()) {
            // Bound without listening: else another process may get the port, and listen.
            taken.setReuseAddress(true);
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));

            api.list(500, null, null, signals);
        }

        assertThat(((Closed) signals.last()).cause()).isEqualTo(Closed.Cause.BROKEN);
        assertThat(server.requests).isEmpty();
    }

    @Test
    void tellsRefusalsWithTheirMessageAndRetryAfter() throws Exception {
        server.answer(429, JSON + DATE + "Retry-After: 7\r\n", "slow down")
                .answer(
                        503,
                        JSON + DATE + "Retry-After: Sat, 21 Nov 2026 02:12:00 GMT\r\n",
                        "{\"kind\":\"Status\",\"message\":\"no\\nleader\",\"code\":503}")
                .answer(
                        504,
                        JSON,
                        "{\"kind\":\"Status\",\"metadata\":{},\"message\":\"Too large resource version: 9, current: 4\",\"reason\":\"Timeout\",\"details\":{\"causes\":[{\"reason\":\"ResourceVersionTooLarge\",\"message\":\"Too large resource version\"}],\"retryAfterSeconds\":1},\"code\":504}");

        api.list(500, null, null, signals);
        api.watch("5", Duration.ofSeconds(30), signals);
        api.probe("9", signals);

        assertThat(signals.all)
                .containsExactly(
                        new Signal.Refused(429, 7_000, false, false, "slow down"),
                        new Signal.Refused(503, 18_000, false, false, "no leader"),
                        new Signal.Refused(
                                504,
                                1_000,
                                false,
                                true,
                                "Too large resource version: 9, current: 4"));
        // fabric8 would have tried again on its own.
        assertThat(server.requests).hasSize(3);
    }

    @Test
    void tellsExpiryOfBothKinds() throws Exception {
        String status =
                "{\"kind\":\"Status\",\"metadata\":{\"continue\":\"rest\"},\"message\":\"too old\",\"reason\":\"Expired\",\"code\":410}";
        server.answer(410, JSON, status)
                .answer(200, JSON, "{\"type\":\"ERROR\",\"object\":" + status + "}\n")
                .answer(
                        200,
                        JSON,
                        "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"message\":\"PrevKv=nil\",\"code\":500,\"details\":{\"retryAfterSeconds\":3}}}\n");

        api.list(500, "token", null, signals);
        api.watch("5", Duration.ofSeconds(30), signals);
        api.watch("5", Duration.ofSeconds(30), signals);

        assertThat(signals.all)
                .containsExactly(
                        new Signal.Expired(false, "rest", "too old"),
                        new Signal.Opened(0),
                        new Signal.Expired(true, "rest", "too old"),
                        new Signal.Opened(0),
                        new Signal.Refused(500, 3_000, true, false, "PrevKv=nil"));
    }

    @Test
    void aLoginPageIsRefused() throws Exception {
        server.answer(200, "Content-Type: text/html\r\n", "<html>Log in</html>")
                .answer(200, "Content-Type: text/html\r\n", "<html>Log in</html>");

        api.list(500, null, null, signals);
        api.watch("5", Duration.ofSeconds(30), signals);

        assertThat(signals.of(Signal.Refused.class))
                .hasSize(2)
                .allSatisfy(
                        r ->
                                assertThat(r.message())
                                        .contains("not a Kubernetes")
                                        .contains("<html>Log in"));
    }

    @Test
    void fallsBackToCoreWhereEventsAreKnownOnlyThere() throws Exception {
        server.answer(404, "", "404 page not found")
                .answer(200, JSON, LIST)
                .answer(200, JSON, LIST);

        api.list(500, null, null, signals);
        api.list(500, null, null, signals);

        assertThat(server.requests)
                .extracting(ScriptedServer.Request::target)
                .containsExactly(
                        "/apis/events.k8s.io/v1/events?limit=500",
                        "/api/v1/events?limit=500",
                        "/api/v1/events?limit=500");
        assertThat(signals.of(Signal.Page.class)).hasSize(2);
    }

    @Test
    void asksTheNewerApiAgainWhereTheOlderOneIsNoLongerAllowed() throws Exception {
        server.answer(403, JSON, "{}")
                .answer(200, JSON, LIST)
                .answer(403, JSON, "{}")
                .answer(200, JSON, LIST);

        api.list(500, null, null, signals);
        api.list(500, null, null, signals);
        api.list(500, null, null, signals);

        assertThat(server.requests)
                .extracting(ScriptedServer.Request::target)
                .containsExactly(
                        "/apis/events.k8s.io/v1/events?limit=500",
                        "/api/v1/events?limit=500",
                        "/api/v1/events?limit=500",
                        "/apis/events.k8s.io/v1/events?limit=500");
        assertThat(signals.of(Signal.Page.class)).hasSize(2);
        assertThat(signals.of(Signal.Refused.class)).hasSize(1);
    }

    @Test
    void looksForAnObjectByAListInItsNamespace() throws Exception {
        server.answer(200, JSON, LIST).answer(200, JSON, LIST).answer(200, JSON, LIST);
        try (ResourceApi all = open("events", "*", "{}");
                ResourceApi shop = open("events", "shop", "{}");
                ResourceApi nodes = open("nodes", "*", "{}")) {
            all.look("shop", "a.17c", signals);
            shop.look("shop", "a.17c", signals);
            nodes.look(null, "n1", signals);
        }
        assertThat(server.requests)
                .extracting(ScriptedServer.Request::target)
                .containsExactly(
                        "/apis/events.k8s.io/v1/namespaces/shop/events?fieldSelector=metadata.name%3Da.17c",
                        "/apis/events.k8s.io/v1/namespaces/shop/events?fieldSelector=metadata.name%3Da.17c",
                        "/api/v1/nodes?fieldSelector=metadata.name%3Dn1");
        assertThat(signals.of(Signal.Page.class)).hasSize(3);
    }

    @Test
    void asksTheScopeItWasGiven() throws Exception {
        server.answer(200, JSON, LIST).answer(200, JSON, LIST);
        try (ResourceApi events = open("events", "shop", "{}");
                ResourceApi nodes = open("nodes", "*", "{}")) {
            events.list(1, null, null, signals);
            nodes.list(1, null, null, signals);
        }
        assertThat(server.requests)
                .extracting(ScriptedServer.Request::target)
                .containsExactly(
                        "/apis/events.k8s.io/v1/namespaces/shop/events?limit=1",
                        "/api/v1/nodes?limit=1");
        assertThatThrownBy(() -> ResourcePath.of("nodes", "shop"))
                .hasMessageContaining("belongs to no namespace");
        assertThatThrownBy(() -> ResourcePath.of("gadgets", "*"))
                .hasMessageContaining("expected one of");
    }

    @Test
    void sendsTheTokenAndTheNewOneAfterReload() throws Exception {
        server.answer(401, "", "no").answer(401, "", "no").answer(200, JSON, LIST);
        ClusterAccess access = server.access(directory, "{token: old}");
        Path file = Path.of(access.kubeconfig());
        try (ResourceApi tokens = new Fabric8ResourceApiFactory().open(access, "pods", "*")) {
            tokens.list(1, null, null, signals);
            assertThat(((Signal.Refused) signals.last()).status()).isEqualTo(401);
            Files.writeString(file, Files.readString(file).replace("token: old", "token: new"));
            tokens.reloadCredentials();
            tokens.list(1, null, null, signals);
        }
        assertThat(signals.last()).isInstanceOf(Signal.Page.class);
        assertThat(server.requests.get(0).headers().get("Authorization")).isEqualTo("Bearer old");
        assertThat(server.requests.get(server.requests.size() - 1).headers().get("Authorization"))
                .isEqualTo("Bearer new");
    }

    @Test
    void readsARotatedTokenFileForEveryCall() throws Exception {
        server.answer(200, JSON, LIST).answer(200, JSON, LIST);
        Path token = Files.writeString(directory.resolve("token"), "one\n");
        try (ResourceApi tokens = open("pods", "*", "{tokenFile: token}")) {
            tokens.list(1, null, null, signals);
            Files.writeString(token, "two\n");
            tokens.list(1, null, null, signals);
        }
        assertThat(server.requests)
                .extracting(r -> r.headers().get("Authorization"))
                .containsExactly("Bearer one", "Bearer two");
    }

    @Test
    void runsTheCredentialPluginAgainAfterReloadOnly() throws Exception {
        for (int i = 0; i < 3; i++) {
            server.answer(200, JSON, LIST);
        }
        Path plugin = directory.resolve("plugin");
        Files.writeString(
                plugin,
                """
                #!/bin/sh
                echo x >> "$(dirname "$0")/runs"
                runs=$(wc -l < "$(dirname "$0")/runs" | tr -d ' ')
                echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",'
                echo '"status":{"token":"run-'$runs'"}}'
                """);
        assertThat(plugin.toFile().setExecutable(true)).isTrue();
        String user =
                "{exec: {apiVersion: client.authentication.k8s.io/v1, command: "
                        + plugin
                        + ", interactiveMode: Never}}";
        try (ResourceApi plugged = open("pods", "*", user)) {
            plugged.list(1, null, null, signals);
            plugged.list(1, null, null, signals);
            plugged.reloadCredentials();
            plugged.list(1, null, null, signals);
        }
        assertThat(server.requests)
                .extracting(r -> r.headers().get("Authorization"))
                .containsExactly("Bearer run-1", "Bearer run-1", "Bearer run-2");
    }

    @Test
    void aMissingTokenFileBreaksTheCallAndNotTheApi() throws Exception {
        server.answer(200, JSON, LIST);
        Path token = Files.writeString(directory.resolve("token"), "one");
        try (ResourceApi tokens = open("pods", "*", "{tokenFile: token}")) {
            Files.delete(token);
            tokens.list(1, null, null, signals);
            assertThat(((Closed) signals.last()).cause()).isEqualTo(Closed.Cause.BROKEN);
            assertThat(((Closed) signals.last()).message()).contains("token file");
            Files.writeString(token, "two");
            tokens.list(1, null, null, signals);
        }
        assertThat(signals.last()).isInstanceOf(Signal.Page.class);
    }

    @Test
    void oneAccessHasOneClientUntilItsLastUserCloses() throws Exception {
        ClusterAccess access = server.access(directory);
        Fabric8Connection first = Fabric8Connection.open(access);
        Fabric8Connection second = Fabric8Connection.open(access);

        assertThat(second).isSameAs(first);
        first.close();
        assertThat(second.client().http().isClosed()).isFalse();
        second.close();
        assertThat(second.client().http().isClosed()).isTrue();
        try (Fabric8Connection third = Fabric8Connection.open(access)) {
            assertThat(third).isNotSameAs(first);
        }
    }

    @Test
    void aHugeLineIsMalformedAndTheWatchGoesOn() throws Exception {
        String bookmark =
                "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"8\"}}}\n";
        server.answer(
                (request, out) -> {
                    ScriptedServer.head(out, 200, CHUNKED);
                    byte[] part = "x".repeat(1024 * 1024).getBytes(UTF_8);
                    for (int i = 0; i < 17; i++) {
                        ScriptedServer.chunk(out, part);
                    }
                    ScriptedServer.chunk(out, ("\n" + bookmark).getBytes(UTF_8));
                    ScriptedServer.lastChunk(out);
                });

        api.watch("5", Duration.ofSeconds(30), signals);

        assertThat(signals.of(Signal.Malformed.class))
                .singleElement()
                .satisfies(m -> assertThat(m.raw()).hasSize(1024 * 1024));
        assertThat(signals.of(Signal.Bookmark.class)).hasSize(1);
    }
}
