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

import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.rule.RuleSet;
import org.junit.jupiter.api.Test;

/** What sequences remember of one subject is bounded, whoever writes the events. */
class RationTest {

    private static final long BEGIN = 1_800_000_000_000L;

    @Test
    void whatIsRememberedOfOneSubjectIsBounded() throws Exception {
        for (String stages : new String[] {"A, B", "A ×3, '!X', B", "'!X', A, B"}) {
            SequenceHarness harness = harness(stages, 600);
            for (int i = 0; i < 6_000; i++) {
                // Ten in a second; event time has passed the first half.
                happens(harness, "A", i / 10);
                if (i == 199) {
                    assertThat(harness.late()).as("late of " + stages).isEqualTo(150);
                }
                if (i % 100 == 0) {
                    watermark(harness, i / 10 - 300);
                }
            }
            assertThat(harness.late()).as("late of " + stages).isBetween(4_900, 5_000);
            assertThat(harness.snapshot(1).bytes()).as("state of " + stages).isLessThan(600_000);
            harness.close();
        }
    }

    @Test
    void aFloodOfOneStageHidesNeitherTheOthersNorWhatComesMuchLater() throws Exception {
        SequenceHarness harness = harness("A, B", 600);
        for (int i = 0; i < 500; i++) {
            happens(harness, "A", 0);
        }
        happens(harness, "A", 599);
        happens(harness, "B", 620);
        watermark(harness, 620);

        assertThat(harness.told()).hasSize(1);
        assertThat(harness.late()).isEqualTo(500 - Ration.MOST_IN_PART);
        harness.close();
    }

    /** Otherwise a flood of what must not come would make ring what it forbids. */
    @Test
    void aFloodOfWhatMustNotComeHidesNoneOfItThatMatters() throws Exception {
        for (String stages : new String[] {"A, '!X', B", "A, '!X'", "'!X', A, B"}) {
            SequenceHarness harness = harness(stages, 600);
            for (int i = 0; i < 500; i++) {
                happens(harness, "X", i / 100);
            }
            happens(harness, "A", 6);
            happens(harness, "X", 7);
            happens(harness, "B", 8);
            watermark(harness, 9);
            happens(harness, "X", 607);
            watermark(harness, 700);

            assertThat(harness.told()).as("told of " + stages).isEmpty();
            assertThat(harness.late()).as("late of " + stages).isBetween(430, 450);
            harness.close();
        }
    }

    @Test
    void aFloodThatBeginsEarlyIsRememberedToItsEnd() throws Exception {
        SequenceHarness harness = harness("'!X', A, B", 600);
        for (int i = 0; i < 300; i++) {
            happens(harness, "X", i / 10);
        }
        watermark(harness, 100);
        happens(harness, "A", 620);
        happens(harness, "B", 621);
        watermark(harness, 700);
        assertThat(harness.told()).isEmpty();

        happens(harness, "A", 710);
        happens(harness, "B", 711);
        watermark(harness, 712);
        assertThat(harness.told()).hasSize(1);
        harness.close();
    }

    @Test
    void aStageGetsAsManyAsItNeeds() throws Exception {
        SequenceHarness harness = harness("A ×90, B", 600);
        for (int i = 0; i < 90; i++) {
            happens(harness, "A", 0);
        }
        happens(harness, "B", 1);
        watermark(harness, 2);

        assertThat(harness.told()).hasSize(1);
        assertThat(harness.late()).isZero();
        harness.close();
    }

    /** It becomes as many elements as its stage needs, and none of them is a record of its own. */
    @Test
    void whatIsTooMuchIsLateOnce() throws Exception {
        SequenceHarness harness = harness("A ×40, B", 600);
        happens(harness, "A", 0, 70);
        assertThat(harness.late()).isZero();
        happens(harness, "A", 1, 70);
        assertThat(harness.late()).as("with room for ten").isOne();
        happens(harness, "A", 2, 70);
        assertThat(harness.late()).as("without room").isEqualTo(2);
        happens(harness, "B", 3);
        watermark(harness, 4);

        assertThat(harness.told()).hasSize(1);
        harness.close();
    }

    @Test
    void whatIsRepeatedIsAsManyElementsAsItsStageNeeds() throws Exception {
        SequenceHarness harness = harness("A ×3, B", 600);
        happens(harness, "A", 0, 7);
        happens(harness, "B", 1, 7);

        assertThat(harness.elements())
                .extracting(Candidate::weight)
                .containsExactly(5L, 1L, 1L, 7L);
        harness.close();
    }

    @Test
    void countsOnOverARestart() throws Exception {
        SequenceHarness harness = harness("A, B", 600);
        for (int i = 0; i < Ration.MOST_IN_PART; i++) {
            happens(harness, "A", 0);
        }
        harness = harness.restored(harness.snapshot(1));
        happens(harness, "A", 0);

        assertThat(harness.late()).isOne();
        harness.close();
    }

    private static SequenceHarness harness(String stages, long within) throws Exception {
        return new SequenceHarness(
                RuleSet.parse(
                        "sequence.yaml",
                        """
                        - name: Ordered
                          match: {type: Warning}
                          when: {sequence: [%s], within: %ds}
                          resolveAfter: 24h
                        """
                                .formatted(stages, within)),
                null);
    }

    private static void watermark(SequenceHarness harness, long second) throws Exception {
        harness.watermark(at(second));
    }

    private static long at(long second) {
        return BEGIN + second * 1000;
    }

    private static void happens(SequenceHarness harness, String reason, long second)
            throws Exception {
        happens(harness, reason, second, 1);
    }

    private static void happens(SequenceHarness harness, String reason, long second, long weight)
            throws Exception {
        harness.happens(TestOccurrence.of(reason).weight(weight).at(at(second)).make());
    }
}
