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
package io.tocsin.source.pack;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the components of one record into one array, which so reaches Flink by one call. Read by
 * an {@link Unpacker} in the same order.
 *
 * <p>Texts must be well-formed UTF-16: a surrogate without its other half reads back as {@code ?}.
 * Not for several threads.
 */
public final class Packer {

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes = new byte[Unpacker.USUAL_BYTES];
    private int size;

    /** Makes an empty one. */
    public Packer() {}

    /** Forgets what was written. */
    public void clear() {
        size = 0;
        if (bytes.length > Unpacker.MOST_KEPT_BYTES) {
            // One huge record is no reason to keep its room for ever.
            bytes = new byte[Unpacker.USUAL_BYTES];
        }
    }

    byte[] bytes() {
        return bytes;
    }

    int size() {
        return size;
    }

    /** What was written, in an array of its own. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
        }
    }

    /** One byte; only the lowest eight bits count. */
    public void octet(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    /** Eight bytes. */
    public void fixed(long value) {
        room(Long.BYTES);
        LONG.set(bytes, size, value);
        size += Long.BYTES;
    }

    /** As few bytes as a number needs: one below 128, ten if it is negative. */
    public void count(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    /** A text, or null. */
    public void text(String text) {
        blob(text == null ? null : text.getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes, or null. */
    public void blob(byte[] value) {
        if (value == null) {
            octet(0);
            return;
        }
        count(value.length + 1L);
        room(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    /** Texts, each of which may be null; or null. */
    public void texts(String[] texts) {
        if (texts == null) {
            octet(0);
            return;
        }
        count(texts.length + 1L);
        for (String each : texts) {
            text(each);
        }
    }

    /** Numbers, each of eight bytes. */
    public void fixed(long[] values) {
        count(values.length);
        room(values.length * Long.BYTES);
        for (long each : values) {
            LONG.set(bytes, size, each);
            size += Long.BYTES;
        }
    }

    /**
     * Begins a part that may get more components later; it is to be closed by {@link #end}.
     *
     * @return what {@code end} wants to know
     */
    public int begin() {
        room(Integer.BYTES);
        size += Integer.BYTES;
        return size;
    }

    /** Ends a part. */
    public void end(int begin) {
        INT.set(bytes, begin - Integer.BYTES, size - begin);
    }
}
