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
import java.time.Instant;
import java.time.format.DateTimeFormatter;

/** Times as they leave Tocsin: RFC 3339 in UTC, as precise as needed. */
@Pure
final class Times {
    private Times() {}

    /** The time, or null for 0, which says that there is none. */
    static String rfc3339(long millis) {
        return millis == 0
                ? null
                : DateTimeFormatter.ISO_INSTANT.format(Instant.ofEpochMilli(millis));
    }
}
