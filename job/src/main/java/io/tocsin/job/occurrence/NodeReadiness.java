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
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Tells from when to when a node is not ready: its kubelet reports nothing of its pods then. By the
 * events about the node, and by its state where nodes are watched; whichever comes first.
 *
 * <p>Keyed by {@link #key}, the node's name. What is older than the last change is none. That a
 * node is ready again may never be told: after {@link #MOST_MILLIS} of event time it counts as
 * over.
 *
 * <p>Semantics: node-controller's NodeNotReady, kubelet's NodeReady and Starting, RemovingNode and
 * DeletingNode, Kubernetes 1.34.
 */
public final class NodeReadiness extends KeyedProcessFunction<String, Occurrence, Interruption> {

    private static final long serialVersionUID = 1L;

    /** By then its pods have long been moved to other nodes. */
    static final long MOST_MILLIS = 3_600_000;

    private transient ValueState<Long> downSince;
    private transient ValueState<Long> changed;

    /** Makes the operator. */
    public NodeReadiness() {}

    /** Whether an occurrence says that a node became ready or not. */
    public static boolean isTold(Occurrence occurrence) {
        return "Node".equals(occurrence.regarding().kind())
                && occurrence.regarding().name() != null
                && occurrence.weight() > 0
                && (isDown(occurrence) || isUp(occurrence));
    }

    /** The node. */
    public static String key(Occurrence occurrence) {
        return occurrence.regarding().name();
    }

    @Override
    public void open(OpenContext context) {
        downSince =
                getRuntimeContext().getState(new ValueStateDescriptor<>("down-since", Types.LONG));
        changed = getRuntimeContext().getState(new ValueStateDescriptor<>("changed", Types.LONG));
    }

    @Override
    public void processElement(Occurrence occurrence, Context context, Collector<Interruption> out)
            throws Exception {
        long at = occurrence.toMillis();
        Long last = changed.value();
        if (last != null && at <= last) {
            return;
        }
        Long since = downSince.value();
        String node = occurrence.regarding().name();
        if (isDown(occurrence) && since == null) {
            downSince.update(at);
            changed.update(at);
            context.timerService().registerEventTimeTimer(at + MOST_MILLIS);
            out.collect(Interruption.ofNode(node, at, 0));
        } else if (isUp(occurrence) && since != null) {
            downSince.clear();
            changed.update(at);
            out.collect(Interruption.ofNode(node, since, at));
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Interruption> out)
            throws Exception {
        Long since = downSince.value();
        if (since != null && since + MOST_MILLIS == timestamp) {
            downSince.clear();
            changed.update(timestamp);
            out.collect(Interruption.ofNode(context.getCurrentKey(), since, timestamp));
        }
    }

    private static boolean isDown(Occurrence occurrence) {
        return switch (occurrence.reason() == null ? "" : occurrence.reason()) {
            case "NodeNotReady", "NotReady" -> true;
            default -> false;
        };
    }

    private static boolean isUp(Occurrence occurrence) {
        return switch (occurrence.reason() == null ? "" : occurrence.reason()) {
            case "NodeReady", "Ready", "RemovingNode", "DeletingNode", "Gone" -> true;
            default -> false;
        };
    }
}
