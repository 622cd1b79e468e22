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
package io.tocsin.job.occurrence;

import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Tells when nodes are down, so that silence of their kubelets ends no alert. Keyed by the node's
 * name; all timers are event time. It decides nothing by arrival: an interruption that comes after
 * a candidate is still known when event time decides about it.
 */
public final class NodeReadiness extends KeyedProcessFunction<String, Occurrence, Interruption> {

    private static final long serialVersionUID = 1L;

    private transient ValueState<NodeSigns> state;

    /** Makes the operator. */
    public NodeReadiness() {}

    /** Whether an occurrence is worth being sent here. */
    public static boolean isTold(Occurrence occurrence) {
        return NodeTimes.isSign(occurrence);
    }

    /** The name of the node. */
    public static String key(Occurrence occurrence) {
        return occurrence.regarding().name();
    }

    @Override
    public void open(OpenContext context) {
        state =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "signs", TypeInformation.of(NodeSigns.class)));
    }

    @Override
    public void processElement(Occurrence occurrence, Context context, Collector<Interruption> out)
            throws Exception {
        NodeSigns before = state.value();
        NodeSigns signs = before == null ? NodeSigns.NONE : before;
        NodeSigns now = NodeTimes.with(signs, occurrence.toMillis(), NodeTimes.isUp(occurrence));
        if (now == signs) {
            return;
        }
        NodeTimes.told(context.getCurrentKey(), signs, now).forEach(out::collect);
        state.update(now);
        if (before == null) {
            // One timer per node; it moves itself on.
            wake(now, context.timerService());
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Interruption> out)
            throws Exception {
        NodeSigns signs = state.value();
        if (signs == null) {
            return;
        }
        if (signs.newest() > timestamp - NodeTimes.LONGEST_MILLIS) {
            wake(signs, context.timerService());
            return;
        }
        Interruption last = NodeTimes.givenUp(context.getCurrentKey(), signs);
        if (last != null) {
            out.collect(last);
        }
        state.clear();
    }

    private static void wake(NodeSigns signs, TimerService timers) {
        timers.registerEventTimeTimer(signs.newest() + NodeTimes.LONGEST_MILLIS);
    }
}
