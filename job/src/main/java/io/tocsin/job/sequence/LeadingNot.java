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
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Says of which occurrences a sequence may begin that begins with stages that must not come: those
 * before which none of them came, within the sequence's time. flink-cep knows no such patterns.
 *
 * <p>Keyed by subject. Holds everything until event time has come to it, so that what must not come
 * may arrive behind what it forbids; remembers the latest time at which it came. What it lets go it
 * lets go before the watermark that made it due, so nothing is late behind it. {@link Ration}
 * bounds how much that is.
 */
final class LeadingNot extends KeyedProcessFunction<String, Candidate, Candidate> {

    private static final long serialVersionUID = 1L;

    private final Set<String> forbidden;
    private final String first;
    private final String begins;
    private final long withinMillis;

    /** How many of a millisecond are held. */
    private transient MapState<Long, Integer> numbers;

    /** By millisecond, and in the order in which they arrived. */
    private transient MapState<Tuple2<Long, Integer>, Candidate> held;

    private transient ValueState<Long> mark;

    /**
     * @param rule the sequence's rule
     * @param stages how many stages at its begin must not come
     * @param withinMillis for how long before its begin
     */
    LeadingNot(Rule rule, int stages, long withinMillis) {
        Set<String> roles = new TreeSet<>();
        for (int i = 0; i < stages; i++) {
            roles.add(Roles.stage(rule.name(), i));
        }
        this.forbidden = roles;
        this.first = Roles.stage(rule.name(), stages);
        this.begins = begins(rule);
        this.withinMillis = withinMillis;
    }

    /** The role of what a sequence may begin with. */
    static String begins(Rule rule) {
        return Roles.name(rule.name(), "begin");
    }

    @Override
    public void open(OpenContext context) {
        numbers =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>("numbers", Types.LONG, Types.INT));
        held =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "elements",
                                        Types.TUPLE(Types.LONG, Types.INT),
                                        TypeInformation.of(Candidate.class)));
        mark = getRuntimeContext().getState(new ValueStateDescriptor<>("mark", Types.LONG));
    }

    @Override
    public void processElement(Candidate candidate, Context context, Collector<Candidate> out)
            throws Exception {
        // Each by itself: what is written anew with all others of its time costs their square.
        Integer before = numbers.get(candidate.toMillis());
        int number = before == null ? 0 : before;
        held.put(Tuple2.of(candidate.toMillis(), number), candidate);
        numbers.put(candidate.toMillis(), number + 1);
        context.timerService().registerEventTimeTimer(candidate.toMillis());
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Candidate> out)
            throws Exception {
        Integer due = numbers.get(timestamp);
        Long came = mark.value();
        if (due != null) {
            numbers.remove(timestamp);
            boolean free = came == null || came < timestamp - withinMillis;
            boolean comes = false;
            for (int i = 0; i < due; i++) {
                Tuple2<Long, Integer> key = Tuple2.of(timestamp, i);
                Candidate candidate = held.get(key);
                held.remove(key);
                List<String> roles = Arrays.asList(candidate.roles());
                out.collect(free && roles.contains(first) ? beginning(candidate) : candidate);
                comes |= roles.stream().anyMatch(forbidden::contains);
            }
            if (comes) {
                mark.update(timestamp);
                context.timerService().registerEventTimeTimer(timestamp + withinMillis + 1);
                return;
            }
        }
        if (came != null && came < timestamp - withinMillis) {
            mark.clear();
        }
    }

    private Candidate beginning(Candidate candidate) {
        String[] roles = Arrays.copyOf(candidate.roles(), candidate.roles().length + 1);
        roles[roles.length - 1] = begins;
        return candidate.as(
                candidate.kind(),
                roles,
                candidate.weight(),
                candidate.fromMillis(),
                candidate.origin());
    }
}
