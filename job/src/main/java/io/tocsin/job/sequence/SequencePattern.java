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

import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Roles;
import io.tocsin.job.rule.Matcher;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.Stage;
import io.tocsin.job.rule.When;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.cep.nfa.aftermatch.AfterMatchSkipStrategy;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.cep.pattern.conditions.SimpleCondition;

/**
 * A sequence as flink-cep runs it. Stages follow each other with anything between; after a match
 * all begins anew. Stages that must not come become one with those beside them; at the begin they
 * are left to {@link Guard}.
 *
 * <p>The names of stages are in savepoints: they depend on nothing but what the operator's uid
 * holds.
 */
final class SequencePattern {

    private final Rule rule;
    private final List<Stage> stages;
    private final long withinMillis;

    SequencePattern(Rule rule, When.Sequence sequence) {
        this.rule = rule;
        this.stages = sequence.stages();
        this.withinMillis = sequence.withinMillis();
    }

    /** How many stages at the begin must not come. */
    int leadingNots() {
        int count = 0;
        while (stages.get(count).not()) {
            count++;
        }
        return count;
    }

    /** Which stages between others must not come. */
    List<Integer> innerNots() {
        List<Integer> nots = new ArrayList<>();
        for (int i = leadingNots(); i < last(); i++) {
            if (stages.get(i).not()) {
                nots.add(i);
            }
        }
        return nots;
    }

    /** What plays a stage. */
    Matcher match(int stage) {
        return stages.get(stage).match();
    }

    /** Whether it ends with what must not come, and so is true only when its time is over. */
    boolean waits() {
        return stages.get(stages.size() - 1).not();
    }

    /** Name of the last stage that must come. */
    String lastStage() {
        return name(last());
    }

    private int last() {
        int last = stages.size() - 1;
        while (stages.get(last).not()) {
            last--;
        }
        return last;
    }

    long withinMillis() {
        return withinMillis;
    }

    Pattern<Candidate, Candidate> get() {
        int first = leadingNots();
        Pattern<Candidate, Candidate> pattern = begin(first);
        for (int i = first + 1; i < stages.size(); i++) {
            if (stages.get(i).not()) {
                int from = i;
                while (i + 1 < stages.size() && stages.get(i + 1).not()) {
                    i++;
                }
                pattern = pattern.notFollowedBy(name(from)).where(plays(from, i));
            } else {
                pattern = times(pattern.followedBy(name(i)).where(plays(i, i)), i, 0);
            }
        }
        return pattern.within(Duration.ofMillis(withinMillis));
    }

    private Pattern<Candidate, Candidate> begin(int first) {
        AfterMatchSkipStrategy skip = AfterMatchSkipStrategy.skipPastLastEvent();
        if (first == 0) {
            return times(Pattern.<Candidate>begin(name(0), skip).where(plays(0, 0)), 0, 0);
        }
        PlaysRole begins = new PlaysRole(List.of(Guard.begins(rule)));
        if (stages.get(first).times() == 1) {
            return Pattern.<Candidate>begin(name(first), skip).where(begins);
        }
        // Only the very first one has to be free of what must not come before.
        Pattern<Candidate, Candidate> begin = Pattern.<Candidate>begin("begin", skip).where(begins);
        return times(begin.followedBy(name(first)).where(plays(first, first)), first, 1);
    }

    private Pattern<Candidate, Candidate> times(
            Pattern<Candidate, Candidate> pattern, int stage, int before) {
        int times = stages.get(stage).times() - before;
        return times > 1 ? pattern.times(times) : pattern;
    }

    private PlaysRole plays(int from, int to) {
        List<String> roles = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            roles.add(Roles.stage(rule.name(), i));
        }
        return new PlaysRole(roles);
    }

    private static String name(int stage) {
        return "stage" + stage;
    }

    private static final class PlaysRole extends SimpleCondition<Candidate> {

        private static final long serialVersionUID = 1L;

        private final String[] roles;

        PlaysRole(List<String> roles) {
            this.roles = roles.toArray(String[]::new);
        }

        @Override
        public boolean filter(Candidate candidate) {
            List<String> played = Arrays.asList(candidate.roles());
            return Arrays.stream(roles).anyMatch(played::contains);
        }
    }
}
