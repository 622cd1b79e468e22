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
package io.tocsin.source.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventTimesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1970-01-01T00:00:00Z",
                "2100-02-28T23:59:59Z",
                "2024-02-29T12:00:00Z",
                "2026-11-21T02:11:42.703263Z",
                "2026-11-21T02:11:42.7Z",
                "2026-11-21T02:11:42.703263544Z",
                "2026-11-21T02:11:42+05:30",
                "2026-01-01T00:11:42.000001-11:00",
                "1969-12-31T23:59:59.999Z",
                "9999-12-31T23:59:59Z"
            })
    void readsWhatTheJdkReads(String text) {
        assertThat(EventTimes.parse(text))
                .isEqualTo(OffsetDateTime.parse(text).toInstant().toEpochMilli());
    }

    @Test
    void agreesWithTheJdkOnRandomTimes() {
        long seed = Long.getLong("tocsin.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            Instant instant =
                    LocalDateTime.of(2, 1, 2, 0, 0)
                            .toInstant(ZoneOffset.UTC)
                            .plusSeconds((long) (random.nextDouble() * 315_000_000_000L))
                            .plusNanos(random.nextInt(1_000_000_000));
            String text =
                    instant.atOffset(ZoneOffset.ofTotalSeconds(60 * (random.nextInt(1439) - 700)))
                            .toString();
            if (text.length() >= 20 && OffsetDateTime.parse(text).getYear() < 10_000) {
                Long expected =
                        text.charAt(16) == ':' && text.charAt(4) == '-'
                                ? (Long) instant.toEpochMilli()
                                : null;
                assertThat(EventTimes.parse(text))
                        .as("%s (replay with -Dtocsin.seed=%d)", text, seed)
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "now",
                "0001-01-01T00:00:00Z",
                "2026-11-21",
                "2026-11-21T02:11:42",
                "2026-13-21T02:11:42Z",
                "2026-02-30T02:11:42Z",
                "2026-11-21T24:11:42Z",
                "2026-11-21T02:11:42ZZ",
                "2026-11-21T02:11:42+0530",
                "2026-11-21T02:11:42.12x",
                "20x6-11-21T02:11:42Z",
                "٢٠٢٦-11-21T02:11:42Z"
            })
    void takesNothingElseForATime(String text) {
        assertThat(EventTimes.parse(text)).isNull();
    }

    @Test
    void absentIsAbsent() {
        assertThat(EventTimes.parse(null)).isNull();
    }
}
