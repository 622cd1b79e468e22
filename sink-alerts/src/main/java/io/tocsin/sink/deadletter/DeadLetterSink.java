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
package io.tocsin.sink.deadletter;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.metrics.MetricGroup;

/**
 * Hands the dead letters of a stream to a {@link DeadLetterHandler}: logged, counted ({@code
 * stage.<stage>.deadLetters}), and kept in the checkpoint until the handler takes them, so that a
 * full disk neither loses one nor stops the job. At least once: after a crash a letter may be
 * handed on again.
 */
public final class DeadLetterSink
        implements Sink<DeadLetter>, SupportsWriterState<DeadLetter, DeadLetter> {
    private static final long serialVersionUID = 1L;
    private static final long RETRY_MILLIS = 10_000;

    private final DeadLetterHandler handler;

    /**
     * @param handler where letters go
     */
    public DeadLetterSink(DeadLetterHandler handler) {
        this.handler = Objects.requireNonNull(handler, "dead letters need a handler");
    }

    @Override
    public StatefulSinkWriter<DeadLetter, DeadLetter> createWriter(WriterInitContext context) {
        return restoreWriter(context, List.of());
    }

    /**
     * Required by the interface in Flink 1.20, which calls the other one; gone in 2.x.
     *
     * @deprecated never called
     */
    @Deprecated
    @Override
    public SinkWriter<DeadLetter> createWriter(InitContext context) {
        throw new UnsupportedOperationException(
                "DeadLetterSink is created through createWriter(WriterInitContext), as Flink 1.20"
                        + " and newer do");
    }

    @Override
    public StatefulSinkWriter<DeadLetter, DeadLetter> restoreWriter(
            WriterInitContext context, Collection<DeadLetter> state) {
        return new Writer(
                handler, state, context.getProcessingTimeService(), context.metricGroup());
    }

    @Override
    public SimpleVersionedSerializer<DeadLetter> getWriterStateSerializer() {
        return new DeadLetterSerializer();
    }

    /** Threads: the task's only. */
    static final class Writer implements StatefulSinkWriter<DeadLetter, DeadLetter> {
        private final DeadLetterOutbox outbox;
        private final ProcessingTimeService time;
        private final MetricGroup metrics;
        private boolean retrying;
        private boolean closed;

        Writer(
                DeadLetterHandler handler,
                Collection<DeadLetter> restored,
                ProcessingTimeService time,
                MetricGroup metrics) {
            this.outbox = new DeadLetterOutbox(handler);
            this.time = time;
            this.metrics = metrics;
            outbox.restore(restored);
            if (!restored.isEmpty()) {
                retryIn(0);
            }
        }

        @Override
        public void write(DeadLetter letter, Context context) {
            // Groups and counters are made once by name: asking again gives the same.
            metrics.addGroup("stage", letter.stage()).counter("deadLetters").inc();
            outbox.add(letter);
            handOn();
        }

        @Override
        public void flush(boolean endOfInput) throws IOException {
            if (endOfInput && !outbox.handOn()) {
                throw new IOException(
                        outbox.waiting().size()
                                + " dead letters cannot be handed on at the end of the input; see"
                                + " the log for the cause");
            }
        }

        @Override
        public List<DeadLetter> snapshotState(long checkpointId) {
            return outbox.waiting();
        }

        @Override
        public void close() {
            closed = true;
        }

        private void handOn() {
            if (!retrying && !outbox.handOn()) {
                retryIn(RETRY_MILLIS);
            }
        }

        private void retryIn(long millis) {
            retrying = true;
            time.registerTimer(
                    time.getCurrentProcessingTime() + millis,
                    timestamp -> {
                        retrying = false;
                        if (!closed) {
                            handOn();
                        }
                    });
        }
    }
}
