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
package io.tocsin.job.cli;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamGraphHasherV2;
import org.junit.jupiter.api.Test;

class StateCheckTest {

    @Test
    void aClusterMoreOrLessIsFine() {
        assertThatNoException().isThrownBy(() -> check(List.of("a", "b"), List.of("a", "b")));
        assertThatNoException().isThrownBy(() -> check(List.of("a", "b"), List.of("a")));
        assertThatNoException().isThrownBy(() -> check(List.of("a"), List.of("a", "b")));
    }

    @Test
    void anotherClusterInItsPlaceIsNot() {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> check(List.of("prod"), List.of("prd")))
                .withMessageContaining("/state/chk-7")
                .withMessageContaining("no state for alerts-prod, source-prod.")
                .withMessageContaining("the names they had")
                .withMessageContaining("another --state directory");
    }

    @Test
    void aPartOfAClusterIsNot() {
        StreamGraph written = job(List.of("source-a", "positions-a", "source-b", "alerts-b"));
        StreamGraph job = job(List.of("source-a", "alerts-a", "source-b", "alerts-b"));

        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(
                        () ->
                                new StateCheck(constant(List.of("a", "b")))
                                        .require(job, metadata(written), "x"))
                .withMessageContaining("no state for alerts-a.");
    }

    private static void check(List<String> clusters, List<String> written) {
        new StateCheck(constant(clusters))
                .require(jobOf(clusters), metadata(jobOf(written)), "/state/chk-7");
    }

    private static Map<String, List<String>> constant(List<String> clusters) {
        Map<String, List<String>> constant = new LinkedHashMap<>();
        clusters.forEach(name -> constant.put(name, List.of("source-" + name, "alerts-" + name)));
        return constant;
    }

    private static StreamGraph jobOf(List<String> clusters) {
        return job(
                clusters.stream()
                        .flatMap(name -> List.of("source-" + name, "alerts-" + name).stream())
                        .toList());
    }

    private static StreamGraph job(List<String> uids) {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        for (String uid : uids) {
            environment
                    .fromSequence(1, 2)
                    .uid(uid)
                    .sinkTo(new DiscardingSink<>())
                    .uid("sink of " + uid);
        }
        return environment.getStreamGraph(false);
    }

    private static CheckpointMetadata metadata(StreamGraph job) {
        List<OperatorState> states =
                new StreamGraphHasherV2()
                        .traverseStreamGraphAndGenerateHashes(job).values().stream()
                                .map(hash -> new OperatorState(new OperatorID(hash), 1, 1))
                                .toList();
        return new CheckpointMetadata(7, states, List.of());
    }
}
