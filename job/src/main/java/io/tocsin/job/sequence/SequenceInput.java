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
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.When;
import io.tocsin.job.time.RestoredEventTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Lets through what plays a stage of one sequence, with the roles of that sequence only.
 *
 * <p>Flink CEP does not know after a restore which elements are late, and would put them behind
 * those that its partial matches have passed. So what was late before is kept out here.
 */
final class SequenceInput extends ProcessFunction<Candidate, Candidate>
        implements CheckpointedFunction {

    /** What came after event time had passed it, or was too much of one stage. */
    static final OutputTag<Candidate> LATE =
            new OutputTag<>("late", TypeInformation.of(Candidate.class));

    private static final long serialVersionUID = 1L;

    private final List<String> roles = new ArrayList<>();
    private final Set<String> toldByOthers;
    private final String per;

    private transient RestoredEventTime eventTime;

    /**
     * @param toldByOthers roles by which another sequence tells that something is late: all of them
     *     stand in one place and agree about that
     */
    SequenceInput(Rule rule, When.Sequence sequence, Set<String> toldByOthers) {
        this.per = rule.perLetters();
        this.toldByOthers = Set.copyOf(toldByOthers);
        for (int i = 0; i < sequence.stages().size(); i++) {
            roles.add(Roles.stage(rule.name(), i));
        }
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        eventTime = RestoredEventTime.restore(context);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        eventTime.snapshot();
    }

    @Override
    public void processElement(Candidate candidate, Context context, Collector<Candidate> out) {
        long now = eventTime.now(context.timerService());
        if (candidate.weight() <= 0 || !candidate.isPer(per)) {
            return;
        }
        String[] played =
                Arrays.stream(candidate.roles()).filter(roles::contains).toArray(String[]::new);
        if (played.length == 0) {
            return;
        }
        if (candidate.toMillis() <= now) {
            if (Arrays.stream(candidate.roles()).noneMatch(toldByOthers::contains)) {
                context.output(LATE, candidate);
            }
            return;
        }
        out.collect(
                candidate.as(
                        candidate.kind(),
                        played,
                        candidate.weight(),
                        candidate.fromMillis(),
                        candidate.origin()));
    }
}
