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

import io.tocsin.job.pipeline.ConstantState;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * Refuses a checkpoint that is not this job's, before it is resumed from ({@link ConstantState}).
 */
final class StateCheck {
    private final ConstantState constant;

    /**
     * @param constant uids of operators that never go without state, by cluster
     */
    StateCheck(Map<String, List<String>> constant) {
        this.constant = new ConstantState(constant);
    }

    /**
     * @param origin the checkpoint's place, for messages
     * @throws UsageException naming every uid whose state is missing, and the remedy
     */
    void require(StreamGraph job, CheckpointMetadata checkpoint, String origin) {
        List<String> missing = constant.missing(job, checkpoint);
        if (!missing.isEmpty()) {
            throw new UsageException(
                    "The checkpoint "
                            + origin
                            + " has no state for "
                            + String.join(", ", missing)
                            + ". It was written for clusters of other names or by another job;"
                            + " starting from it would forget the position in the watch and open"
                            + " alerts. Give the clusters the names they had (name: in the pipeline"
                            + " file, or the context's name), or begin anew with another --state"
                            + " directory.");
        }
    }
}
