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
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceSplitState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.SingleThreadMultiplexSourceReaderBase;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.core.io.InputStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads splits, and is idle while it has none, so that event time does not wait for it.
 *
 * <p>A reader without splits does not end: splits may come later. It is idle from when the
 * enumerator says that nothing more comes for now, and active again from when it gets a split until
 * that split has told its event time, which then counts instead.
 */
@SuppressWarnings("try") // The base class declares that close() throws Exception.
public final class KubernetesSourceReader<OUT>
        extends SingleThreadMultiplexSourceReaderBase<
                Element, OUT, ResourceSplit, ResourceSplitState> {

    private static final Logger LOG = LoggerFactory.getLogger(KubernetesSourceReader.class);

    private final Set<String> configuredSplits;
    private final Map<String, ResourceSplitState> states = new HashMap<>();
    private ReaderOutput<OUT> output;
    private boolean assignmentDone;
    private boolean settled;
    private boolean wasIdle;
    private boolean reactivated;

    /**
     * Makes a reader.
     *
     * @param configuredSplits ids of the splits that are configured: restored ones that are not are
     *     dropped
     */
    public KubernetesSourceReader(
            Supplier<SplitReader<Element, ResourceSplit>> splitReader,
            PositionEmitter<OUT> emitter,
            Set<String> configuredSplits,
            SourceReaderContext context) {
        super(splitReader, emitter, context.getConfiguration(), context);
        this.configuredSplits = Set.copyOf(configuredSplits);
    }

    @Override
    public void addSplits(List<ResourceSplit> splits) {
        Map<Boolean, List<ResourceSplit>> configured =
                splits.stream()
                        .collect(
                                Collectors.partitioningBy(
                                        split -> configuredSplits.contains(split.splitId())));
        configured
                .get(false)
                .forEach(split -> LOG.info("No longer configured: {}", split.splitId()));
        if (!configured.get(true).isEmpty()) {
            super.addSplits(configured.get(true));
        }
    }

    @Override
    public InputStatus pollNext(ReaderOutput<OUT> readerOutput) throws Exception {
        output = readerOutput;
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
        } else {
            super.handleSourceEvents(event);
        }
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
    }
}
