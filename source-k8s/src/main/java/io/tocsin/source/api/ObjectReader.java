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
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.tocsin.source.api.Json.MalformedException;
import io.tocsin.source.api.ResourceApi.Handler;
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
        reset();
        try (JsonParser parser = Json.parser(bytes, offset, length)) {
            expectObject(parser, "the line");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken token = parser.nextToken();
                if (field.equals("type")) {
                    type = Json.string(parser, "type");
                } else if (field.equals("object") && token == JsonToken.START_OBJECT) {
                    expectOnce(start < 0, "object");
                    if (!readObject(parser, handler)) {
                        return new Signal.Bookmark(resourceVersion);
                    }
                } else {
                    parser.skipChildren();
                }
            }
            expectEnd(parser);
            return toSignal(bytes, offset, handler);
        } catch (JsonProcessingException e) {
            return malformed(bytes, offset, length, "no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            return malformed(bytes, offset, length, e.getMessage());
        }
    }

    /** Reads an object of a list. Returns null if the handler does not want it. */
    Signal readItem(byte[] bytes, int offset, int length, Handler handler) {
        reset();
        type = "ADDED";
        try (JsonParser parser = Json.parser(bytes, offset, length)) {
            expectObject(parser, "the item");
            if (!readObject(parser, handler)) {
                return null;
            }
            expectEnd(parser);
            Signal signal = toSignal(bytes, offset, handler);
            return signal instanceof Signal.Bookmark ? null : signal;
        } catch (JsonProcessingException e) {
            return malformed(bytes, offset, length, "no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            return malformed(bytes, offset, length, e.getMessage());
        }
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
    private boolean readObject(JsonParser parser, Handler handler) throws IOException {
        start = (int) parser.currentTokenLocation().getByteOffset();
        boolean before = true;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            if (field.equals("metadata") && token == JsonToken.START_OBJECT) {
                expectOnce(before, "metadata");
                before = false;
                readMetadata(parser);
                if (isVersion()
                        && isComplete()
                        && !handler.wants(namespace, name, resourceVersion)) {
                    return false;
                }
            } else {
                parser.skipChildren();
            }
        }
        end = (int) parser.currentLocation().getByteOffset();
        return true;
    }

    private void readMetadata(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "resourceVersion" -> resourceVersion = Json.string(parser, "resourceVersion");
                case "namespace" -> namespace = Json.string(parser, "namespace");
                case "name" -> name = Json.string(parser, "name");
                case "uid" -> uid = Json.string(parser, "uid");
                default -> parser.skipChildren();
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

    private static void expectObject(JsonParser parser, String what) throws IOException {
        JsonToken token = parser.nextToken();
        if (token != JsonToken.START_OBJECT) {
            throw new MalformedException(what + " is " + token + ", an object was expected");
        }
    }

    /** Of two the one's version must not be told with the other's body. */
    private static void expectOnce(boolean first, String field) throws MalformedException {
        if (!first) {
            throw new MalformedException(field + " is there twice");
        }
    }

    private static void expectEnd(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
            throw new MalformedException("more than one JSON value");
        }
    }

    private Signal malformed(byte[] bytes, int offset, int length, String reason) {
        return new Signal.Malformed(
                Arrays.copyOfRange(bytes, offset, offset + Math.min(length, bounds.rawBytes())),
                reason,
                namespace,
                name,
                uid);
    }
}
