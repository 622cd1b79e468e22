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

import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** The times of HTTP headers, in milliseconds. Semantics: RFC 9110, Date and Retry-After. */
final class HttpTimes {

    private static final long MAX_RETRY_AFTER_MILLIS = 24L * 3600 * 1000;

    private HttpTimes() {}

    /** Epoch milliseconds of a Date header; 0 if it is absent or not understood. */
    static long dateMillis(String header) {
        if (header == null) {
            return 0;
        }
        try {
            return ZonedDateTime.parse(header.trim(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant()
                    .toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            return 0;
        }
    }

    /**
     * Milliseconds to wait according to Retry-After: seconds, or a date that counts from the
     * server's own Date. 0 if it is absent, past or not understood; at most a day.
     */
    static long retryAfterMillis(String header, long serverTimeMillis) {
        if (header == null) {
            return 0;
        }
        String text = header.trim();
        long millis;
        if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            millis = text.length() > 9 ? MAX_RETRY_AFTER_MILLIS : Long.parseLong(text) * 1000;
        } else {
            long date = dateMillis(text);
            millis = date == 0 || serverTimeMillis == 0 ? 0 : date - serverTimeMillis;
        }
        return Math.max(0, Math.min(millis, MAX_RETRY_AFTER_MILLIS));
    }
}
