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
package io.tocsin.sink.webhook;

import io.tocsin.annotation.Pure;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Reads a receiver's answer: answer in, verdict out. A dialect per kind of receiver; the generic
 * one goes by the status alone.
 *
 * <p>Semantics: RFC 9110 (status codes, Retry-After as seconds or date), Standard Webhooks (2xx
 * only, 410 is final, redirects are failures).
 */
@Pure
final class DeliveryPolicy {
    /** Longest wait a header can express here; the lane clamps further. */
    private static final long FOREVER_MILLIS = 365L * 24 * 3_600_000;

    private DeliveryPolicy() {}

    /**
     * @param nowMillis for a Retry-After that is a date, when the answer carries no date of its own
     */
    static DeliveryOutcome judge(Dialect dialect, Answer answer, long nowMillis) {
        if (answer instanceof Answer.Response response) {
            return switch (dialect) {
                case GENERIC -> generic(response, nowMillis);
            };
        }
        Answer.Failure failure = (Answer.Failure) answer;
        return switch (failure.kind()) {
            case NOT_SENT -> new DeliveryOutcome.Retry(failure.reason());
            case UNKNOWN -> new DeliveryOutcome.Ambiguous(failure.reason());
            case IMPOSSIBLE -> new DeliveryOutcome.Rejected(failure.reason());
        };
    }

    private static DeliveryOutcome generic(Answer.Response response, long nowMillis) {
        int status = response.status();
        String said = "HTTP " + status;
        if (status >= 200 && status < 300) {
            return new DeliveryOutcome.Delivered(remark(response));
        }
        if (status == 429) {
            return new DeliveryOutcome.Throttled(waitMillis(response, nowMillis), said);
        }
        if (status == 503) {
            return response.retryAfter() == null
                    ? new DeliveryOutcome.Retry(said)
                    : new DeliveryOutcome.Throttled(waitMillis(response, nowMillis), said);
        }
        if (status == 408 || status == 425) {
            return new DeliveryOutcome.Retry(said);
        }
        if (status >= 500) {
            // It had the whole request: it may have acted on it before it failed.
            return new DeliveryOutcome.Ambiguous(said);
        }
        return new DeliveryOutcome.Rejected(said + ": " + advice(status));
    }

    private static String advice(int status) {
        if (status < 400) {
            return "redirects are not followed; configure the final URL";
        }
        return switch (status) {
            case 401, 403 -> "the receiver refused the credentials; correct its URL or headers";
            case 404 -> "the receiver knows no such address; correct its URL";
            case 410 -> "the receiver is gone for good; remove or replace it";
            case 413 -> "the body is too large for the receiver";
            default -> "the receiver does not accept this request";
        };
    }

    /** A page instead of an answer is how a login wall or a proxy says "200". */
    private static String remark(Answer.Response response) {
        String type = response.contentType();
        String body = response.body() == null ? "" : response.body().stripLeading();
        boolean page =
                (type != null && type.toLowerCase(Locale.ROOT).startsWith("text/html"))
                        || body.toLowerCase(Locale.ROOT).startsWith("<!doctype html")
                        || body.toLowerCase(Locale.ROOT).startsWith("<html");
        return page
                ? "answered HTTP "
                        + response.status()
                        + " with an HTML page: check that its URL is a webhook and not a login page"
                : "";
    }

    private static long waitMillis(Answer.Response response, long nowMillis) {
        String value = response.retryAfter() == null ? "" : response.retryAfter().strip();
        if (value.isEmpty()) {
            return 0;
        }
        if (Character.isDigit(value.charAt(0))) {
            return secondsToMillis(value);
        }
        long until = dateMillis(value, -1);
        if (until < 0) {
            return 0;
        }
        // The receiver's own clock, where it tells it, cancels out a skew between the two.
        long reference = dateMillis(response.date(), nowMillis);
        return Math.min(Math.max(0, until - reference), FOREVER_MILLIS);
    }

    private static long secondsToMillis(String value) {
        try {
            double millis = Math.ceil(Double.parseDouble(value) * 1000);
            return (long) Math.min(Math.max(0, millis), (double) FOREVER_MILLIS);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static long dateMillis(String value, long otherwise) {
        if (value == null) {
            return otherwise;
        }
        try {
            return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(value.strip()))
                    .toEpochMilli();
        } catch (DateTimeException e) {
            return otherwise;
        }
    }
}
