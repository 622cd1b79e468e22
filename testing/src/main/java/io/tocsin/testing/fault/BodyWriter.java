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
package io.tocsin.testing.fault;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Passes a body on to the client, as it comes, or as its rule wants it. Bytes are sent at once;
 * only a rule that edits lines holds a line until it is complete.
 */
final class BodyWriter {

    /** How a body ended. */
    enum End {
        COMPLETE,
        CLOSE,
        RESET,
        SILENCE
    }

    /**
     * Waits while the proxy is frozen, and then for a time; ends early when the proxy is closed.
     */
    interface Pause {
        void pause(Duration time) throws IOException;
    }

    private static final int SLICES_PER_SECOND = 20;

    private final OutputStream out;
    private final boolean chunked;
    private final Rule rule;
    private final Consumer<Fault> did;
    private final Pause pause;
    private int lines;

    /**
     * Writes nothing yet.
     *
     * @param chunked whether to frame as chunks; else the length is already announced
     * @param rule or null
     */
    BodyWriter(OutputStream out, boolean chunked, Rule rule, Consumer<Fault> did, Pause pause) {
        this.out = out;
        this.chunked = chunked;
        this.rule = rule;
        this.did = did;
        this.pause = pause;
    }

    /** Passes all of it on. */
    End write(InputStream body) throws IOException {
        if (rule != null && rule.bytesPerSecond() > 0) {
            did.accept(Fault.THROTTLE);
        }
        End end = rule != null && rule.editsLines() ? writeLines(body) : writeBytes(body);
        if (end == End.COMPLETE && chunked) {
            out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }
        return end;
    }

    private End writeBytes(InputStream body) throws IOException {
        byte[] buffer = new byte[16 * 1024];
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            send(buffer, count, 0);
        }
        return End.COMPLETE;
    }

    private End writeLines(InputStream body) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] buffer = new byte[16 * 1024];
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            for (int i = 0; i < count; i++) {
                line.write(buffer[i]);
                if (buffer[i] == '\n') {
                    End end = writeLine(line.toByteArray());
                    if (end != null) {
                        return end;
                    }
                    line.reset();
                }
            }
        }
        End end = line.size() == 0 ? null : writeLine(line.toByteArray());
        return end == null ? End.COMPLETE : end;
    }

    /** Null when the body goes on. */
    private End writeLine(byte[] line) throws IOException {
        String text = new String(line, StandardCharsets.UTF_8).stripTrailing();
        lines++;
        byte[] bytes = line;
        int piece = 0;
        for (Rule.At at : rule.editsOf(lines, text)) {
            LineEdit edit = at.edit();
            switch (edit.fault()) {
                case DELAY -> {
                    count(at);
                    pause.pause(edit.delay());
                    continue;
                }
                case MEANWHILE -> edit.meanwhile().run();
                case INSERT_LINE -> sendLine(edit.text().apply(text));
                case REPLACE_LINE -> {
                    text = edit.text().apply(text);
                    bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
                }
                case SPLIT -> piece = edit.bytes();
                default -> {
                    // Ends the line, and perhaps the body: below.
                }
            }
            // Only now: what throws was not done.
            count(at);
            switch (edit.fault()) {
                case DROP_LINE -> {
                    return null;
                }
                case END -> {
                    return End.COMPLETE;
                }
                case RESET, CLOSE, SILENCE -> {
                    send(bytes, Math.min(edit.bytes(), bytes.length), piece);
                    return End.valueOf(edit.fault().name());
                }
                default -> {
                    // The line goes on.
                }
            }
        }
        send(bytes, bytes.length, piece);
        return null;
    }

    private void count(Rule.At at) {
        at.did();
        if (at.edit().fault() != Fault.SPLIT) {
            // Pieces are counted one by one.
            did.accept(at.edit().fault());
        }
    }

    private void sendLine(String text) throws IOException {
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        send(bytes, bytes.length, 0);
    }

    /**
     * Sends it in pieces.
     *
     * @param piece 0 as the rule wants it for the whole body
     */
    private void send(byte[] bytes, int length, int piece) throws IOException {
        int size = piece == 0 && rule != null ? rule.pieces() : piece;
        if (size > 0) {
            sendPieces(bytes, length, size);
        } else {
            sendSlowly(bytes, 0, length);
        }
    }

    private void sendPieces(byte[] bytes, int length, int size) throws IOException {
        for (int from = 0; from < length; from += size) {
            did.accept(Fault.SPLIT);
            sendSlowly(bytes, from, Math.min(size, length - from));
        }
    }

    private void sendSlowly(byte[] bytes, int from, int length) throws IOException {
        int rate = rule == null ? 0 : rule.bytesPerSecond();
        if (rate == 0) {
            sendAtOnce(bytes, from, length);
            return;
        }
        int slice = Math.max(1, rate / SLICES_PER_SECOND);
        for (int sent = 0; sent < length; sent += slice) {
            int size = Math.min(slice, length - sent);
            sendAtOnce(bytes, from + sent, size);
            pause.pause(Duration.ofNanos(1_000_000_000L * size / rate));
        }
    }

    private void sendAtOnce(byte[] bytes, int from, int length) throws IOException {
        if (length == 0) {
            return;
        }
        pause.pause(Duration.ZERO);
        if (!chunked) {
            out.write(bytes, from, length);
        } else {
            // One write: a chunk leaves in one packet.
            ByteArrayOutputStream chunk = new ByteArrayOutputStream(length + 16);
            chunk.writeBytes(
                    (Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            chunk.write(bytes, from, length);
            chunk.write('\r');
            chunk.write('\n');
            out.write(chunk.toByteArray());
        }
        out.flush();
    }
}
