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
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.rule.RuleSet;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Savepoints of the whole topology, restored with the same rules and with others. */
class RuleChangeITCase {

    private static final long START = 1_800_000_000_000L;
    private static final String CANARY =
            "\n- {name: Canary, match: {reason: Canary}, when: {missing: {reason: Never}, within: 1s}}";
    private static final String FIVE = counting("Counted", "Fail", 5);
    private static final String SEQUENCE =
            "\n- {name: Ordered, match: {type: Warning}, when: {sequence: [A, B, C], within: 10m}}";

    @TempDir private Path folder;
    private String name;
    private EventServer server;
    private InMemoryJob job;
    private long second;

    @BeforeEach
    void begin() {
        name = "rules-" + UUID.randomUUID();
        server = EventServer.named(name);
        server.now(START);
        job = new InMemoryJob(name);
    }

    @AfterEach
    void end() throws Exception {
        job.cancel();
    }

    @Test
    void partialMatchesAndWindowsLiveOverASavepoint() throws Exception {
        start(FIVE + SEQUENCE);
        happens("A", "B", "Fail", "Fail", "Fail", "Fail");
        restart(FIVE + SEQUENCE);
        happens("C", "Fail");

        assertThat(rung())
                .extracting(Alert::rule, Alert::occurrences)
                .containsExactlyInAnyOrder(tuple("Ordered", 3L), tuple("Counted", 5L));
    }

    @Test
    void aLoweredThresholdCountsWhatWasSeenBefore() throws Exception {
        start(FIVE);
        happens("Fail", "Fail");
        restart(counting("Counted", "Fail", 3));
        happens("Fail");

        assertThat(rung())
                .extracting(Alert::rule, Alert::occurrences)
                .containsExactly(tuple("Counted", 3L));
    }

    @Test
    void aRaisedThresholdNeedsMoreAndCountsWhatWasSeenBefore() throws Exception {
        start(FIVE);
        happens("Fail", "Fail", "Fail", "Fail");
        restart(counting("Counted", "Fail", 8));
        happens("Fail", "Fail", "Fail");
        assertThat(rung()).isEmpty();
        happens("Fail");

        assertThat(rung())
                .extracting(Alert::rule, Alert::occurrences)
                .containsExactly(tuple("Counted", 8L));
    }

    @Test
    void addedRulesBeginAndTheOthersGoOn() throws Exception {
        start(FIVE);
        happens("Fail", "Fail", "Fail", "Fail", "Other", "A");
        restart(FIVE + counting("Added", "Other", 2) + SEQUENCE);
        happens("Other", "Fail", "B", "C");
        assertThat(rung()).extracting(Alert::rule).containsExactly("Counted");
        happens("Other", "A", "B", "C");

        assertThat(rung())
                .extracting(Alert::rule)
                .containsExactlyInAnyOrder("Counted", "Added", "Ordered");
    }

    @Test
    void aRemovedRuleEndsItsAlertsBySilenceAndTheOthersGoOn() throws Exception {
        start(FIVE + counting("Removed", "Other", 1));
        happens("Fail", "Fail", "Fail", "Fail", "Other");
        assertThat(rung()).extracting(Alert::rule).containsExactly("Removed");
        restart(FIVE);
        happens("Other", "Fail");
        assertThat(rung()).extracting(Alert::rule).containsExactly("Removed", "Counted");

        server.now(START + Duration.ofHours(2).toMillis());
        await().atMost(Duration.ofMinutes(1))
                .until(
                        () ->
                                job.alerts().stream()
                                        .anyMatch(
                                                a ->
                                                        a.rule().equals("Removed")
                                                                && a.status()
                                                                        == AlertStatus.RESOLVED));
    }

    @Test
    void aRemovedSequenceTakesItsPartialMatchesAlongOnlyWhereThatIsAllowed() throws Exception {
        start(FIVE + SEQUENCE);
        happens("A", "B", "Fail", "Fail", "Fail", "Fail");
        job.stop(folder);

        assertThatThrownBy(
                        () -> {
                            job.start(rules(FIVE), 1, false);
                            job.join();
                        })
                .hasStackTraceContaining("allowNonRestoredState");

        start(FIVE);
        happens("C", "Fail");
        assertThat(rung()).extracting(Alert::rule).containsExactly("Counted");
    }

    @Test
    void aChangedSequenceBeginsAnew() throws Exception {
        start(FIVE + SEQUENCE);
        happens("A", "B", "Fail", "Fail", "Fail", "Fail");
        restart(FIVE + SEQUENCE.replace("[A, B, C]", "[A, C]"));
        happens("C", "Fail");
        assertThat(rung()).extracting(Alert::rule).containsExactly("Counted");
        happens("A", "C");

        assertThat(rung()).extracting(Alert::rule).containsExactly("Counted", "Ordered");
    }

    private static String counting(String name, String reason, int atLeast) {
        return "\n- {name: "
                + name
                + ", match: {reason: "
                + reason
                + "}, when: {atLeast: "
                + atLeast
                + ", within: 10m}}";
    }

    private static RuleSet rules(String rules) {
        return RuleSet.parse("changed.yaml", rules + CANARY);
    }

    private void start(String rules) throws Exception {
        job.start(rules(rules), 1);
    }

    private void restart(String rules) throws Exception {
        job.stop(folder);
        start(rules);
    }

    /** Lets events happen, a second apart, and waits until all of them have been heard. */
    private void happens(String... reasons) {
        for (String reason : reasons) {
            second++;
            server.now(START + second * 1000);
            server.scheduler("Warning", reason, "web", START + second * 1000);
        }
        // The canary rings when event time has passed it: all before it has been decided then.
        String canary = "canary-" + second;
        server.scheduler("Warning", "Canary", canary, START + second * 1000);
        second += 30;
        server.now(START + second * 1000);
        await().atMost(Duration.ofMinutes(1))
                .until(
                        () ->
                                job.alerts().stream()
                                        .anyMatch(a -> a.subject().equals("Pod shop/" + canary)));
    }

    private List<Alert> rung() {
        return job.alerts().stream()
                .filter(a -> a.status() == AlertStatus.FIRING && !a.rule().equals("Canary"))
                .toList();
    }
}
