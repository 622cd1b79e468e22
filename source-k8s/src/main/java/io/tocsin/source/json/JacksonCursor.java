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

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.Closeable;
import java.io.IOException;

/** Reads any JSON, by Jackson. Syntax errors come as its JsonProcessingException. */
public final class JacksonCursor implements JsonCursor, Closeable {

    /**
     * Managed fields bring an unbounded number of distinct field names: they must neither be
     * interned nor fail a parser whose symbol table they fill.
     */
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
                    .build();

    private final JsonParser parser;

    /** At the root of what these bytes hold. */
    public JacksonCursor(byte[] bytes, int offset, int length) throws IOException {
        parser = parser(bytes, offset, length);
        parser.nextToken();
    }

    /** A parser for those who read otherwise. */
    public static JsonParser parser(byte[] bytes, int offset, int length) throws IOException {
        return FACTORY.createParser(bytes, offset, length);
    }

    @Override
    public boolean enterObject() {
        return parser.currentToken() == JsonToken.START_OBJECT;
    }

    @Override
    public String nextField(FieldNames names) throws IOException {
        if (parser.nextToken() != JsonToken.FIELD_NAME) {
            return null;
        }
        String name = names.find(parser.currentName());
        parser.nextToken();
        return name;
    }

    @Override
    public String nextName(int bound) throws IOException {
        if (parser.nextToken() != JsonToken.FIELD_NAME) {
            return null;
        }
        String name = parser.currentName();
        parser.nextToken();
        if (name.length() <= bound) {
            return name;
        }
        boolean splitsPair = Character.isHighSurrogate(name.charAt(bound - 1));
        return name.substring(0, splitsPair ? bound - 1 : bound);
    }

    @Override
    public boolean enterArray() {
        return parser.currentToken() == JsonToken.START_ARRAY;
    }

    @Override
    public boolean nextElement() throws IOException {
        JsonToken token = parser.nextToken();
        return token != null && token != JsonToken.END_ARRAY;
    }

    @Override
    public void skip() throws IOException {
        parser.skipChildren();
    }

    @Override
    public String string(String field) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        throw new IOException(field + " is " + token + ", a string was expected");
    }

    @Override
    public String text(int bound) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            parser.skipChildren();
            return null;
        }
        int length = parser.getTextLength();
        if (length == 0) {
            return null;
        }
        if (length <= bound) {
            return parser.getText();
        }
        char[] chars = parser.getTextCharacters();
        int offset = parser.getTextOffset();
        boolean splitsPair = Character.isHighSurrogate(chars[offset + bound - 1]);
        return new String(chars, offset, splitsPair ? bound - 1 : bound);
    }

    @Override
    public boolean isPlainText() {
        return false;
    }

    @Override
    public long count() throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            parser.skipChildren();
            return 0;
        }
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            return parser.getText().startsWith("-") ? 0 : Integer.MAX_VALUE;
        }
        return Math.max(0, Math.min(parser.getLongValue(), Integer.MAX_VALUE));
    }

    @Override
    public long integer() throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            parser.skipChildren();
            return 0;
        }
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            return parser.getText().startsWith("-") ? Integer.MIN_VALUE : Integer.MAX_VALUE;
        }
        return Math.max(Integer.MIN_VALUE, Math.min(parser.getLongValue(), Integer.MAX_VALUE));
    }

    @Override
    public boolean isTrue() throws IOException {
        boolean isTrue = parser.currentToken() == JsonToken.VALUE_TRUE;
        parser.skipChildren();
        return isTrue;
    }

    @Override
    public int valueOffset() {
        return (int) parser.currentTokenLocation().getByteOffset();
    }

    @Override
    public int endOffset() {
        return (int) parser.currentLocation().getByteOffset();
    }

    @Override
    public void expectEnd() throws IOException {
        if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
            throw new IOException("more than one JSON value");
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
