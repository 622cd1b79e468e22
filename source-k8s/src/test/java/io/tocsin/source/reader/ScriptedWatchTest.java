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
package io.tocsin.source.reader;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.api.Fabric8ResourceApiFactory;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceSplitState;
import io.tocsin.source.split.ResourceVersion;
import io.tocsin.testing.ScriptedApiServer;
import io.tocsin.testing.ScriptedApiServer.Exchange;
import io.tocsin.testing.ScriptedApiServer.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.logging.log4j.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The reader before an API server, or what stands before one, that says odd things over HTTP. */
@Timeout(60)
class ScriptedWatchTest {

    private static final String DATE = "Sat, 21 Nov 2026 02:11:42 GMT";
    private static final long DATE_MILLIS = 1_795_227_102_000L;
    private static final ResourceSplit SPLIT = ResourceSplit.unread("scripted", "events", "*");

    @TempDir Path directory;
    private ScriptedApiServer server;
    private ReaderHarness reader;
    private volatile Script onList = (request, exchange) -> ok(exchange, list("7", null));
    private volatile Script onWatch = (request, exchange) -> ok(exchange, "").hang();
    private final List<String> watches = new CopyOnWriteArrayList<>();
    private final List<String> lists = new CopyOnWriteArrayList<>();

    @BeforeEach
    void prepare() {
        server =
                ScriptedApiServer.start(
                        (request, exchange) -> {
                            boolean watch = request.contains("watch=1");
                            int look = request.indexOf("fieldSelector=metadata.name%3D");
                            if (look > 0) {
                                String name = request.substring(look + 30).split("[ &]")[0];
                                ok(exchange, list("9999", null, event(name, "9998", "")));
                                return;
                            }
                            (watch ? watches : lists).add(request);
                            (watch ? onWatch : onList).answer(request, exchange);
                        });
        ClusterAccess access =
                new ClusterAccess(server.kubeconfig(directory).toString(), null, false);
        reader =
                new ReaderHarness(
                        split ->
                                new Fabric8ResourceApiFactory()
                                        .open(access, split.resource(), split.scope()));
    }

    @AfterEach
    void stop() {
        reader.close();
        server.close();
        assertThat(reader.failure()).as("what ended the reader").isNull();
    }

    // ------------------------------------------------------------------ what servers say

    private static Exchange ok(Exchange exchange, String body) throws IOException {
        return exchange.header("Date", DATE).status(200).send(body);
    }

    private static void refuse(Exchange exchange, int status, String message) throws IOException {
        exchange.header("Date", DATE)
                .status(status)
                .send(
                        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\""
                                + message
                                + "\",\"code\":"
                                + status
                                + "}");
    }

    private static String list(String version, String token, String... items) {
        return "{\"kind\":\"EventList\",\"apiVersion\":\"events.k8s.io/v1\",\"metadata\":{\"resourceVersion\":\""
                + version
                + "\""
                + (token == null ? "" : ",\"continue\":\"" + token + "\"")
                + "},\"items\":["
                + String.join(",", items)
                + "]}\n";
    }

    private static String event(String name, String version, String note) {
        return event(name, version, note, "2026-11-21T02:11:40Z");
    }

    private static String event(String name, String version, String note, String time) {
        return "{\"metadata\":{\"name\":\""
                + name
                + "\",\"namespace\":\"x\",\"uid\":\"u-"
                + name
                + "\",\"resourceVersion\":\""
                + version
                + "\",\"creationTimestamp\":\"2026-11-21T02:11:40Z\"},\"note\":\""
                + note
                + "\",\"deprecatedLastTimestamp\":\""
                + time
                + "\"}";
    }

    private static String added(String event) {
        return "{\"type\":\"ADDED\",\"object\":" + event + "}\n";
    }

    private static String error(int code, String reason) {
        return "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","
                + "\"message\":\"too old resource version\",\"reason\":\""
                + reason
                + "\",\"code\":"
                + code
                + "}}\n";
    }

    private void start() {
        reader.start(SPLIT);
    }

    private void awaitObjects(String... objects) {
        await().untilAsserted(() -> assertThat(reader.objects()).containsExactly(objects));
    }

    // ------------------------------------------------------------------ refusals

    @Test
    void waitsAsLongAsA429Asks() {
        List<Long> times = new CopyOnWriteArrayList<>();
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger watched = new AtomicInteger();
        Script throttled =
                (request, exchange) -> {
                    times.add(System.nanoTime());
                    boolean watch = request.contains("watch=1");
                    if ((watch ? watched : asked).incrementAndGet() == 1) {
                        exchange.header("Retry-After", "1");
                        refuse(exchange, 429, "too many requests");
                    } else if (watch) {
                        onList = (again, answer) -> ok(answer, list("8", null));
                        ok(exchange, added(event("b", "8", ""))).hang();
                    } else {
                        ok(exchange, list("7", null, event("a", "3", "")));
                    }
                };
        onList = throttled;
        onWatch = throttled;
        start();
        awaitObjects("a@3", "b@8");
        assertThat(times.get(1) - times.get(0)).isGreaterThanOrEqualTo(1_000_000_000L);
        assertThat(times.get(3) - times.get(2)).isGreaterThanOrEqualTo(1_000_000_000L);
        assertThat(reader.notices).contains(Notice.THROTTLED);
    }

    @Test
    void goesBlindWhileItIsForbiddenAndResumesWhereItWas() throws Exception {
        CountDownLatch revoked = new CountDownLatch(1);
        onWatch =
                (request, exchange) -> {
                    ok(exchange, added(event("a", "8", "")));
                    revoked.await();
                    exchange.abort();
                };
        try (WatchLog log = new WatchLog()) {
            start();
            awaitObjects("a@8");
            Script forbidden =
                    (request, exchange) ->
                            refuse(
                                    exchange,
                                    403,
                                    "events.events.k8s.io is forbidden: User 'system:serviceaccount:ops:tocsin' cannot watch resource 'events' at the cluster scope");
            onList = forbidden;
            onWatch = forbidden;
            revoked.countDown();
            await().until(() -> !reader.of(Element.Lost.class).isEmpty());
            int asked = lists.size();
            await().until(() -> lists.size() > asked + 3);

            assertThat(log.messages(Level.WARN, "scripted"))
                    .filteredOn(message -> message.contains("FORBIDDEN"))
                    .singleElement()
                    .satisfies(
                            message ->
                                    assertThat(message)
                                            .contains(
                                                    "watch events in all namespaces of cluster scripted",
                                                    "system:serviceaccount:ops:tocsin",
                                                    "verbs list and watch",
                                                    "ClusterRole"));

            // A list instead of a watch from where it was would pass the event over.
            onWatch = (request, exchange) -> ok(exchange, added(event("b", "9", ""))).hang();
            onList = (request, exchange) -> ok(exchange, list("9", null));
            awaitObjects("a@8", "b@9");
            assertThat(reader.of(Element.Lost.class)).hasSize(1);
            assertThat(reader.of(Element.Regained.class))
                    .last()
                    .satisfies(
                            regained ->
                                    assertThat(regained.atMillis())
                                            .isGreaterThanOrEqualTo(regained.fromMillis()));
            await().untilAsserted(
                            () ->
                                    assertThat(log.messages(Level.INFO, "scripted"))
                                            .anyMatch(each -> each.contains("contact regained")));
        }
    }

    @Test
    void aLoginPageIsNoClusterAndNoEnd() {
        Script page =
                (request, exchange) ->
                        exchange.header("Content-Type", "text/html")
                                .status(200)
                                .send("<!DOCTYPE html><html><title>Sign in</title></html>\n");
        onList = page;
        onWatch = page;
        start();
        await().until(() -> lists.size() >= 3);
        assertThat(reader.notices).contains(Notice.REFUSED).doesNotContain(Notice.REGAINED);
        assertThat(reader.elements).isEmpty();
        onList = (request, exchange) -> ok(exchange, list("7", null, event("a", "3", "")));
        await().until(() -> reader.objects().contains("a@3"));
        await().until(() -> watches.size() >= 3);
        onList = (request, exchange) -> ok(exchange, list("8", null, event("b", "8", "")));
        onWatch = (request, exchange) -> ok(exchange, added(event("b", "8", ""))).hang();
        awaitObjects("a@3", "b@8");
    }

    // ------------------------------------------------------------------ broken watches

    @Test
    void isNotBackInContactByWatchesThatAreAcceptedAndReset() {
        CountDownLatch ill = new CountDownLatch(1);
        onWatch =
                (request, exchange) -> {
                    ok(exchange, added(event("a", "8", "")));
                    ill.await();
                    exchange.abort();
                };
        start();
        awaitObjects("a@8");
        long begin = System.nanoTime();
        onList = (request, exchange) -> refuse(exchange, 503, "no");
        onWatch =
                (request, exchange) -> {
                    ok(exchange, "");
                    exchange.abort();
                };
        int good = watches.size();
        ill.countDown();
        await().until(() -> lists.size() >= 8);
        assertThat(reader.notices)
                .contains(Notice.BROKEN, Notice.REFUSED)
                .doesNotContain(Notice.REGAINED);

        onList = (request, exchange) -> ok(exchange, list("8", null));
        await().until(() -> watches.size() >= good + 10);
        long elapsedMillis = (System.nanoTime() - begin) / 1_000_000;
        assertThat(lists.size() + watches.size())
                .as("requests within %s ms", elapsedMillis)
                .isLessThan((int) (10 + 2 * elapsedMillis / Backoff.FLOOR_MILLIS));
        onList = (request, exchange) -> ok(exchange, list("9", null, event("b", "9", "")));
        onWatch = (request, exchange) -> ok(exchange, added(event("b", "9", ""))).hang();
        awaitObjects("a@8", "b@9");
    }

    @Test
    void aMalformedLineIsReadAgainAndNothingIsPassed() {
        onWatch =
                (request, exchange) -> {
                    if (watches.size() == 1) {
                        ok(exchange, "{\"type\":\"ADDED\",\"object\":{\"meta\n");
                        exchange.send(added(event("b", "9", ""))).hang();
                    }
                    ok(exchange, added(event("a", "8", "")) + added(event("b", "9", ""))).hang();
                };
        start();
        awaitObjects("a@8", "b@9");
        assertThat(reader.of(Element.DeadLetter.class)).isEmpty();
        assertThat(watches.get(1)).contains("resourceVersion=7");
    }

    @Test
    void aLineThatStaysMalformedIsADeadLetterBeforeThePositionMoves() {
        onWatch =
                (request, exchange) ->
                        ok(exchange, "{\"type\":\"ADDED\",\"object\":{\"meta\n")
                                .send(added(event("b", "9", "")))
                                .hang();
        start();
        awaitObjects("b@9");
        assertThat(reader.of(Element.DeadLetter.class))
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(new String(letter.raw(), UTF_8))
                                    .isEqualTo("{\"type\":\"ADDED\",\"object\":{\"meta");
                            assertThat(letter.next().version().value()).isEqualTo("7");
                        });
        List<Element> elements = List.copyOf(reader.elements);
        assertThat(elements.indexOf(reader.of(Element.DeadLetter.class).get(0)))
                .isLessThan(elements.indexOf(reader.of(Element.Changed.class).get(0)));
    }

    @Test
    void listsWhatIsNewerWhenAWatchTellsThatItsVersionExpired() {
        onWatch =
                (request, exchange) -> {
                    if (request.contains("resourceVersion=7")) {
                        onList =
                                (again, answer) ->
                                        ok(
                                                answer,
                                                list(
                                                        "20",
                                                        null,
                                                        event("a", "3", ""),
                                                        event("b", "19", "")));
                        ok(exchange, error(410, "Expired"));
                    } else {
                        ok(exchange, added(event("c", "21", ""))).hang();
                    }
                };
        onList = (request, exchange) -> ok(exchange, list("7", null, event("a", "3", "")));
        start();
        awaitObjects("a@3", "b@19", "c@21");
        assertThat(reader.notices).contains(Notice.EXPIRED);
    }

    @Test
    void listsWhatIsNewerWhenAProxyAnswers410() {
        onWatch =
                (request, exchange) -> {
                    if (request.contains("resourceVersion=7")) {
                        onList =
                                (again, answer) ->
                                        ok(answer, list("20", null, event("b", "19", "")));
                        refuse(exchange, 410, "gone");
                    } else {
                        ok(exchange, added(event("c", "21", ""))).hang();
                    }
                };
        start();
        awaitObjects("b@19", "c@21");
        assertThat(reader.notices).contains(Notice.EXPIRED);
    }

    @Test
    void beginsAListAgainWhenItsTokenExpired() {
        onList =
                (request, exchange) -> {
                    if (request.contains("continue=")) {
                        exchange.header("Date", DATE)
                                .status(410)
                                .send(
                                        "{\"kind\":\"Status\",\"metadata\":{\"continue\":\"rest\"},\"message\":\"expired\",\"reason\":\"Expired\",\"code\":410}");
                    } else if (request.contains("limit=2")) {
                        ok(exchange, list("7", "token", event("a", "3", ""), event("b", "4", "")));
                    } else {
                        ok(
                                exchange,
                                list(
                                        "30",
                                        null,
                                        event("a", "3", ""),
                                        event("b", "25", ""),
                                        event("c", "5", "")));
                    }
                };
        onWatch = (request, exchange) -> ok(exchange, added(event("d", "31", ""))).hang();
        start();
        awaitObjects("a@3", "b@4", "b@25", "c@5", "d@31");
        assertThat(lists.get(2)).contains("limit=4").doesNotContain("continue");
        assertThat(watches).last().asString().contains("resourceVersion=30");
        assertThat(reader.notices).contains(Notice.CONTINUE_EXPIRED);
    }

    @Test
    void goesOnInAListThatARestartInterruptedEvenWhereItsVersionIsGone() {
        onList =
                (request, exchange) -> {
                    if (request.contains("resourceVersionMatch=Exact")) {
                        refuse(exchange, 410, "gone");
                    } else {
                        ok(
                                exchange,
                                list(
                                        "30",
                                        null,
                                        event("a", "3", ""),
                                        event("b", "25", ""),
                                        event("c", "5", "")));
                    }
                };
        Position interrupted =
                Position.initial().withOpenList().listing(new ResourceVersion("7"), null, "x/b");
        reader.start(SPLIT.at(interrupted));
        awaitObjects("b@25", "c@5");
        assertThat(reader.of(Element.Listed.class)).first().matches(Element.Listed::announce);
    }

    // ------------------------------------------------------------------ odd events

    @Test
    void readsHugeAndForeignEventsByteForByte() {
        String huge = event("huge", "8", "x".repeat(1_400_000));
        String foreign = event("foreign", "9", "Größe \u2028 \uD83D\uDD25 日本語 \\u0000 \\ud83d");
        onWatch =
                (request, exchange) -> {
                    ok(exchange, "");
                    byte[] bytes = (added(huge) + added(foreign)).getBytes(UTF_8);
                    // Cut inside characters.
                    int cut = bytes.length - 300;
                    exchange.send(Arrays.copyOf(bytes, cut));
                    for (int i = cut; i < bytes.length; i++) {
                        exchange.send(new byte[] {bytes[i]});
                    }
                    exchange.hang();
                };
        start();
        awaitObjects("huge@8", "foreign@9");
        List<Element.Changed> changed = reader.of(Element.Changed.class);
        assertThat(new String(changed.get(0).object().json(), UTF_8)).isEqualTo(huge);
        assertThat(new String(changed.get(1).object().json(), UTF_8)).isEqualTo(foreign);
    }

    @Test
    void timesOf1970And2100MoveNeitherEventTimeNorTheLastContact() throws Exception {
        onWatch =
                (request, exchange) ->
                        ok(exchange, added(event("now", "8", "")))
                                .send(added(event("old", "9", "", "1970-01-01T00:00:00Z")))
                                .send(added(event("new", "10", "", "2100-01-01T00:00:00Z")))
                                .hang();
        start();
        awaitObjects("now@8", "old@9", "new@10");

        Emitted emitted = new Emitted();
        PositionEmitter<EventRecord> emitter =
                new PositionEmitter<>(
                        new EventDeserializer(),
                        new EventTime(10_000, 60_000, 3_600_000, 60_000),
                        reader.clock,
                        new SourceMetrics(UnregisteredMetricsGroup.createSourceReaderMetricGroup()),
                        new EventTimeProgress());
        var state = new ResourceSplitState(SPLIT);
        for (Element element : reader.elements) {
            emitter.emitRecord(element, emitted, state);
        }
        assertThat(emitted.events).hasSize(3);
        assertThat(emitted.times.get(0))
                .isEqualTo(Instant.parse("2026-11-21T02:11:40Z").toEpochMilli());
        assertThat(emitted.times.get(1)).isBetween(0L, DATE_MILLIS);
        assertThat(emitted.times.get(2)).isBetween(DATE_MILLIS, DATE_MILLIS + 60_000);
        assertThat(emitted.watermarks)
                .allMatch(watermark -> watermark <= DATE_MILLIS + 60_000 - 10_000)
                .isSorted();
        assertThat(state.position().lastContactMillis())
                .isBetween(DATE_MILLIS - 10_000, DATE_MILLIS + 60_000);
    }

    private static final class Emitted implements SourceOutput<EventRecord> {
        private final List<EventRecord> events = new ArrayList<>();
        private final List<Long> times = new ArrayList<>();
        private final List<Long> watermarks = new ArrayList<>();

        @Override
        public void collect(EventRecord record) {
            collect(record, Long.MIN_VALUE);
        }

        @Override
        public void collect(EventRecord record, long timestamp) {
            if (record.event() != null) {
                events.add(record);
                times.add(timestamp);
            }
        }

        @Override
        public void emitWatermark(Watermark watermark) {
            watermarks.add(watermark.getTimestamp());
        }

        @Override
        public void markIdle() {
            throw new AssertionError("nothing was lost");
        }

        @Override
        public void markActive() {
            throw new AssertionError("nothing was lost");
        }
    }
}
