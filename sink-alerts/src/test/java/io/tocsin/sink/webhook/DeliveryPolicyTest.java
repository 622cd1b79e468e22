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

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryPolicyTest {
    private static final long NOW = Instant.parse("2026-01-05T10:00:00Z").toEpochMilli();

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204, 299})
    void takesEverySuccess(int status) {
        assertThat(judge(status, null)).isEqualTo(new DeliveryOutcome.Delivered(""));
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 425, 503})
    void retriesWhatWasNotProcessed(int status) {
        assertThat(judge(status, null)).isInstanceOf(DeliveryOutcome.Retry.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 501, 502, 504, 599})
    void countsOtherServerErrorsAsPerhapsProcessed(int status) {
        assertThat(judge(status, null)).isInstanceOf(DeliveryOutcome.Ambiguous.class);
    }

    @ParameterizedTest
    @CsvSource({
        "301, final URL",
        "307, final URL",
        "400, does not accept",
        "401, credentials",
        "403, credentials",
        "404, correct its URL",
        "410, gone for good",
        "413, too large",
        "422, does not accept"
    })
    void rejectsTheRestWithAdvice(int status, String advice) {
        assertThat(judge(status, null))
                .isInstanceOfSatisfying(
                        DeliveryOutcome.Rejected.class,
                        rejected ->
                                assertThat(rejected.reason())
                                        .contains("HTTP " + status)
                                        .contains(advice));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "429, -, 0",
                "429, 30, 30000",
                "503, 1.5, 1500",
                "429, 99999999999999999999999, 31536000000",
                "429, -5, 0",
                "429, soon, 0",
                "429, 12abc, 0",
                "429, '', 0",
                "503, 'Mon, 5 Jan 2026 10:02:00 GMT', 120000",
                "503, 'Mon, 5 Jan 2026 09:00:00 GMT', 0"
            })
    void readsHowLongToWait(int status, String retryAfter, long millis) {
        assertThat(judge(status, retryAfter))
                .isEqualTo(new DeliveryOutcome.Throttled(millis, "HTTP " + status));
    }

    @Test
    void measuresARetryDateByTheClockOfTheReceiver() {
        Answer answer =
                new Answer.Response(
                        429,
                        "Mon, 5 Jan 2026 08:00:10 GMT",
                        "Mon, 5 Jan 2026 08:00:00 GMT",
                        null,
                        "");

        assertThat(DeliveryPolicy.judge(Dialect.GENERIC, answer, NOW))
                .isEqualTo(new DeliveryOutcome.Throttled(10_000, "HTTP 429"));
    }

    @ParameterizedTest
    @CsvSource({"text/html; charset=utf-8, hello", "text/plain, ' <!DOCTYPE html><body>'"})
    void remarksThatAPageIsNoAnswerOfAWebhook(String type, String body) {
        Answer answer = new Answer.Response(200, null, null, type, body);

        assertThat(DeliveryPolicy.judge(Dialect.GENERIC, answer, NOW))
                .isInstanceOfSatisfying(
                        DeliveryOutcome.Delivered.class,
                        delivered -> assertThat(delivered.remark()).contains("HTML page"));
    }

    @ParameterizedTest
    @EnumSource(Answer.Kind.class)
    void judgesAMissingAnswerByHowFarItCame(Answer.Kind kind) {
        DeliveryOutcome expected =
                switch (kind) {
                    case NOT_SENT -> new DeliveryOutcome.Retry("why");
                    case UNKNOWN -> new DeliveryOutcome.Ambiguous("why");
                    case IMPOSSIBLE -> new DeliveryOutcome.Rejected("why");
                };

        assertThat(DeliveryPolicy.judge(Dialect.GENERIC, new Answer.Failure(kind, "why"), NOW))
                .isEqualTo(expected);
    }

    private static DeliveryOutcome judge(int status, String retryAfter) {
        return DeliveryPolicy.judge(
                Dialect.GENERIC, new Answer.Response(status, retryAfter, null, null, ""), NOW);
    }
}
