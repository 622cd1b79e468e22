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
 * Reads what a {@link Packer} wrote, in the same order. What is read behind the end is null or 0: a
 * component that was added after these bytes were written.
 *
 * <p>Not for several threads.
 */
public final class Unpacker {

    static final int USUAL_BYTES = 512;
    static final int MOST_KEPT_BYTES = 64 * 1024;

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** A power of two. */
    private static final int NAMES = 1024;

    /** What is longer is hardly one of few. */
    private static final int MOST_NAME_BYTES = 128;

    private static final int MOST_RUN_BYTES = 256;

    private static final long[] NO_NUMBERS = {};
    private static final String[] NO_TEXTS = {};

    private byte[][] keys;
    private String[] names;
    private byte[][] runKeys;
    private String[][] runs;

    private byte[] bytes = {};
    private int at;
    private int end;

    /** Makes one that has nothing to read yet. */
    public Unpacker() {}

    /** Room for the next record, to be filled by the caller from its begin. */
    byte[] room(int size) {
        if (bytes.length < size || bytes.length > MOST_KEPT_BYTES && size <= MOST_KEPT_BYTES) {
            bytes = new byte[Math.max(size, USUAL_BYTES)];
        }
        at = 0;
        end = size;
        return bytes;
    }

    /** Reads an array from its begin; the array must not change meanwhile. */
    public Unpacker of(byte[] packed) {
        bytes = packed;
        at = 0;
        end = packed.length;
        return this;
    }

    /** One byte, from 0 to 255. */
    public int octet() {
        return at < end ? bytes[at++] & 0xFF : 0;
    }

    /** A number of eight bytes. */
    public long fixed() {
        if (at >= end) {
            return 0;
        }
        long value = (long) LONG.get(bytes, demand(Long.BYTES));
        at += Long.BYTES;
        return value;
    }

    /** A number of as few bytes as it needs. */
    public long count() {
        if (at >= end) {
            return 0;
        }
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = bytes[demand(1)];
            at++;
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw cut();
    }

    /** A text, or null. */
    public String text() {
        int length = length();
        if (length < 0) {
            return null;
        }
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    /** A text of which there are few: mostly the same instance as the last time. */
    public String name() {
        int length = length();
        if (length < 0) {
            return null;
        }
        if (length > MOST_NAME_BYTES) {
            String text = new String(bytes, at, length, StandardCharsets.UTF_8);
            at += length;
            return text;
        }
        if (keys == null) {
            keys = new byte[NAMES][];
            names = new String[NAMES];
        }
        int slot = slot(length);
        byte[] key = keys[slot];
        if (key == null || !Arrays.equals(key, 0, key.length, bytes, at, at + length)) {
            keys[slot] = Arrays.copyOfRange(bytes, at, at + length);
            names[slot] = new String(bytes, at, length, StandardCharsets.UTF_8);
        }
        at += length;
        return names[slot];
    }

    /**
     * Names one behind the other of which few combinations are: mostly the same instances as the
     * last time, found at once.
     *
     * @return as many as were asked for, each of which may be null; not to be changed
     */
    public String[] run(int number) {
        int begin = at;
        for (int i = 0; i < number; i++) {
            skip();
        }
        int behind = at;
        int size = behind - begin;
        if (size > MOST_RUN_BYTES) {
            return run(number, begin);
        }
        if (runKeys == null) {
            runKeys = new byte[NAMES][];
            runs = new String[NAMES][];
        }
        int slot = runSlot(begin, behind);
        byte[] key = runKeys[slot];
        boolean same = key != null && runs[slot].length == number;
        if (!same || !Arrays.equals(key, 0, key.length, bytes, begin, behind)) {
            runKeys[slot] = Arrays.copyOfRange(bytes, begin, behind);
            runs[slot] = run(number, begin);
        }
        return runs[slot];
    }

    private String[] run(int number, int begin) {
        at = begin;
        String[] all = new String[number];
        for (int i = 0; i < number; i++) {
            all[i] = name();
        }
        return all;
    }

    /** By all bytes: any of the names may be the one that differs. */
    private int runSlot(int begin, int behind) {
        long hash = behind - begin;
        int i = begin;
        for (; i <= behind - Long.BYTES; i += Long.BYTES) {
            hash = (hash ^ (long) LONG.get(bytes, i)) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 29;
        }
        for (; i < behind; i++) {
            hash = (hash ^ bytes[i]) * 0xC2B2AE3D27D4EB4FL;
        }
        return (int) (hash >>> 40) & NAMES - 1;
    }

    /** By the first and the last eight bytes: names differ there. */
    private int slot(int length) {
        int hash = length;
        if (length >= Long.BYTES) {
            long first = (long) LONG.get(bytes, at);
            long last = (long) LONG.get(bytes, at + length - Long.BYTES);
            long mixed = (first * 0x9E3779B97F4A7C15L + last) * 0xC2B2AE3D27D4EB4FL;
            hash += (int) (mixed >>> Integer.SIZE);
        } else {
            for (int i = at; i < at + length; i++) {
                hash = 31 * hash + bytes[i];
            }
        }
        return (hash ^ hash >>> 15) & NAMES - 1;
    }

    /** Bytes, or null. */
    public byte[] blob() {
        int length = length();
        if (length < 0) {
            return null;
        }
        byte[] blob = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return blob;
    }

    /** Passes over a text or bytes. */
    public void skip() {
        int length = length();
        at += Math.max(0, length);
    }

    /** Texts of which there are few, each of which may be null; or null. */
    public String[] names() {
        long size = count() - 1;
        if (size < 0) {
            return null;
        }
        String[] all = size == 0 ? NO_TEXTS : new String[demandAll(size, 1)];
        for (int i = 0; i < all.length; i++) {
            all[i] = name();
        }
        return all;
    }

    /** Numbers of eight bytes; never null. */
    public long[] fixeds() {
        long size = count();
        long[] all = size == 0 ? NO_NUMBERS : new long[demandAll(size, Long.BYTES)];
        for (int i = 0; i < all.length; i++) {
            all[i] = (long) LONG.get(bytes, at);
            at += Long.BYTES;
        }
        return all;
    }

    /**
     * Begins to read a part; what is behind it is out of reach until it is closed. Of a part that
     * was added later nothing can be read.
     *
     * @return what {@link #close} wants to know
     */
    public int open() {
        int outer = end;
        if (at < end) {
            int length = (int) INT.get(bytes, demand(Integer.BYTES));
            at += Integer.BYTES;
            end = at + demandAll(length, 1);
        }
        return outer;
    }

    /** Passes over what is left of a part, and goes on behind it. */
    public void close(int outer) {
        at = end;
        end = outer;
    }

    private int length() {
        long length = count() - 1;
        return length < 0 ? -1 : demandAll(length, 1);
    }

    private int demand(int more) {
        if (end - at < more) {
            throw cut();
        }
        return at;
    }

    private int demandAll(long number, int each) {
        if (number < 0 || number > (end - at) / each) {
            throw cut();
        }
        return (int) number;
    }

    private static IllegalStateException cut() {
        return new IllegalStateException(
                "A packed record was cut, or is none: its bytes end within a component. The state"
                        + " or the network has damaged it; restore an older checkpoint.");
    }
}
