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
package io.tocsin.job.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.rule.RuleSet;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole topology with the real source; readers without a split must not hold back time. */
class AbsenceParallelismITCase {

    private static final long START = 1_800_000_000_000L;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void anAbsenceRuleFiresOnAQuietClusterWithOneSplit(int parallelism) throws Exception {
        String name = "absence-" + parallelism;
        InMemoryServer server = InMemoryServer.named(name);
        server.now(START);
        InMemoryJob job = new InMemoryJob(name);
        Queue<Alert> rung = job.alerts();
        job.start(RuleSet.load(List.of("default")), parallelism);
        server.scheduler("Warning", "FailedScheduling", "stuck", START + 1_000);
        server.scheduler("Warning", "FailedScheduling", "late", START + 1_000);
        server.now(START + 62_000);
        server.scheduler("Normal", "Scheduled", "late", START + 61_000);

        server.now(START + 181_000 + 9_000);
        server.scheduler("Warning", "FailedScheduling", "other", START + 185_000);
        server.now(START + 181_000 + 11_000);

        await().atMost(Duration.ofMinutes(2)).until(() -> !rung.isEmpty());
        server.now(START + 185_000 + 180_000 + 11_000);
        await().atMost(Duration.ofMinutes(2)).until(() -> rung.size() >= 2);
        assertThat(rung)
                .extracting(Alert::subject, Alert::status, Alert::startsAtMillis)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "Pod shop/stuck", AlertStatus.FIRING, START + 181_000),
                        org.assertj.core.groups.Tuple.tuple(
                                "Pod shop/other", AlertStatus.FIRING, START + 365_000));
        job.cancel();
    }
}
