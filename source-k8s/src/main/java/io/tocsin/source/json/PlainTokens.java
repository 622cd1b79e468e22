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

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Passes the tokens of plain JSON: strings of ASCII characters, moderate numbers, and words. Fails
 * with {@link NotPlainException} on everything else. Not thread-safe.
 */
abstract class PlainTokens {

    static final VarHandle EIGHT =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int MAX_NUMBER = 100;
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    final byte[] bytes;
    final int end;

    /** Of the next byte to look at. */
    int at;

    /** Whether the string that was passed last has escapes. */
    boolean escaped;

    PlainTokens(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.end = end;
        this.at = from;
    }

    /** From behind the opening quote to behind the closing one. */
    final void passString() throws NotPlainException {
        escaped = false;
        int i = at;
        while (true) {
            while (i + Long.BYTES <= end) {
                long special = specials((long) EIGHT.get(bytes, i));
                if (special != 0) {
                    i += Long.numberOfTrailingZeros(special) >>> 3;
                    break;
                }
                i += Long.BYTES;
            }
            if (i >= end) {
                throw NotPlainException.INSTANCE;
            }
            byte b = bytes[i++];
            if (b == '"') {
                at = i;
                return;
            }
            if (b == '\\') {
                escaped = true;
                i = passEscape(i);
            } else if (b < ' ') {
                // A control character, or the beginning of one beyond ASCII.
                throw NotPlainException.INSTANCE;
            }
        }
    }

    /**
     * Of eight characters those that do not just belong to a string: the high bit of each quote,
     * backslash, control character and byte beyond ASCII. Exact up to the first of them.
     */
    private static long specials(long eight) {
        long quotes = eight ^ ONES * '"';
        long backslashes = eight ^ ONES * '\\';
        return (eight | eight - ONES * ' ' | quotes - ONES | backslashes - ONES) & HIGH_BITS;
    }

    private int passEscape(int i) throws NotPlainException {
        if (i >= end) {
            throw NotPlainException.INSTANCE;
        }
        if (bytes[i] == 'u') {
            if (end - i < 5 || hex(i + 1) < 0) {
                throw NotPlainException.INSTANCE;
            }
            return i + 5;
        }
        unescaped(bytes[i]);
        return i + 1;
    }

    private static char unescaped(byte b) throws NotPlainException {
        return switch (b) {
            case '"', '\\', '/' -> (char) b;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> throw NotPlainException.INSTANCE;
        };
    }

    /** Four digits; negative if one of them is none. */
    private int hex(int from) {
        int value = 0;
        for (int i = from; i < from + 4; i++) {
            value = value << 4 | Character.digit(bytes[i], 16);
        }
        return value;
    }

    /** A string that was passed. */
    final String toString(int start, int stop) throws NotPlainException {
        if (!escaped) {
            return new String(bytes, start, stop - start, StandardCharsets.ISO_8859_1);
        }
        StringBuilder text = new StringBuilder(stop - start);
        for (int i = start; i < stop; i++) {
            if (bytes[i] != '\\') {
                text.append((char) bytes[i]);
            } else if (bytes[++i] == 'u') {
                text.append((char) hex(i + 1));
                i += 4;
            } else {
                text.append(unescaped(bytes[i]));
            }
        }
        return text.toString();
    }

    final void passWord(String word) throws NotPlainException {
        if (end - at < word.length()) {
            throw NotPlainException.INSTANCE;
        }
        for (int i = 0; i < word.length(); i++) {
            if (bytes[at + i] != word.charAt(i)) {
                throw NotPlainException.INSTANCE;
            }
        }
        at += word.length();
    }

    final void passNumber() throws NotPlainException {
        int start = at;
        if (bytes[at] == '-') {
            at++;
        }
        boolean zero = at < end && bytes[at] == '0';
        if (passDigits() > 1 && zero) {
            throw NotPlainException.INSTANCE;
        }
        if (at < end && bytes[at] == '.') {
            at++;
            passDigits();
        }
        if (at < end && (bytes[at] == 'e' || bytes[at] == 'E')) {
            at++;
            if (at < end && (bytes[at] == '+' || bytes[at] == '-')) {
                at++;
            }
            passDigits();
        }
        if (at - start > MAX_NUMBER) {
            throw NotPlainException.INSTANCE;
        }
    }

    /** At least one. */
    private int passDigits() throws NotPlainException {
        int start = at;
        while (at < end && isDigit(bytes[at])) {
            at++;
        }
        if (at == start) {
            throw NotPlainException.INSTANCE;
        }
        return at - start;
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /** The next byte that is no white space, without taking it. */
    final byte peek() throws NotPlainException {
        if (at < end && bytes[at] > ' ') {
            return bytes[at];
        }
        return peekBehindBlanks();
    }

    private byte peekBehindBlanks() throws NotPlainException {
        while (at < end) {
            byte b = bytes[at];
            if (!isBlank(b)) {
                return b;
            }
            at++;
        }
        throw NotPlainException.INSTANCE;
    }

    final void expect(char wanted) throws NotPlainException {
        if (peek() != wanted) {
            throw NotPlainException.INSTANCE;
        }
        at++;
    }
}
