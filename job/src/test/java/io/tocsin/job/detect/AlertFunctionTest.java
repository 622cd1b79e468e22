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
package io.tocsin.job.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.time.KnownInterruptions;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AlertFunctionTest {

    private static final long BEGIN = 1_800_000_000_000L;
    private static final String RULES =
            """
            rules:
              - name: Five
                match: {reason: Fail}
                when: {atLeast: 5, within: 10m}
                clears: {reason: Fine}
                keepAlive: {reason: Alive}
                resolveAfter: 12m
              - name: Held
                match: {reason: Hold}
                when: {atLeast: 2, within: 5m}
                for: 5m
                clears: {reason: Fine}
              - name: Absent
                match: {reason: Wait}
                when: {missing: {reason: Came}, within: 3m}
                resolveAfter: 35m
            """;

    private final RuleSet rules = RuleSet.parse("test.yaml", RULES);
    private KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> harness;
    private int told;
    private String[] scopes = {"*"};

    @BeforeEach
    void start() throws Exception {
        harness = harness(null);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    @Test
    void countsOutOfOrderOccurrencesAndRingsOnce() throws Exception {
        for (int second : new int[] {40, 10, 30, 50, 20, 60}) {
            live("Fail", 1, second);
        }

        assertThat(changes())
                .extracting(Alert::status, Alert::startsAtMillis, Alert::occurrences)
                .containsExactly(tuple(AlertStatus.FIRING, at(50), 5L));
    }

    @Test
    void keepsWhatIsExactlyWithinAndDropsWhatIsJustOutside() throws Exception {
        live("Fail", 1, 0);
        live("Fail", 3, 300);
        live("Fail", 1, 601);
        assertThat(changes()).isEmpty();
        live("Fail", 1, 600);

        assertThat(changes()).hasSize(1);
    }

    @Test
    void aClearEndsAndTheNextEpisodeHasAnIdOfItsOwn() throws Exception {
        live("Fail", 5, 10);
        live("Fine", 1, 20);
        live("Fail", 5, 15);
        live("Fail", 5, 30);

        List<Alert> changes = changes();

        assertThat(changes)
                .extracting(Alert::status)
                .containsExactly(AlertStatus.FIRING, AlertStatus.RESOLVED, AlertStatus.FIRING);
        assertThat(changes.get(1).endsAtMillis()).isEqualTo(at(20));
        assertThat(changes.get(2).id()).isNotEqualTo(changes.get(0).id());
    }

    @Test
    void silenceSlidesWithOccurrencesAndWithWhatKeepsAlive() throws Exception {
        live("Fail", 5, 0);
        live("Fail", 2, 600);
        live("Alive", 1, 1200);
        watermark(1200 + 719);
        assertThat(changes()).extracting(Alert::status).containsExactly(AlertStatus.FIRING);

        watermark(1200 + 720);

        Alert resolved = changes().get(0);
        assertThat(resolved.status()).isEqualTo(AlertStatus.RESOLVED);
        assertThat(resolved.occurrences()).isEqualTo(7);
        assertThat(resolved.endsAtMillis()).isEqualTo(at(1920));
    }

    @Test
    void aSeriesThatIsLongOverOpensNothingButAddsToWhatIsOpen() throws Exception {
        watermark(1000);
        live("Fail", 50, 380);
        assertThat(changes()).isEmpty();
        assertThat(harness.getSideOutput(AlertFunction.LATE)).hasSize(1);

        live("Fail", 5, 1001);
        live("Fail", 50, 380);
        watermark(1721);

        assertThat(changes().get(1).occurrences()).isEqualTo(55);
        assertThat(harness.getSideOutput(AlertFunction.LATE)).hasSize(1);
    }

    @Test
    void theFirstTriggerStartsTheWaitingAndRepeatsDoNot() throws Exception {
        live("Wait", 1, 0);
        live("Wait", 1, 120);
        watermark(179);
        assertThat(changes()).isEmpty();

        watermark(180);

        assertThat(changes())
                .extracting(Alert::status, Alert::startsAtMillis)
                .containsExactly(tuple(AlertStatus.FIRING, at(180)));
    }

    @Test
    void theAwaitedEventMayArriveBeforeItsTrigger() throws Exception {
        live("Came", 1, 62);
        live("Wait", 1, 60);
        watermark(4000);

        assertThat(changes()).isEmpty();
    }

    @Test
    void listedOccurrencesWaitForTheListAndWhatClearedMeanwhileDoesNotRing() throws Exception {
        listed("Fail", 5, 100);
        listed("Wait", 1, 100);
        listed("Fine", 1, 200);
        assertThat(changes()).isEmpty();

        watermark(240);
        assertThat(changes()).isEmpty();

        watermark(280);
        assertThat(changes()).extracting(Alert::rule).containsExactly("Absent");
    }

    @Test
    void listedOccurrencesThatAgedPastTheirResolveTimeDoNotRingAndYoungerOnesDo() throws Exception {
        listed("Fail", 5, 100);
        watermark(100 + 720);
        assertThat(changes()).isEmpty();

        listed("Fail", 5, 900);
        watermark(1000);

        assertThat(changes())
                .extracting(Alert::status, Alert::startsAtMillis)
                .containsExactly(tuple(AlertStatus.FIRING, at(900)));
    }

    @Test
    void whatOvertakesEventTimeUndoesNothingThatIsDueBeforeIt() throws Exception {
        live("Wait", 1, 0);
        live("Came", 1, 1200);
        live("Wait", 1, 1300);
        assertThat(changes()).isEmpty();

        watermark(100);
        restart();
        watermark(180);
        watermark(1200);
        watermark(1480);

        assertThat(changes())
                .extracting(Alert::status, Alert::startsAtMillis, Alert::endsAtMillis)
                .containsExactly(
                        tuple(AlertStatus.FIRING, at(180), 0L),
                        tuple(AlertStatus.RESOLVED, at(180), at(1200)),
                        tuple(AlertStatus.FIRING, at(1480), 0L));
    }

    @Test
    void aClockThatIsADayAheadHoldsUpNobody() throws Exception {
        watermark(0);
        live("Wait", 1, 1);
        live("Fail", 5, 200_000);

        assertThat(changes()).extracting(Alert::rule).containsExactly("Five");
    }

    @Test
    void anOutageToldAsBlindAndAsPossibleLossHoldsUpUntilTheLaterEnd() throws Exception {
        live("Wait", 1, 0);
        live("Fail", 5, 0);
        changes();
        harness.processBroadcastElement(blind(60, 7200), at(7200));
        harness.processBroadcastElement(
                told(Interruption.Kind.POSSIBLE_LOSS, "*", 60, 3960), at(7200));

        watermark(7379);
        assertThat(changes()).isEmpty();
        watermark(7380);
        assertThat(changes()).extracting(Alert::rule).containsExactly("Absent");
    }

    @Test
    void blindnessThatLastsHoldsUpItsScopeUntilItsEndIsTold() throws Exception {
        scopes = new String[] {"shop"};
        restart();
        live("Wait", 1, 0);
        harness.processBroadcastElement(told(Interruption.Kind.BLIND, "shop", 60, 0), at(120));
        harness.processBroadcastElement(
                told(Interruption.Kind.POSSIBLE_LOSS, "shop", 60, 90), at(120));
        watermark(1000);
        assertThat(changes()).isEmpty();

        harness.processBroadcastElement(told(Interruption.Kind.BLIND, "shop", 60, 1000), at(1000));
        watermark(1179);
        assertThat(changes()).isEmpty();
        watermark(1180);
        assertThat(changes()).extracting(Alert::rule).containsExactly("Absent");
    }

    @Test
    void blindnessOfAScopeThatIsNoLongerWatchedHoldsUpNothing() throws Exception {
        live("Wait", 1, 0);
        harness.processBroadcastElement(told(Interruption.Kind.BLIND, "*", 60, 0), at(120));

        scopes = new String[] {"shop"};
        restart();
        watermark(180);

        assertThat(changes()).extracting(Alert::rule).containsExactly("Absent");
    }

    @Test
    void blindnessForPodsHoldsUpNothingThatEventsTell() throws Exception {
        live("Wait", 1, 0);
        harness.processBroadcastElement(told(Interruption.Kind.BLIND, "pods", "*", 60, 0), at(120));

        watermark(180);

        assertThat(changes()).extracting(Alert::rule).containsExactly("Absent");
    }

    @Test
    void contactToPodsDoesNotEndBlindnessForEvents() throws Exception {
        live("Wait", 1, 0);
        harness.processBroadcastElement(told(Interruption.Kind.BLIND, "*", 60, 0), at(120));
        harness.processBroadcastElement(
                told(Interruption.Kind.BLIND, "pods", "*", 60, 100), at(120));

        watermark(1000);

        assertThat(changes()).isEmpty();
    }

    @Test
    void aNodeThatIsDownHoldsUpWhatItsKubeletTellsUntilItIsBack() throws Exception {
        live("Wait", 1, 0);
        live("Fail", 5, 0);
        changes();
        harness.processBroadcastElement(Interruption.ofNode("node", at(60), 0), at(60));
        restart();
        watermark(5000);
        assertThat(changes()).isEmpty();

        harness.processBroadcastElement(Interruption.ofNode("node", at(60), at(6000)), at(6000));
        watermark(6179);
        assertThat(changes()).isEmpty();
        watermark(6180);
        assertThat(changes()).extracting(Alert::rule).containsExactly("Absent");
        watermark(6720);
        assertThat(changes())
                .extracting(Alert::rule, Alert::status)
                .containsExactly(tuple("Five", AlertStatus.RESOLVED));
    }

    @Test
    void anotherNodeThatIsDownHoldsUpNothing() throws Exception {
        live("Wait", 1, 0);
        harness.processBroadcastElement(Interruption.ofNode("other", at(60), 0), at(60));

        watermark(180);

        assertThat(changes()).extracting(Alert::rule).containsExactly("Absent");
    }

    @Test
    void nothingFiresOrEndsMerelyBecauseNothingWasSeen() throws Exception {
        live("Wait", 1, 0);
        live("Fail", 5, 0);
        harness.processBroadcastElement(blind(60, 200), at(200));
        watermark(379);
        assertThat(changes()).extracting(Alert::rule).containsExactly("Five");

        watermark(380);
        assertThat(changes()).extracting(Alert::rule).containsExactly("Absent");

        watermark(919);
        assertThat(changes()).isEmpty();
        watermark(920);
        assertThat(changes())
                .extracting(Alert::rule, Alert::status)
                .containsExactly(tuple("Five", AlertStatus.RESOLVED));
    }

    @Test
    void restoresInTheMiddleOfWindowHoldAbsenceAndList() throws Exception {
        live("Fail", 4, 0);
        live("Hold", 2, 10);
        live("Wait", 1, 10);
        assertThat(changes()).extracting(Alert::status).containsExactly(AlertStatus.PENDING);
        listed("Fail", 1, 30);
        restart();
        watermark(189);
        assertThat(changes())
                .extracting(Alert::rule, Alert::occurrences)
                .containsExactly(tuple("Five", 5L));
        watermark(190);
        assertThat(changes()).extracting(Alert::rule).containsExactly("Absent");
        watermark(310);

        assertThat(changes())
                .extracting(Alert::rule, Alert::status, Alert::firedAtMillis)
                .containsExactly(tuple("Held", AlertStatus.FIRING, at(310)));
    }

    @Test
    void whatWasLateBeforeARestoreIsLateAfterIt() throws Exception {
        watermark(1000);
        live("Fail", 1, 999);
        restart();

        live("Fail", 50, 380);
        live("Fail", 4, 1001);
        listed("Wait", 1, 500);

        assertThat(changes())
                .extracting(Alert::rule, Alert::occurrences)
                .containsExactly(tuple("Five", 5L));
        assertThat(harness.getSideOutput(AlertFunction.LATE)).hasSize(1);
        watermark(1000);
        assertThat(harness.getSideOutput(AlertFunction.LATE)).hasSize(1);
        watermark(1001);
        assertThat(changes()).isEmpty();
        assertThat(harness.getSideOutput(AlertFunction.LATE)).hasSize(2);
    }

    @Test
    void timeIsKnownAfterTwoRestoresWithoutAnElementBetween() throws Exception {
        watermark(1000);
        live("Fail", 1, 999);
        restart();
        restart();

        live("Fail", 50, 380);

        assertThat(changes()).isEmpty();
        assertThat(harness.getSideOutput(AlertFunction.LATE)).hasSize(1);
    }

    @Test
    void timersThatWereSetBeforeARestoreNeitherRingEarlyNorTwice() throws Exception {
        live("Wait", 1, 0);
        watermark(100);
        restart();
        watermark(50);
        watermark(179);
        assertThat(changes()).isEmpty();

        watermark(180);
        restart();
        watermark(200);

        assertThat(changes()).isEmpty();
        watermark(180 + 35 * 60);
        assertThat(changes())
                .extracting(Alert::status, Alert::startsAtMillis)
                .containsExactly(tuple(AlertStatus.RESOLVED, at(180)));
    }

    @Test
    void forgetsASubjectThatIsOver() throws Exception {
        live("Fail", 5, 0);
        live("Wait", 1, 0);
        live("Came", 1, 5);
        live("Hold", 1, 0);
        watermark(20_000);

        assertThat(entries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    @Test
    void whatMerelyMayBeForgottenIsInNoHurry() throws Exception {
        live("Fail", 1, 0);
        // It could count until 10 m + 10 s + 10 m; nobody wakes for it before 10 m more.
        watermark(30 * 60 + 9);
        assertThat(entries()).isOne();
        watermark(30 * 60 + 10);
        assertThat(entries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    private int entries() {
        CoBroadcastWithKeyedOperator<?, ?, ?, ?> operator =
                (CoBroadcastWithKeyedOperator<?, ?, ?, ?>) harness.getTwoInputOperator();
        return ((HeapKeyedStateBackend<?>) operator.getKeyedStateBackend())
                .numKeyValueStateEntries();
    }

    private void restart() throws Exception {
        OperatorSubtaskState snapshot = harness.snapshot(1, 1);
        harness.close();
        harness = harness(snapshot);
        told = 0;
    }

    private List<Alert> changes() {
        List<Alert> all = harness.extractOutputValues();
        List<Alert> fresh = new ArrayList<>(all.subList(told, all.size()));
        told = all.size();
        return fresh;
    }

    private void live(String reason, long weight, long second) throws Exception {
        process(reason, weight, second, Occurrence.Origin.LIVE);
    }

    private void listed(String reason, long weight, long second) throws Exception {
        process(reason, weight, second, Occurrence.Origin.LISTED);
    }

    private void process(String reason, long weight, long second, Occurrence.Origin origin)
            throws Exception {
        Occurrence occurrence =
                TestOccurrence.of(reason)
                        .origin(origin)
                        .uid("u" + second)
                        .weight(weight)
                        .at(at(second))
                        .make();
        MatchFunction match = new MatchFunction(rules);
        match.open(DefaultOpenContext.INSTANCE);
        List<Candidate> candidates = new ArrayList<>();
        match.flatMap(occurrence, new ListCollector<>(candidates));
        for (Candidate candidate : candidates) {
            harness.processElement(new StreamRecord<>(candidate, candidate.toMillis()));
        }
    }

    private void watermark(long second) throws Exception {
        harness.watermark(at(second));
    }

    private static long at(long second) {
        return BEGIN + second * 1000;
    }

    private static Interruption blind(long from, long to) {
        return told(Interruption.Kind.BLIND, "*", from, to);
    }

    private static Interruption told(Interruption.Kind kind, String scope, long from, long to) {
        return told(kind, Occurrence.EVENTS, scope, from, to);
    }

    private static Interruption told(
            Interruption.Kind kind, String resource, String scope, long from, long to) {
        return new Interruption(kind, resource, scope, null, at(from), to == 0 ? 0 : at(to));
    }

    private KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> harness(
            OperatorSubtaskState restored) throws Exception {
        KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> made =
                new KeyedBroadcastOperatorTestHarness<>(
                        new CoBroadcastWithKeyedOperator<>(
                                new AlertFunction(rules, 10_000, scopes),
                                List.of(KnownInterruptions.BLIND)),
                        Candidate::key,
                        Types.STRING,
                        10,
                        1,
                        0);
        made.setup();
        if (restored != null) {
            made.initializeState(restored);
        }
        made.open();
        return made;
    }
}
