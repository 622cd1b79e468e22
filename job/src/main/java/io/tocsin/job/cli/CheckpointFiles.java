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

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;

/**
 * Looks whether a checkpoint's files are all there. Flink itself would find out only when its
 * operators restore, and then try again for ever.
 */
final class CheckpointFiles {
    private CheckpointFiles() {}

    /**
     * Reads what a checkpoint consists of.
     *
     * @param folder folder with the checkpoint's metadata
     * @throws IOException if it cannot be read
     */
    static CheckpointMetadata read(Path folder) throws IOException {
        try (DataInputStream in =
                new DataInputStream(
                        new BufferedInputStream(
                                Files.newInputStream(folder.resolve("_metadata"))))) {
            return Checkpoints.loadCheckpointMetadata(
                    in, CheckpointFiles.class.getClassLoader(), folder.toUri().toString());
        }
    }

    /**
     * @throws IOException naming the first file that is missing or of another length
     */
    static void verify(CheckpointMetadata metadata) throws IOException {
        for (OperatorState operator : metadata.getOperatorStates()) {
            for (OperatorSubtaskState subtask : operator.getStates()) {
                for (StateObject state : states(subtask).toList()) {
                    verify(state);
                }
            }
        }
    }

    private static Stream<StateObject> states(OperatorSubtaskState subtask) {
        return Stream.of(
                        subtask.getManagedKeyedState(),
                        subtask.getRawKeyedState(),
                        subtask.getManagedOperatorState(),
                        subtask.getRawOperatorState())
                .flatMap(collection -> collection.stream());
    }

    private static void verify(StateObject state) throws IOException {
        StreamStateHandle handle = null;
        if (state instanceof KeyGroupsStateHandle keyed) {
            handle = keyed.getDelegateStateHandle();
        } else if (state instanceof OperatorStateHandle operator) {
            handle = operator.getDelegateStateHandle();
        }
        if (handle instanceof FileStateHandle file) {
            Path path = Path.of(file.getFilePath().getPath());
            long length = Files.isRegularFile(path) ? Files.size(path) : -1;
            if (length != file.getStateSize()) {
                throw new IOException(
                        path
                                + (length < 0 ? " is missing" : " has " + length + " bytes")
                                + ", expected "
                                + file.getStateSize()
                                + " bytes");
            }
        }
    }
}
