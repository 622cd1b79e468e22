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

import io.tocsin.job.replay.LoopbackServer.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The words of a Kubernetes API besides its objects: the Date of each answer, and refusals. Safe
 * for many threads.
 */
final class Replies {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final ReplayClock clock;
    private final long shiftSeconds;

    Replies(ReplayClock clock, long shiftSeconds) {
        this.clock = clock;
        this.shiftSeconds = shiftSeconds;
    }

    void tooLarge(Answer answer, String version) throws IOException {
        String message = "Too large resource version: " + version;
        answer.head(504, date());
        answer.write(
                utf8(
                        status(504, "Timeout", message)
                                .replaceFirst(
                                        "}$",
                                        ",\"details\":{\"causes\":[{\"reason\":\"ResourceVersionTooLarge\",\"message\":\""
                                                + "Too large resource version\"}],\"retryAfterSeconds\":1}}")));
    }

    void refuse(Answer answer, int code, String reason, String message) throws IOException {
        answer.head(code, date());
        answer.write(utf8(status(code, reason, message) + "\n"));
    }

    static String status(int code, String reason, String message) {
        return "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
                + "\"message\":\""
                + message.replaceAll("[^ -~]|[\"\\\\]", "?")
                + "\",\"reason\":\""
                + reason
                + "\",\"code\":"
                + code
                + "}";
    }

    /** The recorded clock, shifted; whole seconds, cut off, as HTTP has it. */
    String date() {
        return DATE.format(Instant.ofEpochMilli(clock.nowMillis() + shiftSeconds * 1000));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
