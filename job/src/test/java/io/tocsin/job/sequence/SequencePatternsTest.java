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
import io.tocsin.job.model.Interruption;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.When;
import io.tocsin.job.time.KnownInterruptions;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

class SequencePatternsTest {

    @Test
    void theUidsOfTheDefaultRulesAreThoseOfEverySavepoint() {
        List<String> uids = new ArrayList<>();
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        var patterns =
                new SequencePatterns(
                        environment.fromData(
                                List.<Candidate>of(), TypeInformation.of(Candidate.class)),
                        environment
                                .fromData(
                                        List.<Interruption>of(),
                                        TypeInformation.of(Interruption.class))
                                .broadcast(KnownInterruptions.BLIND),
                        List.of("*"),
                        new SequencePatterns.Uids() {
                            @Override
                            public String input(String sequence) {
                                return added("input-" + sequence);
                            }

                            @Override
                            public String ration(String sequence) {
                                return added("ration-" + sequence);
                            }

                            @Override
                            public String guard(String sequence) {
                                return added("guard-" + sequence);
                            }

                            @Override
                            public String sequence(String sequence) {
                                return added("sequence-" + sequence);
                            }

                            private String added(String uid) {
                                uids.add(uid);
                                return uid;
                            }
                        });
        patterns.apply(RuleSet.load(List.of("default")));
        assertThat(uids)
                .containsExactly(
                        "input-LivenessKillLoop-33dd34e5047d",
                        "ration-LivenessKillLoop-33dd34e5047d",
                        "sequence-LivenessKillLoop-33dd34e5047d");
    }

    @Test
    void aSequenceOfOtherStagesHasAnotherUidAndOneOfAnotherTimeHasNot() {
        String first = id("[A, B], within: 10m");

        assertThat(id("[A, B], within: 20m")).isEqualTo(first);
        assertThat(
                        List.of(
                                id("[A], within: 10m"),
                                id("[B, A], within: 10m"),
                                id("[A, A, B], within: 10m"),
                                id("[A ×2, B], within: 10m"),
                                id("[A, {match: {reason: B, note: x}}], within: 10m")))
                .doesNotHaveDuplicates()
                .doesNotContain(first);
    }

    private static String id(String sequence) {
        Rule rule =
                RuleSet.parse(
                                "r.yaml",
                                "- {name: Ordered, match: {type: Warning}, when: {sequence: "
                                        + sequence
                                        + "}}")
                        .rules()
                        .get(0);
        return SequencePatterns.id(rule, (When.Sequence) rule.when());
    }
}
