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
import io.tocsin.source.api.ResourceApi.Handler;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads one page of a list from a stream, item by item: memory is bounded by the largest item, not
 * by the page.
 *
 * <p>Items are cut by brackets and quotes alone and then parsed one by one, so that one malformed
 * item leaves the others readable, and the list's metadata may stand before or after them. Not
 * thread-safe; one instance per page.
 */
final class PageReader {

    private static final int ENVELOPE_BYTES = 1024 * 1024;

    private final SlidingBuffer buffer;
    private final Bounds bounds;
    private final ObjectReader reader;
    private final Handler handler;
    private final Runnable check;
    private final Envelope envelope = new Envelope();
    private final KeyOrder order = new KeyOrder();

    private int items;

    /**
     * @param check called before each item; throws where the call was cancelled
     */
    PageReader(
            InputStream in, Bounds bounds, ObjectReader reader, Handler handler, Runnable check) {
        this.buffer = new SlidingBuffer(in);
        this.bounds = bounds;
        this.reader = reader;
        this.handler = handler;
        this.check = check;
    }

    /**
     * Tells all items to the handler.
     *
     * @return the page, or Refused where the answer is no list
     * @throws EOFException if the stream ends inside the page
     */
    Signal read(int status, long serverTimeMillis) throws IOException, InterruptedException {
        int first = skipBlank();
        if (first != '{') {
            return notKubernetes(status);
        }
        readEnvelope();
        while (buffer.fill()) {
            // To the end, so that the connection can be used again.
            buffer.skip(buffer.length());
        }
        return toSignal(status, serverTimeMillis);
    }

    private void readEnvelope() throws IOException, InterruptedException {
        int depth = 0;
        int stringStart = -1;
        boolean inString = false;
        boolean escaped = false;
        String lastString = null;
        String field = null;
        do {
            int b = next();
            envelope.write(b);
            if (envelope.size() > ENVELOPE_BYTES) {
                throw new IOException("a list whose metadata exceeds 1 MiB");
            }
            if (inString) {
                if (escaped) {
                    escaped = false;
                } else if (b == '\\') {
                    escaped = true;
                } else if (b == '"') {
                    inString = false;
                    if (depth == 1) {
                        lastString = envelope.tail(stringStart);
                    }
                }
                continue;
            }
            switch (b) {
                case '"' -> {
                    inString = true;
                    stringStart = envelope.size();
                }
                case ':' -> field = depth == 1 ? lastString : field;
                case ',' -> field = depth == 1 ? null : field;
                case '{', '[' -> {
                    depth++;
                    if (b == '[' && depth == 2 && "items".equals(field)) {
                        readItems();
                        envelope.write(']');
                        depth--;
                    }
                }
                case '}', ']' -> depth--;
                default -> {}
            }
        } while (depth > 0);
    }

    private void readItems() throws IOException, InterruptedException {
        while (true) {
            int b = skipBlank();
            if (b == ']') {
                buffer.skip(1);
                return;
            }
            if (b == ',') {
                buffer.skip(1);
                continue;
            }
            check.run();
            readItem();
        }
    }

    /** The item begins at the buffer's mark. */
    private void readItem() throws IOException, InterruptedException {
        int depth = 0;
        int position = 0;
        boolean inString = false;
        byte[] oversized = null;
        while (true) {
            byte[] bytes = buffer.bytes();
            int mark = buffer.mark();
            int length = buffer.length();
            while (position < length) {
                byte b = bytes[mark + position];
                if (inString) {
                    if (b == '\\') {
                        position++;
                    } else if (b == '"') {
                        inString = false;
                    }
                } else if (b == '"') {
                    inString = true;
                } else if (b == '{' || b == '[') {
                    depth++;
                } else if (b == '}' || b == ']') {
                    if (depth == 0) {
                        if (b == '}') {
                            throw new IOException("a list whose brackets do not match");
                        }
                        // The end of the array: the item was a bare value.
                        tell(position, oversized);
                        return;
                    }
                    if (--depth == 0) {
                        tell(position + 1, oversized);
                        return;
                    }
                } else if (b == ',' && depth == 0) {
                    tell(position, oversized);
                    return;
                }
                position++;
            }
            if (position > bounds.objectBytes()) {
                if (oversized == null) {
                    oversized = buffer.copy(length, bounds.rawBytes());
                }
                buffer.skip(length);
                position -= length;
            }
            if (!buffer.fill()) {
                throw new EOFException("the list ended inside an item");
            }
        }
    }

    private void tell(int length, byte[] oversized) throws InterruptedException {
        items++;
        Signal signal;
        if (oversized != null || length > bounds.objectBytes()) {
            byte[] raw = oversized != null ? oversized : buffer.copy(length, bounds.rawBytes());
            signal = new Signal.Malformed(raw, tooLarge("an item", bounds));
        } else {
            signal = reader.readItem(buffer.bytes(), buffer.mark(), length, handler);
            order.add(reader.namespace(), reader.name());
        }
        buffer.skip(length);
        if (signal != null) {
            handler.on(signal);
        }
    }

    static String tooLarge(String what, Bounds bounds) {
        return what + " exceeds " + bounds.objectBytes() + " bytes";
    }

    private Signal toSignal(int status, long serverTimeMillis) throws IOException {
        byte[] bytes = envelope.toByteArray();
        String version = null;
        String token = null;
        try (JsonParser parser = Json.parser(bytes, 0, bytes.length)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                if (parser.nextToken() != JsonToken.START_OBJECT || !field.equals("metadata")) {
                    parser.skipChildren();
                    continue;
                }
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String key = parser.currentName();
                    parser.nextToken();
                    switch (key) {
                        case "resourceVersion" -> version = Json.string(parser, key);
                        case "continue" -> token = Json.string(parser, key);
                        default -> parser.skipChildren();
                    }
                }
            }
        }
        if (version == null || version.isEmpty()) {
            return notKubernetes(status);
        }
        return new Signal.Page(
                version,
                token == null || token.isEmpty() ? null : token,
                serverTimeMillis,
                items,
                order.isAscending(),
                order.lastNamespace(),
                order.lastName());
    }

    private Signal notKubernetes(int status) throws IOException {
        if (envelope.size() == 0 && buffer.length() == 0 && !buffer.fill()) {
            throw new EOFException("the answer is empty");
        }
        byte[] bytes = envelope.toByteArray();
        StatusReader excerpt =
                bytes.length > 0
                        ? StatusReader.read(bytes, 0, bytes.length)
                        : StatusReader.read(buffer.bytes(), buffer.mark(), buffer.length());
        return new Signal.Refused(
                status,
                0,
                false,
                false,
                "not a Kubernetes list (a proxy or a login page in between?): "
                        + excerpt.message());
    }

    /** Next byte that is no white space, without taking it; -1 at the end of the stream. */
    private int skipBlank() throws IOException {
        while (true) {
            while (buffer.length() > 0) {
                int b = buffer.bytes()[buffer.mark()];
                if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                    return b;
                }
                buffer.skip(1);
            }
            if (!buffer.fill()) {
                if (envelope.size() == 0) {
                    return -1;
                }
                throw new EOFException("the list ended between two items");
            }
        }
    }

    private int next() throws IOException {
        if (buffer.length() == 0 && !buffer.fill()) {
            throw new EOFException("the list ended inside its metadata");
        }
        int b = buffer.bytes()[buffer.mark()];
        buffer.skip(1);
        return b;
    }

    /** What stands around the items, as it came. */
    private static final class Envelope extends ByteArrayOutputStream {

        Envelope() {
            super(512);
        }

        /**
         * The last string, which began here, without its closing quote. No copy of all before it.
         */
        String tail(int from) {
            return new String(buf, from, count - 1 - from, StandardCharsets.UTF_8);
        }
    }
}
