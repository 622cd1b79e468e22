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
package io.tocsin.job.output;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Writes lines to standard output as they come, in UTF-8, one flush per line. At-least-once: what
 * came after the last checkpoint is written again after a crash.
 */
public final class StandardOutSink implements Sink<String> {
    private static final long serialVersionUID = 1L;

    @Override
    @Deprecated // the only way to make a writer that both Flink 1.20 and 2.x have is the one below
    @SuppressWarnings("deprecation")
    public SinkWriter<String> createWriter(InitContext context) {
        return new Writer();
    }

    @Override
    public SinkWriter<String> createWriter(WriterInitContext context) {
        return new Writer();
    }

    private static final class Writer implements SinkWriter<String> {
        /** The stream, taken when the writer starts. */
        private final PrintStream out = System.out;

        @Override
        public void write(String line, Context context) throws IOException {
            byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
            synchronized (out) { // a line is never torn by another writer's
                out.write(bytes, 0, bytes.length);
                out.flush();
            }
        }

        @Override
        public void flush(boolean endOfInput) {
            out.flush();
        }

        @Override
        public void close() {
            out.flush();
        }
    }
}
