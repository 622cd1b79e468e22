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
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Roles;
import io.tocsin.job.rule.Matcher;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.time.BlindIntervals;
import io.tocsin.job.time.KnownInterruptions;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Says of a sequence with stages that must not come what flink-cep cannot know.
 *
 * <ul>
 *   <li>Where it begins with them: with which occurrences it may begin, which are those before
 *       which none of them came within the sequence's time, nor could have come unseen.
 *   <li>Where they are between others: when one of them could have come unseen. It is told as if it
 *       had: before the first that is seen behind an interruption comes one that must not.
 * </ul>
 *
 * <p>Keyed by subject; told of interruptions by broadcast. Holds everything until event time has
 * come to it, so that what must not come may arrive behind what it forbids, and contact that was
 * lost is known; remembers the latest time at which anything came, and what must not. What it lets
 * go it lets go before the watermark that made it due, so nothing is late behind it. {@link Ration}
 * bounds how much that is.
 */
final class Guard
        extends KeyedBroadcastProcessFunction<String, Candidate, Interruption, Candidate> {

    private static final long serialVersionUID = 1L;

    private final Set<String> forbidden;
    private final String first;
    private final String begins;
    private final List<Not> before;
    private final List<Not> between;
    private final long withinMillis;
    private final KnownInterruptions known;

    /** How many of a millisecond are held. */
    private transient MapState<Long, Integer> numbers;

    /** By millisecond, and in the order in which they arrived. */
    private transient MapState<Tuple2<Long, Integer>, Candidate> held;

    private transient ValueState<Long> mark;

    /** When something came last, and the node of what came, where one is known. */
    private transient ValueState<Tuple2<Long, String>> seen;

    /** What must not come: the role of its stage, and what plays it. */
    private record Not(String role, Matcher match) implements Serializable {}

    /**
     * @param rule the sequence's rule
     * @param scopes what is watched: namespaces, or {@code *}; none if that is not known
     */
    Guard(Rule rule, SequencePattern pattern, String... scopes) {
        int leading = pattern.leadingNots();
        this.before = nots(rule, pattern, IntStream.range(0, leading));
        this.between =
                nots(rule, pattern, pattern.innerNots().stream().mapToInt(Integer::intValue));
        this.forbidden = before.stream().map(Not::role).collect(Collectors.toSet());
        this.first = leading == 0 ? null : Roles.stage(rule.name(), leading);
        this.begins = begins(rule);
        this.withinMillis = pattern.withinMillis();
        this.known = new KnownInterruptions(scopes);
    }

    private static List<Not> nots(Rule rule, SequencePattern pattern, IntStream stages) {
        return stages.mapToObj(i -> new Not(Roles.stage(rule.name(), i), pattern.match(i)))
                .toList();
    }

    /** The role of what a sequence may begin with. */
    static String begins(Rule rule) {
        return Roles.name(rule.name(), "begin");
    }

    @Override
    public void open(OpenContext context) {
        numbers =
                getRuntimeContext()
                        .getMapState(new MapStateDescriptor<>("numbers", Types.LONG, Types.INT));
        held =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "elements",
                                        Types.TUPLE(Types.LONG, Types.INT),
                                        TypeInformation.of(Candidate.class)));
        mark = getRuntimeContext().getState(new ValueStateDescriptor<>("mark", Types.LONG));
        seen =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "seen", Types.TUPLE(Types.LONG, Types.STRING)));
    }

    @Override
    public void processElement(
            Candidate candidate, ReadOnlyContext context, Collector<Candidate> out)
            throws Exception {
        // Each by itself: what is written anew with all others of its time costs their square.
        Integer before = numbers.get(candidate.toMillis());
        int number = before == null ? 0 : before;
        held.put(Tuple2.of(candidate.toMillis(), number), candidate);
        numbers.put(candidate.toMillis(), number + 1);
        context.timerService().registerEventTimeTimer(candidate.toMillis());
    }

    @Override
    public void processBroadcastElement(
            Interruption told, Context context, Collector<Candidate> out) throws Exception {
        known.tell(
                told,
                context.getBroadcastState(KnownInterruptions.BLIND),
                context.currentWatermark(),
                withinMillis);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Candidate> out)
            throws Exception {
        Integer due = numbers.get(timestamp);
        if (due != null) {
            numbers.remove(timestamp);
            List<Candidate> all = new ArrayList<>(due);
            for (int i = 0; i < due; i++) {
                Tuple2<Long, Integer> key = Tuple2.of(timestamp, i);
                all.add(held.get(key));
                held.remove(key);
            }
            letGo(all, timestamp, context.getBroadcastState(KnownInterruptions.BLIND), out);
            context.timerService().registerEventTimeTimer(timestamp + withinMillis + 1);
        }
        Long came = mark.value();
        if (came != null && came < timestamp - withinMillis) {
            mark.clear();
        }
        Tuple2<Long, String> last = seen.value();
        if (last != null && last.f0 < timestamp - withinMillis) {
            seen.clear();
        }
    }

    private void letGo(
            List<Candidate> all,
            long now,
            ReadOnlyBroadcastState<String, Interruption> state,
            Collector<Candidate> out)
            throws Exception {
        BlindIntervals blind = known.get(state);
        Tuple2<Long, String> last = seen.value();
        Candidate any = all.get(0);
        String node = last == null ? null : last.f1;
        for (Candidate each : all) {
            String told = BlindIntervals.nodeOf(each);
            node = told == null ? node : told;
        }
        if (last != null) {
            String[] roles = hidden(between, blind, any, node, last.f0, now);
            if (roles.length > 0) {
                out.collect(unseen(any, roles));
            }
        }
        Long came = mark.value();
        boolean free =
                first != null
                        && (came == null || came < now - withinMillis)
                        && hidden(before, blind, any, node, now - withinMillis, now).length == 0;
        all.sort(new InOrderOfWriting());
        for (Candidate each : all) {
            List<String> roles = Arrays.asList(each.roles());
            out.collect(free && roles.contains(first) ? beginning(each) : each);
            if (roles.stream().anyMatch(forbidden::contains)) {
                free = false;
                mark.update(now);
            }
        }
        seen.update(Tuple2.of(now, node));
    }

    /** The roles of what could have come between two times unseen. */
    private static String[] hidden(
            List<Not> nots, BlindIntervals blind, Candidate any, String node, long from, long to) {
        return nots.stream()
                .filter(not -> blind.hide(not.match(), any, node, from, to))
                .map(Not::role)
                .toArray(String[]::new);
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

    /** Of no version: it comes before all of its millisecond. */
    private static Candidate unseen(Candidate like, String[] roles) {
        return new Candidate(
                Candidate.Kind.OCCURRENCE,
                like.key(),
                like.subjectKey(),
                like.reach(),
                roles,
                like.origin(),
                1,
                like.toMillis(),
                like.toMillis(),
                like.cluster(),
                like.namespace(),
                like.node(),
                like.reportingController(),
                like.resource(),
                like.eventUid(),
                null,
                like.told());
    }
}
