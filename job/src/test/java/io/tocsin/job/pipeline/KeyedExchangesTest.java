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

import io.tocsin.job.config.PipelineConfig;
import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.output.JsonLines;
import io.tocsin.job.rule.RuleSet;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamEdge;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.streaming.runtime.partitioner.BroadcastPartitioner;
import org.apache.flink.streaming.runtime.partitioner.KeyGroupStreamPartitioner;
import org.junit.jupiter.api.Test;

/**
 * A vertex may be given a parallelism of its own, by {@code
 * pipeline.jobvertex-parallelism-overrides} or by an autoscaler. Flink then deals out anew what an
 * edge handed on as it was, and a keyed operator would be given keys that are not its own.
 */
class KeyedExchangesTest {

    private static final String RULES =
            """
            rules:
              - {name: Often, match: {reason: a}, when: {atLeast: 3, within: 1m}}
              - {name: Gone, match: {reason: a}, when: {state: pods}}
              - name: After
                when:
                  sequence: [{match: {reason: a}, times: 2}, {match: {reason: b}}]
                  within: 1m
              - name: Unannounced
                when:
                  sequence:
                    - {not: {reason: a}}
                    - {match: {reason: b}}
                    - {not: {reason: c}}
                  within: 1m
            """;

    @Test
    void whatIsKeyedIsReachedByItsKey() {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(2);
        Cluster cluster = new Cluster("c", null, null, true, List.of("*"));
        TocsinPipeline.build(
                environment,
                new PipelineConfig(List.of(cluster), List.of("rules"), List.of(), null),
                RuleSet.parse("rules.yaml", RULES),
                new TocsinPipeline.Output(new JsonLines(), new DiscardingSink<>(), false),
                letter -> {},
                new LiveClusters(),
                alerts -> {});
        StreamGraph graph = environment.getStreamGraph(false);

        List<StreamNode> keyed =
                graph.getStreamNodes().stream()
                        .filter(node -> node.getStatePartitioners().length > 0)
                        .toList();
        List<StreamEdge> edges =
                keyed.stream().flatMap(node -> node.getInEdges().stream()).toList();

        assertThat(keyed)
                .extracting(StreamNode::getOperatorName)
                .contains("bound of Unannounced", "guard of Unannounced", "Unannounced", "After");
        assertThat(edges)
                .allSatisfy(
                        edge ->
                                assertThat(edge.getPartitioner())
                                        .as("to %s", graph.getStreamNode(edge.getTargetId()))
                                        .isInstanceOfAny(
                                                KeyGroupStreamPartitioner.class,
                                                BroadcastPartitioner.class));
    }
}
