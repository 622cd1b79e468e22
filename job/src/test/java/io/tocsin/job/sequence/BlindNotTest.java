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
package io.tocsin.job.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.rule.RuleSet;
import org.junit.jupiter.api.Test;

/**
 * What must not come before a sequence, or between its stages, is not taken for absent where it
 * could have come unseen. The sequence's time is 600 seconds.
 */
class BlindNotTest {

    private static final long BEGIN = 1_800_000_000_000L;

    private long version;

    @Test
    void nothingThatCouldHaveComeBetweenUnseenIsTakenForAbsent() throws Exception {
        SequenceHarness harness = harness("A, '!X', B");
        happens(harness, "A", 100);
        harness.tell(unseen("events", "*", 110, 120));
        happens(harness, "B", 130);
        watermark(harness, 200);
        assertThat(harness.told()).isEmpty();

        happens(harness, "B", 210);
        watermark(harness, 300);
        assertThat(harness.told()).isEmpty();

        happens(harness, "A", 310);
        happens(harness, "B", 320);
        watermark(harness, 400);
        assertThat(harness.told()).hasSize(1);
        harness.close();
    }

    @Test
    void whatBeginsAnewBehindABlindnessIsFoundBehindWhatBeganBefore() throws Exception {
        SequenceHarness harness = harness("A, '!X', B");
        happens(harness, "A", 100);
        harness.tell(unseen("events", "*", 110, 120));
        happens(harness, "A", 120);
        happens(harness, "B", 130);
        watermark(harness, 200);

        assertThat(harness.told()).extracting(Alert::firstMillis).containsExactly(at(120));
        harness.close();
    }

    @Test
    void aBlindnessWhereEverythingMayComeHoldsUpNothing() throws Exception {
        SequenceHarness harness = harness("A, B, '!X', C");
        happens(harness, "A", 100);
        harness.tell(unseen("events", "*", 110, 120));
        happens(harness, "B", 130);
        happens(harness, "C", 140);
        watermark(harness, 200);

        assertThat(harness.told()).hasSize(1);
        harness.close();
    }

    @Test
    void whatCouldNotBeOfThisIsNotBlindForIt() throws Exception {
        for (Interruption other :
                new Interruption[] {
                    unseen("pods", "*", 100, 120),
                    unseen("events", "other", 100, 120),
                    unseen("events", "*", 80, 100),
                    unseen("events", "*", 130, 0),
                    // What happened meanwhile was told when contact was there again.
                    new Interruption(
                            Interruption.Kind.BLIND, "events", "*", null, at(110), at(120)),
                    Interruption.ofNode("other", at(100), at(120))
                }) {
            SequenceHarness harness = harness("A, '!X', B");
            happens(harness, "A", 100);
            harness.tell(other);
            happens(harness, "B", 130);
            watermark(harness, 200);

            assertThat(harness.told()).as("told in spite of " + other).hasSize(1);
            harness.close();
        }
    }

    @Test
    void aNodeThatIsDownTellsNothingOfItsPods() throws Exception {
        for (long until : new long[] {0, 125}) {
            SequenceHarness harness = harness("A, '!X', B");
            happens(harness, "A", 100);
            harness.tell(Interruption.ofNode("node", at(110), until == 0 ? 0 : at(until)));
            // Told by another than its kubelet.
            happens(harness, "B", 130, "node-controller");
            watermark(harness, 200);

            assertThat(harness.told()).isEmpty();
            harness.close();
        }
    }

    @Test
    void aNodeThatIsDownHidesOnlyWhatItsKubeletWouldTell() throws Exception {
        for (String hidden :
                new String[] {
                    "{reason: X, reportingController: taint-eviction-controller}",
                    "{reason: X, reportingController: '!kubelet'}",
                    "{reason: X, regarding.kind: Node}"
                }) {
            SequenceHarness harness = harness("A, {not: " + hidden + "}, B");
            happens(harness, "A", 100);
            harness.tell(Interruption.ofNode("node", at(110), 0));
            happens(harness, "B", 130);
            watermark(harness, 200);

            assertThat(harness.told()).as("without " + hidden).hasSize(1);
            harness.close();
        }
    }

    @Test
    void whatHidesOneHidesNoOther() throws Exception {
        SequenceHarness harness = harness("A, '!X', B, {not: {state: pods, reason: OOMKilled}}, C");
        happens(harness, "A", 100);
        harness.tell(unseen("pods", "*", 110, 120));
        happens(harness, "B", 130);
        happens(harness, "C", 140);
        watermark(harness, 200);
        assertThat(harness.told()).hasSize(1);
        harness.close();
    }

    @Test
    void whatWasWrittenBeforeInTheSameSecondForbidsTheBegin() throws Exception {
        for (boolean before : new boolean[] {true, false}) {
            SequenceHarness harness = harness("'!X', A, B");
            happens(harness, before ? "X" : "A", 1000);
            happens(harness, before ? "A" : "X", 1000);
            happens(harness, "B", 1010);
            watermark(harness, 1100);

            assertThat(harness.told()).hasSize(before ? 0 : 1);
            harness.close();
        }
    }

    @Test
    void nothingBeginsThatWasToldOfNothingBefore() throws Exception {
        SequenceHarness harness = harness("'!X', A, B");
        harness.tell(unseen("events", "*", 100, 120));
        happens(harness, "A", 719);
        happens(harness, "B", 719);
        watermark(harness, 719);
        assertThat(harness.told()).isEmpty();

        happens(harness, "A", 720);
        happens(harness, "B", 721);
        watermark(harness, 722);
        assertThat(harness.told()).extracting(Alert::firstMillis).containsExactly(at(720));
        harness.close();
    }

    @Test
    void aBlindnessBehindItsBeginHoldsUpNothingThatMustNotComeBefore() throws Exception {
        SequenceHarness harness = harness("'!X', A, B");
        happens(harness, "A", 700);
        harness.tell(unseen("events", "*", 710, 720));
        happens(harness, "B", 730);
        watermark(harness, 800);

        assertThat(harness.told()).hasSize(1);
        harness.close();
    }

    @Test
    void knowsOverARestartWhatWasNotSeen() throws Exception {
        SequenceHarness harness = harness("'!Y', A, '!X', B");
        happens(harness, "A", 700);
        watermark(harness, 705);
        harness.tell(unseen("events", "*", 710, 720));
        harness = harness.restored(harness.snapshot(1));
        happens(harness, "B", 730);
        happens(harness, "A", 740);
        happens(harness, "B", 750);
        watermark(harness, 800);
        assertThat(harness.told()).isEmpty();

        watermark(harness, 2000);
        assertThat(harness.guardEntries()).isZero();
        harness.close();
    }

    private static SequenceHarness harness(String stages) throws Exception {
        return new SequenceHarness(
                RuleSet.parse(
                        "sequence.yaml",
                        """
                        - name: Ordered
                          match: {type: Warning}
                          when: {sequence: [%s], within: 10m}
                          resolveAfter: 24h
                        """
                                .formatted(stages)),
                null);
    }

    private static void watermark(SequenceHarness harness, long second) throws Exception {
        harness.watermark(at(second));
    }

    /** As long as it lasts contact is lost; what is over has left something unseen for ever. */
    private static Interruption unseen(String resource, String scope, long from, long to) {
        Interruption.Kind kind =
                to == 0 ? Interruption.Kind.BLIND : Interruption.Kind.POSSIBLE_LOSS;
        return new Interruption(kind, resource, scope, null, at(from), to == 0 ? 0 : at(to));
    }

    private static long at(long second) {
        return BEGIN + second * 1000;
    }

    private void happens(SequenceHarness harness, String reason, long second) throws Exception {
        happens(harness, reason, second, "kubelet");
    }

    private void happens(SequenceHarness harness, String reason, long second, String controller)
            throws Exception {
        version++;
        harness.happens(
                TestOccurrence.of(reason)
                        .named("shop", "e" + version)
                        .uid("u" + version)
                        .version(Long.toString(version))
                        .by(controller, "node")
                        .at(at(second))
                        .make());
    }
}
