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

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads plain JSON at a fraction of a parser's cost: nearly all events are plain, and most of their
 * bytes are skipped.
 *
 * <p>Plain is JSON in ASCII, with names without escapes where a name matters, of moderate depth and
 * moderate numbers. Everything else, be it JSON or not, fails with {@link NotPlainException}: then
 * {@link JacksonCursor} is to read it, which knows all of JSON and what to call an error. Never
 * takes what Jackson would not, nor for anything else: skipped values are checked as strictly.
 *
 * <p>Semantics: RFC 8259.
 */
public final class PlainCursor implements JsonCursor {

    private static final int MAX_DEPTH = Long.SIZE;
    private static final int MAX_NAME = 1_000;
    private static final int MAX_NUMBER = 100;

    /** Nine digits are an int32 for sure, or nearly. */
    private static final int MAX_COUNT_DIGITS = 9;

    private static final VarHandle EIGHT =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private final byte[] bytes;
    private final int begin;
    private final int end;

    /** Of the next byte to look at. */
    private int at;

    /** Whether an object was just entered: no comma is due. */
    private boolean entered;

    /** Whether the string that was passed last has escapes. */
    private boolean escaped;

    /** At the root of what these bytes hold. */
    public PlainCursor(byte[] bytes, int offset, int length) throws NotPlainException {
        this.bytes = bytes;
        begin = offset;
        end = offset + length;
        at = offset;
        peek();
    }

    @Override
    public boolean enterObject() throws NotPlainException {
        if (peek() != '{') {
            return false;
        }
        at++;
        entered = true;
        return true;
    }

    @Override
    public String nextField(FieldNames names) throws NotPlainException {
        byte b = peek();
        if (b == '}') {
            at++;
            entered = false;
            return null;
        }
        if (!entered) {
            expect(',');
        }
        entered = false;
        expect('"');
        int start = at;
        passString();
        if (escaped || at - start > MAX_NAME) {
            throw NotPlainException.INSTANCE;
        }
        String name = names.find(bytes, start, at - 1);
        expect(':');
        peek();
        return name;
    }

    @Override
    public String string(String field) throws NotPlainException {
        if (peek() == 'n') {
            passWord("null");
            return null;
        }
        expect('"');
        int start = at;
        passString();
        return toString(start, at - 1);
    }

    @Override
    public String text(int bound) throws NotPlainException {
        if (peek() != '"') {
            skip();
            return null;
        }
        int start = ++at;
        passString();
        int stop = at - 1;
        if (stop - start > bound) {
            throw NotPlainException.INSTANCE;
        }
        return stop == start ? null : toString(start, stop);
    }

    @Override
    public boolean isPlainText() {
        return !escaped;
    }

    @Override
    public long count() throws NotPlainException {
        byte b = peek();
        int start = at;
        skip();
        if (b < '0' || b > '9') {
            if (b == '-') {
                throw NotPlainException.INSTANCE;
            }
            return 0;
        }
        if (at - start > MAX_COUNT_DIGITS) {
            throw NotPlainException.INSTANCE;
        }
        long count = 0;
        for (int i = start; i < at; i++) {
            if (!isDigit(bytes[i])) {
                return 0;
            }
            count = count * 10 + (bytes[i] - '0');
        }
        return count;
    }

    @Override
    public int valueOffset() {
        return at - begin;
    }

    @Override
    public int endOffset() {
        return at - begin;
    }

    @Override
    public void expectEnd() throws NotPlainException {
        while (at < end) {
            if (!isBlank(bytes[at++])) {
                throw NotPlainException.INSTANCE;
            }
        }
    }

    @Override
    public void skip() throws NotPlainException {
        long arrays = 0;
        int depth = 0;
        while (true) {
            byte b = peek();
            if (b == '{' || b == '[') {
                if (depth == MAX_DEPTH) {
                    throw NotPlainException.INSTANCE;
                }
                at++;
                depth++;
                arrays = arrays << 1 | (b == '[' ? 1 : 0);
                byte next = peek();
                if (next == (b == '[' ? ']' : '}')) {
                    at++;
                    depth--;
                    arrays >>>= 1;
                } else {
                    if (b == '{') {
                        passName();
                    }
                    continue;
                }
            } else {
                passScalar(b);
            }
            // A value ended: so may those around it.
            while (depth > 0) {
                byte next = peek();
                at++;
                boolean inArray = (arrays & 1) != 0;
                if (next == ',') {
                    if (!inArray) {
                        passName();
                    }
                    break;
                }
                if (next != (inArray ? ']' : '}')) {
                    throw NotPlainException.INSTANCE;
                }
                depth--;
                arrays >>>= 1;
            }
            if (depth == 0) {
                return;
            }
        }
    }

    private void passName() throws NotPlainException {
        expect('"');
        int start = at;
        passString();
        if (at - start > MAX_NAME) {
            throw NotPlainException.INSTANCE;
        }
        expect(':');
    }

    private void passScalar(byte first) throws NotPlainException {
        switch (first) {
            case '"' -> {
                at++;
                passString();
            }
            case 't' -> passWord("true");
            case 'f' -> passWord("false");
            case 'n' -> passWord("null");
            default -> passNumber();
        }
    }

    /** From behind the opening quote to behind the closing one. */
    private void passString() throws NotPlainException {
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
    private String toString(int start, int stop) throws NotPlainException {
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

    private void passWord(String word) throws NotPlainException {
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

    private void passNumber() throws NotPlainException {
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

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /** The next byte that is no white space, without taking it. */
    private byte peek() throws NotPlainException {
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

    private void expect(char wanted) throws NotPlainException {
        if (peek() != wanted) {
            throw NotPlainException.INSTANCE;
        }
        at++;
    }

    /** What is read is not plain: no JSON perhaps, perhaps only unusual. */
    public static final class NotPlainException extends IOException {
        private static final long serialVersionUID = 1L;

        /** Has no stack trace, and nobody is to add to it: each unusual event throws it. */
        static final NotPlainException INSTANCE = new NotPlainException();

        private NotPlainException() {
            super("no plain JSON");
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
