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
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Bounds what a sequence remembers of one subject, whoever writes the events: flink-cep keeps every
 * element that may begin a sequence for as long as it has time, and all that event time has not
 * come to. Of each part of that time the first of each stage are let through, so that a flood of
 * one stage hides neither the others nor what comes much later; the rest is late.
 *
 * <p>Patterns know no weights, so an occurrence of weight w becomes w elements, but no more than
 * its stage needs; their weights add up to w. It is late once, however many of them are too many.
 *
 * <p>What must not come would make a sequence ring by being left out: of it more are let through,
 * one in each {@link #MOST_IN_PART}th of a part, and one after each element of the other stages.
 *
 * <p>Keyed by subject. Remembers numbers only, and those only until event time has passed their
 * part: after that nothing comes that belongs to it.
 */
final class Ration extends KeyedProcessFunction<String, Candidate, Candidate> {

    /** So many of each stage in each part, or as many as the stage needs. */
    static final int MOST_IN_PART = 50;

    /** Into so many parts the sequence's time is divided. */
    static final int PARTS = 20;

    private static final long serialVersionUID = 1L;

    private final List<String> roles = new ArrayList<>();
    private final int[] times;
    private final int[] most;
    private final boolean[] unwanted;
    private final long partMillis;

    /**
     * By the end of a part, one behind the other: how many of each stage were let through; of what
     * must not come, how many of the others had been then, and in which piece of the part that was.
     */
    private transient MapState<Long, int[]> passed;

    Ration(Rule rule, When.Sequence sequence) {
        most = new int[sequence.stages().size()];
        times = new int[most.length];
        unwanted = new boolean[most.length];
        for (int i = 0; i < most.length; i++) {
            roles.add(Roles.stage(rule.name(), i));
            times[i] = sequence.stages().get(i).times();
            most[i] = Math.max(MOST_IN_PART, times[i]);
            unwanted[i] = sequence.stages().get(i).not();
        }
        partMillis = Math.max(1, sequence.withinMillis() / PARTS);
    }

    @Override
    public void open(OpenContext context) {
        passed =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "passed",
                                        Types.LONG,
                                        PrimitiveArrayTypeInfo.INT_PRIMITIVE_ARRAY_TYPE_INFO));
    }

    @Override
    public void processElement(Candidate candidate, Context context, Collector<Candidate> out)
            throws Exception {
        long end = (Math.floorDiv(candidate.toMillis(), partMillis) + 1) * partMillis;
        int[] before = passed.get(end);
        // Never written in place: a snapshot may still hold it.
        int[] numbers = before == null ? new int[3 * most.length] : before.clone();
        int piece = (int) ((candidate.toMillis() + partMillis - end) * MOST_IN_PART / partMillis);
        long elements = Math.min(candidate.weight(), needed(candidate));
        long taken = 0;
        while (taken < elements && hasRoom(numbers, candidate, piece)) {
            out.collect(element(candidate, taken == 0 ? candidate.weight() - elements + 1 : 1));
            taken++;
        }
        if (taken < elements) {
            context.output(SequenceInput.LATE, candidate);
        }
        if (taken == 0) {
            return;
        }
        passed.put(end, numbers);
        if (before == null) {
            context.timerService().registerEventTimeTimer(end);
        }
    }

    private int needed(Candidate candidate) {
        int needed = 0;
        for (String role : candidate.roles()) {
            int stage = roles.indexOf(role);
            needed = stage < 0 ? needed : Math.max(needed, times[stage]);
        }
        return needed;
    }

    private static Candidate element(Candidate candidate, long weight) {
        return weight == candidate.weight()
                ? candidate
                : candidate.as(
                        candidate.kind(),
                        candidate.roles(),
                        weight,
                        candidate.fromMillis(),
                        candidate.origin());
    }

    /** Whether a stage that it plays has room for one more; each that has counts it. */
    private boolean hasRoom(int[] numbers, Candidate candidate, int piece) {
        boolean room = false;
        for (String role : candidate.roles()) {
            int stage = roles.indexOf(role);
            room |= stage >= 0 && hasRoom(numbers, stage, piece);
        }
        return room;
    }

    /** Counts it if there is. */
    private boolean hasRoom(int[] numbers, int stage, int piece) {
        int others = most.length + stage;
        int pieces = 2 * most.length + stage;
        int wanted = unwanted[stage] ? wanted(numbers) : 0;
        boolean room =
                numbers[stage] < most[stage]
                        || unwanted[stage] && (wanted > numbers[others] || piece > numbers[pieces]);
        if (room) {
            numbers[stage]++;
            numbers[others] = wanted;
            numbers[pieces] = Math.max(piece, numbers[pieces]);
        }
        return room;
    }

    private int wanted(int[] numbers) {
        int sum = 0;
        for (int i = 0; i < most.length; i++) {
            sum += unwanted[i] ? 0 : numbers[i];
        }
        return sum;
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Candidate> out)
            throws Exception {
        passed.remove(timestamp);
    }
}
