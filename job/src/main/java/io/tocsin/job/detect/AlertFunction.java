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
package io.tocsin.job.detect;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.time.BlindIntervals;
import io.tocsin.job.time.KnownInterruptions;
import io.tocsin.job.time.RestoredEventTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Holds windows, absences and lifecycles of all rules for the subjects of one place, and emits what
 * changes.
 *
 * <p>Keyed by {@link Candidate#key}, which holds the place; told of interruptions by broadcast. All
 * timers are event time. What was found in a list waits until the watermark, which the source holds
 * while it lists, moves on. What is ahead of event time waits while an alert rings or ends by
 * waiting before it. So does everything that arrives for that place meanwhile.
 */
public final class AlertFunction
        extends KeyedBroadcastProcessFunction<String, Candidate, Interruption, Alert>
        implements CheckpointedFunction {

    /** What came too late to open an alert, and was added to none. */
    public static final OutputTag<Candidate> LATE =
            new OutputTag<>("late", TypeInformation.of(Candidate.class));

    private static final long serialVersionUID = 1L;

    /**
     * Deadlines are looked at again no later than this: those of a rule whose times were shortened
     * have to be heard although a timer was set for the longer ones.
     */
    private static final long LOOK_AGAIN_MILLIS = 600_000;

    /**
     * What merely may be forgotten is so much later: each subject that fails again and again would
     * be woken to forget nothing.
     */
    private static final long FORGET_LATER_MILLIS = 600_000;

    /** Where twice as many candidates of one place wait, only the latest of them are kept. */
    static final int MOST_WAITING = 10_000;

    private final RuleSet rules;
    private final long outOfOrdernessMillis;
    private final KnownInterruptions interruptions;

    private transient Detector detector;
    private transient RestoredEventTime eventTime;
    private transient KnownRules known;
    private transient KeyedSubjectStore store;
    private transient ListState<WaitingCandidate> waiting;

    /**
     * Makes the operator.
     *
     * @param outOfOrdernessMillis by how much watermarks are behind the newest event
     * @param scopes what is watched: namespaces, or {@code *}; none if that is not known
     */
    public AlertFunction(RuleSet rules, long outOfOrdernessMillis, String... scopes) {
        this.interruptions = new KnownInterruptions(scopes);
        this.rules = rules;
        this.outOfOrdernessMillis = outOfOrdernessMillis;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        eventTime = RestoredEventTime.restore(context);
        known =
                KnownRules.restore(
                        context, rules, getRuntimeContext().getTaskInfo().getIndexOfThisSubtask());
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        eventTime.snapshot();
        known.snapshot();
    }

    @Override
    public void open(OpenContext context) {
        detector = new Detector(rules, outOfOrdernessMillis);
        store = new KeyedSubjectStore(getRuntimeContext(), known.renames());
        waiting =
                getRuntimeContext()
                        .getListState(
                                new ListStateDescriptor<>(
                                        "waiting", TypeInformation.of(WaitingCandidate.class)));
    }

    @Override
    public void processElement(Candidate candidate, ReadOnlyContext context, Collector<Alert> out)
            throws Exception {
        long watermark = eventTime.now(context.timerService());
        SubjectBook now = store.load();
        BlindIntervals blind =
                interruptions.get(context.getBroadcastState(KnownInterruptions.BLIND));
        if (now.waiting() > 0
                || Detector.waits(candidate)
                || detector.overtakes(candidate, watermark, blind, store)) {
            waiting.add(new WaitingCandidate(candidate, watermark));
            int number = now.waiting() + 1;
            if (number >= 2 * MOST_WAITING) {
                number = dropOldest(context);
            }
            store.flush(now.nextMillis(), number);
            if (now.waiting() == 0 && watermark < Long.MAX_VALUE) {
                context.timerService().registerEventTimeTimer(watermark + 1);
            }
            return;
        }
        List<Alert> changes = new ArrayList<>(1);
        if (!detector.accept(candidate, watermark, blind, store, changes)) {
            context.output(LATE, candidate);
        }
        tell(changes, out);
        schedule(
                store.earliest(),
                store.forgets(),
                watermark,
                now.nextMillis(),
                0,
                context.timerService());
    }

    /**
     * What happened first is told as too late where too much waits: with it go those it could still
     * have ended or begun, so what is left decides as if the list had been shorter.
     *
     * @return how many are left
     */
    private int dropOldest(ReadOnlyContext context) throws Exception {
        List<WaitingCandidate> all = new ArrayList<>();
        waiting.get().forEach(all::add);
        all.sort(Comparator.comparingLong(each -> each.candidate().toMillis()));
        int first = all.size() - MOST_WAITING;
        all.subList(0, first).forEach(each -> context.output(LATE, each.candidate()));
        waiting.update(all.subList(first, all.size()));
        return MOST_WAITING;
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Alert> out)
            throws Exception {
        SubjectBook now = store.load();
        long watermark = Math.max(timestamp, eventTime.now(context.timerService()));
        BlindIntervals blind =
                interruptions.get(context.getBroadcastState(KnownInterruptions.BLIND));
        List<Alert> changes = new ArrayList<>();
        int stillWaiting = 0;
        if (now.waiting() > 0) {
            List<Detector.Waiting> found = new ArrayList<>();
            for (WaitingCandidate each : waiting.get()) {
                Candidate candidate = known.renames().apply(each.candidate());
                found.add(new Detector.Waiting(candidate, each.watermark()));
            }
            List<Candidate> late = new ArrayList<>();
            List<WaitingCandidate> ahead = new ArrayList<>();
            for (Detector.Waiting each :
                    detector.drain(found, watermark, blind, store, changes, late)) {
                ahead.add(new WaitingCandidate(each.candidate(), each.watermark()));
            }
            waiting.update(ahead);
            late.forEach(candidate -> context.output(LATE, candidate));
            stillWaiting = ahead.size();
            if (stillWaiting > 0) {
                context.timerService().registerEventTimeTimer(watermark + 1);
            }
        } else {
            detector.advance(timestamp, blind, store, changes);
        }
        tell(changes, out);
        long next = detector.nextDeadline(watermark, blind, store);
        long before = now.nextMillis() <= timestamp ? Long.MAX_VALUE : now.nextMillis();
        long forgets = detector.forgets(store);
        schedule(next, forgets, watermark, before, stillWaiting, context.timerService());
    }

    private static void tell(List<Alert> changes, Collector<Alert> out) {
        for (Alert change : changes) {
            if (Episodes.isTold(change)) {
                out.collect(change);
            }
        }
    }

    @Override
    public void processBroadcastElement(Interruption told, Context context, Collector<Alert> out)
            throws Exception {
        interruptions.tell(
                told,
                context.getBroadcastState(KnownInterruptions.BLIND),
                context.currentWatermark(),
                detector.longestMillis());
    }

    /**
     * Wakes in time for what is next, unless a timer does already, and keeps what is remembered.
     */
    private void schedule(
            long next,
            long forgets,
            long watermark,
            long scheduled,
            int stillWaiting,
            TimerService timers)
            throws Exception {
        long wakeAt = next;
        if (next != Long.MAX_VALUE && watermark < Long.MAX_VALUE - LOOK_AGAIN_MILLIS) {
            wakeAt = Math.min(next, watermark + LOOK_AGAIN_MILLIS);
        }
        if (forgets < Long.MAX_VALUE - FORGET_LATER_MILLIS) {
            wakeAt = Math.min(wakeAt, forgets + FORGET_LATER_MILLIS);
        }
        if (wakeAt < scheduled) {
            timers.registerEventTimeTimer(wakeAt);
        }
        store.flush(Math.min(wakeAt, scheduled), stillWaiting);
    }
}
