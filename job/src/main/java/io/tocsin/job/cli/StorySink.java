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

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Hands the job's lines to a story in the same process, and raises a stop signal once the job's
 * event time has passed the story's end: then nothing more can come of the recording.
 */
final class StorySink implements Sink<String> {
    private static final long serialVersionUID = 1L;
    private static final AtomicInteger IDS = new AtomicInteger();
    private static final Map<Integer, Stage> STAGES = new ConcurrentHashMap<>();

    private final int id;

    /**
     * @param id of a stage of this process
     */
    StorySink(int id) {
        this.id = id;
    }

    /** Opens a stage for a story. */
    static Stage stage(Story story, long endMillis, StopSignal stop) {
        Stage stage = new Stage(IDS.incrementAndGet(), story, endMillis, stop);
        STAGES.put(stage.id(), stage);
        return stage;
    }

    /**
     * Where a story is told.
     *
     * @param id what a sink finds it by
     * @param story takes the lines
     * @param endMillis event time of the end
     * @param stop raised at the end
     */
    record Stage(int id, Story story, long endMillis, StopSignal stop) implements AutoCloseable {
        @Override
        public void close() {
            STAGES.remove(id);
        }
    }

    @Override
    @Deprecated // the only way to make a writer that both Flink 1.20 and 2.x have is the one below
    @SuppressWarnings("deprecation")
    public SinkWriter<String> createWriter(InitContext context) {
        return new Writer(STAGES.get(id));
    }

    @Override
    public SinkWriter<String> createWriter(WriterInitContext context) {
        return new Writer(STAGES.get(id));
    }

    private record Writer(Stage stage) implements SinkWriter<String> {
        @Override
        public void write(String line, Context context) throws IOException {
            stage.story().take(line);
            if (stage.story().unheard()) {
                stage.stop().raise();
            }
        }

        @Override
        public void writeWatermark(Watermark watermark) {
            if (watermark.getTimestamp() >= stage.endMillis()
                    && watermark.getTimestamp() != Long.MAX_VALUE) {
                stage.story().ended();
                stage.stop().raise();
            }
        }

        @Override
        public void flush(boolean endOfInput) {
            // written at once
        }

        @Override
        public void close() {
            // the stage belongs to the command
        }
    }
}
