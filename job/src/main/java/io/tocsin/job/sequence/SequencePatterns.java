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
import io.tocsin.job.model.Fingerprint;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Roles;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.Stage;
import io.tocsin.job.rule.When;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.cep.CEP;
import org.apache.flink.cep.functions.PatternProcessFunction;
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Runs the rules that need order: one keyed CEP operator per sequence, fed only with what plays a
 * stage of it. What a pattern completes becomes a candidate of kind {@code DETECTION}.
 *
 * <p>Every operator's uid holds a hash of the stages: Flink CEP 1.20 restores partial matches by
 * stage name, and dies when a count was lowered or a stage renamed. A changed sequence so loses its
 * partial matches, and nothing else.
 */
public final class SequencePatterns {

    private static final OutputTag<Candidate> LATE =
            new OutputTag<>("late", TypeInformation.of(Candidate.class));
    private static final int HASH_BYTES = 6;

    private final DataStream<Candidate> candidates;
    private final BroadcastStream<Interruption> blind;
    private final String[] scopes;
    private final Uids uids;

    /**
     * @param candidates what plays roles
     * @param blind when silence says nothing
     * @param scopes what is watched: namespaces, or {@code *}
     * @param uids names the operators
     */
    public SequencePatterns(
            DataStream<Candidate> candidates,
            BroadcastStream<Interruption> blind,
            List<String> scopes,
            Uids uids) {
        this.candidates = candidates;
        this.blind = blind;
        this.scopes = scopes.toArray(String[]::new);
        this.uids = uids;
    }

    /** Names an operator of a sequence. */
    public interface Uids {

        /** The uid of the filter before a sequence. */
        String input(String sequence);

        /** The uid of what bounds what a sequence remembers. */
        String ration(String sequence);

        /** The uid of what says where a sequence may begin, and what could have come unseen. */
        String guard(String sequence);

        /** The uid of a sequence. */
        String sequence(String sequence);
    }

    /**
     * What sequences yield.
     *
     * @param detections completed patterns, as candidates of the sequence's rule
     * @param late what came after event time had passed it, or was too much of one stage
     */
    public record Output(DataStream<Candidate> detections, DataStream<Candidate> late) {}

    /** Adds an operator for each sequence; the list is empty where the rules have none. */
    public List<Output> apply(RuleSet rules) {
        List<Output> outputs = new ArrayList<>();
        Set<String> told = new HashSet<>();
        for (Rule rule : rules.rules()) {
            if (rule.when() instanceof When.Sequence sequence) {
                outputs.add(apply(rule, sequence, told));
                for (int i = 0; i < sequence.stages().size(); i++) {
                    told.add(Roles.stage(rule.name(), i));
                }
            }
        }
        return outputs;
    }

    private Output apply(Rule rule, When.Sequence sequence, Set<String> told) {
        String id = id(rule, sequence);
        SequencePattern pattern = new SequencePattern(rule, sequence);
        TypeInformation<Candidate> type = TypeInformation.of(Candidate.class);
        SingleOutputStreamOperator<Candidate> input =
                candidates
                        .transform(
                                "before " + rule.name(),
                                type,
                                new RestampingOperator(new SequenceInput(rule, sequence, told)))
                        .uid(uids.input(id));
        SingleOutputStreamOperator<Candidate> rationed =
                input.keyBy(Candidate::sequenceKey)
                        .process(new Ration(rule, sequence), type)
                        .uid(uids.ration(id))
                        .name("bound of " + rule.name());
        SingleOutputStreamOperator<Candidate> guarded = rationed;
        if (pattern.leadingNots() > 0 || !pattern.innerNots().isEmpty()) {
            guarded =
                    rationed.keyBy(Candidate::sequenceKey)
                            .connect(blind)
                            .process(new Guard(rule, pattern, scopes), type)
                            .uid(uids.guard(id))
                            .name("guard of " + rule.name());
        }
        SingleOutputStreamOperator<Candidate> detections =
                CEP.pattern(
                                guarded.keyBy(Candidate::sequenceKey),
                                pattern.get(),
                                new InOrderOfWriting())
                        .inEventTime()
                        .sideOutputLateData(LATE)
                        .process(new Detections(rule, pattern), type)
                        .uid(uids.sequence(id))
                        .name(rule.name());
        return new Output(
                detections,
                detections
                        .getSideOutput(LATE)
                        .union(
                                input.getSideOutput(SequenceInput.LATE),
                                rationed.getSideOutput(SequenceInput.LATE)));
    }

    /** What the uids of a sequence's operators hold: its name and a hash of its stages. */
    static String id(Rule rule, When.Sequence sequence) {
        return rule.name() + "-" + hash(sequence);
    }

    private static String hash(When.Sequence sequence) {
        return Fingerprint.of(HASH_BYTES, sequence.stages().stream().map(Stage::written).toList());
    }

    private static final class Detections extends PatternProcessFunction<Candidate, Candidate> {

        private static final long serialVersionUID = 1L;

        private final String[] roles;
        private final String lastStage;
        private final boolean waits;
        private final long withinMillis;

        Detections(Rule rule, SequencePattern pattern) {
            this.roles = new String[] {Roles.name(rule.name(), Roles.DETECTION)};
            this.lastStage = pattern.lastStage();
            this.waits = pattern.waits();
            this.withinMillis = pattern.withinMillis();
        }

        @Override
        public void processMatch(
                Map<String, List<Candidate>> match, Context context, Collector<Candidate> out) {
            List<Candidate> ends = match.get(lastStage);
            Candidate last = ends.get(ends.size() - 1);
            long weight = 0;
            long first = last.toMillis();
            long begin = last.toMillis();
            Occurrence.Origin origin = Occurrence.Origin.LIVE;
            for (List<Candidate> stage : match.values()) {
                for (Candidate element : stage) {
                    weight += element.weight();
                    first = Math.min(first, element.fromMillis());
                    begin = Math.min(begin, element.toMillis());
                    if (element.origin() == Occurrence.Origin.LISTED) {
                        origin = Occurrence.Origin.LISTED;
                    }
                }
            }
            // Where something must not come at the end, it waits from here until its time is over.
            first = waits ? last.toMillis() : Math.max(first, last.toMillis() - withinMillis);
            Candidate detection = last.as(Candidate.Kind.DETECTION, roles, weight, first, origin);
            out.collect(waits ? detection.until(begin + withinMillis) : detection);
        }
    }
}
