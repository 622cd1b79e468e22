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
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.source.event.ObjectReference;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Containers of pods that bear a name one after the other, and events that name less than that. */
class PlaceTest {

    private static final String APP = "spec.containers{app}";
    private static final String SIDE = "spec.containers{side}";

    private RuleSet rules =
            RuleSet.parse(
                    "test.yaml",
                    """
                    rules:
                      - name: Fails
                        match: {reason: Fail}
                        per: [cluster, regarding.uid, regarding.fieldPath]
                        when: {atLeast: 2, within: 10m}
                        clears: {reason: Gone}
                        keepAlive: {reason: Alive}
                        resolveAfter: 12m
                      - name: Waits
                        match: {reason: Wait}
                        per: [cluster, regarding.uid, regarding.fieldPath]
                        when: {missing: {reason: Came}, within: 3m}
                        clears: {reason: Gone}
                        resolveAfter: 12m
                    """);
    private DetectHarness detect;

    @AfterEach
    void stop() {
        detect.close();
    }

    @Test
    void whatNamesNoPartEndsAllOfItsObjectAndNoOther() throws Exception {
        start();
        for (String part : List.of(APP, SIDE)) {
            event("Fail", 1, "old", part);
            event("Fail", 2, "old", part);
            event("Fail", 2, "new", part);
        }
        event("Fail", 3, "new", APP);
        assertThat(detect.changes()).hasSize(3);

        event("Gone", 5, "old", null);

        assertThat(detect.changes())
                .extracting(Alert::status, alert -> alert.labels().get("container"))
                .containsExactlyInAnyOrder(
                        tuple(AlertStatus.RESOLVED, "app"), tuple(AlertStatus.RESOLVED, "side"));
    }

    @Test
    void whatNamesNoUidEndsAllOfItsNameThatIsNotNewer() throws Exception {
        start();
        event("Fail", 2, "old", APP);
        event("Fail", 2, "old", APP);
        event("Fail", 9, "new", APP);
        event("Fail", 9, "new", APP);
        assertThat(detect.changes()).hasSize(2);

        event("Gone", 5, null, null);

        assertThat(detect.changes()).extracting(Alert::startsAtMillis).containsExactly(at(2));
    }

    @Test
    void whatIsOlderThanAClearOfAllOpensNothingAndWhatIsNewerDoes() throws Exception {
        start();
        event("Gone", 5, null, null);
        event("Gone", 7, "old", null);
        detect.restart();
        event("Fail", 5, "new", APP);
        event("Fail", 5, "new", APP);
        event("Fail", 7, "old", APP);
        event("Fail", 7, "old", APP);
        assertThat(detect.changes()).isEmpty();

        event("Fail", 6, "new", APP);
        event("Fail", 7, "new", APP);

        assertThat(detect.changes()).extracting(Alert::startsAtMillis).containsExactly(at(7));
    }

    @Test
    void aClearOfAllForgetsWhatWasCountedAndAwaited() throws Exception {
        start();
        event("Fail", 5, "old", APP);
        event("Wait", 5, "old", APP);
        event("Wait", 5, "new", SIDE);
        event("Gone", 5, "old", null);
        event("Fail", 6, "old", APP);
        detect.watermark(400);

        assertThat(detect.changes())
                .extracting(Alert::rule, alert -> alert.labels().get("container"))
                .containsExactly(tuple("Waits", "side"));
    }

    @Test
    void whatNamesNoPartKeepsAllOfItsObjectAlive() throws Exception {
        start();
        for (String uid : List.of("old", "new")) {
            event("Fail", 1, uid, APP);
            event("Fail", 2, uid, APP);
        }
        assertThat(detect.changes()).hasSize(2);
        event("Alive", 600, "new", null);
        detect.watermark(2 + 720);

        assertThat(detect.changes()).extracting(Alert::endsAtMillis).containsExactly(at(2 + 720));

        detect.watermark(600 + 720);
        assertThat(detect.changes()).extracting(Alert::endsAtMillis).containsExactly(at(600 + 720));
    }

    @Test
    void whatIsRememberedOfAPlaceIsForgotten() throws Exception {
        start();
        event("Gone", 5, null, null);
        event("Gone", 7, "old", null);
        event("Fail", 8, "old", APP);
        assertThat(detect.entries()).isPositive();

        detect.watermark(100_000);

        assertThat(detect.entries()).isZero();
        assertThat(detect.timers()).isZero();
    }

    @Test
    void anEvictionEndsBackOffsByTheBuiltInRules() throws Exception {
        rules = RuleSet.load(List.of("default"));
        start();
        for (int i = 0; i < 5; i++) {
            kubelet("Warning", "BackOff", i * 20, APP, "Back-off restarting failed container app");
        }
        assertThat(detect.changes()).extracting(Alert::rule).containsExactly("ContainerBackOff");

        kubelet("Warning", "Evicted", 120, null, "The node was low on resource: memory.");

        assertThat(detect.changes())
                .extracting(Alert::rule, Alert::status, Alert::endsAtMillis)
                .containsExactly(tuple("ContainerBackOff", AlertStatus.RESOLVED, at(120)));
    }

    private void event(String reason, long second, String uid, String part) throws Exception {
        process("Warning", reason, second, uid, part, "a note");
    }

    private void kubelet(String type, String reason, long second, String part, String note)
            throws Exception {
        process(type, reason, second, "uid", part, note);
    }

    private void process(
            String type, String reason, long second, String uid, String part, String note)
            throws Exception {
        Occurrence occurrence =
                TestOccurrence.of(reason)
                        .uid("u" + second)
                        .type(type)
                        .note(note)
                        .regarding(
                                new ObjectReference("v1", "Pod", "shop", "web-0", uid, "1", part))
                        .at(at(second))
                        .make();
        detect.event(occurrence);
    }

    private void start() throws Exception {
        detect = new DetectHarness(rules);
    }
}
