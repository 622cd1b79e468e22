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
package io.tocsin.job.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Reach;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.model.Told;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.source.pack.Packer;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlindIntervalsTest {

    private static final Bearing EVENTS = new Bearing("shop", null, "events");

    @Test
    void aWaitingBeginsAnewBehindAllThatItOverlapsWhateverTheirOrder() {
        BlindIntervals blind =
                new BlindIntervals(
                        List.of(
                                Interruption.ofNode("n1", 18, 40),
                                unseen("events", "*", 5, 15),
                                unseen("events", "*", 45, 50),
                                unseen("events", "*", 61, 70)));

        assertThat(blind.restart(EVENTS, 0, 10).baseMillis()).isEqualTo(15);
        assertThat(blind.restart(new Bearing("shop", "n1", "events"), 0, 10))
                .isEqualTo(new BlindIntervals.Waiting(50, false));
        assertThat(blind.restart(EVENTS, 70, 10).baseMillis()).isEqualTo(70);
    }

    @Test
    void whatWasLearnedOtherwiseIsNotConcerned() {
        BlindIntervals pods = new BlindIntervals(List.of(unseen("pods", "*", 5, 0)));

        assertThat(pods.restart(EVENTS, 0, 10).lasts()).isFalse();
        assertThat(pods.restart(new Bearing("shop", null, null), 0, 10).lasts()).isFalse();
        assertThat(pods.restart(new Bearing("shop", null, "pods"), 0, 10).lasts()).isTrue();
    }

    @Test
    void eventsAboutNodesAreWrittenToTwoNamespacesAndNodesToNone() {
        BlindIntervals blind =
                new BlindIntervals(
                        List.of(unseen("events", "kube-system", 5, 0), unseen("nodes", "*", 5, 9)));

        assertThat(blind.restart(new Bearing(null, null, "events"), 0, 10).lasts()).isTrue();
        assertThat(blind.restart(new Bearing(null, null, "nodes"), 0, 10))
                .isEqualTo(new BlindIntervals.Waiting(9, false));
    }

    @Test
    void aNodeSpeaksThroughItsKubeletAndItsPodsAndIsNoReasonToBeSilentAboutItself() {
        assertThat(Bearing.of(candidate("events", "kubelet", "Pod", null, "n1")).node())
                .isEqualTo("n1");
        assertThat(Bearing.of(candidate("events", "kubelet", "Pod", "n2", "n1")).node())
                .isEqualTo("n2");
        assertThat(Bearing.of(candidate("pods", "pods", "Pod", "n2", null)).node()).isEqualTo("n2");
        assertThat(Bearing.of(candidate("events", "kubelet", "Node", null, "n1")).node()).isNull();
        assertThat(Bearing.of(candidate("events", "default-scheduler", "Pod", null, "s")).node())
                .isNull();
        assertThat(Bearing.of(candidate("nodes", "nodes", "Node", "n1", "n1")).node()).isNull();
    }

    private static Interruption unseen(String resource, String scope, long from, long to) {
        return new Interruption(Interruption.Kind.BLIND, resource, scope, null, from, to);
    }

    private static Candidate candidate(
            String resource, String controller, String kind, String node, String instance) {
        Occurrence occurrence =
                TestOccurrence.of("Fail")
                        .by(controller, instance)
                        .regarding(new ObjectReference("v1", kind, "shop", "web", "uid", "1", null))
                        .resource(resource)
                        .node(node)
                        .make();
        return new Candidate(
                Candidate.Kind.OCCURRENCE,
                "cu\u001eplace",
                "\u001dsubject",
                Reach.SUBJECT,
                new String[] {"Rule/trigger"},
                occurrence.origin(),
                1,
                1,
                1,
                "c",
                "shop",
                node,
                controller,
                resource,
                "u",
                "1",
                Told.of(occurrence, true, new Packer()));
    }
}
