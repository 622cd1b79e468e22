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

import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.References;
import io.tocsin.job.model.WatchedKind;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.event.KubernetesEvent;
import io.tocsin.source.event.ObjectReference;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Counts what happened, instead of what was notified: emits one {@link Occurrence} for each new
 * version of an event, also where its weight is 0.
 *
 * <p>Keyed by {@link #lineageKey}. Records about the watch are none of its business and must be
 * filtered out before. A deletion (mostly the event's expiry) is no occurrence, and is no reason to
 * forget: the next repetition re-creates the object with a count that goes on.
 *
 * <p>State is kept for twice the events' time to live in event time, by a timer of each lineage.
 * Flink's own TTL would cost a tenth of all detection, and end nothing sooner.
 */
public final class OccurrenceFunction
        extends KeyedProcessFunction<String, EventRecord, Occurrence> {

    private static final long serialVersionUID = 1L;

    private static final long FIRST_WATERMARK = Long.MIN_VALUE + 1;
    private static final char SEPARATOR = '\u001f';
    private static final String KUBELET = "kubelet";

    private final long retentionMillis;

    private transient ValueState<Seen> seen;

    /**
     * Makes the operator.
     *
     * @param eventTtl how long the API server keeps events
     */
    public OccurrenceFunction(Duration eventTtl) {
        this.retentionMillis = 2 * eventTtl.toMillis();
    }

    /** Identifies the failure that an event repeats, across re-creations of the event object. */
    public static String lineageKey(EventRecord record) {
        KubernetesEvent event = record.event();
        return record.envelope().cluster()
                + SEPARATOR
                + event.namespace()
                + SEPARATOR
                + event.name()
                + SEPARATOR
                + event.firstMillis();
    }

    /** What an event tells that is seen for the first time: all its repetitions. */
    public static Occurrence firstSight(EventRecord record) {
        KubernetesEvent event = record.event();
        return occurrence(record, event.occurrences(), event.firstMillis(), event.timeMillis());
    }

    @Override
    public void open(OpenContext context) {
        seen =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>("seen", TypeInformation.of(Seen.class)));
    }

    @Override
    public void processElement(EventRecord record, Context context, Collector<Occurrence> out)
            throws Exception {
        if (record.envelope().kind() != KubernetesRecord.Kind.UPSERTED) {
            return;
        }
        KubernetesEvent event = record.event();
        int epoch = record.envelope().epoch();
        long time = timeOf(event, context.timestamp());
        Seen last = seen.value();
        long watermark = context.timerService().currentWatermark();
        Seen now =
                new Seen(
                        event.uid(),
                        event.resourceVersion(),
                        event.occurrences(),
                        time,
                        epoch,
                        expiry(time, watermark));
        boolean baseline = record.envelope().origin() == KubernetesRecord.Origin.BASELINE;
        CountLedger.Entry entry = CountLedger.book(last, now, event.firstMillis(), baseline);
        if (entry == null) {
            return;
        }
        seen.update(now);
        if (last == null) {
            // One timer per lineage; it moves itself on. The first watermark calls for one at its
            // least time.
            context.timerService()
                    .registerEventTimeTimer(
                            watermark == Long.MIN_VALUE ? FIRST_WATERMARK : now.expiresMillis());
        }
        out.collect(occurrence(record, entry.weight(), entry.fromMillis(), time));
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Occurrence> out)
            throws Exception {
        Seen last = seen.value();
        if (last == null) {
            return;
        }
        Seen next = last;
        if (last.expiresMillis() == Long.MAX_VALUE) {
            long watermark = context.timerService().currentWatermark();
            next = last.expiringAt(expiry(last.timeMillis(), watermark));
            seen.update(next);
        }
        if (next.expiresMillis() <= timestamp) {
            seen.clear();
        } else if (next.expiresMillis() < Long.MAX_VALUE) {
            context.timerService().registerEventTimeTimer(next.expiresMillis());
        }
    }

    /**
     * When what was seen now may be forgotten: an old event that was seen just now is as likely to
     * come again as a new one. {@code Long.MAX_VALUE} while event time is unknown, as before the
     * first watermark of a run: a list may hold events that are older than all state is kept.
     */
    private long expiry(long time, long watermark) {
        if (watermark == Long.MIN_VALUE) {
            return Long.MAX_VALUE;
        }
        long after = Math.max(time, watermark);
        return after > Long.MAX_VALUE - retentionMillis ? Long.MAX_VALUE : after + retentionMillis;
    }

    /**
     * The event's time, but never later than the source, which knows the server's clock, allows.
     */
    private static long timeOf(KubernetesEvent event, Long timestamp) {
        long time = event.timeMillis();
        if (timestamp == null || timestamp == Long.MIN_VALUE) {
            return time;
        }
        return time <= 0 ? timestamp : Math.min(time, timestamp);
    }

    private static Occurrence occurrence(EventRecord record, long weight, long from, long to) {
        KubernetesEvent event = record.event();
        ObjectReference regarding = References.known(event.regarding());
        return new Occurrence(
                record.envelope().cluster(),
                record.envelope().epoch(),
                Origins.of(record.envelope().origin()),
                event.namespace(),
                event.name(),
                event.uid(),
                event.resourceVersion(),
                event.type(),
                event.reason(),
                event.note(),
                event.action(),
                event.reportingController(),
                event.reportingInstance(),
                regarding,
                event.related(),
                weight,
                from,
                to,
                Occurrence.EVENTS,
                Labels.of(event.labels()),
                Owners.byName(regarding.kind(), regarding.name()),
                node(event, regarding),
                null);
    }

    /** Where the event says so: of a node itself, and of what its kubelet reports. */
    private static String node(KubernetesEvent event, ObjectReference regarding) {
        if (WatchedKind.NODE.isKind(regarding.kind())) {
            return regarding.name();
        }
        return KUBELET.equals(event.reportingController()) ? event.reportingInstance() : null;
    }
}
