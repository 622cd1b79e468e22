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

import static io.tocsin.source.reader.ScriptedApi.closed;
import static io.tocsin.source.reader.ScriptedApi.object;
import static io.tocsin.source.reader.ScriptedApi.page;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tocsin.source.api.ResourceApi;
import io.tocsin.source.api.Signal;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsRemoval;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ResourceSplitReaderTest {

    private static final ResourceSplit A = ResourceSplit.unread("c", "events", "a");
    private static final ResourceSplit B = ResourceSplit.unread("c", "events", "b");

    private final Map<String, ScriptedApi> apis = new HashMap<>();
    private final List<Notice> notices = new CopyOnWriteArrayList<>();

    /** What the second connection of a split says, and all that were opened. */
    private volatile ScriptedApi.Script ahead;

    private final List<ScriptedApi> aheads = new CopyOnWriteArrayList<>();
    private final Set<String> opened = ConcurrentHashMap.newKeySet();
    private ResourceSplitReader reader = reader(ReaderHarness.settings(), 1 << 20);

    private ResourceSplitReader reader(ListWatchSettings settings, long queueBytes) {
        return new ResourceSplitReader(
                settings,
                split -> opened.add(split.scope()) ? apis.get(split.scope()) : openAhead(),
                DateServerClock.ofProcess(),
                notices::add,
                new EventTimeProgress(),
                100,
                queueBytes);
    }

    private ScriptedApi openAhead() {
        aheads.add(new ScriptedApi(ahead));
        return aheads.get(aheads.size() - 1);
    }

    @AfterEach
    void close() {
        reader.close();
    }

    private ScriptedApi script(ResourceSplit split, ScriptedApi.Script script) {
        ScriptedApi api = new ScriptedApi(script);
        apis.put(split.scope(), api);
        return api;
    }

    private void add(ResourceSplit... splits) {
        reader.handleSplitsChanges(new SplitsAddition<>(List.of(splits)));
    }

    /** Lists nothing at version 7, then watches objects as they are put in. */
    private BlockingQueue<Signal> live(ResourceSplit split) {
        BlockingQueue<Signal> lines = new ArrayBlockingQueue<>(100);
        script(
                split,
                (call, handler, api) -> {
                    handler.on(new Signal.Opened(ScriptedApi.DATE));
                    if (call.startsWith("list")) {
                        handler.on(page("7"));
                        return;
                    }
                    while (true) {
                        handler.on(lines.take());
                    }
                });
        return lines;
    }

    /** Fetches until a number of objects came, and gives split/name of each. */
    private List<String> objects(int number) throws Exception {
        List<String> objects = new ArrayList<>();
        while (objects.size() < number) {
            RecordsWithSplitIds<Element> records = reader.fetch();
            for (String id = records.nextSplit(); id != null; id = records.nextSplit()) {
                for (Element each = records.nextRecordFromSplit();
                        each != null;
                        each = records.nextRecordFromSplit()) {
                    if (each instanceof Element.Changed changed) {
                        objects.add(id + "/" + changed.object().name());
                    }
                }
            }
        }
        return objects;
    }

    private CompletableFuture<RecordsWithSplitIds<Element>> fetching() {
        CompletableFuture<RecordsWithSplitIds<Element>> result = new CompletableFuture<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                result.complete(reader.fetch());
                            } catch (IOException e) {
                                result.completeExceptionally(e);
                            }
                        });
        thread.start();
        await().until(() -> thread.getState() == Thread.State.WAITING || result.isDone());
        return result;
    }

    private static void awaitBlocked(ScriptedApi api) {
        await().until(() -> api.caller != null && api.caller.getState() == Thread.State.WAITING);
    }

    @Test
    void wakesAFetchThatWaits() throws Exception {
        CompletableFuture<RecordsWithSplitIds<Element>> fetch = fetching();
        assertThat(fetch).isNotDone();
        reader.wakeUp();
        assertThat(fetch.get(30, TimeUnit.SECONDS).nextSplit()).isNull();
        reader.wakeUp();
        assertThat(reader.fetch().nextSplit()).isNull();
    }

    @Test
    void aPausedSplitWaitsAndLosesNothing() throws Exception {
        BlockingQueue<Signal> a = live(A);
        BlockingQueue<Signal> b = live(B);
        add(A, B);
        a.add(object("one", "8", 1));
        assertThat(objects(1)).containsExactly("c/events/a/one");
        reader.pauseOrResumeSplits(List.of(A), List.of());
        a.add(object("two", "9", 1));
        b.add(object("three", "8", 1));
        b.add(object("four", "9", 1));
        assertThat(objects(2)).containsExactly("c/events/b/three", "c/events/b/four");
        reader.pauseOrResumeSplits(List.of(), List.of(A));
        assertThat(objects(1)).containsExactly("c/events/a/two");
    }

    @Test
    void holdsNoMoreThanItsBytesBetweenTheNetworkAndFlink() throws Exception {
        reader.close();
        reader = reader(ReaderHarness.settings(), 10_000);
        int objects = 50;
        ScriptedApi api =
                script(
                        A,
                        (call, handler, connection) -> {
                            handler.on(new Signal.Opened(ScriptedApi.DATE));
                            if (call.startsWith("list")) {
                                handler.on(page("7"));
                                return;
                            }
                            for (int i = 0; i < objects; i++) {
                                handler.on(object("o" + i, "" + (100 + i), 1_700));
                            }
                            connection.hang(handler);
                        });
        add(A);
        awaitBlocked(api);
        // Of 2000 bytes each, beside the markers of the list.
        assertThat(reader.pendingElements()).isBetween(1L, 8L);
        assertThat(objects(objects)).hasSize(objects).doesNotHaveDuplicates();
    }

    @Test
    void closesWhileADriverWaitsForRoom() {
        reader.close();
        reader = reader(ReaderHarness.settings(), 1_000);
        ScriptedApi api =
                script(
                        A,
                        (call, handler, connection) -> {
                            handler.on(new Signal.Opened(ScriptedApi.DATE));
                            for (int i = 0; i < 100; i++) {
                                handler.on(object("o" + i, "" + i, 900));
                            }
                            handler.on(page("100"));
                        });
        add(A);
        awaitBlocked(api);
        reader.close();
        assertEnded(api);
    }

    @Test
    void closesWhileADriverWatches() {
        ScriptedApi api =
                script(
                        A,
                        (call, handler, connection) -> {
                            if (call.startsWith("list")) {
                                handler.on(page("7"));
                            } else {
                                connection.hang(handler);
                            }
                        });
        add(A);
        await().until(() -> api.calls.contains("watch 7"));
        awaitBlocked(api);
        reader.close();
        assertEnded(api);
    }

    @Test
    void closesWhileADriverWaitsForItsNextAttempt() {
        ScriptedApi api =
                script(
                        A,
                        (call, handler, connection) ->
                                handler.on(
                                        new Signal.Refused(429, 600_000, false, false, "later")));
        add(A);
        await().until(() -> notices.contains(Notice.THROTTLED));
        reader.close();
        assertEnded(api);
    }

    private static void assertEnded(ScriptedApi api) {
        assertThat(api.caller.isAlive()).isFalse();
        assertThat(api.closed.getCount()).isZero();
    }

    // ------------------------------------------------------------------ watch ahead

    /** Lists nothing at version 7 in two pages, the second when told so, and then at 20. */
    private ScriptedApi listInTwoPages(CountDownLatch goOn, Signal second, String line) {
        return script(
                A,
                (call, handler, api) -> {
                    handler.on(new Signal.Opened(ScriptedApi.DATE));
                    if (call.equals("list null")) {
                        boolean again = api.calls.size() > 1;
                        handler.on(again ? page("20") : firstPage());
                    } else if (call.startsWith("list")) {
                        goOn.await();
                        handler.on(second);
                    } else {
                        handler.on(object(line, "99", 1));
                        api.hang(handler);
                    }
                });
    }

    private static Signal firstPage() {
        return new Signal.Page("7", "t", ScriptedApi.DATE, 0, true, null, null);
    }

    private static void tellThenHang(
            ResourceApi.Handler handler, ScriptedApi api, CountDownLatch told, Signal... signals)
            throws InterruptedException {
        handler.on(new Signal.Opened(ScriptedApi.DATE));
        for (Signal signal : signals) {
            handler.on(signal);
        }
        told.countDown();
        api.hang(handler);
    }

    @Test
    void goesOnInTheWatchThatWasOpenedWhileItListed() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        BlockingQueue<Signal> live = new ArrayBlockingQueue<>(10);
        ahead =
                (call, handler, api) -> {
                    handler.on(new Signal.Opened(ScriptedApi.DATE));
                    handler.on(object("early", "8", 1));
                    assertThat(handler.wants("ns", "old", "7")).isFalse();
                    assertThat(handler.wants("ns", "new", "8")).isTrue();
                    told.countDown();
                    for (int i = 0; i < 2; i++) {
                        handler.on(live.take());
                    }
                };
        ScriptedApi api = listInTwoPages(told, page("7"), "never");
        add(A);
        assertThat(objects(1)).containsExactly("c/events/a/early");
        live.add(object("late", "9", 1));
        assertThat(objects(1)).containsExactly("c/events/a/late");
        assertThat(api.calls).containsExactly("list null", "list t");
        assertThat(aheads.get(0).calls).containsExactly("watch 7");
        live.add(closed(Signal.Closed.Cause.CLEAN));
        await().until(() -> api.calls.size() > 2);
        assertThat(api.calls.get(2)).isEqualTo("watch 9");
        assertThat(aheads).hasSize(1);
        assertEnded(aheads.get(0));
    }

    @Test
    void aFullWatchAheadIsGivenUpAndTheListGoesOn() throws Exception {
        reader.close();
        reader = reader(ReaderHarness.impatient(500).aheadBufferBytes(2_000).build(), 1 << 20);
        CountDownLatch told = new CountDownLatch(1);
        Signal[] many = new Signal[5];
        for (int i = 0; i < many.length; i++) {
            many[i] = object("o" + i, "" + (8 + i), 700);
        }
        ahead = (call, handler, api) -> tellThenHang(handler, api, told, many);
        ScriptedApi api = listInTwoPages(told, page("7"), "again");
        add(A);
        assertThat(objects(1)).containsExactly("c/events/a/again");
        assertThat(api.calls).containsExactly("list null", "list t", "watch 7");
        await().untilAsserted(() -> assertEnded(aheads.get(0)));
    }

    @Test
    void aWatchAheadThatEndsIsGivenUpAndTheListGoesOn() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        ahead =
                (call, handler, api) -> {
                    handler.on(object("early", "8", 1));
                    handler.on(new Signal.Expired(true, null, "too old"));
                    told.countDown();
                };
        ScriptedApi api = listInTwoPages(told, page("7"), "again");
        add(A);
        assertThat(objects(1)).containsExactly("c/events/a/again");
        assertThat(api.calls).containsExactly("list null", "list t", "watch 7");
        await().untilAsserted(() -> assertEnded(aheads.get(0)));
    }

    @Test
    void aListThatBeginsAgainDropsTheWatchAhead() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        ahead = (call, handler, api) -> tellThenHang(handler, api, told, object("e", "8", 1));
        Signal expired = new Signal.Expired(false, "rest", "too old");
        ScriptedApi api = listInTwoPages(told, expired, "again");
        add(A);
        assertThat(objects(1)).containsExactly("c/events/a/again");
        assertThat(api.calls).containsExactly("list null", "list t", "list null", "watch 20");
        await().untilAsserted(() -> assertEnded(aheads.get(0)));
    }

    @Test
    void closesWhileAWatchAheadIsOpen() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        ahead = (call, handler, api) -> tellThenHang(handler, api, told, object("e", "8", 1));
        ScriptedApi api = listInTwoPages(new CountDownLatch(1), page("7"), "never");
        add(A);
        told.await();
        reader.close();
        assertEnded(api);
        assertEnded(aheads.get(0));
    }

    @Test
    void closesWhileAnAdoptedWatchWaitsForRoom() throws Exception {
        reader.close();
        reader = reader(ReaderHarness.impatient(500).aheadBufferBytes(5_000).build(), 1_000);
        CountDownLatch told = new CountDownLatch(1);
        ahead =
                (call, handler, api) -> {
                    handler.on(new Signal.Opened(ScriptedApi.DATE));
                    told.countDown();
                    await().until(() -> apis.get("a").calls.size() == 2);
                    for (int i = 0; i < 100; i++) {
                        handler.on(object("o" + i, "" + (8 + i), 500));
                    }
                };
        ScriptedApi api = listInTwoPages(told, page("7"), "again");
        add(A);
        await().until(() -> !aheads.isEmpty());
        awaitBlocked(api);
        reader.close();
        assertEnded(api);
        assertEnded(aheads.get(0));
    }

    @Test
    void theFailureOfADriverReachesFlink() {
        script(
                A,
                (call, handler, api) -> {
                    throw new IllegalStateException("a bug");
                });
        add(A);
        assertThatThrownBy(() -> objects(1))
                .isInstanceOf(IOException.class)
                .hasMessage("a bug")
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void aServerWithoutOrderedVersionsFailsWithTheNameOfTheSplit() {
        script(A, (call, handler, api) -> handler.on(page("v1-abc")));
        add(A);
        assertThatThrownBy(() -> objects(1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("c/events/a")
                .hasMessageContaining("'v1-abc'");
    }

    @Test
    void aRemovedSplitEndsAndTheOthersGoOn() throws Exception {
        live(A);
        BlockingQueue<Signal> b = live(B);
        add(A, B);
        ScriptedApi api = apis.get("a");
        await().until(() -> api.calls.contains("watch 7"));
        reader.handleSplitsChanges(new SplitsRemoval<>(List.of(A)));
        assertEnded(api);
        b.add(object("one", "8", 1));
        assertThat(objects(1)).containsExactly("c/events/b/one");
    }

    @Test
    void aSplitIsReadOnce() {
        live(A);
        add(A);
        assertThatThrownBy(() -> add(A)).hasMessageContaining("c/events/a is read already");
    }

    @Test
    void aBoundedSplitFinishesAfterItsList() throws Exception {
        reader.close();
        reader = reader(ReaderHarness.impatient(500).bounded(true).build(), 1 << 20);
        ScriptedApi api =
                script(
                        A,
                        (call, handler, connection) -> {
                            handler.on(object("one", "5", 1));
                            handler.on(page("7"));
                        });
        add(A);
        List<String> finished = new ArrayList<>();
        while (finished.isEmpty()) {
            RecordsWithSplitIds<Element> records = reader.fetch();
            while (records.nextSplit() != null) {
                while (records.nextRecordFromSplit() != null) {
                    // taken
                }
            }
            finished.addAll(records.finishedSplits());
        }
        assertThat(finished).containsExactly("c/events/a");
        assertThat(api.calls).containsExactly("list null");
        assertEnded(api);
    }

    @Test
    void aWatchThatSaysNothingIsEndedAndListed() {
        ScriptedApi api =
                script(
                        A,
                        (call, handler, connection) -> {
                            handler.on(new Signal.Opened(ScriptedApi.DATE));
                            if (call.startsWith("list")) {
                                handler.on(page("7"));
                            } else {
                                connection.hang(handler);
                            }
                        });
        add(A);
        await().until(() -> api.calls.size() >= 4);
        assertThat(api.calls).startsWith("list null", "watch 7", "list null", "watch 7");
        assertThat(notices).contains(Notice.QUIET).doesNotContain(Notice.BROKEN);
    }

    @Test
    void aRestoredSplitProbesThenWatchesFromItsPosition() {
        ScriptedApi api =
                script(
                        A,
                        (call, handler, connection) -> {
                            if (call.startsWith("probe")) {
                                handler.on(page("70"));
                            } else {
                                connection.hang(handler);
                            }
                        });
        add(A.at(Position.initial().listed(new ResourceVersion("42"), 1, List.of())));
        await().until(() -> api.calls.size() >= 2);
        assertThat(api.calls).startsWith("probe 42", "watch 42");
    }

    @Test
    void reloadsCredentialsBeforeItAsksAgainAfterA401() {
        ScriptedApi api =
                script(
                        A,
                        (call, handler, connection) ->
                                handler.on(new Signal.Refused(401, 0, false, false, "who")));
        add(A);
        await().until(() -> api.calls.size() >= 3);
        assertThat(api.calls).startsWith("list null", "reload", "list null");
    }
}
