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
package io.tocsin.job.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Severity;
import io.tocsin.job.rule.OpenAlerts.Difference;
import io.tocsin.job.rule.RuleTestCase.Expectation;
import io.tocsin.job.rule.RuleTestCase.ExpectedAlert;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpenAlertsTest {
    private final List<Alert> changes = new ArrayList<>();

    @Test
    void anAlertIsPendingThenFiringThenGone() {
        pending("a", 10);
        firing("a", 10, 20);
        resolved("a", 10, 30);

        assertThat(statuses(9)).isEmpty();
        assertThat(statuses(10)).containsExactly(AlertStatus.PENDING);
        assertThat(statuses(19)).containsExactly(AlertStatus.PENDING);
        assertThat(statuses(20)).containsExactly(AlertStatus.FIRING);
        assertThat(statuses(29)).containsExactly(AlertStatus.FIRING);
        assertThat(statuses(30)).isEmpty();
    }

    @Test
    void whatIsOpenAndNotExpectedIsADifference() {
        firing("a", 10, 10);

        assertThat(differences(10)).hasSize(1);
        Difference difference = differences(10).get(0);
        assertThat(difference.missing()).isEmpty();
        assertThat(difference.unexpected())
                .containsExactly("Crash firing, subject \"a\", since 10s");
        assertThat(differences(9)).isEmpty();
        assertThat(differences(10, expected("a", "firing"), expected("b", "firing")))
                .singleElement()
                .satisfies(
                        each ->
                                assertThat(each.missing())
                                        .containsExactly("Crash firing, subject \"b\""));
    }

    @Test
    void eachExpectedAlertNeedsOneOfItsOwn() {
        firing("a", 10, 10);
        firing("b", 10, 10);
        ExpectedAlert any = expected(null, "firing");

        assertThat(differences(10, any)).hasSize(1);
        assertThat(differences(10, any, any)).isEmpty();
        // The first could take what only the second can.
        assertThat(differences(10, any, expected("a", "firing"))).isEmpty();
        assertThat(differences(10, any, any, any)).hasSize(1);
        assertThat(differences(10, expected("a", "firing"), expected("a", "firing"))).hasSize(1);
    }

    @Test
    void everythingThatIsExpectedIsCompared() {
        firing("a", 10, 20);

        assertThat(differences(20, expected("a", "pending"))).hasSize(1);
        assertThat(differences(20, of("a", "warning", "text", Map.of("team", "x"), 10_000)))
                .isEmpty();
        assertThat(differences(20, of("a", "critical", null, Map.of(), -1))).hasSize(1);
        assertThat(differences(20, of("a", null, "other", Map.of(), -1))).hasSize(1);
        assertThat(differences(20, of("a", null, null, Map.of("team", "y"), -1))).hasSize(1);
        assertThat(differences(20, of("a", null, null, Map.of("none", "y"), -1))).hasSize(1);
        assertThat(differences(20, of("a", null, null, Map.of(), 20_000)))
                .singleElement()
                .satisfies(
                        each ->
                                assertThat(each.unexpected())
                                        .containsExactly("Crash firing, subject \"a\", since 10s"));
    }

    private List<AlertStatus> statuses(long second) {
        return new OpenAlerts(changes).at(second * 1000).stream().map(Alert::status).toList();
    }

    private List<Difference> differences(long second, ExpectedAlert... expected) {
        return new OpenAlerts(changes)
                .differences(List.of(new Expectation(second * 1000, 1, List.of(expected))));
    }

    private static ExpectedAlert expected(String subject, String status) {
        return new ExpectedAlert("Crash", subject, status, null, null, Map.of(), -1);
    }

    private static ExpectedAlert of(
            String subject,
            String severity,
            String summary,
            Map<String, String> labels,
            long since) {
        return new ExpectedAlert("Crash", subject, "firing", severity, summary, labels, since);
    }

    private void pending(String subject, long from) {
        changes.add(alert(subject, AlertStatus.PENDING, from, 0, 0));
    }

    private void firing(String subject, long from, long fired) {
        changes.add(alert(subject, AlertStatus.FIRING, from, fired, 0));
    }

    private void resolved(String subject, long from, long to) {
        changes.add(alert(subject, AlertStatus.RESOLVED, from, from, to));
    }

    private static Alert alert(String subject, AlertStatus status, long from, long fired, long to) {
        return new Alert(
                "id of " + subject,
                "test",
                "Crash",
                subject,
                Labels.of(Map.of("team", "x")),
                status,
                Severity.WARNING,
                at(from),
                fired == 0 ? 0 : at(fired),
                to == 0 ? 0 : at(to),
                1,
                at(from),
                at(from),
                "text",
                null,
                null,
                false);
    }

    private static long at(long seconds) {
        return RuleTestCase.BEGIN_MILLIS + seconds * 1000;
    }
}
