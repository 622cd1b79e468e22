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
package io.tocsin.job.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/**
 * One line of JSON. Unknown values and absent times are written as {@code null}, so that every
 * document of a kind has the same keys.
 */
final class JsonDocument {
    private static final JsonFactory FACTORY = new JsonFactory();

    /** Writes the fields of a document. */
    interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private JsonDocument() {}

    /** A document of a kind, without a line end. */
    static String of(String kind, Fields fields) {
        StringWriter text = new StringWriter(512);
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("kind", kind);
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("A string cannot fail", e);
        }
        return text.toString();
    }

    /** Writes a time of event or server clock in epoch milliseconds; null for 0. */
    static void time(JsonGenerator json, String name, long millis) throws IOException {
        json.writeStringField(name, Times.rfc3339(millis));
    }
}
