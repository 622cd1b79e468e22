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
package io.tocsin.job.detect;

import static io.tocsin.job.detect.DetectHarness.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code quiet}, {@code notice}, {@code keepAlive} and texts make of an alert's life. */
class LifeOfAlertsTest {

    private DetectHarness detect;

    @AfterEach
    void stop() throws Exception {
        detect.close();
    }

    private void rule(String... lines) throws Exception {
        detect =
                new DetectHarness(
                        "rules:\n  - name: Rings\n    match: {reason: Fail}\n    "
                                + String.join("\n    ", lines)
                                + "\n");
    }

    @Test
    void aPendingAlertIsWithdrawnAfterSilence() throws Exception {
        rule("when: {atLeast: 3, within: 5m}", "for: 15m", "quiet: 7m", "resolveAfter: 12m");
        for (int second = 0; second <= 420; second += 10) {
            fail(second);
        }
        detect.watermark(420 + 419);
        assertThat(detect.changes()).extracting(Alert::status).containsExactly(AlertStatus.PENDING);

        detect.watermark(420 + 420);

        assertThat(detect.changes())
                .extracting(Alert::status, Alert::firedAtMillis, Alert::endsAtMillis)
                .containsExactly(tuple(AlertStatus.RESOLVED, 0L, at(840)));
    }

    @Test
    void whatGoesOnRingsAndItsSilenceIsThenTheLongerOne() throws Exception {
        rule("when: {atLeast: 3, within: 5m}", "for: 15m", "quiet: 7m", "resolveAfter: 12m");
        for (int second = 0; second <= 1200; second += 10) {
            fail(second);
            detect.watermark(second);
        }
        assertThat(detect.changes())
                .extracting(Alert::status, Alert::firedAtMillis)
                .containsExactly(
                        tuple(AlertStatus.PENDING, 0L), tuple(AlertStatus.FIRING, at(920)));
        detect.restart();

        detect.watermark(1200 + 719);
        assertThat(detect.changes()).isEmpty();
        detect.watermark(1200 + 720);
        assertThat(detect.changes())
                .extracting(Alert::status)
                .containsExactly(AlertStatus.RESOLVED);
    }

    @Test
    void blindnessPutsOffTheSilenceOfAPendingAlert() throws Exception {
        rule("when: {atLeast: 2, within: 5m}", "for: 15m", "quiet: 1m", "resolveAfter: 12m");
        fail(0);
        fail(1);
        detect.tell(
                new Interruption(
                        Interruption.Kind.BLIND, Occurrence.EVENTS, "*", null, at(30), at(100)));

        detect.watermark(159);
        assertThat(detect.changes()).extracting(Alert::status).containsExactly(AlertStatus.PENDING);
        detect.watermark(160);
        assertThat(detect.changes()).extracting(Alert::endsAtMillis).containsExactly(at(160));
    }

    @Test
    void whatKeepsOneContainerAliveKeepsThePod() throws Exception {
        rule(
                "per: [cluster, regarding.uid, regarding.fieldPath]",
                "when: {atLeast: 1, within: 5m}",
                "keepAlive: {reason: Alive}",
                "resolveAfter: 10m");
        detect.event("Fail", 0, "web", "one", "app");
        detect.event("Fail", 0, "web", "two", "app");
        assertThat(detect.changes()).hasSize(2);

        detect.event("Alive", 300, "web", "one", "side");
        detect.watermark(899);

        assertThat(detect.changes())
                .extracting(Alert::status, Alert::endsAtMillis)
                .containsExactly(tuple(AlertStatus.RESOLVED, at(600)));
        detect.watermark(900);
        assertThat(detect.changes()).extracting(Alert::endsAtMillis).containsExactly(at(900));
    }

    @Test
    void newsRingOnceAndAgainAfterTheirTimeAndNothingIsToldOfTheirEnd() throws Exception {
        rule(
                "when: {atLeast: 1, within: 1m}",
                "notice: true",
                "resolveAfter: 10m",
                "clears: {reason: Fine}");
        fail(0);
        detect.event("Fine", 5, "web", "one", "app");
        for (int second = 10; second < 1500; second += 10) {
            fail(second);
            detect.watermark(second);
        }
        detect.watermark(10_000);

        assertThat(detect.changes())
                .extracting(Alert::status, Alert::startsAtMillis, Alert::notice)
                .containsExactly(
                        tuple(AlertStatus.FIRING, at(0), true),
                        tuple(AlertStatus.FIRING, at(610), true),
                        tuple(AlertStatus.FIRING, at(1220), true));
        assertThat(detect.entries()).isZero();
    }

    @Test
    void newsThatPassedBeforeAListEndsAreNoNews() throws Exception {
        rule("when: {atLeast: 1, within: 1m}", "notice: true", "resolveAfter: 10m");
        listed(0);
        listed(900);
        detect.watermark(1000);

        assertThat(detect.changes()).extracting(Alert::startsAtMillis).containsExactly(at(900));
    }

    @Test
    void newsThatWereNotTrueForLongEnoughAreWithdrawn() throws Exception {
        rule(
                "when: {atLeast: 1, within: 1m}",
                "for: 1m",
                "notice: true",
                "resolveAfter: 10m",
                "clears: {reason: Fine}");
        fail(0);
        detect.event("Fine", 30, "web", "one", "app");

        assertThat(detect.changes())
                .extracting(Alert::status)
                .containsExactly(AlertStatus.PENDING, AlertStatus.RESOLVED);
    }

    @Test
    void countsDifferentPodsOnANode() throws Exception {
        rule(
                "per: [cluster, reportingInstance]",
                "when: {distinct: {field: regarding.uid, atLeast: 3}, within: 5m}",
                "clears: {reason: Fine}");
        for (int second = 0; second < 100; second++) {
            detect.event("Fail", second, "web", "one", "app");
            detect.event("Fail", second, "cart", "two", "app");
        }
        detect.event("Fail", 100, "old", null, "app");
        assertThat(detect.changes()).isEmpty();
        detect.restart();

        detect.event("Fail", 50, "db", "three", "app");
        detect.event("Fail", 120, "db", "three", "app");
        assertThat(detect.changes())
                .extracting(Alert::status, Alert::startsAtMillis, Alert::occurrences)
                .containsExactly(tuple(AlertStatus.FIRING, at(50), 3L));
        detect.event("Fine", 130, "any", "any", "app");
        assertThat(detect.changes())
                .extracting(Alert::status, Alert::occurrences)
                .containsExactly(tuple(AlertStatus.RESOLVED, 4L));
        detect.watermark(100_000);
        assertThat(detect.entries()).isZero();
    }

    @Test
    void textsNameWhatIsKnownOfTheObject() throws Exception {
        rule(
                "when: {atLeast: 1, within: 1m}",
                "summary: '{{owner}} on {{node}}'",
                "description: 'of {{labels.app}} and {{labels.app.kubernetes.io/name}}'",
                "runbook: 'https://wiki.example/{{reason}}{{exitCode}}'");
        fail(0);

        Alert alert = detect.changes().get(0);
        assertThat(alert.summary()).isEqualTo("Deployment/cart on node-1");
        assertThat(alert.description()).isEqualTo("of shop and cart");
        assertThat(alert.runbook()).isEqualTo("https://wiki.example/Fail");
        assertThat(alert.notice()).isFalse();
    }

    private void fail(long second) throws Exception {
        detect.event("Fail", second, "web", "one", "app");
    }

    private void listed(long second) throws Exception {
        detect.event("Fail", 1, at(second), "web", "one", "app", Occurrence.Origin.LISTED);
    }
}
