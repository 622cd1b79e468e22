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

import io.tocsin.source.api.ResourceApi;
import io.tocsin.source.split.ResourceSplit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

/** What the parts of one reader share: its clock, its metrics, and how its event time moves. */
public final class ReaderParts {

    private final ListWatchSettings settings;
    private final Function<ResourceSplit, ResourceApi> apis;
    private final ServerClock clock;
    private final SourceMetrics metrics;
    private final EventTimeProgress progress = new EventTimeProgress();
    private final int queueElements;
    private final long queueBytes;

    /** Of the fetcher that runs; there is none while no split is read. */
    private final AtomicReference<ResourceSplitReader> current = new AtomicReference<>();

    public ReaderParts(
            ListWatchSettings settings,
            Function<ResourceSplit, ResourceApi> apis,
            ServerClock clock,
            SourceReaderMetricGroup group,
            int queueElements,
            long queueBytes) {
        this.settings = settings;
        this.apis = apis;
        this.clock = clock;
        this.metrics = new SourceMetrics(group, clock::nowMillis);
        this.queueElements = queueElements;
        this.queueBytes = queueBytes;
        group.setPendingRecordsGauge(this::pendingElements);
        group.setPendingBytesGauge(this::queuedBytes);
        group.addGroup("kubernetes").gauge("queuedBytes", this::queuedBytes);
    }

    /** Makes a split reader, in the thread of a fetcher. */
    public SplitReader<Element, ResourceSplit> splitReader() {
        ResourceSplitReader reader =
                new ResourceSplitReader(
                        settings, apis, clock, metrics::count, progress, queueElements, queueBytes);
        current.set(reader);
        return reader;
    }

    /** Elements that wait for Flink. */
    private long pendingElements() {
        ResourceSplitReader reader = current.get();
        return reader == null ? 0 : reader.pendingElements();
    }

    private long queuedBytes() {
        ResourceSplitReader reader = current.get();
        return reader == null ? 0 : reader.queuedBytes();
    }

    /** Reads a split to its end, as {@link ResourceSplitReader#retire} says. From any thread. */
    public void retire(String splitId, Element.Regained last) {
        ResourceSplitReader reader = current.get();
        if (reader != null) {
            reader.retire(splitId, last);
        }
    }

    public ServerClock clock() {
        return clock;
    }

    public SourceMetrics metrics() {
        return metrics;
    }

    public EventTimeProgress progress() {
        return progress;
    }
}
