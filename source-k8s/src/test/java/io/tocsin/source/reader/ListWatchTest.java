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

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.Startup;
import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.api.Signal;
import io.tocsin.source.api.Signal.Closed;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListWatchTest {

    private static final long SERVER = 1_760_000_000_000L;

    private final List<Action> actions = new ArrayList<>();
    private long elapsed;
    private double random = 0.5;
    private ListWatch policy = new ListWatch(ListWatchSettings.defaults(), Position.initial());

    private Call next() {
        return policy.next(moment(), actions);
    }

    /** The next call, after the check that may come before it found nothing. */
    private Call afterCheck() {
        Call call = next();
        while (call instanceof Call.Probe || call instanceof Call.Look) {
            if (call instanceof Call.Look look) {
                on(upserted(look.name(), "1000"));
            }
            on(page("1000", "t"));
            call = next();
        }
        return call;
    }

    private void on(Signal signal) {
        policy.on(signal, moment(), actions);
    }

    private Moment moment() {
        return new Moment(elapsed, SERVER + elapsed, random);
    }

    private void startAt(String version) {
        policy =
                new ListWatch(
                        ListWatchSettings.defaults(),
                        Position.initial().listed(new ResourceVersion(version), SERVER, List.of()));
    }

    private void watchFrom(String version) {
        startAt(version);
        next();
        on(page(version, null));
        assertThat(next()).isInstanceOf(Call.Watch.class);
        on(new Signal.Opened(SERVER));
        actions.clear();
    }

    private static Signal page(String version, String token) {
        return new Signal.Page(version, token, SERVER, 1, true, "ns", "a");
    }

    private static Signal upserted(String name, String version) {
        byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
        return new Signal.Upserted(new ObjectVersion("ns", name, "u", version, json));
    }

    private static Signal malformed() {
        return new Signal.Malformed(new byte[] {1, 2}, "no JSON");
    }

    private static Signal refused(int status, long retryAfter, boolean inStream) {
        return new Signal.Refused(status, retryAfter, inStream, false, "no");
    }

    private <T extends Element> List<T> emitted(Class<T> type) {
        return actions.stream()
                .filter(Action.Emit.class::isInstance)
                .map(action -> ((Action.Emit) action).element())
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    private List<Notice> reported() {
        return actions.stream()
                .filter(Action.Report.class::isInstance)
                .map(action -> ((Action.Report) action).notice())
                .toList();
    }

    @Test
    void listsThenWatchesFromTheVersionOfTheList() {
        assertThat(next()).isEqualTo(new Call.List(500, null, null));
        on(upserted("a", "3"));
        assertThat(emitted(Element.Changed.class)).isEmpty();
        on(page("9", null));
        assertThat(emitted(Element.Changed.class))
                .singleElement()
                .satisfies(changed -> assertThat(changed.origin()).isEqualTo(Origin.LISTED));
        assertThat(emitted(Element.Listed.class))
                .singleElement()
                .satisfies(
                        listed -> {
                            assertThat(listed.announce()).isTrue();
                            assertThat(listed.next().version().value()).isEqualTo("9");
                        });
        assertThat(next())
                .isInstanceOfSatisfying(
                        Call.Watch.class, watch -> assertThat(watch.version()).isEqualTo("9"));
    }

    @Test
    void marksTheFirstListAsBaselineWhenStartingAtTheLatest() {
        policy =
                new ListWatch(
                        ListWatchSettings.builder().startup(Startup.LATEST).build(),
                        Position.initial());
        next();
        on(upserted("a", "3"));
        on(page("9", null));
        assertThat(emitted(Element.Changed.class).get(0).origin()).isEqualTo(Origin.BASELINE);
        next();
        policy.quiet(moment(), actions);
        next();
        on(upserted("a", "10"));
        on(page("11", null));
        assertThat(emitted(Element.Changed.class).get(1).origin()).isEqualTo(Origin.LISTED);
    }

    @Test
    void probesBeforeItResumes() {
        startAt("7");
        assertThat(next()).isEqualTo(new Call.Probe("7"));
        on(page("8", "t"));
        assertThat(next())
                .isInstanceOfSatisfying(
                        Call.Watch.class, watch -> assertThat(watch.version()).isEqualTo("7"));
    }

    // ------------------------------------------------------------------ presence

    private static Signal.Page page(String version, String token, String last) {
        return new Signal.Page(version, token, SERVER, 2, true, "ns", last);
    }

    /** Names of what was told as present, with the version as of which. */
    private List<String> present() {
        return emitted(Element.Present.class).stream()
                .map(each -> each.name() + (each.changed() == null ? "" : "!") + "@" + each.asOf())
                .toList();
    }

    @Test
    void tellsEveryItemOfAListAsPresentWhereThatMatters() {
        policy =
                new ListWatch(
                        ListWatchSettings.builder().presence(true).build(), Position.initial());
        next();
        on(upserted("a", "3"));
        on(upserted("b", "4"));
        on(page("9", null, "b"));
        next();
        policy.quiet(moment(), actions);
        next();
        assertThat(policy.wants("ns", "a", "3")).isTrue();
        on(upserted("a", "3"));
        on(upserted("b", "11"));
        on(page("12", null, "b"));
        assertThat(present()).containsExactly("a!@9", "b!@9", "a@12", "b!@12");
        assertThat(emitted(Element.Changed.class)).as("told with their presence").isEmpty();
        assertThat(emitted(Element.Listed.class))
                .allMatch(Element.Listed::announce)
                .extracting(listed -> listed.next().version().value())
                .containsExactly("9", "12");
    }

    @Test
    void tellsPresenceAsOfTheVersionOfTheListThatARestartInterrupted() {
        Position within =
                Position.initial().withOpenList().listing(new ResourceVersion("9"), null, "ns/a");
        policy = new ListWatch(ListWatchSettings.builder().presence(true).build(), within);
        next();
        on(page("9", "t"));
        next();
        on(upserted("a", "3"));
        on(upserted("b", "4"));
        on(page("9", null, "b"));
        assertThat(present()).as("a was told before").containsExactly("b!@9");
        assertThat(reported()).doesNotContain(Notice.UNSORTED);
    }

    @Test
    void tellsAllAsPresentAgainWhereAListHadToBeginAgain() {
        policy =
                new ListWatch(
                        ListWatchSettings.builder().presence(true).build(), Position.initial());
        next();
        on(upserted("a", "3"));
        on(page("9", "t", "a"));
        next();
        on(new Signal.Expired(false, "rest", "too old"));
        next();
        on(upserted("a", "3"));
        on(upserted("b", "4"));
        on(page("12", null, "b"));
        assertThat(present()).containsExactly("a!@9", "a@12", "b!@12");
    }

    @Test
    void tellsAnItemThatIsNotUnderstoodAsPresentIfItSaysWhatItIs() {
        policy =
                new ListWatch(
                        ListWatchSettings.builder().presence(true).build(), Position.initial());
        for (int i = 0; i < 2; i++) {
            next();
            on(upserted("a", "3"));
            on(new Signal.Malformed(new byte[] {1}, "no JSON", "ns", "b", "ub"));
            on(new Signal.Malformed(new byte[] {2}, "no JSON"));
            on(upserted("c", "4"));
            on(page("9", null, "c"));
            next();
        }
        assertThat(present()).containsExactly("a!@9", "b@9", "c!@9");
        assertThat(emitted(Element.DeadLetter.class)).hasSize(2);
    }

    @Test
    void opensAWatchWhileAListOfSeveralPagesGoesOn() {
        next();
        on(upserted("a", "3"));
        on(page("9", "t1"));
        assertThat(actions).contains(new Action.WatchAhead("9", 450_000));
        actions.clear();
        next();
        on(page("9", "t2"));
        next();
        on(page("9", null));
        assertThat(actions).noneMatch(Action.WatchAhead.class::isInstance);
    }

    // ------------------------------------------------------------------ witnesses

    private static Signal object(String name, String uid, String version) {
        byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
        return new Signal.Upserted(new ObjectVersion("ns", name, uid, version, json));
    }

    /** Watches objects a@8 and b@9 (uids ua, ub), then loses the connection for a while. */
    private void breakAfterTwoObjects(long objectTtlMillis, long goneMillis) {
        policy =
                new ListWatch(
                        ListWatchSettings.builder().objectTtlMillis(objectTtlMillis).build(),
                        Position.initial().listed(new ResourceVersion("7"), SERVER, List.of()));
        next();
        on(page("7", "t"));
        next();
        on(new Signal.Opened(SERVER));
        on(object("a", "ua", "8"));
        on(object("b", "ub", "9"));
        elapsed += goneMillis;
        on(new Signal.Closed(Closed.Cause.BROKEN, 2, 10, "reset"));
        next();
        assertThat(next()).isEqualTo(new Call.Probe("9"));
        on(page("9999", "t"));
        actions.clear();
    }

    @Test
    void isConfirmedByItsNewestWitness() {
        breakAfterTwoObjects(3_600_000, 10_000);
        assertThat(next()).isEqualTo(new Call.Look("ns", "b"));
        assertThat(policy.wants("ns", "b", "9")).isTrue();
        on(object("b", "ub", "50"));
        on(page("9999", null));
        assertThat(next())
                .isInstanceOfSatisfying(
                        Call.Watch.class, watch -> assertThat(watch.version()).isEqualTo("9"));
        assertThat(emitted(Element.class)).isEmpty();
    }

    @Test
    void aWitnessThatIsOlderThanItWasTellsOfARestoredServer() {
        breakAfterTwoObjects(3_600_000, 10_000);
        next();
        on(object("b", "ub", "5"));
        on(page("9999", null));
        assertThat(reported()).containsExactly(Notice.ROLLED_BACK);
        assertThat(policy.position().epoch()).isEqualTo(1);
        assertThat(next()).isEqualTo(new Call.List(500, null, null));
    }

    @Test
    void aWitnessThatIsGoneTooSoonTellsOfARestoredServer() {
        breakAfterTwoObjects(3_600_000, 10_000);
        next();
        on(object("b", "another uid", "50"));
        on(page("9999", null));
        assertThat(actions)
                .first()
                .isInstanceOfSatisfying(
                        Action.Report.class,
                        report -> {
                            assertThat(report.notice()).isEqualTo(Notice.WITNESS_GONE);
                            assertThat(report.message()).contains("ns/b", "ub", "version 9");
                        });
        assertThat(policy.position().epoch()).isEqualTo(1);
    }

    @Test
    void witnessesThatMayHaveExpiredSayNothing() {
        breakAfterTwoObjects(3_600_000, 3_300_000);
        assertThat(next()).isEqualTo(new Call.Look("ns", "b"));
        on(page("9999", null));
        assertThat(next()).isEqualTo(new Call.Look("ns", "a"));
        on(page("9999", null));
        assertThat(next()).isInstanceOf(Call.Watch.class);
        assertThat(policy.position().epoch()).isZero();
    }

    @Test
    void objectsThatNeverExpireAreNeverJustGone() {
        breakAfterTwoObjects(0, 86_400_000);
        next();
        on(page("9999", null));
        assertThat(reported()).containsExactly(Notice.WITNESS_GONE);
    }

    @Test
    void goesOnWithoutAWitnessWhereLookingFails() {
        breakAfterTwoObjects(3_600_000, 10_000);
        assertThat(next()).isInstanceOf(Call.Look.class);
        on(refused(403, 0, false));
        assertThat(reported()).isEmpty();
        assertThat(next()).isInstanceOf(Call.Watch.class);
    }

    private void breakThenLookAtAnotherHistory(int unanswered, Signal instead) {
        breakAfterTwoObjects(3_600_000, 10_000);
        for (int i = 0; i < unanswered; i++) {
            assertThat(next()).isEqualTo(new Call.Look("ns", "b"));
            on(instead);
            Call then = next();
            if (then instanceof Call.Wait) {
                elapsed += 3_000;
                then = next();
            }
            if (then instanceof Call.Probe) {
                on(page("9999", "t"));
            }
        }
    }

    @Test
    void asksForAWitnessAgainWhereThereWasNoAnswer() {
        for (Signal instead :
                List.of(
                        refused(503, 0, false),
                        refused(429, 0, false),
                        refused(401, 0, false),
                        new Signal.Closed(Closed.Cause.BROKEN, 0, 10, "reset"))) {
            breakThenLookAtAnotherHistory(2, instead);
            assertThat(next()).as("after " + instead).isEqualTo(new Call.Look("ns", "b"));
            on(object("b", "ub", "5"));
            on(page("9999", null));
            assertThat(reported()).contains(Notice.ROLLED_BACK);
            assertThat(policy.position().epoch()).isEqualTo(1);
        }
    }

    @Test
    void goesOnWithoutAWitnessThatIsNeverTold() {
        breakThenLookAtAnotherHistory(2, refused(500, 0, false));
        assertThat(next()).isEqualTo(new Call.Look("ns", "b"));
        on(refused(500, 0, false));
        assertThat(next()).isInstanceOf(Call.Watch.class);
        assertThat(policy.position().epoch()).isZero();
    }

    @Test
    void givesUpAListOfAVersionThatTheServerDoesNotKnow() {
        policy =
                new ListWatch(
                        ListWatchSettings.defaults(),
                        Position.initial()
                                .withOpenList()
                                .listing(new ResourceVersion("9"), "token", "ns/a"));
        assertThat(next()).isEqualTo(new Call.Probe("9"));
        on(new Signal.Refused(504, 0, false, true, "Too large resource version"));
        assertThat(next()).isInstanceOf(Call.Wait.class);
        assertThat(next()).as("its token is of no use").isEqualTo(new Call.List(500, null, null));
        assertThat(policy.position().newest().value()).as("what it reached is kept").isEqualTo("9");
        on(page("5", null));
        assertThat(reported()).containsExactly(Notice.UNKNOWN_VERSION, Notice.ROLLED_BACK);
    }

    @Test
    void aDeletedObjectIsNoWitness() {
        watchFrom("7");
        on(object("a", "ua", "8"));
        on(object("b", "ub", "9"));
        on(object("a", "ua", "10"));
        assertThat(policy.position().witnesses())
                .extracting(witness -> witness.key() + "@" + witness.version())
                .containsExactly("ns/a@10", "ns/b@9");
        on(new Signal.Deleted(new ObjectVersion("ns", "a", "ua", "11", new byte[] {'{', '}'})));
        assertThat(policy.position().witnesses())
                .extracting(witness -> witness.key() + "@" + witness.version())
                .containsExactly("ns/b@9");
    }

    @Test
    void aRelistDropsTheWitnessesThatItDoesNotShow() {
        watchFrom("7");
        on(object("a", "ua", "8"));
        on(object("b", "ub", "9"));
        policy.quiet(moment(), actions);
        next();
        policy.wants("ns", "b", "9");
        on(page("20", null));
        assertThat(policy.position().witnesses())
                .singleElement()
                .satisfies(witness -> assertThat(witness.key()).isEqualTo("ns/b"));
    }

    @Test
    void theNewestObjectsOfAListAreItsWitnesses() {
        next();
        for (int i = 0; i < 6; i++) {
            on(object("o" + i, "u" + i, "" + (7 + i * 5 % 6)));
        }
        on(new Signal.Page("20", null, SERVER, 6, true, "ns", "o5"));
        assertThat(policy.position().witnesses())
                .extracting(witness -> witness.key() + "@" + witness.version())
                .containsExactly("ns/o1@12", "ns/o2@11", "ns/o3@10");
        assertThat(policy.position().witnesses())
                .as("they may be of any age")
                .allMatch(witness -> witness.writtenAfterMillis() == 0);
    }

    @Test
    void beginsANewEpochWhenTheServerIsOlderThanThePosition() {
        startAt("70");
        next();
        on(new Signal.Refused(504, 0, false, true, "Too large resource version"));
        assertThat(next()).isInstanceOf(Call.Wait.class);
        assertThat(next()).isInstanceOf(Call.List.class);
        assertThat(policy.wants("ns", "a", "60")).isFalse();
        on(page("60", null));
        assertThat(reported()).contains(Notice.ROLLED_BACK);
        assertThat(next()).isInstanceOf(Call.List.class);
        on(upserted("a", "60"));
        on(page("60", null));
        assertThat(emitted(Element.Changed.class).get(0).next().epoch()).isEqualTo(1);
    }

    @Test
    void relistsOnExpiryAndEmitsOnlyWhatIsNewer() {
        watchFrom("7");
        on(new Signal.Expired(true, null, "too old"));
        assertThat(reported()).containsExactly(Notice.EXPIRED);
        assertThat(next()).isEqualTo(new Call.List(500, null, null));
        assertThat(policy.wants("ns", "a", "7")).isFalse();
        on(upserted("b", "8"));
        on(page("9", null));
        assertThat(emitted(Element.Changed.class)).hasSize(1);
        assertThat(emitted(Element.Listed.class).get(0).announce()).isTrue();
    }

    @Test
    void tellsNoEndOfAQuietRelistThatFoundNothing() {
        watchFrom("7");
        on(new Signal.Closed(Closed.Cause.CANCELLED, 0, 10_000, "quiet"));
        policy.quiet(moment(), actions);
        assertThat(next()).isInstanceOf(Call.List.class);
        on(page("7", null));
        assertThat(emitted(Element.Listed.class))
                .singleElement()
                .satisfies(
                        listed -> {
                            assertThat(listed.announce()).isFalse();
                            assertThat(listed.provenMillis()).isEqualTo(SERVER);
                        });
    }

    @Test
    void relistsAfterTwoInstantEmptyClosesWithoutAHotLoop() {
        watchFrom("7");
        on(new Signal.Closed(Closed.Cause.CLEAN, 0, 10, "end"));
        assertThat(next()).isInstanceOf(Call.Wait.class);
        assertThat(next()).isInstanceOf(Call.Watch.class);
        on(new Signal.Closed(Closed.Cause.CLEAN, 0, 10, "end"));
        assertThat(reported()).contains(Notice.INSTANT_CLOSES);
        assertThat(next()).isInstanceOf(Call.Wait.class);
        assertThat(next()).isInstanceOf(Call.List.class);
    }

    @Test
    void watchesAgainAtOnceAfterAnOrderlyEnd() {
        watchFrom("7");
        on(upserted("a", "8"));
        on(new Signal.Closed(Closed.Cause.CLEAN, 1, 300_000, "end"));
        assertThat(next())
                .isInstanceOfSatisfying(
                        Call.Watch.class, watch -> assertThat(watch.version()).isEqualTo("8"));
    }

    @Test
    void startsAnExpiredListAgainWithLargerPagesKeepingWhatWasEmitted() {
        next();
        on(upserted("a", "3"));
        on(page("9", "t1"));
        assertThat(next()).isEqualTo(new Call.List(500, "t1", null));
        on(new Signal.Expired(false, "rest", "too old"));
        assertThat(reported()).contains(Notice.CONTINUE_EXPIRED);
        assertThat(policy.position().segments()).hasSize(1);
        assertThat(next()).isEqualTo(new Call.List(1000, null, null));
        assertThat(policy.wants("ns", "a", "3")).isFalse();
        assertThat(policy.wants("ns", "a", "10")).isTrue();
        assertThat(policy.wants("ns", "b", "3")).isTrue();
    }

    @Test
    void aWholeListThatBreaksIsAskedForByPagesAgain() {
        for (int i = 0; i < 3; i++) {
            afterWait();
            on(page("9", "t" + i));
            afterWait();
            on(new Signal.Expired(false, "rest", "too old"));
        }
        assertThat(afterWait()).isEqualTo(new Call.List(0, null, null));
        on(new Signal.Closed(Closed.Cause.BROKEN, 0, 60_000, "it took too long"));
        assertThat(afterWait())
                .as("what it told before made no progress")
                .isEqualTo(new Call.List(2_000, null, null));
        on(refused(504, 0, false));
        assertThat(afterWait()).isEqualTo(new Call.List(2_000, null, null));
    }

    private Call afterWait() {
        Call call = afterCheck();
        while (call instanceof Call.Wait wait) {
            elapsed += wait.millis();
            call = afterCheck();
        }
        return call;
    }

    @Test
    void goesOnWithinAListAfterARestore() {
        Position within =
                Position.initial().withOpenList().listing(new ResourceVersion("9"), null, "ns/c");
        policy = new ListWatch(ListWatchSettings.defaults(), within);
        assertThat(next()).isEqualTo(new Call.Probe("9"));
        on(page("9", "t"));
        assertThat(next()).isEqualTo(new Call.List(500, null, "9"));
        assertThat(policy.wants("ns", "c", "9")).isFalse();
        assertThat(policy.wants("ns", "d", "2")).isTrue();
    }

    @Test
    void honoursRetryAfter() {
        watchFrom("7");
        on(refused(429, 7_000, false));
        assertThat(next()).isEqualTo(new Call.Wait(7_000, false));
    }

    @Test
    void isNotBlindedForLongByWhatARefusalAsksFor() {
        watchFrom("7");
        on(refused(503, 86_400_000, false));
        assertThat(next()).isEqualTo(new Call.Wait(120_000, false));
        assertThat(next()).isInstanceOf(Call.Watch.class);
        on(refused(429, 86_400_000, true));
        assertThat(next()).isEqualTo(new Call.Wait(300_000, false));
    }

    @Test
    void reloadsCredentialsAfterA401() {
        watchFrom("7");
        on(refused(401, 0, false));
        assertThat(next())
                .isInstanceOfSatisfying(
                        Call.Wait.class, wait -> assertThat(wait.reloadCredentials()).isTrue());
    }

    @Test
    void backsOffWithFullJitterUpToTheCap() {
        watchFrom("7");
        long longest = 0;
        random = 0.999;
        for (int i = 0; i < 12; i++) {
            on(new Signal.Closed(Closed.Cause.BROKEN, 0, 1, "reset"));
            Call.Wait wait = (Call.Wait) next();
            longest = Math.max(longest, wait.millis());
            next();
        }
        assertThat(longest).isBetween(29_000L, 30_000L);
        random = 0;
        on(new Signal.Closed(Closed.Cause.BROKEN, 0, 1, "reset"));
        assertThat(next()).isEqualTo(new Call.Wait(Backoff.FLOOR_MILLIS, false));
    }

    @Test
    void relistsAfterThreeErrorsWithinWatches() {
        watchFrom("7");
        for (int i = 0; i < 3; i++) {
            on(refused(500, 0, true));
            assertThat(next()).isInstanceOf(Call.Wait.class);
            next();
        }
        assertThat(reported()).contains(Notice.ERRORS);
    }

    @Test
    void tellsAForbiddenScopeAsLostAfterAMinuteAndAsRegainedLater() {
        watchFrom("7");
        on(new Signal.Closed(Closed.Cause.BROKEN, 0, 1, "reset"));
        for (int i = 0; i < 8; i++) {
            next();
            next();
            on(refused(403, 0, false));
            elapsed += 10_000;
        }
        assertThat(emitted(Element.Lost.class))
                .singleElement()
                .satisfies(lost -> assertThat(lost.fromMillis()).isEqualTo(SERVER));
        next();
        afterCheck();
        on(new Signal.Opened(SERVER));
        assertThat(emitted(Element.Regained.class)).isEmpty();
        on(upserted("a", "8"));
        assertThat(emitted(Element.Regained.class))
                .singleElement()
                .satisfies(
                        regained -> {
                            assertThat(regained.fromMillis()).isEqualTo(SERVER);
                            assertThat(regained.atMillis()).isEqualTo(SERVER + elapsed);
                        });
    }

    @Test
    void neverPassesAMalformedLineBeforeItsSecondChance() {
        watchFrom("7");
        on(malformed());
        on(upserted("later", "9"));
        assertThat(policy.position().version().value()).isEqualTo("7");
        assertThat(actions).contains(new Action.Cancel());
        assertThat(next()).isInstanceOf(Call.Wait.class);
        assertThat(next()).isInstanceOf(Call.Watch.class);
        on(malformed());
        assertThat(emitted(Element.DeadLetter.class)).hasSize(1);
        on(malformed());
        assertThat(next()).isInstanceOf(Call.Wait.class);
        next();
        on(malformed());
        on(malformed());
        on(upserted("later", "9"));
        assertThat(emitted(Element.DeadLetter.class)).hasSize(2);
        assertThat(policy.position().version().value()).isEqualTo("9");
    }

    @Test
    void readsAPageWithAMalformedItemTwiceThenDeadLettersIt() {
        next();
        on(upserted("a", "3"));
        on(malformed());
        on(page("9", null));
        assertThat(emitted(Element.Changed.class)).isEmpty();
        assertThat(next()).isInstanceOf(Call.Wait.class);
        assertThat(next()).isInstanceOf(Call.List.class);
        on(upserted("a", "3"));
        on(malformed());
        on(page("9", null));
        assertThat(emitted(Element.Changed.class)).hasSize(1);
        assertThat(emitted(Element.DeadLetter.class)).hasSize(1);
        assertThat(next()).isInstanceOf(Call.Watch.class);
    }

    @Test
    void makesNoProgressInPositionWithinAnUnsortedList() {
        next();
        on(upserted("b", "3"));
        on(new Signal.Page("9", "t", SERVER, 2, false, "ns", "a"));
        assertThat(reported()).contains(Notice.UNSORTED);
        assertThat(emitted(Element.Changed.class).get(0).next().relist()).isNull();
        assertThat(next()).isEqualTo(new Call.List(500, "t", null));
        on(page("9", null));
        assertThat(policy.position().version().value()).isEqualTo("9");
    }

    @Test
    void aPageThatBeginsBeforeTheEndOfTheOneBeforeIsOutOfOrder() {
        watchFrom("7");
        on(new Signal.Expired(true, null, "too old"));
        next();
        assertThat(policy.wants("ns", "d", "8")).isTrue();
        on(upserted("d", "8"));
        on(page("20", "t1", "d"));
        next();
        assertThat(policy.wants("ns", "b", "3")).as("not new, but out of order").isFalse();
        on(page("20", "t2", "c"));
        assertThat(reported()).contains(Notice.UNSORTED);
        assertThat(policy.position().isNew("ns", "c2", new ResourceVersion("9")))
                .as("after a crash, what was not told yet")
                .isTrue();
    }

    @Test
    void failsWithAClearErrorWhereVersionsCannotBeOrdered() {
        next();
        on(page("abc", null));
        assertThat(actions)
                .anySatisfy(
                        action ->
                                assertThat(action)
                                        .isInstanceOfSatisfying(
                                                Action.Fail.class,
                                                fail ->
                                                        assertThat(fail.message())
                                                                .contains("'abc'")));
    }

    @Test
    void letsAllDeletionsOfOneVersionPass() {
        watchFrom("7");
        byte[] json = {'{', '}'};
        on(new Signal.Deleted(new ObjectVersion("ns", "a", "u", "8", json)));
        assertThat(policy.wants("ns", "b", "8")).isTrue();
        on(new Signal.Deleted(new ObjectVersion("ns", "b", "u", "8", json)));
        assertThat(emitted(Element.Changed.class)).hasSize(2);
    }

    @Test
    void treatsACallThatTellsNoEndAsBroken() {
        watchFrom("7");
        assertThat(next()).isInstanceOf(Call.Wait.class);
        assertThat(reported()).containsExactly(Notice.BROKEN);
    }

    /** Fails so often that a wait is long, and gives the wait of the last failure. */
    private long waitAfter(Runnable failure) {
        failure.run();
        Call.Wait wait = (Call.Wait) next();
        elapsed += wait.millis();
        return wait.millis();
    }

    private void acceptedAndBroken() {
        on(new Signal.Opened(SERVER));
        elapsed += 5;
        on(new Signal.Closed(Closed.Cause.BROKEN, 0, 5, "reset"));
    }

    @Test
    void staysBlindWhileWatchesAreAcceptedAndBrokenAtOnce() {
        watchFrom("7");
        long begin = elapsed;
        random = 0.999;
        long last = 0;
        while (elapsed < 300_000) {
            last = waitAfter(this::acceptedAndBroken);
            if (afterCheck() instanceof Call.List) {
                last = waitAfter(() -> on(refused(503, 0, false)));
                afterCheck();
            }
        }
        assertThat(last).as("the wait grew").isGreaterThan(29_000);
        assertThat(emitted(Element.Regained.class)).isEmpty();
        assertThat(reported()).doesNotContain(Notice.REGAINED);

        on(page("9", null));

        assertThat(emitted(Element.Regained.class))
                .singleElement()
                .satisfies(
                        regained -> {
                            assertThat(regained.fromMillis()).isEqualTo(SERVER + begin);
                            assertThat(regained.atMillis()).isEqualTo(SERVER + elapsed);
                        });
    }

    @Test
    void listsEverMoreSlowlyWhereWatchesNeverLast() {
        watchFrom("7");
        random = 0.999;
        long last = 0;
        int lists = 0;
        for (int i = 0; i < 20; i++) {
            last = waitAfter(this::acceptedAndBroken);
            if (afterCheck() instanceof Call.List) {
                lists++;
                on(page("" + (10 + i), null));
                afterCheck();
            }
        }
        assertThat(lists).isEqualTo(10);
        assertThat(last).as("the wait grew").isGreaterThan(29_000);
    }

    @Test
    void doesNotSpinOnWatchesThatRepeatAnOldLineAndClose() {
        watchFrom("7");
        random = 0.999;
        long last = 0;
        for (int i = 0; i < 12; i++) {
            last =
                    waitAfter(
                            () -> {
                                on(new Signal.Opened(SERVER));
                                on(new Signal.Bookmark("7"));
                                on(new Signal.Closed(Closed.Cause.CLEAN, 1, 5, "end"));
                            });
            if (afterCheck() instanceof Call.List) {
                on(page("7", null));
                afterCheck();
            }
        }
        assertThat(last).isGreaterThan(29_000);
    }

    @Test
    void aWatchThatStayedOpenEndsTheRowOfFailures() {
        watchFrom("7");
        random = 0.999;
        for (int i = 0; i < 6; i++) {
            waitAfter(() -> on(new Signal.Closed(Closed.Cause.BROKEN, 0, 1, "refused")));
            while (!(afterCheck() instanceof Call.Watch)) {
                on(page("7", null));
            }
        }
        on(new Signal.Opened(SERVER));
        elapsed += Watching.PROOF_MILLIS;
        actions.clear();
        on(new Signal.Closed(Closed.Cause.BROKEN, 0, 5_000, "reset"));
        assertThat(reported()).containsExactly(Notice.REGAINED, Notice.BROKEN);
        assertThat(((Call.Wait) next()).millis()).isLessThan(800);
    }

    @Test
    void asksSoonByAListWhetherASilentWatchAfterLostContactIsAlive() {
        watchFrom("7");
        random = 0.5;
        on(new Signal.Closed(Closed.Cause.BROKEN, 0, 1, "reset"));
        next();
        assertThat(next())
                .isInstanceOfSatisfying(
                        Call.Watch.class,
                        watch -> assertThat(watch.quietMillis()).isEqualTo(2_000));
        on(new Signal.Opened(SERVER));
        on(new Signal.Closed(Closed.Cause.CANCELLED, 0, 2_000, "quiet"));
        policy.quiet(moment(), actions);
        assertThat(next()).isInstanceOf(Call.List.class);
        on(page("7", null));
        assertThat(reported()).contains(Notice.REGAINED);
        assertThat(next())
                .isInstanceOfSatisfying(
                        Call.Watch.class,
                        watch -> assertThat(watch.quietMillis()).isEqualTo(10_000));
    }

    @Test
    void aWatchThatGoesSilentBeyondItsTimeoutIsBroken() {
        watchFrom("7");
        elapsed += 305_000;
        on(new Signal.Closed(Closed.Cause.IDLE, 0, 305_000, "nothing was received"));
        assertThat(reported()).containsExactly(Notice.BROKEN);
        assertThat(next()).isInstanceOf(Call.Wait.class);
    }

    @Test
    void isBlindSinceTheLastWordNotSinceTheSilenceWasNoticed() {
        watchFrom("7");
        elapsed += 1_000;
        on(upserted("a", "8"));
        elapsed += 305_000;
        on(new Signal.Closed(Closed.Cause.IDLE, 1, 306_000, "nothing was received"));
        next();
        afterCheck();
        on(new Signal.Opened(SERVER));
        on(upserted("a", "9"));
        assertThat(emitted(Element.Regained.class))
                .singleElement()
                .satisfies(
                        regained -> {
                            assertThat(regained.fromMillis()).isEqualTo(SERVER + 1_000);
                            assertThat(regained.atMillis()).isEqualTo(SERVER + 306_000);
                        });
    }

    @Test
    void probesAfterTroubleButNotAfterAnOrderlyEnd() {
        watchFrom("7");
        elapsed += 60_000;
        on(new Signal.Closed(Closed.Cause.CLEAN, 0, 60_000, "end"));
        assertThat(next()).isInstanceOf(Call.Watch.class);
        on(new Signal.Opened(SERVER));
        on(upserted("a", "8"));
        on(new Signal.Closed(Closed.Cause.BROKEN, 1, 10, "reset"));
        assertThat(next()).isInstanceOf(Call.Wait.class);
        assertThat(next()).isEqualTo(new Call.Probe("8"));
        on(page("9", "t"));
        assertThat(afterCheck())
                .isInstanceOfSatisfying(
                        Call.Watch.class, watch -> assertThat(watch.version()).isEqualTo("8"));
    }

    @Test
    void noticesAServerThatWentBackWhileWeWatched() {
        watchFrom("70");
        elapsed += 60_000;
        on(new Signal.Closed(Closed.Cause.BROKEN, 0, 60_000, "reset"));
        next();
        assertThat(next()).isEqualTo(new Call.Probe("70"));
        on(page("60", "t"));
        assertThat(reported()).contains(Notice.ROLLED_BACK);
        assertThat(next()).isEqualTo(new Call.List(500, null, null));
        assertThat(policy.position().epoch()).isEqualTo(1);
    }

    @Test
    void asksAFlappingServerHardlyMoreOftenThanWithoutProbes() {
        watchFrom("7");
        random = 0.999;
        int probes = 0;
        int watches = 0;
        while (elapsed < 600_000) {
            Call call = next();
            if (call instanceof Call.Wait wait) {
                elapsed += wait.millis();
            } else if (call instanceof Call.Probe) {
                probes++;
                on(page("7", "t"));
            } else if (call instanceof Call.List) {
                on(page("7", null));
            } else {
                watches++;
                acceptedAndBroken();
            }
        }
        assertThat(probes).isLessThanOrEqualTo(watches);
        assertThat(watches).as("the waits grew").isLessThan(40);
    }

    @Test
    void listsNowAndThenWhereWatchesAreRefusedSoThatEventTimeGoesOn() {
        watchFrom("7");
        random = 0.999;
        int lists = 0;
        int watches = 0;
        for (int i = 0; i < 60; i++) {
            Call call = next();
            if (call instanceof Call.Wait wait) {
                elapsed += wait.millis();
            } else if (call instanceof Call.Probe) {
                on(page("7", "t"));
            } else if (call instanceof Call.List) {
                lists++;
                on(page("7", null));
            } else {
                watches++;
                on(refused(403, 0, false));
            }
        }
        assertThat(reported()).contains(Notice.NO_WATCH);
        assertThat(lists).isBetween(watches / 3, watches);
        assertThat(emitted(Element.Listed.class)).hasSize(lists);
    }

    @Test
    void goesOnWatchingWhereItWasOnceAServerThatWasGoneIsBack() {
        watchFrom("7");
        elapsed += 10_000;
        policy.quiet(moment(), actions);
        for (int i = 0; i < 20; i++) {
            Call call = next();
            if (call instanceof Call.Wait wait) {
                elapsed += wait.millis();
            } else {
                on(new Signal.Closed(Closed.Cause.BROKEN, 0, 1, "refused"));
            }
        }
        Call call = next();
        while (!(call instanceof Call.Watch watch)) {
            assertThat(call)
                    .as("a list would pass over what came and went")
                    .isNotInstanceOf(Call.List.class);
            if (call instanceof Call.Probe) {
                on(page("99", "t"));
            }
            call = next();
        }
        assertThat(watch.version()).isEqualTo("7");
    }

    @Test
    void listsWhereAVersionIsRefusedAsBad() {
        startAt("7");
        next();
        on(refused(400, 0, false));
        assertThat(reported()).containsExactly(Notice.UNKNOWN_VERSION);
        assertThat(next()).isInstanceOf(Call.Wait.class);
        assertThat(next()).isInstanceOf(Call.List.class);
    }

    @Test
    void neverEndsTheJobForAnOddVersionAfterFirstContact() {
        watchFrom("7");
        policy.quiet(moment(), actions);
        next();
        on(page("abc", null));
        assertThat(actions).noneMatch(Action.Fail.class::isInstance);
        assertThat(reported()).contains(Notice.REFUSED);
        assertThat(next()).isInstanceOf(Call.Wait.class);
        assertThat(next()).isInstanceOf(Call.Watch.class);
    }

    @Test
    void aMalformedLineAfterARelistIsAnotherOne() {
        watchFrom("7");
        on(malformed());
        next();
        next();
        on(malformed());
        assertThat(emitted(Element.DeadLetter.class)).hasSize(1);
        policy.quiet(moment(), actions);
        next();
        on(page("9", null));
        next();
        on(malformed());
        assertThat(next()).isInstanceOf(Call.Wait.class);
        next();
        on(malformed());
        assertThat(emitted(Element.DeadLetter.class)).hasSize(2);
    }

    @Test
    void aThrottledAnswerBetweenRefusalsMakesNothingAllowed() {
        watchFrom("7");
        for (int i = 0; i < 8; i++) {
            on(refused(i % 2 == 0 ? 403 : 429, 0, false));
            elapsed += 10_000;
            next();
            next();
        }
        on(refused(403, 0, false));
        assertThat(emitted(Element.Lost.class)).hasSize(1);
    }
}
