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
package io.tocsin.source.api;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Cuts the body of a watch into lines, as slices of one reused buffer.
 *
 * <p>A line ends with a newline; what follows the last newline at the end of the stream is not a
 * line, because the connection may have been cut inside it. A line above the bound is told with its
 * beginning only, and framing goes on at the next newline. Blank lines are skipped. Bytes, never
 * characters, are cut: newline is no part of any other UTF-8 sequence, and JSON escapes it inside
 * strings. Not thread-safe.
 */
final class WatchFrames {

    private static final VarHandle EIGHT =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long NEWLINES = ONES * '\n';

    private final SlidingBuffer buffer;
    private final Bounds bounds;
    private int lineLength;
    private int consumed;
    private byte[] oversized;

    WatchFrames(InputStream in, Bounds bounds) {
        this.buffer = new SlidingBuffer(in);
        this.bounds = bounds;
    }

    /**
     * Moves to the next line; blocks until it is complete.
     *
     * @return false at the end of the stream
     */
    boolean next() throws IOException {
        buffer.skip(consumed);
        consumed = 0;
        oversized = null;
        int scanned = 0;
        while (true) {
            int newline = indexOfNewline(scanned);
            if (newline >= 0) {
                if (oversized == null && newline > bounds.objectBytes()) {
                    oversized = buffer.copy(newline, bounds.rawBytes());
                }
                if (oversized == null && isBlank(newline)) {
                    buffer.skip(newline + 1);
                    scanned = 0;
                    continue;
                }
                lineLength = newline;
                consumed = newline + 1;
                return true;
            }
            scanned = buffer.length();
            if (scanned > bounds.objectBytes()) {
                if (oversized == null) {
                    oversized = buffer.copy(scanned, bounds.rawBytes());
                }
                buffer.skip(scanned);
                scanned = 0;
            }
            if (!buffer.fill()) {
                return false;
            }
        }
    }

    /** After {@link #next} returned false: whether bytes followed the last newline. */
    boolean isCutInLine() {
        return buffer.length() > 0 || oversized != null;
    }

    /** The beginning of the current line if it was too large, else null. */
    byte[] oversized() {
        return oversized;
    }

    byte[] bytes() {
        return buffer.bytes();
    }

    int offset() {
        return buffer.mark();
    }

    int length() {
        return lineLength;
    }

    private int indexOfNewline(int from) {
        byte[] bytes = buffer.bytes();
        int mark = buffer.mark();
        int end = buffer.end();
        int i = mark + from;
        while (i + Long.BYTES <= end) {
            // Of eight bytes the high bit of each newline, exact up to the first.
            long others = (long) EIGHT.get(bytes, i) ^ NEWLINES;
            long newlines = others - ONES & ~others & HIGH_BITS;
            if (newlines != 0) {
                return i + (Long.numberOfTrailingZeros(newlines) >>> 3) - mark;
            }
            i += Long.BYTES;
        }
        for (; i < end; i++) {
            if (bytes[i] == '\n') {
                return i - mark;
            }
        }
        return -1;
    }

    private boolean isBlank(int length) {
        byte[] bytes = buffer.bytes();
        int mark = buffer.mark();
        for (int i = mark; i < mark + length; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\r' && bytes[i] != '\t') {
                return false;
            }
        }
        return true;
    }
}
