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
package io.tocsin.sink.deadletter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tocsin.annotation.Pure;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;

/**
 * A dead letter as one line of JSON: {@code {"kind":"deadLetter","version":1,"stage","origin",
 * "reason","time","raw"}}; bytes that are not UTF-8 go into {@code rawBase64} instead of {@code
 * raw}.
 */
@Pure
public final class DeadLetterJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int VERSION = 1;

    private DeadLetterJson() {}

    /** The whole letter, without a line break. */
    public static String line(DeadLetter letter) {
        ObjectNode node = head(letter);
        try {
            node.put(
                    "raw",
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(letter.raw()))
                            .toString());
        } catch (CharacterCodingException e) {
            node.put("rawBase64", Base64.getEncoder().encodeToString(letter.raw()));
        }
        return write(node);
    }

    /** For a log: how many bytes there are instead of the bytes. */
    public static String lineWithoutRaw(DeadLetter letter) {
        return write(head(letter).put("rawBytes", letter.raw().length));
    }

    private static ObjectNode head(DeadLetter letter) {
        return JSON.createObjectNode()
                .put("kind", "deadLetter")
                .put("version", VERSION)
                .put("stage", letter.stage())
                .put("origin", letter.origin())
                .put("reason", letter.reason())
                .put("time", Instant.ofEpochMilli(letter.timeMillis()).toString());
    }

    private static String write(ObjectNode node) {
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
        }
    }
}
