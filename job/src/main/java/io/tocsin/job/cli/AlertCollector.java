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
package io.tocsin.job.cli;

import io.tocsin.job.model.Alert;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Keeps the changes of alerts of one pipeline, in their order, for the process that started the
 * job. Parallelism 1.
 */
final class AlertCollector implements Sink<Alert>, AutoCloseable {
    private static final long serialVersionUID = 1L;
    private static final AtomicInteger IDS = new AtomicInteger();
    private static final Map<Integer, List<Alert>> COLLECTED = new ConcurrentHashMap<>();

    private final int id = IDS.incrementAndGet();

    AlertCollector() {
        COLLECTED.put(id, new CopyOnWriteArrayList<>());
    }

    /** What came so far. */
    List<Alert> alerts() {
        return COLLECTED.get(id);
    }

    @Override
    public void close() {
        COLLECTED.remove(id);
    }

    @Override
    @Deprecated // the only way to make a writer that both Flink 1.20 and 2.x have is the one below
    @SuppressWarnings("deprecation")
    public SinkWriter<Alert> createWriter(InitContext context) {
        return new Writer(COLLECTED.get(id));
    }

    @Override
    public SinkWriter<Alert> createWriter(WriterInitContext context) {
        return new Writer(COLLECTED.get(id));
    }

    private record Writer(List<Alert> alerts) implements SinkWriter<Alert> {
        @Override
        public void write(Alert alert, Context context) {
            alerts.add(alert);
        }

        @Override
        public void flush(boolean endOfInput) {
            // kept at once
        }

        @Override
        public void close() {
            // what was collected belongs to the command
        }
    }
}
