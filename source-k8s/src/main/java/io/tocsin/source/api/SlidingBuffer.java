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
import java.util.Arrays;

/**
 * Bytes of a stream from a marked position on, in one array that is reused and grows on demand.
 *
 * <p>{@code bytes[mark..end)} is kept by {@link #fill}; positions move when the kept bytes are
 * shifted to the front, so callers hold offsets relative to {@code mark}. Not thread-safe.
 */
final class SlidingBuffer {

    private static final int INITIAL_BYTES = 64 * 1024;
    private static final int KEEP_BYTES = 1024 * 1024;

    private final InputStream in;
    private byte[] bytes = new byte[INITIAL_BYTES];
    private int mark;
    private int end;

    SlidingBuffer(InputStream in) {
        this.in = in;
    }

    /** Reads more behind the kept bytes; blocks. Returns false at the end of the stream. */
    boolean fill() throws IOException {
        if (mark == end) {
            mark = 0;
            end = 0;
            if (bytes.length > KEEP_BYTES) {
                // One huge object must not hold its memory for the life of a watch.
                bytes = new byte[INITIAL_BYTES];
            }
        } else if (end == bytes.length) {
            if (mark > 0) {
                System.arraycopy(bytes, mark, bytes, 0, end - mark);
                end -= mark;
                mark = 0;
            } else {
                bytes = Arrays.copyOf(bytes, bytes.length * 2);
            }
        }
        int read = in.read(bytes, end, bytes.length - end);
        if (read < 0) {
            return false;
        }
        end += read;
        return true;
    }

    byte[] bytes() {
        return bytes;
    }

    int mark() {
        return mark;
    }

    int end() {
        return end;
    }

    /** Number of kept bytes. */
    int length() {
        return end - mark;
    }

    /** Gives up {@code count} kept bytes. */
    void skip(int count) {
        mark += count;
    }

    /** A copy of the first kept bytes, at most {@code bound} of them. */
    byte[] copy(int length, int bound) {
        return Arrays.copyOfRange(bytes, mark, mark + Math.min(length, bound));
    }
}
