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
package io.tocsin.job.time;

import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.streaming.api.TimerService;

/**
 * The event time that an operator had reached, kept over a restore.
 *
 * <p>Flink does not restore watermarks: after a restore event time is unknown ({@code
 * Long.MIN_VALUE}) until the first watermark comes, and what was late before would then be taken
 * for new. The operator's function asks here instead.
 *
 * <p>For operators behind a shuffle of the whole stream. All their subtasks have the same watermark
 * when an aligned checkpoint is taken, so the greatest that any of them knew is the right one for
 * each of them, at any new parallelism. A subtask learns of watermarks only with elements and
 * timers, so what it knows may be older, never newer. The end of a bounded stream is not
 * remembered: what follows a restore is not late merely because a stream once ended.
 *
 * <p>Threads: the task's only.
 */
public final class RestoredEventTime {

    private static final ListStateDescriptor<Long> STATE =
            new ListStateDescriptor<>("event-time", Types.LONG);

    private final ListState<Long> state;
    private final long restoredMillis;

    private TimerService timers;

    private RestoredEventTime(ListState<Long> state, long restoredMillis) {
        this.state = state;
        this.restoredMillis = restoredMillis;
    }

    /** Reads what was kept; to be called when a function's state is initialized. */
    public static RestoredEventTime restore(FunctionInitializationContext context)
            throws Exception {
        ListState<Long> state = context.getOperatorStateStore().getUnionListState(STATE);
        long greatest = Long.MIN_VALUE;
        for (Long each : state.get()) {
            greatest = Math.max(greatest, each);
        }
        return new RestoredEventTime(state, greatest);
    }

    /**
     * Event time now: the watermark, but never less than before the restore; {@code Long.MIN_VALUE}
     * if it was never known.
     */
    public long now(TimerService timerService) {
        timers = timerService;
        return Math.max(restoredMillis, timerService.currentWatermark());
    }

    /** Writes what is known; to be called when a snapshot is taken. */
    public void snapshot() throws Exception {
        long watermark = timers == null ? Long.MIN_VALUE : timers.currentWatermark();
        long known =
                watermark == Long.MAX_VALUE ? restoredMillis : Math.max(restoredMillis, watermark);
        state.update(known == Long.MIN_VALUE ? List.of() : List.of(known));
    }
}
