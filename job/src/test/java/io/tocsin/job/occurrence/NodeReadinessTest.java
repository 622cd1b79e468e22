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
package io.tocsin.job.occurrence;

import static io.tocsin.job.occurrence.TestPod.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.testing.Simulation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeReadinessTest {

    private KeyedOneInputStreamOperatorTestHarness<String, Occurrence, Interruption> harness;

    @BeforeEach
    void start() throws Exception {
        harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(new NodeReadiness()),
                        NodeReadiness::key,
                        Types.STRING);
        harness.open();
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    @Test
    void aNodeIsDownUntilItIsReady() throws Exception {
        process("node-1", "NodeNotReady", 10);
        process("node-1", "NodeNotReady", 11);
        process("node-2", "NodeNotReady", 12);
        process("node-1", "NodeReady", 90);

        assertThat(told())
                .containsExactly(
                        Interruption.ofNode("node-1", at(10), 0),
                        Interruption.ofNode("node-2", at(12), 0),
                        Interruption.ofNode("node-1", at(10), at(90)));
    }

    @Test
    void theOrderInWhichItIsToldDoesNotMatter() throws Exception {
        process("node-1", "NodeReady", 90);
        process("node-1", "NodeNotReady", 10);
        process("node-1", "NodeNotReady", 200);
        process("node-1", "NodeReady", 150);
        process("node-1", "NodeNotReady", 140);

        assertThat(told())
                .containsExactly(
                        Interruption.ofNode("node-1", at(10), at(90)),
                        Interruption.ofNode("node-1", at(200), 0),
                        Interruption.ofNode("node-1", at(140), at(150)),
                        // A word of a node ends what lasted, so it is told again.
                        Interruption.ofNode("node-1", at(200), 0));
    }

    @Test
    void whatIsToldOfOneMomentEndsAtOnce() throws Exception {
        process("node-1", "NodeNotReady", 10);
        process("node-1", "NodeReady", 10);

        assertThat(told())
                .containsExactly(
                        Interruption.ofNode("node-1", at(10), 0),
                        Interruption.ofNode("node-1", at(10), at(10)));
    }

    /** In the end the same is known of a node, whatever came first. */
    @Test
    void anyOrderOfSignsLeavesTheSame() {
        Simulation.run(
                "signs of a node",
                2_000,
                (random, number) -> {
                    List<long[]> signs = new ArrayList<>();
                    for (int i = random.nextInt(12); i >= 0; i--) {
                        signs.add(new long[] {1 + random.nextInt(20), random.nextInt(2)});
                    }
                    Map<String, Interruption> one = known(signs);
                    Collections.shuffle(signs, random);
                    Map<String, Interruption> other = known(signs);

                    NodeSigns all = NodeSigns.NONE;
                    for (long[] sign : signs) {
                        all = NodeTimes.with(all, sign[0], sign[1] == 1);
                    }
                    assertThat(other).isEqualTo(one);
                    assertThat(one.values())
                            .containsExactlyInAnyOrderElementsOf(NodeTimes.intervals("n", all));
                });
    }

    /** What a receiver knows that keeps interruptions as {@code AlertFunction} does. */
    private static Map<String, Interruption> known(List<long[]> signs) {
        Map<String, Interruption> known = new HashMap<>();
        NodeSigns before = NodeSigns.NONE;
        for (long[] sign : signs) {
            NodeSigns now = NodeTimes.with(before, sign[0], sign[1] == 1);
            for (Interruption told : NodeTimes.told("n", before, now)) {
                known.values().removeIf(each -> each.toMillis() == 0);
                known.put(told.key(), told);
                known.values().removeIf(each -> each.toMillis() == each.fromMillis());
            }
            before = now;
        }
        return known;
    }

    @Test
    void aNodeThatIsGoneIsNotWaitedFor() throws Exception {
        process("node-1", "NodeNotReady", 10);
        process("node-1", "DeletingNode", 50);
        process("node-2", "NodeNotReady", 10);
        harness.processWatermark(at(3609));
        assertThat(told()).hasSize(3);
        harness.processWatermark(at(3610));

        assertThat(told())
                .contains(
                        Interruption.ofNode("node-1", at(10), at(50)),
                        Interruption.ofNode("node-2", at(10), at(3610)))
                .hasSize(4);
    }

    @Test
    void onlyWhatSaysSoOfANodeCounts() {
        assertThat(NodeReadiness.isTold(occurrence("Node", "node-1", "NodeNotReady", 1, 1)))
                .isTrue();
        assertThat(NodeReadiness.isTold(occurrence("Pod", "web-0", "NodeNotReady", 1, 1)))
                .isFalse();
        assertThat(NodeReadiness.isTold(occurrence("Node", "node-1", "Rebooted", 1, 1))).isFalse();
        assertThat(NodeReadiness.isTold(occurrence("Node", "node-1", null, 1, 1))).isFalse();
        assertThat(NodeReadiness.isTold(occurrence("Node", "node-1", "NotReady", 1, 0))).isFalse();
    }

    /** A kubelet that says that its node is not ready can still speak. */
    @Test
    void aNodeIsDownWhenItsKubeletIsSilent() {
        ObjectSeen before = null;
        NodeSigns signs = NodeSigns.NONE;
        List<String> told = new ArrayList<>();
        String[][] states = {
            {"True", "KubeletReady"},
            {"False", "KubeletNotReady"},
            {"Unknown", "NodeStatusUnknown"},
            {"False", "KubeletNotReady"},
            {"Unknown", null},
            {"True", "KubeletReady"}
        };
        for (int i = 0; i < states.length; i++) {
            TestPod node = new TestPod("Node", "node-1", "n").version(i + 1, 10 * i);
            node.condition("Ready", states[i][0], states[i][1], 10 * i);
            Sight sight =
                    new Sight("prod", "nodes", 0, Occurrence.Origin.LIVE, false, at(10 * i + 1));
            ObjectStates.Changes changes = ObjectStates.changes(before, node.object(), sight);
            before = changes.next();
            for (Occurrence each : changes.occurrences()) {
                told.add(each.reason());
                if (NodeReadiness.isTold(each)) {
                    signs = NodeTimes.with(signs, each.toMillis(), NodeTimes.isUp(each));
                }
            }
        }
        assertThat(told)
                .containsExactly("Ready", "NotReady", "NotReady", "NotReady", "NotReady", "Ready");
        assertThat(NodeTimes.intervals("node-1", signs))
                .containsExactly(
                        Interruption.ofNode("node-1", at(20), at(30)),
                        Interruption.ofNode("node-1", at(40), at(50)));
    }

    /** Of a node that flaps more than is remembered the oldest times stay true. */
    @Test
    void whatIsForgottenIsNotTakenBack() throws Exception {
        for (int i = 0; i < 40; i++) {
            process("node-1", "NodeNotReady", 100 * i);
            process("node-1", "NodeNotReady", 100 * i + 1);
            process("node-1", "NodeReady", 100 * i + 50);
        }
        process("node-1", "NodeNotReady", 3_990);

        assertThat(told())
                .noneMatch(each -> each.fromMillis() == each.toMillis())
                .contains(Interruption.ofNode("node-1", at(3_990), 0))
                .filteredOn(each -> each.toMillis() != 0)
                .hasSize(40)
                .allMatch(each -> each.toMillis() - each.fromMillis() == 50_000);
    }

    /** A node that is told to be down again and again is down since the first time. */
    @Test
    void repetitionsDoNotMoveItsBegin() throws Exception {
        for (int i = 0; i < 50; i++) {
            process("node-1", "NodeNotReady", 10 + i);
        }
        process("node-1", "NodeReady", 90);

        assertThat(told())
                .containsExactly(
                        Interruption.ofNode("node-1", at(10), 0),
                        Interruption.ofNode("node-1", at(10), at(90)));
    }

    private void process(String node, String reason, long second) throws Exception {
        harness.processElement(occurrence("Node", node, reason, second, 1), at(second));
    }

    private List<Interruption> told() {
        return harness.extractOutputValues();
    }

    private static Occurrence occurrence(
            String kind, String name, String reason, long second, long weight) {
        return TestOccurrence.of(reason)
                .cluster("prod")
                .named(null, name)
                .uid(name)
                .type("Normal")
                .note(null)
                .by("node-controller", null)
                .regarding(new ObjectReference("v1", kind, null, name, name, null, null))
                .weight(weight)
                .at(at(second))
                .make();
    }
}
