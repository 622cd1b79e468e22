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

import io.tocsin.job.config.PipelineConfigReader;
import io.tocsin.job.rule.RuleSet;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeWordTest {
    private static final String EVENTS =
            "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1m}}]";
    private static final String STATES =
            "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1m}},"
                    + " {name: B, match: {reason: NotReady}, when: {state: nodes}}]";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fieldSelector: type=Warning",
                "fieldSelector: type!=Normal",
                "fieldSelector: regarding.kind=Pod",
                "fieldSelector: regarding.kind!=Node",
                "fieldSelector: 'type=Normal,reason!=NodeReady'",
                "fieldSelector: reason=NodeNotReady",
                "fieldSelector: regarding.namespace=shop",
                "fieldSelector: regarding.name=cart",
                "namespaces: [shop, kube-system]",
                "namespaces: {selector: team=shop}"
            })
    void isMissingWhereAnOptionKeepsItOut(String option) throws Exception {
        assertThat(missing(option, EVENTS))
                .singleElement()
                .asString()
                .startsWith("cluster a: ")
                .contains("NodeNotReady and NodeReady", "expected", "a rule with state: nodes");
        assertThat(missing(option, STATES)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "namespaces: ['*']",
                "namespaces: [shop, default]",
                "fieldSelector: type=Normal",
                "fieldSelector: regarding.kind=Node",
                "fieldSelector: reason!=Scheduled",
                "fieldSelector: regarding.namespace!=kube-system",
                "fieldSelector: regarding.name!=cart"
            })
    void isHeardWhereNoneDoes(String option) throws Exception {
        assertThat(missing(option, EVENTS)).isEmpty();
    }

    @Test
    void namesOptionCostAndRemedy() throws Exception {
        assertThat(missing("fieldSelector: 'type=Warning', namespaces: [shop]", EVENTS))
                .containsExactly(
                        "cluster a: the fieldSelector type=Warning keeps out by type=Warning the"
                                + " events NodeNotReady and NodeReady about nodes: when a node is"
                                + " down, alerts about its pods may ring or end by its silence;"
                                + " expected a selector without type, or a rule with state: nodes",
                        "cluster a: namespaces [shop] leave out the namespace default, and so the"
                                + " events NodeNotReady and NodeReady about nodes: when a node"
                                + " is down, alerts about its pods may ring or end by its silence;"
                                + " expected that namespace among them, or a rule with state:"
                                + " nodes");
    }

    private static List<String> missing(String options, String rules) throws Exception {
        return NodeWord.missing(
                PipelineConfigReader.parse(
                        "clusters: [{name: a, " + options + "}]",
                        "pipeline.yaml",
                        Path.of("/etc/tocsin")),
                RuleSet.parse("r.yaml", rules));
    }
}
