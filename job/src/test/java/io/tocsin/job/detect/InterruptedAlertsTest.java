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
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.source.event.ObjectReference;
import org.junit.jupiter.api.Test;

/**
 * What silence means while something could not be seen: for each rule, as far as it concerns it.
 */
class InterruptedAlertsTest {

    private static final String NODES =
            """
            - name: NodeAbsent
              match: {reason: NotReady}
              when: {state: nodes, missing: {reason: Ready}, within: 3m}
            """;

    @Test
    void blindnessForNodesHoldsUpWhatTheyTellWhereOnlySomeNamespacesAreWatched() throws Exception {
        try (DetectHarness harness = new DetectHarness(NODES, "shop")) {
            harness.event(node("NotReady", 0));
            harness.tell(new Interruption(Interruption.Kind.BLIND, "nodes", "*", null, at(60), 0));
            harness.watermark(1000);
            assertThat(harness.changes()).isEmpty();

            harness.tell(
                    new Interruption(
                            Interruption.Kind.BLIND, "nodes", "*", null, at(60), at(1000)));
            harness.watermark(1180);
            assertThat(harness.changes()).extracting(Alert::rule).containsExactly("NodeAbsent");
        }
    }

    @Test
    void theNodeOfOnePodHoldsUpNothingThatIsSaidOfAllPodsOfAnOwner() throws Exception {
        try (DetectHarness harness =
                new DetectHarness(
                        """
                        - name: OfOwner
                          match: {reason: Fail}
                          per: [cluster, owner]
                          when: {atLeast: 1, within: 1m}
                          resolveAfter: 10m
                        - name: OfPod
                          match: {reason: Fail}
                          when: {atLeast: 1, within: 1m}
                          resolveAfter: 10m
                        """)) {
            harness.event("Fail", 0, "web-1", "uid-1", null);
            assertThat(harness.changes()).hasSize(2);
            harness.tell(Interruption.ofNode("node-1", at(60), 0));

            harness.watermark(600);

            assertThat(harness.changes())
                    .extracting(Alert::rule, Alert::status)
                    .containsExactly(tuple("OfOwner", AlertStatus.RESOLVED));
        }
    }

    private static Occurrence node(String reason, long second) {
        return TestOccurrence.of(reason)
                .named(null, "node-1")
                .by(null, null)
                .regarding(new ObjectReference("v1", "Node", null, "node-1", "n", "1", null))
                .at(at(second))
                .resource("nodes")
                .node("node-1")
                .make();
    }
}
