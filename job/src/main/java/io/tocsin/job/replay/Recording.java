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

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.zip.GZIPOutputStream;

/**
 * The file format of recordings: gzipped lines {@code {"t": receive time, "cluster"?: name,
 * "resource": plural name, "list"?: true, "line": the watch event as JSON}}.
 */
public final class Recording {
    private static final JsonFactory JSON = new JsonFactory();

    private Recording() {}

    /**
     * One line of a recording.
     *
     * @param received when it was received
     * @param cluster name of the cluster, or null where there is only one
     * @param resource plural name, such as {@code events}
     * @param list whether the object was found by a list; its type is then ADDED
     * @param type ADDED, MODIFIED or DELETED; in recordings of other tools also BOOKMARK, or ERROR
     * @param object the object, verbatim, as JSON in UTF-8
     */
    public record Entry(
            Instant received,
            String cluster,
            String resource,
            boolean list,
            String type,
            byte[] object) {}

    /** The line of an entry, line end included. Pure, but for its buffer. */
    static byte[] line(Entry entry) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(entry.object().length + 128);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("t", DateTimeFormatter.ISO_INSTANT.format(entry.received()));
            if (entry.cluster() != null) {
                json.writeStringField("cluster", entry.cluster());
            }
            json.writeStringField("resource", entry.resource());
            if (entry.list()) {
                json.writeBooleanField("list", true);
            }
            json.writeObjectFieldStart("line");
            json.writeStringField("type", entry.type());
            json.writeFieldName("object");
            // A list may be printed over several lines; within JSON strings line ends are escaped.
            json.writeRawValue(
                    new String(entry.object(), StandardCharsets.UTF_8)
                            .replace('\n', ' ')
                            .replace('\r', ' '));
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("A buffer cannot fail", e);
        }
        bytes.write('\n');
        return bytes.toByteArray();
    }

    /**
     * Writes a recording. Every flush leaves what a reader can decompress up to there, so that even
     * a recording cut off by kill -9 is of use. Safe for several threads.
     */
    public static final class Writer implements AutoCloseable {
        private final OutputStream out;
        private long lines;
        private boolean closed;

        /**
         * @throws IOException if the file cannot be made
         */
        public Writer(Path file) throws IOException {
            out = new GZIPOutputStream(Files.newOutputStream(file), 64 * 1024, true);
        }

        /**
         * Appends an entry; does nothing once closed.
         *
         * @throws IOException if the file cannot be written: fatal
         */
        public synchronized void write(Entry entry) throws IOException {
            if (!closed) {
                out.write(line(entry));
                lines++;
            }
        }

        /** Makes what was written readable. */
        public synchronized void flush() throws IOException {
            if (!closed) {
                out.flush();
            }
        }

        /** Number of entries so far. */
        public synchronized long lines() {
            return lines;
        }

        /** Ends the gzip stream. */
        @Override
        public synchronized void close() throws IOException {
            if (!closed) {
                closed = true;
                out.close();
            }
        }
    }
}
