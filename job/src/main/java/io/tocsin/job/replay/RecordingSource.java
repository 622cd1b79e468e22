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

import io.tocsin.source.RecordDeserializer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Reads one resource of one cluster from a recording, as fast as it goes, then ends. The lines come
 * in their order, and event time follows the times of receipt. To be used with {@code
 * WatermarkStrategy.noWatermarks()}, parallelism 1, and in streaming mode.
 *
 * <p>What is emitted is the same each time; what a job makes of it need not be: elements may reach
 * an operator with several inputs long before event time does, so that an alert's end is known
 * before its begin is decided. The replay of {@link ReplayApi} keeps a pace, and does not have
 * this.
 *
 * <p>The server's now is the time at which a line was received. A line proves that everything
 * before it was received too: the recorder is taken to have been in contact all the time, since
 * recordings do not tell when it was not. What vanished while it was not is not told either.
 *
 * <p>At its end Flink moves event time to the end of all times: what fires only then lies after
 * {@link RecordingOverview#end}, and is not of the recording.
 *
 * @param <OUT> type of the elements
 */
public final class RecordingSource<OUT>
        implements Source<OUT, RecordingSource.Split, List<RecordingSource.Split>>,
                ResultTypeQueryable<OUT> {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final String cluster;
    private final String recordedCluster;
    private final String resource;
    private final RecordDeserializer<OUT> deserializer;

    /**
     * @param file the recording
     * @param cluster name of the cluster in what is emitted
     * @param recordedCluster name of the cluster in the recording; empty where lines name none
     * @param resource plural name
     * @param deserializer makes the elements
     */
    public RecordingSource(
            Path file,
            String cluster,
            String recordedCluster,
            String resource,
            RecordDeserializer<OUT> deserializer) {
        this.file = file.toString();
        this.cluster = cluster;
        this.recordedCluster = recordedCluster;
        this.resource = resource;
        this.deserializer = deserializer;
    }

    /**
     * How far a recording was read.
     *
     * @param lines lines of which everything was emitted
     */
    public record Split(long lines) implements org.apache.flink.api.connector.source.SourceSplit {
        @Override
        public String splitId() {
            return "recording";
        }
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.BOUNDED;
    }

    @Override
    public SourceReader<OUT, Split> createReader(SourceReaderContext context) {
        return new RecordingSourceReader<>(
                Path.of(file), cluster, recordedCluster, resource, deserializer);
    }

    @Override
    public SplitEnumerator<Split, List<Split>> createEnumerator(
            SplitEnumeratorContext<Split> context) {
        return new Enumerator(context, List.of(new Split(0)));
    }

    @Override
    public SplitEnumerator<Split, List<Split>> restoreEnumerator(
            SplitEnumeratorContext<Split> context, List<Split> pending) {
        return new Enumerator(context, pending);
    }

    @Override
    public SimpleVersionedSerializer<Split> getSplitSerializer() {
        return new SplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<List<Split>> getEnumeratorCheckpointSerializer() {
        return new PendingSerializer();
    }

    @Override
    public TypeInformation<OUT> getProducedType() {
        return deserializer.getProducedType();
    }

    /** Gives the one split to the reader that comes first. */
    private static final class Enumerator implements SplitEnumerator<Split, List<Split>> {
        private final SplitEnumeratorContext<Split> context;
        private final List<Split> pending;

        Enumerator(SplitEnumeratorContext<Split> context, List<Split> pending) {
            this.context = context;
            this.pending = new ArrayList<>(pending);
        }

        @Override
        public void start() {
            // Readers have not registered yet.
        }

        @Override
        public void addReader(int subtask) {
            pending.forEach(split -> context.assignSplit(split, subtask));
            pending.clear();
            context.signalNoMoreSplits(subtask);
        }

        @Override
        public void handleSplitRequest(int subtask, String host) {
            // Readers are not asked to ask.
        }

        @Override
        public void addSplitsBack(List<Split> splits, int subtask) {
            pending.addAll(splits);
        }

        @Override
        public List<Split> snapshotState(long checkpointId) {
            return List.copyOf(pending);
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }

    /** Version 1: lines. */
    private static final class SplitSerializer implements SimpleVersionedSerializer<Split> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Split split) throws IOException {
            DataOutputSerializer out = new DataOutputSerializer(8);
            out.writeLong(split.lines());
            return out.getCopyOfBuffer();
        }

        @Override
        public Split deserialize(int version, byte[] bytes) throws IOException {
            check(version);
            DataInputDeserializer in = new DataInputDeserializer(bytes);
            return new Split(in.readLong());
        }

        static void check(int version) throws IOException {
            if (version != 1) {
                throw new IOException(
                        "Cannot read a recording's position of version "
                                + version
                                + "; this Tocsin reads version 1. Start the run over.");
            }
        }
    }

    /** Version 1: the pending split, or nothing. */
    private static final class PendingSerializer implements SimpleVersionedSerializer<List<Split>> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(List<Split> pending) throws IOException {
            return pending.isEmpty()
                    ? new byte[0]
                    : new SplitSerializer().serialize(pending.get(0));
        }

        @Override
        public List<Split> deserialize(int version, byte[] bytes) throws IOException {
            return bytes.length == 0
                    ? List.of()
                    : List.of(new SplitSerializer().deserialize(version, bytes));
        }
    }
}
