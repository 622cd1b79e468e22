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
package io.tocsin.source.json;

import io.tocsin.annotation.Pure;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The names of fields that somebody reads, found by their bytes without making strings. */
@Pure
public final class FieldNames {

    /** Stands for all other names. */
    public static final String OTHER = "";

    private static final int MAX_SLOT_BITS = 12;

    private final String[] names;
    private final byte[][] bytes;
    private final int slotBits;
    private final int factor;

    private FieldNames(int slotBits, int factor) {
        this.names = new String[1 << slotBits];
        this.bytes = new byte[1 << slotBits][];
        this.slotBits = slotBits;
        this.factor = factor;
    }

    /**
     * Names of ASCII characters, each of them once.
     *
     * @throws IllegalArgumentException if two of them share length, first and last character
     */
    public static FieldNames of(String... names) {
        for (int bits = 5; bits <= MAX_SLOT_BITS; bits++) {
            for (int factor = 0x9E3779B1; factor != 0x9E3779B1 + 200; factor += 2) {
                FieldNames table = new FieldNames(bits, factor);
                if (Arrays.stream(names).allMatch(table::put)) {
                    return table;
                }
            }
        }
        throw new IllegalArgumentException(
                "two of these cannot be told apart by length, first and last character: "
                        + Arrays.toString(names));
    }

    private boolean put(String name) {
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        int slot = slot(ascii, 0, ascii.length);
        if (names[slot] != null) {
            return false;
        }
        names[slot] = name;
        bytes[slot] = ascii;
        return true;
    }

    /** The name that these bytes spell, or {@link #OTHER}. */
    String find(byte[] from, int start, int end) {
        if (start == end) {
            return OTHER;
        }
        int slot = slot(from, start, end);
        byte[] candidate = bytes[slot];
        return candidate != null && Arrays.equals(candidate, 0, candidate.length, from, start, end)
                ? names[slot]
                : OTHER;
    }

    /** The name that this is, or {@link #OTHER}. */
    String find(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return find(utf8, 0, utf8.length);
    }

    private int slot(byte[] from, int start, int end) {
        int mixed = (from[start] & 0xff) << 16 | (from[end - 1] & 0xff) << 8 | end - start & 0xff;
        return mixed * factor >>> Integer.SIZE - slotBits;
    }
}
