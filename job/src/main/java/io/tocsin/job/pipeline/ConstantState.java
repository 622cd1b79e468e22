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

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamGraphHasherV2;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares a checkpoint with the job that shall resume from it. A job may restore a checkpoint that
 * has more or less state than it has operators, so that rules can come and go; for operators that
 * are always there it must not: they would silently begin from nothing, with no position, no counts
 * and no open alerts.
 */
public final class ConstantState {
    private static final Logger LOG = LoggerFactory.getLogger(ConstantState.class);

    private final Map<String, List<String>> constant;

    /**
     * @param constant uids of operators that never go without state, by cluster. A cluster of which
     *     nothing is found counts as new, unless that holds for all.
     */
    public ConstantState(Map<String, List<String>> constant) {
        this.constant = Map.copyOf(constant);
    }

    /** The uids whose state is missing from the checkpoint, sorted. */
    public List<String> missing(StreamGraph job, CheckpointMetadata checkpoint) {
        Map<String, OperatorID> ids = ids(job);
        Set<OperatorID> found =
                checkpoint.getOperatorStates().stream()
                        .map(OperatorState::getOperatorID)
                        .collect(Collectors.toSet());
        List<String> missing = new ArrayList<>();
        List<String> added = new ArrayList<>();
        constant.forEach(
                (cluster, uids) -> {
                    List<String> without =
                            uids.stream().filter(uid -> !found.contains(ids.get(uid))).toList();
                    if (without.size() == uids.size()) {
                        added.add(cluster);
                    } else {
                        missing.addAll(without);
                    }
                });
        if (added.size() == constant.size()) {
            constant.values().forEach(missing::addAll);
        } else {
            for (String cluster : added) {
                LOG.info("Cluster {} is new to the state, and begins from its first list", cluster);
            }
        }
        return missing.stream().sorted().toList();
    }

    private static Map<String, OperatorID> ids(StreamGraph job) {
        Map<Integer, byte[]> hashes =
                new StreamGraphHasherV2().traverseStreamGraphAndGenerateHashes(job);
        Map<String, OperatorID> ids = new HashMap<>();
        for (StreamNode node : job.getStreamNodes()) {
            if (node.getTransformationUID() != null) {
                ids.put(node.getTransformationUID(), new OperatorID(hashes.get(node.getId())));
            }
        }
        return ids;
    }
}
