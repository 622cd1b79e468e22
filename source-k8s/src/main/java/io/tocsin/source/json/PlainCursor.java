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
public final class PlainCursor extends PlainTokens implements JsonCursor {

    private static final int MAX_DEPTH = Long.SIZE;
    private static final int MAX_NAME = 1_000;

    /** Of any that many digits the number is an int32. */
    private static final int MAX_COUNT_DIGITS = 9;

    private static final CheckedObjects CHECKED = new CheckedObjects();

    /** The name of managed fields. */
    private static final long MANAGED =
            (long) EIGHT.get("fieldsV1".getBytes(StandardCharsets.US_ASCII), 0);

    private final int begin;

    /** Whether an object or array was just entered: no comma is due. */
    private boolean entered;

    /** At the root of what these bytes hold. */
    public PlainCursor(byte[] bytes, int offset, int length) {
        super(bytes, offset, offset + length);
        begin = offset;
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
        if (!more('}')) {
            return null;
        }
        int start = name(MAX_NAME);
        String name = names.find(bytes, start, at - 1);
        expect(':');
        return name;
    }

    @Override
    public String nextName(int bound) throws NotPlainException {
        if (!more('}')) {
            return null;
        }
        int start = name(Math.min(bound, MAX_NAME));
        String name = toString(start, at - 1);
        expect(':');
        return name;
    }

    @Override
    public boolean enterArray() throws NotPlainException {
        if (peek() != '[') {
            return false;
        }
        at++;
        entered = true;
        return true;
    }

    @Override
    public boolean nextElement() throws NotPlainException {
        return more(']');
    }

    /** Whether another field or element follows; a comma before it is taken, as the end is. */
    private boolean more(char close) throws NotPlainException {
        boolean first = entered;
        entered = false;
        if (peek() == close) {
            at++;
            return false;
        }
        if (!first) {
            expect(',');
        }
        return true;
    }

    /** Takes a name up to its closing quote; returns where it begins. */
    private int name(int bound) throws NotPlainException {
        expect('"');
        int start = at;
        passString();
        if (escaped || at - 1 - start > bound) {
            throw NotPlainException.INSTANCE;
        }
        return start;
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
    public long integer() throws NotPlainException {
        return count();
    }

    @Override
    public boolean isTrue() throws NotPlainException {
        boolean isTrue = peek() == 't';
        skip();
        return isTrue;
    }

    @Override
    public int valueOffset() throws NotPlainException {
        peek();
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
        skip(true);
    }

    /**
     * @param lookUp whether managed fields may have been checked before; not within them, which
     *     bounds the depth
     */
    private void skip(boolean lookUp) throws NotPlainException {
        long arrays = 0;
        int depth = 0;
        boolean managed = false;
        while (true) {
            byte b = peek();
            if (managed && lookUp && b == '{') {
                skipManaged();
            } else if (b == '{' || b == '[') {
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
                    managed = b == '{' && passName();
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
                    managed = !inArray && passName();
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

    private void skipManaged() throws NotPlainException {
        int checked = CHECKED.lengthAt(bytes, at, end);
        if (checked > 0) {
            at += checked;
            return;
        }
        int start = at;
        skip(false);
        CHECKED.add(bytes, start, at);
    }

    /** Returns whether the value are managed fields. */
    private boolean passName() throws NotPlainException {
        expect('"');
        int start = at;
        passString();
        int length = at - 1 - start;
        if (length > MAX_NAME) {
            throw NotPlainException.INSTANCE;
        }
        expect(':');
        return length == Long.BYTES && (long) EIGHT.get(bytes, start) == MANAGED;
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
}
