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

import java.util.List;

/**
 * Rules that stay as they are across the savepoint, and of which it holds what those of {@link
 * RuleChanges} leave out: values seen, news told, pods, nodes that are down, blindness, what waits
 * for event time, what must not come in a sequence. They share reasons, names and the savepoint
 * with them in the same way. The server cannot be reached from second 60 to 80.
 */
final class UnchangedRules {

    private UnchangedRules() {}

    static List<RuleChange> all() {
        return List.of(
                stays(
                                "different values go on being counted",
                                "{name: Spread, match: {reason: Spread}, per: [cluster, regarding.namespace], when: {distinct: {field: regarding.uid, atLeast: 3}, within: 10m}}")
                        .happens("500,501 a Spread", "510 b Spread", "650 c Spread")
                        .tells("650 shop Spread FIRING 3", "1370 shop Spread RESOLVED 3"),
                stays(
                                "news that were told stay told",
                                "{name: News, match: {reason: News}, when: {atLeast: 1, within: 1m}, notice: true, resolveAfter: 10m}")
                        .happens("500,700,1200 a News")
                        .tells("500 a News FIRING 1", "1200 a News FIRING 1"),
                stays(
                                "a pending alert that calms down is withdrawn",
                                "{name: Calm, match: {reason: Calm}, when: {atLeast: 1, within: 1m}, for: 15m, quiet: 5m, resolveAfter: 1h}")
                        .happens("500 a Calm", "500,700,900,1100,1300 b Calm")
                        .tells(
                                "500 a Calm PENDING 1",
                                "500 b Calm PENDING 1",
                                "800 a Calm RESOLVED 1",
                                "1400 b Calm FIRING 5",
                                "4900 b Calm RESOLVED 5"),
                stays(
                                "what is ahead of event time waits for what happens before it",
                                "{name: Ahead, match: {reason: Ahead}, when: {atLeast: 1, within: 1m}, for: 10m, resolveAfter: 20m}")
                        .happens("5,690@550 a Ahead")
                        .tells(
                                "5 a Ahead PENDING 1",
                                "680 a Ahead FIRING 1",
                                "1890 a Ahead RESOLVED 2"),
                stays(
                                "an absence that overlaps a blindness counts from its end",
                                "{name: Blinded, match: {reason: Blinded}, when: {missing: {reason: Never}, within: 20m}}")
                        .happens("5 a Blinded")
                        .tells("1280 a Blinded FIRING 1", "2000 a Blinded RESOLVED 1"),
                stays(
                                "an absence on a node that is down counts from its return",
                                "{name: OnNode, match: {reason: OnNode}, when: {missing: {reason: Never}, within: 3m}}")
                        .happens(
                                "500 a OnNode KUBELET",
                                "520 n1 NodeNotReady NODE_CONTROLLER",
                                "640 n1 NodeReady NODE_CONTROLLER")
                        .tells("820 a OnNode FIRING 1", "1540 a OnNode RESOLVED 1"),
                stays(
                                "ends of a pod's container are counted once",
                                "{name: Killed, match: {reason: OOMKilled}, when: {state: pods, atLeast: 3, within: 10m}}")
                        .happens(
                                "400 a OOMKilled×1 POD",
                                "450 a OOMKilled×2 POD",
                                "700 a OOMKilled×3 POD")
                        .tells("700 a Killed FIRING 3", "1420 a Killed RESOLVED 3"),
                stays(
                                "what came before a sequence that must not have is remembered",
                                "{name: Unannounced, match: {type: Warning}, when: {sequence: ['!UnannouncedNot', UnannouncedA, UnannouncedB], within: 5m}}")
                        .happens(
                                "300 a UnannouncedNot",
                                "500 a UnannouncedA",
                                "500 b UnannouncedA",
                                "545 c UnannouncedNot",
                                "650 a UnannouncedB",
                                "650 b UnannouncedB",
                                "700 c UnannouncedA",
                                "710 c UnannouncedB")
                        .tells("650 b Unannounced FIRING 2", "1370 b Unannounced RESOLVED 2"),
                stays(
                                "a sequence may still be answered",
                                "{name: Unfinished, match: {type: Warning}, when: {sequence: [UnfinishedA, UnfinishedB, '!UnfinishedOk'], within: 5m}}")
                        .happens(
                                "500 a UnfinishedA",
                                "500 b UnfinishedA",
                                "510 a UnfinishedB",
                                "510 b UnfinishedB",
                                "700 b UnfinishedOk")
                        .tells("800 a Unfinished FIRING 2", "1520 a Unfinished RESOLVED 2"));
    }

    private static RuleChange stays(String title, String rule) {
        return RuleChange.between(title, List.of(rule), List.of(rule));
    }
}
