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
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.tocsin.job.detect.MatchFunction;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Roles;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.source.event.ObjectReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class LeadingNotTest {

    private static final long BEGIN = 1_800_000_000_000L;
    private static final RuleSet RULES =
            RuleSet.parse(
                    "sequence.yaml",
                    """
                    - name: Ordered
                      match: {type: Warning}
                      when: {sequence: ["!X", A, B], within: 10m}
                    """);

    /** Many events tell whole seconds only: a list that is found may bear one time. */
    @Test
    void whatBearsOneTimeCostsNoMoreThanWhatBearsMany() throws Exception {
        int number = 400_000;
        Candidate one = candidate("A");
        var harness = harness();
        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> {
                    for (int i = 0; i < number; i++) {
                        harness.processElement(new StreamRecord<>(one, one.toMillis()));
                    }
                    harness.processWatermark(one.toMillis());
                });
        assertThat(harness.extractOutputValues())
                .hasSize(number)
                .allMatch(each -> List.of(each.roles()).contains(Roles.name("Ordered", "begin")));
        assertThat(harness.numKeyedStateEntries()).isZero();
        harness.close();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Candidate, Candidate> harness()
            throws Exception {
        var harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<String, Candidate, Candidate>(
                                new LeadingNot(RULES.rules().get(0), 1, 600_000)),
                        Candidate::sequenceKey,
                        Types.STRING);
        harness.open();
        return harness;
    }

    private static Candidate candidate(String reason) throws Exception {
        MatchFunction match = new MatchFunction(RULES);
        match.open(DefaultOpenContext.INSTANCE);
        List<Candidate> candidates = new ArrayList<>();
        match.flatMap(
                new Occurrence(
                        "c",
                        1,
                        Occurrence.Origin.LISTED,
                        "shop",
                        "e",
                        "u",
                        "1",
                        "Warning",
                        reason,
                        "a note",
                        null,
                        "kubelet",
                        "node",
                        new ObjectReference("v1", "Pod", "shop", "web", "uid", "1", null),
                        null,
                        1,
                        BEGIN,
                        BEGIN,
                        Occurrence.EVENTS,
                        Labels.NONE,
                        null,
                        null,
                        null),
                new ListCollector<>(candidates));
        return candidates.get(0);
    }
}
