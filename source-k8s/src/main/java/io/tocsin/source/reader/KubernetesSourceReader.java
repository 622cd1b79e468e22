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

import io.tocsin.source.enumerator.AssignmentDone;
import io.tocsin.source.enumerator.ReaderHolds;
import io.tocsin.source.enumerator.RetireSplit;
import io.tocsin.source.enumerator.SplitRetired;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceSplitState;
import io.tocsin.source.split.Scopes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.SingleThreadMultiplexSourceReaderBase;
import org.apache.flink.core.io.InputStatus;

/**
 * Reads splits, and is idle while it has none, so that event time does not wait for it.
 *
 * <p>A reader without splits does not end: splits may come later. It is idle from when the
 * enumerator says that nothing more comes for now, and active again from when it gets a split until
 * that split has told its event time, which then counts instead.
 *
 * <p>Restored splits that are configured so are read on at once. Others are kept as they are, and
 * not read, until the enumerator says that they are of no use any more.
 *
 * <p>Threads: the reader's task thread only.
 */
@SuppressWarnings("try") // The base class declares that close() throws Exception.
public final class KubernetesSourceReader<OUT>
        extends SingleThreadMultiplexSourceReaderBase<
                Element, OUT, ResourceSplit, ResourceSplitState> {

    private final Scopes scopes;
    private final ReaderParts parts;
    private final Map<String, ResourceSplit> waiting = new LinkedHashMap<>();
    private final Set<String> retiring = new HashSet<>();

    /** Splits whose scopes nobody reads when they are given up. */
    private final Set<String> unwatched = new HashSet<>();

    /** Waiting splits that are to be given up as soon as something can be told. */
    private final Set<String> unread = new LinkedHashSet<>();

    private final Map<String, ResourceSplitState> states = new HashMap<>();
    private ReaderOutput<OUT> output;
    private boolean started;
    private boolean assignmentDone;
    private boolean settled;
    private boolean wasIdle;
    private boolean reactivated;

    /**
     * Makes a reader.
     *
     * @param scopes what is configured
     */
    public KubernetesSourceReader(
            ReaderParts parts,
            PositionEmitter<OUT> emitter,
            Scopes scopes,
            SourceReaderContext context) {
        super(parts::splitReader, emitter, context.getConfiguration(), context);
        this.parts = parts;
        this.scopes = scopes;
    }

    @Override
    public void start() {
        super.start();
        started = true;
        try {
            context.sendSourceEventToCoordinator(ReaderHolds.of(states.keySet(), waiting.values()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void addSplits(List<ResourceSplit> splits) {
        List<ResourceSplit> read = new ArrayList<>();
        for (ResourceSplit split : splits) {
            if (started || scopes.reads(split.splitId())) {
                read.add(split);
            } else {
                waiting.put(split.splitId(), split);
            }
        }
        if (!read.isEmpty()) {
            super.addSplits(read);
        }
    }

    @Override
    public List<ResourceSplit> snapshotState(long checkpointId) {
        List<ResourceSplit> all = new ArrayList<>(super.snapshotState(checkpointId));
        all.addAll(waiting.values());
        return all;
    }

    @Override
    public InputStatus pollNext(ReaderOutput<OUT> readerOutput) throws Exception {
        output = readerOutput;
        if (!unread.isEmpty()) {
            Set.copyOf(unread).forEach(this::giveUp);
        }
        if (!settled) {
            settleIdleness();
        }
        return super.pollNext(readerOutput);
    }

    @Override
    public void handleSourceEvents(SourceEvent event) {
        if (event instanceof AssignmentDone) {
            assignmentDone = true;
            settled = false;
            if (output != null) {
                // Nobody polls a reader that has nothing.
                settleIdleness();
            }
        } else if (event instanceof RetireSplit retire) {
            if (retire.unwatched()) {
                unwatched.add(retire.splitId());
            }
            retire(retire.splitId());
        } else {
            super.handleSourceEvents(event);
        }
    }

    private void retire(String splitId) {
        ResourceSplitState state = states.get(splitId);
        if (state == null) {
            giveUp(splitId);
        } else if (retiring.add(splitId)) {
            parts.retire(splitId, state.isLost() ? endOfBlindness(state) : null);
        }
    }

    /** Blindness that was told is not to outlast the scope. */
    private Element.Regained endOfBlindness(ResourceSplitState state) {
        return new Element.Regained(
                0, parts.clock().nowMillis(), "no longer read", state.position());
    }

    /** Gives up a split that waits, or that is not here. */
    private void giveUp(String splitId) {
        ResourceSplit split = waiting.get(splitId);
        if (split != null && (split.lost() || unwatched.contains(splitId))) {
            if (output == null) {
                unread.add(splitId);
                return;
            }
            tellTheEnd(new ResourceSplitState(split));
        }
        unwatched.remove(splitId);
        unread.remove(splitId);
        waiting.remove(splitId);
        context.sendSourceEventToCoordinator(new SplitRetired(splitId));
    }

    /** What a split that is read no more has left to tell. */
    private void tellTheEnd(ResourceSplitState state) {
        String splitId = state.split().splitId();
        if (state.isLost()) {
            emit(endOfBlindness(state), state);
        }
        if (unwatched.remove(splitId)) {
            emit(new Element.Unwatched(state.position()), state);
        }
        // What is told counts as contact, of which nobody would hear any more.
        parts.metrics().forget(splitId);
    }

    private void emit(Element element, ResourceSplitState state) {
        try {
            recordEmitter.emitRecord(element, output, state);
        } catch (Exception e) {
            throw new IllegalStateException(
                    "Cannot tell that " + state.split().splitId() + " is no longer read", e);
        }
        // As Flink counts what it hands to the emitter.
        context.metricGroup().getIOMetricGroup().getNumRecordsInCounter().inc();
    }

    private void settleIdleness() {
        if (states.isEmpty()) {
            if (assignmentDone) {
                output.markIdle();
                wasIdle = true;
                settled = true;
            }
            return;
        }
        if (wasIdle && !reactivated) {
            output.markActive();
            reactivated = true;
        }
        if (states.values().stream().allMatch(ResourceSplitState::isAnnounced)) {
            if (reactivated) {
                // From here on the splits' own outputs speak.
                output.markIdle();
            }
            wasIdle = false;
            reactivated = false;
            settled = true;
        }
    }

    @Override
    protected ResourceSplitState initializedState(ResourceSplit split) {
        ResourceSplitState state = new ResourceSplitState(split);
        states.put(split.splitId(), state);
        parts.metrics().contact(split.splitId(), split.position().lastContactMillis());
        settled = false;
        return state;
    }

    @Override
    protected ResourceSplit toSplitType(String splitId, ResourceSplitState state) {
        return state.toSplit();
    }

    @Override
    protected void onSplitFinished(Map<String, ResourceSplitState> finished) {
        states.keySet().removeAll(finished.keySet());
        settled = false;
        for (String splitId : finished.keySet()) {
            // Blindness may have begun while the split was already being given up.
            tellTheEnd(finished.get(splitId));
            parts.metrics().forget(splitId);
            parts.progress().forget(splitId);
            if (retiring.remove(splitId)) {
                context.sendSourceEventToCoordinator(new SplitRetired(splitId));
            }
        }
        if (output != null) {
            settleIdleness();
        }
    }
}
