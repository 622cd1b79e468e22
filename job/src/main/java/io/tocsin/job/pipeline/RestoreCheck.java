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

import java.io.DataInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.CompletedCheckpointStorageLocation;
import org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses, before a job is submitted, a savepoint or checkpoint that is not this job's ({@link
 * ConstantState}). Sees what a job is told to start from ({@code execution.state-recovery.path}),
 * not what a cluster with high availability finds by itself for a job that it restarts unchanged.
 */
public final class RestoreCheck {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreCheck.class);

    private RestoreCheck() {}

    /**
     * @param environment holds the whole job
     * @param constant {@link TocsinPipeline#constantUids}
     * @throws IllegalStateException naming every uid whose state is missing, and the remedy
     */
    public static void require(
            StreamExecutionEnvironment environment, Map<String, List<String>> constant) {
        String path = environment.getConfiguration().get(StateRecoveryOptions.SAVEPOINT_PATH);
        if (path == null) {
            return;
        }
        CheckpointMetadata metadata;
        try {
            metadata = read(path);
        } catch (IOException e) {
            // Either Flink fails by it, too, or it has newer state of this job and asks not for it.
            LOG.warn("{} cannot be read, so whether it is this job's is not checked", path, e);
            return;
        }
        List<String> missing =
                new ConstantState(constant).missing(environment.getStreamGraph(false), metadata);
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    path
                            + " has no state for "
                            + String.join(", ", missing)
                            + ". It was written for clusters of other names or by another job;"
                            + " starting from it would forget the position in the watch and open"
                            + " alerts. Give the clusters the names they had (name: in the pipeline"
                            + " file), or begin anew: start without it.");
        }
    }

    private static CheckpointMetadata read(String path) throws IOException {
        CompletedCheckpointStorageLocation location =
                AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(path);
        try (DataInputStream in =
                new DataInputStream(location.getMetadataHandle().openInputStream())) {
            return Checkpoints.loadCheckpointMetadata(
                    in, RestoreCheck.class.getClassLoader(), path);
        }
    }
}
