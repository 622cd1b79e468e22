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

import io.tocsin.annotation.Pure;
import io.tocsin.sink.deadletter.DeadLetter;
import io.tocsin.source.KubernetesRecord;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a watch has to say about itself, as JSON: that it was blind, that objects may have come and
 * gone unseen, and what could not be read.
 */
@Pure
public final class WatchDocument {
    private WatchDocument() {}

    /**
     * A {@code blind} or {@code possibleLoss} document, without a line end; {@code to} is null
     * while the blindness lasts.
     */
    public static String gap(KubernetesRecord record) {
        return JsonDocument.of(
                record.kind() == KubernetesRecord.Kind.BLIND ? "blind" : "possibleLoss",
                json -> {
                    json.writeStringField("cluster", record.cluster());
                    json.writeStringField("scope", record.scope());
                    JsonDocument.time(json, "from", record.fromMillis());
                    JsonDocument.time(json, "to", record.toMillis());
                });
    }

    /**
     * A {@code deadLetter} document, without a line end. The bytes are in {@code raw} as text if
     * they are UTF-8, else in {@code rawBase64}.
     */
    public static String deadLetter(DeadLetter letter) {
        return JsonDocument.of(
                "deadLetter",
                json -> {
                    json.writeStringField("stage", letter.stage());
                    json.writeStringField("origin", letter.origin());
                    json.writeStringField("reason", letter.reason());
                    JsonDocument.time(json, "time", letter.timeMillis());
                    byte[] raw = letter.raw() == null ? new byte[0] : letter.raw();
                    String text = text(raw);
                    if (text != null) {
                        json.writeStringField("raw", text);
                    } else {
                        json.writeStringField("rawBase64", Base64.getEncoder().encodeToString(raw));
                    }
                });
    }

    private static String text(byte[] raw) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
        } catch (CharacterCodingException e) {
            return null; // not text: written as base64
        }
    }
}
