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

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tocsin.source.json.JacksonCursor;
import java.io.IOException;

/** The JSON parser of this package: streaming, over bytes, without binding. Thread-safe. */
final class Json {

    private Json() {}

    static JsonParser parser(byte[] bytes, int offset, int length) throws IOException {
        return JacksonCursor.parser(bytes, offset, length);
    }

    /**
     * Reads a string; null for the JSON null.
     *
     * @throws MalformedException if it is neither
     */
    static String string(JsonParser parser, String field) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        throw new MalformedException(field + " is " + token + ", a string was expected");
    }

    /** What a JSON document says is not what the API promises. */
    static final class MalformedException extends IOException {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }
}
