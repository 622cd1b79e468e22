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
import io.tocsin.job.model.Roles;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.When;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.junit.jupiter.api.Test;

class GuardTest {

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
        Candidate candidate = candidate("A");
        nanosOf(candidate, 0);

        long many = nanosOf(candidate, 1);
        long one = nanosOf(candidate, 0);

        assertThat(one).isLessThan(3 * many + 1_000_000_000L);
    }

    /** Of the processor, for whatever else runs beside. */
    private static long nanosOf(Candidate candidate, long apartMillis) throws Exception {
        int number = 100_000;
        Rule rule = RULES.rules().get(0);
        var pattern = new SequencePattern(rule, (When.Sequence) rule.when());
        var harness = SequenceHarness.broadcast(new Guard(rule, pattern));
        harness.setup();
        harness.open();
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (int i = 0; i < number; i++) {
            Candidate each = candidate.until(BEGIN + i * apartMillis);
            harness.processElement(new StreamRecord<>(each, each.toMillis()));
        }
        harness.watermark(BEGIN + number);
        long after = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        assertThat(harness.extractOutputValues())
                .hasSize(number)
                .allMatch(each -> List.of(each.roles()).contains(Roles.name("Ordered", "begin")));
        harness.watermark(BEGIN + number + 600_001);
        assertThat(SequenceHarness.entries(harness)).isZero();
        harness.close();
        return after - before;
    }

    private static Candidate candidate(String reason) throws Exception {
        MatchFunction match = new MatchFunction(RULES);
        match.open(DefaultOpenContext.INSTANCE);
        List<Candidate> candidates = new ArrayList<>();
        match.flatMap(
                TestOccurrence.of(reason).origin(Occurrence.Origin.LISTED).at(BEGIN).make(),
                new ListCollector<>(candidates));
        return candidates.get(0);
    }
}
