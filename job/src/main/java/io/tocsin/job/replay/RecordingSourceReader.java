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
package io.tocsin.job.replay;

import io.tocsin.job.replay.Recording.Entry;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.RecordDeserializer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;

/**
 * Reads the one split of a {@link RecordingSource}. Threads: the task's only.
 *
 * @param <OUT> type of the elements
 */
final class RecordingSourceReader<OUT> implements SourceReader<OUT, RecordingSource.Split> {
    private static final long OUT_OF_ORDERNESS =
            KubernetesSourceOptions.OUT_OF_ORDERNESS.defaultValue().toMillis();
    private static final long MAX_FUTURE_SKEW =
            KubernetesSourceOptions.MAX_FUTURE_SKEW.defaultValue().toMillis();

    private final Path file;
    private final String cluster;
    private final String recordedCluster;
    private final String resource;
    private final RecordDeserializer<OUT> deserializer;
    private final CompletableFuture<Void> available = new CompletableFuture<>();

    private RecordingSource.Split split;
    private RecordingReader reader;
    private boolean noMore;
    private long watermark = Long.MIN_VALUE;

    RecordingSourceReader(
            Path file,
            String cluster,
            String recordedCluster,
            String resource,
            RecordDeserializer<OUT> deserializer) {
        this.file = file;
        this.cluster = cluster;
        this.recordedCluster = recordedCluster;
        this.resource = resource;
        this.deserializer = deserializer;
    }

    @Override
    public void start() {
        // The split comes by itself.
    }

    @Override
    public void addSplits(List<RecordingSource.Split> splits) {
        split = splits.get(0);
        available.complete(null);
    }

    @Override
    public void notifyNoMoreSplits() {
        noMore = true;
        available.complete(null);
    }

    @Override
    public InputStatus pollNext(ReaderOutput<OUT> output) throws Exception {
        if (split == null) {
            return noMore ? InputStatus.END_OF_INPUT : InputStatus.NOTHING_AVAILABLE;
        }
        if (reader == null) {
            reader = new RecordingReader(file);
            for (long skipped = 0; skipped < split.lines(); skipped++) {
                reader.next();
            }
        }
        Entry entry = reader.next();
        if (entry == null) {
            split = null;
            noMore = true;
            return InputStatus.END_OF_INPUT;
        }
        long received = entry.received().toEpochMilli();
        advance(received, output);
        if (isObject(entry)) {
            emit(entry, received, output);
        }
        split = new RecordingSource.Split(split.lines() + 1);
        return InputStatus.MORE_AVAILABLE;
    }

    /** Everything that was told before this moment was emitted. */
    private void advance(long receivedMillis, ReaderOutput<OUT> output) {
        long proven = receivedMillis - OUT_OF_ORDERNESS - 1;
        if (proven > watermark) {
            watermark = proven;
            output.emitWatermark(new Watermark(proven));
        }
    }

    private boolean isObject(Entry entry) {
        return entry.resource().equals(resource)
                && RecordingOverview.cluster(entry).equals(recordedCluster)
                && !entry.type().equals("BOOKMARK")
                && !entry.type().equals("ERROR");
    }

    private void emit(Entry entry, long receivedMillis, ReaderOutput<OUT> output)
            throws IOException {
        RecordedObject object;
        OUT element;
        try {
            object = RecordedObject.of(entry.object());
            element = deserializer.deserialize(record(entry, object));
        } catch (RecordingException e) {
            throw e;
        } catch (IOException e) {
            throw reader.wrong(e.getMessage(), e);
        }
        if (element == null) {
            return;
        }
        long timestamp = deserializer.timestampMillis(element);
        if (timestamp == RecordDeserializer.NO_TIMESTAMP
                || timestamp - receivedMillis > MAX_FUTURE_SKEW) {
            timestamp = receivedMillis;
        }
        output.collect(element, timestamp);
    }

    private KubernetesRecord record(Entry entry, RecordedObject object) {
        return new KubernetesRecord(
                entry.type().equals("DELETED") ? Kind.DELETED : Kind.UPSERTED,
                entry.list() ? Origin.LISTED : Origin.WATCH,
                cluster,
                resource,
                "*",
                0,
                object.namespace().isEmpty() ? null : object.namespace(),
                object.name(),
                object.uid(),
                object.version().value(),
                object.json(),
                0,
                0,
                null);
    }

    @Override
    public List<RecordingSource.Split> snapshotState(long checkpointId) {
        return split == null ? List.of() : List.of(split);
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return available;
    }

    @Override
    public void close() throws IOException {
        if (reader != null) {
            reader.close();
        }
    }
}
