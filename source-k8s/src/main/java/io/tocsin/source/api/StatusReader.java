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
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A Kubernetes Status object: why the server did not do what was asked.
 *
 * <p>Semantics: apimachinery meta/v1 Status; code 410 with reason Expired or Gone means that a
 * version or a continue token is too old.
 *
 * @param kubernetes whether it is a Status object at all; if not, the message is the beginning of
 *     what was received
 * @param code HTTP status; 0 where absent
 * @param reason machine-readable reason, or null
 * @param message human-readable message, never null
 * @param retryAfterMillis 0 where absent
 * @param tooLarge whether the asked version lies in the server's future
 * @param continueToken token for the inconsistent rest of an expired list, or null
 */
record StatusReader(
        boolean kubernetes,
        int code,
        String reason,
        String message,
        long retryAfterMillis,
        boolean tooLarge,
        String continueToken) {

    private static final int MESSAGE_CHARS = 1024;
    private static final int EXCERPT_CHARS = 200;

    /** Reads a Status; anything else becomes its own message. Never fails. */
    static StatusReader read(byte[] bytes, int offset, int length) {
        Builder builder = new Builder();
        try (JsonParser parser = Json.parser(bytes, offset, length)) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                builder.status(parser);
            }
        } catch (IOException e) {
            builder.kubernetes = false;
        }
        if (!builder.kubernetes) {
            String text = new String(bytes, offset, Math.min(length, 4096), StandardCharsets.UTF_8);
            return new StatusReader(false, 0, null, printable(text, EXCERPT_CHARS), 0, false, null);
        }
        String message = builder.message == null ? builder.reason : builder.message;
        return new StatusReader(
                true,
                builder.code,
                builder.reason,
                message == null ? "no message" : printable(message, MESSAGE_CHARS),
                builder.retryAfterSeconds * 1000,
                builder.tooLarge,
                builder.continueToken);
    }

    /**
     * @param httpStatus HTTP status of the answer; 0 for a line of a watch
     * @param httpRetryAfterMillis what the Retry-After header asks for; 0 if there is none
     */
    Signal toSignal(int httpStatus, long httpRetryAfterMillis, boolean inStream) {
        int status = httpStatus > 0 ? httpStatus : code;
        boolean expired = "Expired".equals(reason) || "Gone".equals(reason);
        if (status == 410 || (inStream && expired)) {
            return new Signal.Expired(inStream, continueToken, message);
        }
        return new Signal.Refused(
                status == 0 ? 500 : status,
                Math.max(httpRetryAfterMillis, retryAfterMillis),
                inStream,
                tooLarge,
                message);
    }

    /** One line without control characters, so that a log or a terminal shows it as it is. */
    static String printable(String text, int bound) {
        StringBuilder line = new StringBuilder();
        boolean space = false;
        for (int i = 0; i < text.length() && line.length() < bound; i++) {
            char c = text.charAt(i);
            if (Character.isWhitespace(c) || Character.isISOControl(c)) {
                space = line.length() > 0;
            } else {
                if (space) {
                    line.append(' ');
                    space = false;
                }
                line.append(c);
            }
        }
        return line.toString();
    }

    private static final class Builder {
        private boolean kubernetes;
        private int code;
        private String reason;
        private String message;
        private long retryAfterSeconds;
        private boolean tooLarge;
        private String continueToken;

        void status(JsonParser parser) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken token = parser.nextToken();
                switch (field) {
                    case "kind" -> kubernetes = "Status".equals(Json.string(parser, field));
                    case "code" -> code = (int) number(parser, 599);
                    case "reason" -> reason = Json.string(parser, field);
                    case "message" -> message = Json.string(parser, field);
                    case "metadata" -> {
                        if (token == JsonToken.START_OBJECT) {
                            metadata(parser);
                        }
                    }
                    case "details" -> {
                        if (token == JsonToken.START_OBJECT) {
                            details(parser);
                        }
                    }
                    default -> parser.skipChildren();
                }
            }
        }

        private void metadata(JsonParser parser) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("continue")) {
                    String token = Json.string(parser, field);
                    continueToken = token == null || token.isEmpty() ? null : token;
                } else {
                    parser.skipChildren();
                }
            }
        }

        private void details(JsonParser parser) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken token = parser.nextToken();
                if (field.equals("retryAfterSeconds")) {
                    retryAfterSeconds = number(parser, 24 * 3600);
                } else if (field.equals("causes") && token == JsonToken.START_ARRAY) {
                    causes(parser);
                } else {
                    parser.skipChildren();
                }
            }
        }

        private void causes(JsonParser parser) throws IOException {
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String field = parser.currentName();
                    parser.nextToken();
                    if (field.equals("reason")) {
                        tooLarge |= "ResourceVersionTooLarge".equals(Json.string(parser, field));
                    } else {
                        parser.skipChildren();
                    }
                }
            }
        }

        private static long number(JsonParser parser, long bound) throws IOException {
            if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
                return Math.max(0, Math.min(bound, parser.getLongValue()));
            }
            parser.skipChildren();
            return 0;
        }
    }
}
