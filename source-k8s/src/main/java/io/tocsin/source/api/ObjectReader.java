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

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tocsin.source.api.Json.MalformedException;
import io.tocsin.source.api.ResourceApi.Handler;
import io.tocsin.source.json.FieldNames;
import io.tocsin.source.json.JacksonCursor;
import io.tocsin.source.json.JsonCursor;
import io.tocsin.source.json.PlainCursor;
import java.io.IOException;
import java.util.Arrays;

/**
 * Parses a line of a watch, or an item of a list, as far as the watch needs it: type, version and
 * key. What the handler does not want is left unparsed after its metadata.
 *
 * <p>Fields may come in any order. A wanted object is checked to be complete JSON, and its bytes
 * are copied as they came. Not thread-safe: an instance remembers the key it read last.
 */
final class ObjectReader {

    private static final FieldNames LINE = FieldNames.of("type", "object");
    private static final FieldNames OBJECT = FieldNames.of("metadata");
    private static final FieldNames METADATA =
            FieldNames.of("resourceVersion", "namespace", "name", "uid");

    private final Bounds bounds;

    private String type;
    private String namespace;
    private String name;
    private String uid;
    private String resourceVersion;
    private int start;
    private int end;

    ObjectReader(Bounds bounds) {
        this.bounds = bounds;
    }

    /** Reads {@code {"type": …, "object": …}}. */
    Signal readLine(byte[] bytes, int offset, int length, Handler handler) {
        try {
            return line(new PlainCursor(bytes, offset, length), bytes, offset, handler);
        } catch (IOException notPlain) {
            // What is wrong with it, if anything, is Jackson's to tell.
        }
        try (JacksonCursor json = new JacksonCursor(bytes, offset, length)) {
            return line(json, bytes, offset, handler);
        } catch (IOException e) {
            return malformed(bytes, offset, length, e);
        }
    }

    /** Reads an object of a list. Returns null if the handler does not want it. */
    Signal readItem(byte[] bytes, int offset, int length, Handler handler) {
        try {
            return item(new PlainCursor(bytes, offset, length), bytes, offset, handler);
        } catch (IOException notPlain) {
            // As above.
        }
        try (JacksonCursor json = new JacksonCursor(bytes, offset, length)) {
            return item(json, bytes, offset, handler);
        } catch (IOException e) {
            return malformed(bytes, offset, length, e);
        }
    }

    private Signal line(JsonCursor json, byte[] bytes, int offset, Handler handler)
            throws IOException {
        reset();
        expectObject(json, "the line");
        for (String field = json.nextField(LINE); field != null; field = json.nextField(LINE)) {
            switch (field) {
                case "type" -> type = json.string(field);
                case "object" -> {
                    int offsetOfObject = json.valueOffset();
                    if (!json.enterObject()) {
                        json.skip();
                        continue;
                    }
                    expectOnce(start < 0, field);
                    start = offsetOfObject;
                    if (!readObject(json, handler)) {
                        return new Signal.Bookmark(resourceVersion);
                    }
                }
                default -> json.skip();
            }
        }
        json.expectEnd();
        return toSignal(bytes, offset, handler);
    }

    private Signal item(JsonCursor json, byte[] bytes, int offset, Handler handler)
            throws IOException {
        reset();
        type = "ADDED";
        start = json.valueOffset();
        expectObject(json, "the item");
        if (!readObject(json, handler)) {
            return null;
        }
        json.expectEnd();
        Signal signal = toSignal(bytes, offset, handler);
        return signal instanceof Signal.Bookmark ? null : signal;
    }

    /** Namespace of what was read last; null where it has none, or was not understood. */
    String namespace() {
        return namespace;
    }

    /** Name of what was read last; null where it was not understood. */
    String name() {
        return name;
    }

    private void reset() {
        type = null;
        namespace = null;
        name = null;
        uid = null;
        resourceVersion = null;
        start = -1;
        end = -1;
    }

    /** Returns false as soon as it is known that the handler does not want the object. */
    private boolean readObject(JsonCursor json, Handler handler) throws IOException {
        boolean before = true;
        for (String field = json.nextField(OBJECT); field != null; field = json.nextField(OBJECT)) {
            if (field.equals("metadata") && json.enterObject()) {
                expectOnce(before, field);
                before = false;
                readMetadata(json);
                if (isVersion()
                        && isComplete()
                        && !handler.wants(namespace, name, resourceVersion)) {
                    return false;
                }
            } else {
                json.skip();
            }
        }
        end = json.endOffset();
        return true;
    }

    private void readMetadata(JsonCursor json) throws IOException {
        for (String field = json.nextField(METADATA);
                field != null;
                field = json.nextField(METADATA)) {
            switch (field) {
                case "resourceVersion" -> resourceVersion = json.string(field);
                case "namespace" -> namespace = json.string(field);
                case "name" -> name = json.string(field);
                case "uid" -> uid = json.string(field);
                default -> json.skip();
            }
        }
    }

    private Signal toSignal(byte[] bytes, int offset, Handler handler) throws IOException {
        if (type == null) {
            throw new MalformedException("type is missing");
        }
        if (start < 0) {
            throw new MalformedException("object is missing");
        }
        if (type.equals("ERROR")) {
            return StatusReader.read(bytes, offset + start, end - start).toSignal(0, 0, true);
        }
        if (resourceVersion == null || resourceVersion.isEmpty()) {
            throw new MalformedException("metadata.resourceVersion is missing");
        }
        if (!isVersion() && !type.equals("DELETED")) {
            // BOOKMARK, and whatever types a later server invents: the position may move.
            return new Signal.Bookmark(resourceVersion);
        }
        if (!isComplete()) {
            throw new MalformedException("metadata.name is missing");
        }
        // Asked again only where the type came after the object.
        if (isVersion() && !handler.wants(namespace, name, resourceVersion)) {
            return new Signal.Bookmark(resourceVersion);
        }
        ObjectVersion object =
                new ObjectVersion(
                        namespace,
                        name,
                        uid,
                        resourceVersion,
                        Arrays.copyOfRange(bytes, offset + start, offset + end));
        return type.equals("DELETED") ? new Signal.Deleted(object) : new Signal.Upserted(object);
    }

    private boolean isVersion() {
        return "ADDED".equals(type) || "MODIFIED".equals(type);
    }

    private boolean isComplete() {
        return resourceVersion != null
                && !resourceVersion.isEmpty()
                && name != null
                && !name.isEmpty();
    }

    private static void expectObject(JsonCursor json, String what) throws IOException {
        if (!json.enterObject()) {
            throw new MalformedException(what + " is no object, as was expected");
        }
    }

    /** Of two the one's version must not be told with the other's body. */
    private static void expectOnce(boolean first, String field) throws MalformedException {
        if (!first) {
            throw new MalformedException(field + " is there twice");
        }
    }

    private Signal malformed(byte[] bytes, int offset, int length, IOException e) {
        String reason =
                e instanceof JsonProcessingException syntax
                        ? "no JSON: " + syntax.getOriginalMessage()
                        : e.getMessage();
        return new Signal.Malformed(
                Arrays.copyOfRange(bytes, offset, offset + Math.min(length, bounds.rawBytes())),
                reason,
                namespace,
                name,
                uid);
    }
}
