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

import io.tocsin.job.detect.MatchFunction;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SequenceInputTest {

    private static final RuleSet RULES =
            RuleSet.parse(
                    "sequence.yaml",
                    """
                    - {name: One, match: {type: Warning}, when: {sequence: [A x3, B], within: 10m}}
                    - {name: Two, match: {type: Warning}, when: {sequence: [A, C], within: 10m}}
                    """);

    private OneInputStreamOperatorTestHarness<Candidate, Candidate> one;

    @BeforeEach
    void open() throws Exception {
        one = harness(0, Set.of(), null);
    }

    @AfterEach
    void close() throws Exception {
        one.close();
    }

    @Test
    void stampsWithTheTimeOfTheOccurrenceAndNotOfTheVersion() throws Exception {
        one.processElement(new StreamRecord<>(candidate("A", 1, 50), 777));

        assertThat(one.extractOutputStreamRecords())
                .extracting(StreamRecord::getTimestamp)
                .containsExactly(50L);
    }

    @Test
    void letsThroughWhatPlaysAStageOfIt() throws Exception {
        one.processElement(new StreamRecord<>(candidate("A", 7, 50), 50));
        one.processElement(new StreamRecord<>(candidate("A", 0, 70), 70));

        assertThat(one.extractOutputValues())
                .singleElement()
                .satisfies(
                        element -> {
                            assertThat(element.weight()).isEqualTo(7);
                            assertThat(element.roles()).containsExactly("One/stage0");
                        });
    }

    @Test
    void keepsOutWhatIsNoStageOfIt() throws Exception {
        one.processElement(new StreamRecord<>(candidate("C", 1, 50), 50));

        assertThat(one.extractOutputValues()).isEmpty();
    }

    @Test
    void tellsWhatIsLateAlsoAfterARestore() throws Exception {
        one.processWatermark(100);
        one.processElement(new StreamRecord<>(candidate("B", 1, 100), 100));
        OperatorSubtaskState state = one.snapshot(1, 1);
        one.close();
        one = harness(0, Set.of(), state);
        one.processElement(new StreamRecord<>(candidate("B", 1, 100), 100));
        one.processElement(new StreamRecord<>(candidate("B", 1, 101), 101));

        assertThat(one.getSideOutput(SequenceInput.LATE)).hasSize(1);
        assertThat(one.extractOutputValues()).hasSize(1);
    }

    @Test
    void tellsWhatIsLateForSeveralSequencesOnce() throws Exception {
        OneInputStreamOperatorTestHarness<Candidate, Candidate> two =
                harness(1, Set.of("One/stage0", "One/stage1"), null);
        for (String reason : List.of("A", "C")) {
            for (OneInputStreamOperatorTestHarness<Candidate, Candidate> each : List.of(one, two)) {
                each.processWatermark(100);
                each.processElement(new StreamRecord<>(candidate(reason, 1, 100), 100));
            }
        }

        assertThat(one.getSideOutput(SequenceInput.LATE)).hasSize(1);
        assertThat(two.getSideOutput(SequenceInput.LATE))
                .extracting(record -> record.getValue().told().reason())
                .containsExactly("C");
        two.close();
    }

    private static OneInputStreamOperatorTestHarness<Candidate, Candidate> harness(
            int rule, Set<String> toldByOthers, OperatorSubtaskState restored) throws Exception {
        Rule of = RULES.rules().get(rule);
        OneInputStreamOperatorTestHarness<Candidate, Candidate> made =
                new OneInputStreamOperatorTestHarness<>(
                        new RestampingOperator(
                                new SequenceInput(of, (When.Sequence) of.when(), toldByOthers)));
        made.setup();
        if (restored != null) {
            made.initializeState(restored);
        }
        made.open();
        return made;
    }

    private static Candidate candidate(String reason, long weight, long millis) throws Exception {
        Occurrence occurrence =
                TestOccurrence.of(reason)
                        .uid("u" + reason + millis)
                        .weight(weight)
                        .at(millis)
                        .make();
        MatchFunction match = new MatchFunction(RULES);
        match.open(DefaultOpenContext.INSTANCE);
        List<Candidate> candidates = new ArrayList<>();
        match.flatMap(occurrence, new ListCollector<>(candidates));
        return candidates.get(0);
    }
}
