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

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.RecordDeserializer;
import io.tocsin.source.pack.Texts;
import java.io.IOException;
import java.util.function.Supplier;

/**
 * What all deserializers of versions have in common: which records hold one, what stays of the
 * record without it, and that plain JSON is read without a parser and all other by Jackson.
 */
public final class VersionReader {

    private VersionReader() {}

    /**
     * Reads the fields of one object.
     *
     * @param <T> what they make
     */
    @FunctionalInterface
    public interface Fields<T> {

        /** Reads from the object's root on, which has been entered. */
        T read(JsonCursor json) throws IOException;
    }

    /** Whether a record holds a version of an object. */
    public static boolean isVersion(KubernetesRecord record) {
        return (record.kind() == KubernetesRecord.Kind.UPSERTED
                        || record.kind() == KubernetesRecord.Kind.DELETED)
                && record.object() != null;
    }

    /** The same record without its object, its texts fit for keys. */
    public static KubernetesRecord withoutObject(KubernetesRecord record) {
        return new KubernetesRecord(
                record.kind(),
                record.origin(),
                record.cluster(),
                record.resource(),
                record.scope(),
                record.epoch(),
                Texts.clean(record.namespace()),
                Texts.clean(record.name()),
                Texts.clean(record.uid()),
                Texts.clean(record.resourceVersion()),
                null,
                record.fromMillis(),
                record.toMillis(),
                record.reason());
    }

    /** The time of a record about the watch; {@link RecordDeserializer#NO_TIMESTAMP} if none. */
    public static long timestampMillis(KubernetesRecord envelope) {
        if (envelope.toMillis() > 0) {
            return envelope.toMillis();
        }
        return envelope.fromMillis() > 0 ? envelope.fromMillis() : RecordDeserializer.NO_TIMESTAMP;
    }

    /**
     * Reads an object, a second time by Jackson where it is not plain.
     *
     * @param what names the object in errors
     * @param fields reads into a fresh result at each call
     * @throws IOException if it is no JSON object
     */
    public static <T> T read(byte[] json, Supplier<String> what, Fields<T> fields)
            throws IOException {
        try {
            return read(new PlainCursor(json, 0, json.length), what, fields);
        } catch (IOException notPlain) {
            // What is wrong with it, if anything, is Jackson's to tell.
        }
        try (JacksonCursor cursor = new JacksonCursor(json, 0, json.length)) {
            return read(cursor, what, fields);
        } catch (JsonProcessingException e) {
            throw new IOException(what.get() + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static <T> T read(JsonCursor json, Supplier<String> what, Fields<T> fields)
            throws IOException {
        if (!json.enterObject()) {
            throw new IOException(what.get() + " is no JSON object");
        }
        return fields.read(json);
    }

    /** What a record says of its object counts; only where it says nothing, the object does. */
    public static String known(String known, JsonCursor json, int bound) throws IOException {
        if (known == null) {
            return text(json, bound);
        }
        json.skip();
        return known;
    }

    /** Enters the current value; skips what is no object. */
    public static boolean isObject(JsonCursor json) throws IOException {
        if (json.enterObject()) {
            return true;
        }
        json.skip();
        return false;
    }

    /** Enters the current value; skips what is no array. */
    public static boolean isArray(JsonCursor json) throws IOException {
        if (json.enterArray()) {
            return true;
        }
        json.skip();
        return false;
    }

    /** Takes a text, cut at a bound and fit for keys; null for what is none or empty. */
    public static String text(JsonCursor json, int bound) throws IOException {
        String text = json.text(bound);
        return json.isPlainText() ? text : Texts.clean(text);
    }
}
