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
package io.tocsin.source.reader;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.RecordDeserializer;
import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceSplitState;
import java.io.IOException;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.connector.base.source.reader.RecordEmitter;

/**
 * Emits what drivers queued, and is the only one to move a split's position: after emission, so
 * that a checkpoint holds what was emitted and nothing else.
 *
 * <p>Event time of a split has four states. Live: the greatest timestamp of the watch, no later
 * than the server's now, less the out-of-orderness. Listing: held. Proven, at the end of a list:
 * the server's time of that list, less the out-of-orderness. Disconnected: held, until the scope
 * counts as lost: then idle.
 *
 * <p>Threads: the reader's task thread only.
 */
public final class PositionEmitter<OUT> implements RecordEmitter<Element, OUT, ResourceSplitState> {

    /** Watermarks closer than this to the one before are left out: each costs every task. */
    private static final long WATERMARK_STEP_MILLIS = 100;

    private final RecordDeserializer<OUT> deserializer;
    private final EventTime eventTime;
    private final ServerClock clock;
    private final SourceMetrics metrics;
    private final EventTimeProgress progress;

    public PositionEmitter(
            RecordDeserializer<OUT> deserializer,
            EventTime eventTime,
            ServerClock clock,
            SourceMetrics metrics,
            EventTimeProgress progress) {
        this.deserializer = deserializer;
        this.eventTime = eventTime;
        this.clock = clock;
        this.metrics = metrics;
        this.progress = progress;
    }

    @Override
    public void emitRecord(Element element, SourceOutput<OUT> output, ResourceSplitState state)
            throws IOException {
        if (element instanceof Element.Changed changed) {
            changed(changed, output, state);
        } else if (element instanceof Element.Present present) {
            present(present, output, state);
        } else if (element instanceof Element.Listed listed) {
            listed(listed, output, state);
        } else if (element instanceof Element.DeadLetter letter) {
            metrics.deadLetter();
            emitAboutWatch(
                    Kind.DEAD_LETTER, letter.raw(), 0, 0, letter.reason(), element, output, state);
        } else if (element instanceof Element.Lost lost) {
            lost(lost, output, state);
        } else if (element instanceof Element.Regained regained) {
            regained(regained, output, state);
        } else if (element instanceof Element.Unwatched && !eventTime.expires()) {
            emitAboutWatch(Kind.UNWATCHED, null, 0, 0, null, element, output, state);
        }
        if (!(element instanceof Element.Changed) && !(element instanceof Element.DeadLetter)) {
            metrics.noRecord();
        }
        state.moveTo(element.next());
        metrics.contact(state.split().splitId(), state.position().lastContactMillis());
    }

    // ------------------------------------------------------------------ objects

    private void changed(
            Element.Changed changed, SourceOutput<OUT> output, ResourceSplitState state)
            throws IOException {
        byte[] json = changed.object().json();
        metrics.read(json == null ? 0 : json.length);
        OUT out = deserialize(changed, output, state);
        if (out == null) {
            return;
        }
        long server = clock.nowMillis();
        long timestamp = deserializer.timestampMillis(out);
        if (timestamp == RecordDeserializer.NO_TIMESTAMP) {
            collect(out, server, output);
            if (changed.origin() == Origin.WATCH && !eventTime.expires()) {
                // Old history perhaps, but where nothing expires it only tells who was blind when.
                state.contactAt(server);
            }
            if (!changed.deleted()) {
                // No list would move event time of elements that have none.
                progress.advanced(state.split().splitId());
            }
            return;
        }
        if (eventTime.isFuture(timestamp, server)) {
            metrics.futureSkewed();
            timestamp = server;
        }
        metrics.lag(changed.readMillis(), timestamp);
        output.collect(out, timestamp);
        if (changed.origin() == Origin.WATCH) {
            state.sawTimestamp(timestamp);
            state.contactAt(server > 0 ? Math.min(timestamp, server) : timestamp);
            advance(eventTime.live(state.maxTimestampMillis(), server), output, state);
        }
    }

    private void present(
            Element.Present present, SourceOutput<OUT> output, ResourceSplitState state)
            throws IOException {
        if (present.changed() != null) {
            changed(present.changed(), output, state);
        }
        ResourceSplit split = state.split();
        OUT out =
                deserializer.deserialize(
                        new KubernetesRecord(
                                Kind.PRESENT,
                                Origin.LISTED,
                                split.cluster(),
                                split.resource(),
                                split.scope(),
                                present.next().epoch(),
                                present.namespace(),
                                present.name(),
                                present.uid(),
                                present.asOf().value(),
                                null,
                                0,
                                0,
                                null));
        if (out != null) {
            collect(out, clock.nowMillis(), output);
        }
    }

    /** The element of an object; null if there is none, or a dead letter in its place. */
    private OUT deserialize(
            Element.Changed changed, SourceOutput<OUT> output, ResourceSplitState state)
            throws IOException {
        ObjectVersion object = changed.object();
        Kind kind = changed.deleted() ? Kind.DELETED : Kind.UPSERTED;
        try {
            return deserializer.deserialize(record(kind, object, changed, null, state));
        } catch (IOException | RuntimeException e) {
            metrics.deadLetter();
            String reason = "not understood: " + e.getMessage();
            KubernetesRecord letter = record(Kind.DEAD_LETTER, object, changed, reason, state);
            OUT out = deserializer.deserialize(letter);
            if (out != null) {
                collect(out, clock.nowMillis(), output);
            }
            return null;
        }
    }

    private static KubernetesRecord record(
            Kind kind,
            ObjectVersion object,
            Element.Changed changed,
            String reason,
            ResourceSplitState state) {
        ResourceSplit split = state.split();
        return new KubernetesRecord(
                kind,
                changed.origin(),
                split.cluster(),
                split.resource(),
                split.scope(),
                changed.next().epoch(),
                object.namespace(),
                object.name(),
                object.uid(),
                object.resourceVersion(),
                object.json(),
                0,
                0,
                reason);
    }

    // ------------------------------------------------------------------ the watch itself

    private void listed(Element.Listed listed, SourceOutput<OUT> output, ResourceSplitState state)
            throws IOException {
        long proven = listed.provenMillis();
        long lastContact = state.position().lastContactMillis();
        if (eventTime.mayHaveLost(lastContact, proven)) {
            metrics.possibleLoss();
            emitAboutWatch(
                    Kind.POSSIBLE_LOSS,
                    null,
                    lastContact,
                    eventTime.lostUntil(lastContact, proven),
                    "the gap is longer than the server keeps events",
                    listed,
                    output,
                    state);
        }
        if (listed.announce()) {
            emitAboutWatch(Kind.LIST_END, null, 0, 0, null, listed, output, state);
        }
        if (proven > 0) {
            advance(eventTime.proven(proven), output, state);
        }
    }

    private void lost(Element.Lost lost, SourceOutput<OUT> output, ResourceSplitState state)
            throws IOException {
        long from =
                lost.fromMillis() > 0 ? lost.fromMillis() : state.position().lastContactMillis();
        emitAboutWatch(Kind.BLIND, null, from, 0, lost.reason(), lost, output, state);
        state.toldLost(true);
        output.markIdle();
        state.markedIdle(true);
    }

    private void regained(
            Element.Regained regained, SourceOutput<OUT> output, ResourceSplitState state)
            throws IOException {
        long from =
                regained.fromMillis() > 0
                        ? regained.fromMillis()
                        : state.position().lastContactMillis();
        long at = regained.atMillis();
        boolean longGap = from > 0 && at - from >= eventTime.blindAfterMillis();
        if (state.isLost() || longGap) {
            // An end of 0 would say that it lasts: with the server's time unknown it ends at once.
            long end = at > 0 ? at : Math.max(from, 1);
            emitAboutWatch(Kind.BLIND, null, from, end, regained.reason(), regained, output, state);
            metrics.blind(from > 0 ? end - from : 0);
            state.toldLost(false);
        }
        if (state.isIdle()) {
            output.markActive();
            state.markedIdle(false);
        }
    }

    private void emitAboutWatch(
            Kind kind,
            byte[] raw,
            long fromMillis,
            long toMillis,
            String reason,
            Element element,
            SourceOutput<OUT> output,
            ResourceSplitState state)
            throws IOException {
        ResourceSplit split = state.split();
        OUT out =
                deserializer.deserialize(
                        new KubernetesRecord(
                                kind,
                                null,
                                split.cluster(),
                                split.resource(),
                                split.scope(),
                                element.next().epoch(),
                                null,
                                null,
                                null,
                                element.next().version().value(),
                                raw,
                                fromMillis,
                                toMillis,
                                reason));
        if (out != null) {
            collect(out, clock.nowMillis(), output);
        }
    }

    /** Collects an element without a time of its own at the server's now, where that is known. */
    private void collect(OUT out, long serverMillis, SourceOutput<OUT> output) {
        if (serverMillis > 0) {
            output.collect(out, serverMillis);
        } else {
            output.collect(out);
        }
    }

    private void advance(long watermark, SourceOutput<?> output, ResourceSplitState state) {
        boolean first = state.watermarkMillis() == ResourceSplitState.NO_TIME;
        if (first || watermark - state.watermarkMillis() >= WATERMARK_STEP_MILLIS) {
            output.emitWatermark(new Watermark(watermark));
            state.emittedWatermark(watermark);
            progress.advanced(state.split().splitId());
        }
    }
}
