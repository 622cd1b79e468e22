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
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.tocsin.job.replay.Recording.Entry;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * Reads a recording line by line; holds one line at a time. Gzip is recognised by its first bytes;
 * plain JSON lines are read too.
 *
 * <p>A recording may end in the middle: its writer was killed. What was flushed before is read, the
 * half line is left out, and {@link #isCutOff} tells.
 *
 * <p>Not thread-safe.
 */
public final class RecordingReader implements AutoCloseable {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int LONGEST_LINE = 16 << 20;
    private static final int LAST_YEAR = 9999;
    private static final Set<String> TYPES =
            Set.of("ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR");

    private final Path file;
    private final InputStream in;
    private final byte[] buffer = new byte[64 * 1024];
    private int position;
    private int limit;
    private long line;
    private boolean cutOff;

    /**
     * Opens a recording.
     *
     * @throws RecordingException if there is no such file, or it cannot be read
     */
    public RecordingReader(Path file) throws RecordingException {
        this.file = file;
        InputStream raw = null;
        try {
            if (Files.isDirectory(file)) {
                throw new RecordingException(
                        file + " is a folder; expected a recording, a file of gzipped JSON lines");
            }
            raw = new BufferedInputStream(Files.newInputStream(file), 64 * 1024);
            raw.mark(2);
            boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            in = gzip ? new GZIPInputStream(raw, 64 * 1024) : raw;
        } catch (NoSuchFileException e) {
            throw new RecordingException(
                    file + " does not exist; expected a recording, as ./tocsin record makes it", e);
        } catch (EOFException e) {
            close(raw);
            throw new RecordingException(
                    file + " ends within the head of gzip; expected gzipped JSON lines", e);
        } catch (RecordingException e) {
            throw e;
        } catch (IOException e) {
            close(raw);
            throw new RecordingException(file + " cannot be read: " + e, e);
        }
    }

    /**
     * The next entry, or null at the end.
     *
     * @throws RecordingException if the line is none, or the file is damaged
     */
    public Entry next() throws RecordingException {
        while (true) {
            byte[] bytes = readLine();
            if (bytes == null) {
                return null;
            }
            if (!isBlank(bytes)) {
                return parse(bytes);
            }
        }
    }

    /** Number of the line read last, from 1. */
    public long line() {
        return line;
    }

    /** Whether the recording ends in the middle of a line or of the gzip stream. */
    public boolean isCutOff() {
        return cutOff;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** An error in the line read last. */
    RecordingException wrong(String problem, Throwable cause) {
        return new RecordingException(file + ":" + line + ": " + problem, cause);
    }

    private byte[] readLine() throws RecordingException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(2048);
        line++;
        while (fill()) {
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            bytes.write(buffer, position, end - position);
            position = end;
            if (end < limit) {
                position++;
                return bytes.toByteArray();
            }
            if (bytes.size() > LONGEST_LINE) {
                throw wrong(
                        "the line is longer than "
                                + (LONGEST_LINE >> 20)
                                + " MiB; expected one"
                                + " JSON object per line",
                        null);
            }
        }
        if (bytes.size() > 0 && !cutOff) {
            // A last line without its end is whole only if it is JSON.
            byte[] last = bytes.toByteArray();
            if (isJson(last)) {
                return last;
            }
            cutOff = true;
        }
        line--;
        return null;
    }

    /** Whether there is anything unread in the buffer, after filling it where it is empty. */
    private boolean fill() throws RecordingException {
        if (position < limit) {
            return true;
        }
        try {
            limit = in.read(buffer);
            position = 0;
            return limit > 0;
        } catch (EOFException e) {
            cutOff = true;
            limit = 0;
            position = 0;
            return false;
        } catch (IOException e) {
            throw wrong(
                    "the file is damaged from here on ("
                            + e.getMessage()
                            + "); expected gzipped JSON lines",
                    e);
        }
    }

    private Entry parse(byte[] bytes) throws RecordingException {
        String time = null;
        String cluster = null;
        String resource = null;
        boolean list = false;
        String type = null;
        byte[] object = null;
        for (byte each : bytes) {
            if (each == 0) {
                throw wrong("a byte is 0; expected JSON in UTF-8", null);
            }
        }
        try (JsonParser json = JSON.createParser(bytes)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw wrong("the line is no JSON object; expected {\"t\": …, \"line\": …}", null);
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                JsonToken token = json.nextToken();
                switch (field) {
                    case "t" -> time = json.getText();
                    case "cluster" ->
                            cluster = token == JsonToken.VALUE_STRING ? json.getText() : null;
                    case "resource" -> resource = json.getText();
                    case "list" -> list = token == JsonToken.VALUE_TRUE;
                    case "line" -> {
                        if (token != JsonToken.START_OBJECT) {
                            throw wrong("line: expected a watch event, an object", null);
                        }
                        while (json.nextToken() == JsonToken.FIELD_NAME) {
                            String inner = json.currentName();
                            JsonToken value = json.nextToken();
                            if (inner.equals("type")) {
                                type = json.getText();
                            } else if (inner.equals("object") && value == JsonToken.START_OBJECT) {
                                int start = (int) json.currentTokenLocation().getByteOffset();
                                json.skipChildren();
                                int end = (int) json.currentLocation().getByteOffset();
                                object = Arrays.copyOfRange(bytes, start, end);
                            } else {
                                json.skipChildren();
                            }
                        }
                    }
                    default -> json.skipChildren();
                }
            }
            if (json.nextToken() != null) {
                throw wrong("there is more behind the JSON object; expected one per line", null);
            }
        } catch (JsonProcessingException e) {
            throw wrong("no JSON: " + e.getOriginalMessage(), e);
        } catch (RecordingException e) {
            throw e;
        } catch (IOException e) {
            throw wrong(e.getMessage(), e);
        }
        if (resource == null || resource.isBlank()) {
            throw wrong("resource is missing; expected a plural name such as events", null);
        }
        if (type == null || !TYPES.contains(type)) {
            throw wrong(
                    "line.type is "
                            + (type == null ? "missing" : "\"" + type + "\"")
                            + "; expected ADDED, MODIFIED, DELETED, BOOKMARK or ERROR",
                    null);
        }
        if (object == null) {
            throw wrong("line.object is missing; expected the object, as JSON", null);
        }
        return new Entry(instant(time), cluster, resource, list, type, object);
    }

    private Instant instant(String time) throws RecordingException {
        if (time == null) {
            throw wrong("t is missing; expected the receive time in RFC 3339", null);
        }
        try {
            OffsetDateTime parsed = OffsetDateTime.parse(time);
            if (parsed.getYear() < 1970 || parsed.getYear() > LAST_YEAR) {
                throw wrong("t is \"" + time + "\"; expected a year from 1970 to 9999", null);
            }
            return parsed.toInstant();
        } catch (DateTimeParseException e) {
            throw wrong("t is \"" + time + "\"; expected a time in RFC 3339", e);
        }
    }

    private static boolean isJson(byte[] bytes) {
        try (JsonParser json = JSON.createParser(bytes)) {
            if (json.nextToken() == null) {
                return false;
            }
            json.skipChildren();
            return json.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isBlank(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).isBlank();
    }

    private static void close(InputStream in) {
        try {
            if (in != null) {
                in.close();
            }
        } catch (IOException ignored) {
            // What is told is why it could not be opened.
        }
    }
}
