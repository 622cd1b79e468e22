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
package io.tocsin.source.enumerator;

import io.tocsin.source.split.ResourceSplit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

/**
 * Assigns one split per scope. Reads no events.
 *
 * <p>Life of a split: pending, until the reader that it is meant for registers; then assigned, and
 * the reader's own: it keeps it in its state over restarts and rescales, and the enumerator only
 * remembers the id, so as not to assign it again. A split comes back if its reader failed before a
 * checkpoint knew of it.
 *
 * <p>Readers are told when they have all that is meant for them, and are idle if that is nothing;
 * they never end, because scopes may come later, except in a bounded source.
 *
 * <p>Threads: the coordinator's only.
 */
public final class NamespaceEnumerator implements SplitEnumerator<ResourceSplit, EnumeratorState> {

    private final SplitEnumeratorContext<ResourceSplit> context;
    private final boolean bounded;
    private final List<String> order = new ArrayList<>();
    private final Set<String> assigned;
    private final Map<String, ResourceSplit> pending = new LinkedHashMap<>();

    /**
     * Makes an enumerator.
     *
     * @param configured the splits that are configured, unread
     * @param restored what a checkpoint knows; null at the first start
     */
    public NamespaceEnumerator(
            SplitEnumeratorContext<ResourceSplit> context,
            Collection<ResourceSplit> configured,
            boolean bounded,
            EnumeratorState restored) {
        this.context = context;
        this.bounded = bounded;
        this.assigned = new TreeSet<>(restored == null ? Set.of() : restored.assigned());
        configured.forEach(split -> order.add(split.splitId()));
        assigned.retainAll(order);
        for (ResourceSplit split : configured) {
            if (!assigned.contains(split.splitId())) {
                pending.put(split.splitId(), split);
            }
        }
        if (restored != null) {
            for (ResourceSplit split : restored.pending()) {
                pending.computeIfPresent(split.splitId(), (id, unread) -> split);
            }
        }
    }

    @Override
    public void start() {
        // Readers have not registered yet.
    }

    @Override
    public void addReader(int subtask) {
        assign(subtask);
    }

    @Override
    public void handleSplitRequest(int subtask, String requesterHostname) {
        assign(subtask);
    }

    @Override
    public void addSplitsBack(List<ResourceSplit> splits, int subtask) {
        for (ResourceSplit split : splits) {
            assigned.remove(split.splitId());
            if (order.contains(split.splitId())) {
                pending.put(split.splitId(), split);
            }
        }
        if (context.registeredReaders().containsKey(subtask)) {
            assign(subtask);
        }
    }

    private void assign(int subtask) {
        Iterator<ResourceSplit> splits = pending.values().iterator();
        while (splits.hasNext()) {
            ResourceSplit split = splits.next();
            if (owner(split) == subtask) {
                splits.remove();
                assigned.add(split.splitId());
                context.assignSplit(split, subtask);
            }
        }
        context.sendEventToSourceReader(subtask, new AssignmentDone());
        if (bounded) {
            context.signalNoMoreSplits(subtask);
        }
    }

    private int owner(ResourceSplit split) {
        return order.indexOf(split.splitId()) % context.currentParallelism();
    }

    @Override
    public EnumeratorState snapshotState(long checkpointId) {
        return new EnumeratorState(assigned, List.copyOf(pending.values()));
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
