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
package io.tocsin.job.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tocsin.source.split.ResourceVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/**
 * An object of a recording, as far as an API server must know it.
 *
 * @param namespace namespace, or an empty text
 * @param name name; empty for a bookmark
 * @param uid uid, or null
 * @param version version
 * @param json the object
 */
record RecordedObject(
        String namespace, String name, String uid, ResourceVersion version, byte[] json) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");
    private static final int SECONDS_LENGTH = "2026-11-21T02:11:42".length();

    /** A text that is a time in RFC 3339 and nothing else. */
    private static final Pattern TIME =
            Pattern.compile(
                    "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)");

    /**
     * Reads an object's key and version.
     *
     * @throws IOException if it has none; the message says what was expected
     */
    static RecordedObject of(byte[] object) throws IOException {
        String namespace = "";
        String name = "";
        String uid = null;
        String version = null;
        try (JsonParser json = JSON.createParser(object)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                if (json.nextToken() != JsonToken.START_OBJECT || !field.equals("metadata")) {
                    json.skipChildren();
                    continue;
                }
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String key = json.currentName();
                    json.nextToken();
                    switch (key) {
                        case "namespace" -> namespace = json.getText();
                        case "name" -> name = json.getText();
                        case "uid" -> uid = json.getText();
                        case "resourceVersion" -> version = json.getText();
                        default -> json.skipChildren();
                    }
                }
            }
        }
        if (version == null || !ResourceVersion.isValid(version)) {
            throw new IOException(
                    "line.object.metadata.resourceVersion is "
                            + (version == null ? "missing" : "\"" + version + "\"")
                            + "; expected a decimal number");
        }
        return new RecordedObject(namespace, name, uid, new ResourceVersion(version), object);
    }

    /** What orders the objects of a list, as etcd does. */
    String key() {
        return namespace + "/" + name;
    }

    /**
     * The same object as it would be, had everything happened at another time: every text in it
     * that is a time in RFC 3339, and nothing else, is moved. What is finer than a second stays as
     * it is written, and so does a time's zone.
     *
     * @param seconds by how much
     */
    RecordedObject shifted(long seconds) throws IOException {
        return seconds == 0 ? this : rewritten(seconds, version);
    }

    /** The same object under another version. */
    RecordedObject as(ResourceVersion newVersion) throws IOException {
        return newVersion.equals(version) ? this : rewritten(0, newVersion);
    }

    private RecordedObject rewritten(long seconds, ResourceVersion newVersion) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(json.length + 64);
        int depth = 0;
        boolean metadata = false;
        try (JsonParser from = JSON.createParser(json);
                JsonGenerator to = JSON.createGenerator(bytes)) {
            for (JsonToken token = from.nextToken(); token != null; token = from.nextToken()) {
                switch (token) {
                    case START_OBJECT -> {
                        depth++;
                        to.writeStartObject();
                    }
                    case END_OBJECT -> {
                        depth--;
                        to.writeEndObject();
                    }
                    case FIELD_NAME -> {
                        metadata = depth == 1 ? from.currentName().equals("metadata") : metadata;
                        to.writeFieldName(from.currentName());
                    }
                    case VALUE_STRING -> {
                        boolean own =
                                metadata
                                        && depth == 2
                                        && "resourceVersion".equals(from.currentName());
                        String text = from.getText();
                        to.writeString(own ? newVersion.value() : moved(text, seconds));
                    }
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> to.writeNumber(from.getText());
                    default -> to.copyCurrentEvent(from);
                }
            }
        }
        return new RecordedObject(namespace, name, uid, newVersion, bytes.toByteArray());
    }

    private static String moved(String text, long seconds) {
        if (seconds == 0
                || text.length() < SECONDS_LENGTH + 1
                || text.length() > 40
                || !TIME.matcher(text).matches()) {
            return text;
        }
        try {
            return SECONDS.format(
                            LocalDateTime.parse(text.substring(0, SECONDS_LENGTH))
                                    .plusSeconds(seconds))
                    + text.substring(SECONDS_LENGTH);
        } catch (java.time.DateTimeException e) {
            return text; // no such day: not a time, whatever it looks like
        }
    }
}
