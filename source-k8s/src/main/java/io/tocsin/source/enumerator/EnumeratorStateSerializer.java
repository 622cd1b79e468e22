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
package io.tocsin.source.enumerator;

import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceSplitSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.core.io.SimpleVersionedSerialization;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Writes the enumerator's state into checkpoints.
 *
 * <ul>
 *   <li>Version 1: ids of assigned splits in order; pending splits, each with the version of its
 *       own serializer.
 * </ul>
 */
public final class EnumeratorStateSerializer implements SimpleVersionedSerializer<EnumeratorState> {

    private static final int VERSION = 1;

    private final ResourceSplitSerializer splits = new ResourceSplitSerializer();

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(EnumeratorState state) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(256);
        out.writeInt(state.assigned().size());
        for (String id : new TreeSet<>(state.assigned())) {
            out.writeUTF(id);
        }
        out.writeInt(state.pending().size());
        for (ResourceSplit split : state.pending()) {
            SimpleVersionedSerialization.writeVersionAndSerialize(splits, split, out);
        }
        return out.getCopyOfBuffer();
    }

    @Override
    public EnumeratorState deserialize(int version, byte[] bytes) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "Cannot read the source enumerator's state of serializer version "
                            + version
                            + ": this Tocsin reads version "
                            + VERSION
                            + ". Restore it with the release that wrote it, or a newer one.");
        }
        DataInputDeserializer in = new DataInputDeserializer(bytes);
        Set<String> assigned = new TreeSet<>();
        for (int left = in.readInt(); left > 0; left--) {
            assigned.add(in.readUTF());
        }
        List<ResourceSplit> pending = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            pending.add(SimpleVersionedSerialization.readVersionAndDeSerialize(splits, in));
        }
        if (in.available() > 0) {
            throw new IOException(
                    "Cannot read the source enumerator's state: "
                            + in.available()
                            + " bytes are left over. The checkpoint is damaged.");
        }
        return new EnumeratorState(assigned, pending);
    }
}
