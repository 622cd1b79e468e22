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
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.rule.RuleSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A sequence that ends with what must not come rings by waiting, as an absence does: not because
 * nobody looked. It was killed, backed off, and did not start: seconds 0 and 100 of 600.
 */
class TrailingNotTest {

    private static final long BEGIN = 1_800_000_000_000L;
    private static final RuleSet RULES =
            RuleSet.parse(
                    "sequence.yaml",
                    """
                    - name: Stays
                      match: {type: Warning}
                      when: {sequence: [Killing, BackOff, "!Started"], within: 10m}
                      clears: {reason: Fine}
                      resolveAfter: 1h
                    """);

    private SequenceHarness harness;
    private long version;

    @BeforeEach
    void begins() throws Exception {
        harness = new SequenceHarness(RULES, null);
        happens("Killing", 0);
        happens("BackOff", 100);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    @Test
    void ringsWhenItsTimeIsOver() throws Exception {
        watermark(599);
        assertThat(harness.told()).isEmpty();
        watermark(600);

        assertThat(harness.told()).hasSize(1);
        Alert alert = harness.told().get(0);
        assertThat(alert.startsAtMillis()).isEqualTo(at(600));
        assertThat(alert.firstMillis()).isEqualTo(at(0));
        assertThat(alert.lastMillis()).isEqualTo(at(100));
        assertThat(alert.occurrences()).isEqualTo(2);
    }

    @Test
    void waitsAsLongAgainAfterABlindness() throws Exception {
        watermark(400);
        harness.tell(blind(300, 700));
        watermark(1199);
        assertThat(harness.told()).isEmpty();

        watermark(1200);

        assertThat(harness.told()).extracting(Alert::startsAtMillis).containsExactly(at(1200));
    }

    @Test
    void waitsAsLongAgainAfterItsNodeWasDown() throws Exception {
        watermark(400);
        harness.tell(Interruption.ofNode("node", at(300), 0));
        watermark(2000);
        assertThat(harness.told()).isEmpty();
        harness.tell(Interruption.ofNode("node", at(300), at(2000)));
        watermark(2499);
        assertThat(harness.told()).isEmpty();

        watermark(2500);

        assertThat(harness.told()).extracting(Alert::startsAtMillis).containsExactly(at(2500));
    }

    @Test
    void aBlindnessBeforeItsLastStageHoldsUpNothing() throws Exception {
        harness.tell(blind(20, 90));

        watermark(600);

        assertThat(harness.told()).extracting(Alert::startsAtMillis).containsExactly(at(600));
    }

    @Test
    void isAnsweredByWhatComesWhileItWaitsOnOverARestart() throws Exception {
        watermark(400);
        harness.tell(blind(300, 700));
        watermark(1000);
        harness = harness.restored(harness.snapshot(1));
        happens("Started", 1100);

        watermark(5000);

        assertThat(harness.told()).isEmpty();
    }

    @Test
    void isAnsweredByWhatCameAheadOfEventTime() throws Exception {
        watermark(590);
        harness.tell(blind(300, 500));
        happens("Started", 601);

        watermark(5000);

        assertThat(harness.told()).isEmpty();
    }

    @Test
    void whatComesBehindItsTimeDoesNotHideWhatAnsweredIt() throws Exception {
        watermark(400);
        harness.tell(blind(300, 700));
        watermark(1185);
        happens("Started", 1195);
        happens("Started", 1203);

        watermark(5000);

        assertThat(harness.told()).isEmpty();
    }

    @Test
    void isAnsweredByWhatANodeTellsLateOfTheTimeWhenItWasDown() throws Exception {
        harness.tell(Interruption.ofNode("node", at(110), 0));
        watermark(300);
        harness.tell(Interruption.ofNode("node", at(110), at(300)));
        happens("Started", 120);

        watermark(5000);

        assertThat(harness.told()).isEmpty();
        assertThat(harness.late()).isOne();
    }

    @Test
    void whatComesWhenItsTimeIsOverDoesNotAnswerIt() throws Exception {
        watermark(590);
        happens("Started", 600);

        watermark(600);

        assertThat(harness.told()).hasSize(1);
    }

    @Test
    void isWithdrawnByWhatClearsAfterItsLastStageOnly() throws Exception {
        happens("Fine", 99);
        watermark(650);
        assertThat(harness.told()).hasSize(1);

        happens("Fine", 700);
        happens("Killing", 1000);
        happens("BackOff", 1100);
        watermark(1101);
        happens("Fine", 1102);
        watermark(5000);

        assertThat(harness.told())
                .extracting(Alert::status)
                .containsExactly(AlertStatus.FIRING, AlertStatus.RESOLVED);
    }

    @Test
    void isWithdrawnByWhatClearsWhileItWaitsOn() throws Exception {
        watermark(400);
        harness.tell(blind(300, 700));
        watermark(1000);
        happens("Fine", 1100);

        watermark(5000);

        assertThat(harness.told()).isEmpty();
    }

    @Test
    void ringsOnceWhereTwoHaveWaited() throws Exception {
        happens("Killing", 200);
        happens("BackOff", 250);
        watermark(400);
        harness.tell(blind(300, 700));

        watermark(5000);

        // The second one would need 550 seconds of silence, the first 500.
        assertThat(harness.told()).extracting(Alert::startsAtMillis).contains(at(1200));
        assertThat(harness.told())
                .extracting(Alert::status)
                .containsExactly(AlertStatus.FIRING, AlertStatus.RESOLVED);
    }

    /** Both come to the end of their time before event time has moved the first one. */
    @Test
    void ofTwoThatWaitTheOneRingsThatIsOverFirstBehindABlindness() throws Exception {
        happens("Killing", 200);
        happens("BackOff", 590);
        harness.tell(blind(300, 550));

        watermark(5000);

        // The first one needs 500 seconds of silence from 550 on, the second 210 from 590 on.
        assertThat(harness.told()).extracting(Alert::startsAtMillis).contains(at(800));
    }

    @Test
    void whatAnsweredTheOneThatWaitsOnBehindABlindnessIsNotForgottenWithTheNext() throws Exception {
        happens("Killing", 440);
        happens("Started", 650);
        happens("BackOff", 700);
        harness.tell(blind(300, 550));

        watermark(5000);

        assertThat(harness.told())
                .first()
                .returns(at(1040), Alert::startsAtMillis)
                .returns(2L, Alert::occurrences);
    }

    private void watermark(long second) throws Exception {
        harness.watermark(at(second));
    }

    private static Interruption blind(long from, long to) {
        return new Interruption(
                Interruption.Kind.BLIND, Occurrence.EVENTS, "*", null, at(from), at(to));
    }

    private static long at(long second) {
        return BEGIN + second * 1000;
    }

    private void happens(String reason, long second) throws Exception {
        version++;
        harness.happens(
                TestOccurrence.of(reason)
                        .named("shop", "e" + version)
                        .uid("u" + version)
                        .version(Long.toString(version))
                        .at(at(second))
                        .make());
    }
}
