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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
 *   <li>Version 2: the same; then ids of retiring splits in order; then whether the selected
 *       namespaces are known, their number, and name and uid of each in order.
 * </ul>
 */
public final class EnumeratorStateSerializer implements SimpleVersionedSerializer<EnumeratorState> {

    private static final int VERSION = 2;

    private final ResourceSplitSerializer splits = new ResourceSplitSerializer();

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(EnumeratorState state) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(256);
        writeIds(out, state.assigned());
        out.writeInt(state.pending().size());
        for (ResourceSplit split : state.pending()) {
            SimpleVersionedSerialization.writeVersionAndSerialize(splits, split, out);
        }
        writeIds(out, state.retiring());
        out.writeBoolean(state.namespaces() != null);
        if (state.namespaces() != null) {
            out.writeInt(state.namespaces().size());
            for (Map.Entry<String, String> each : new TreeMap<>(state.namespaces()).entrySet()) {
                out.writeUTF(each.getKey());
                out.writeUTF(each.getValue());
            }
        }
        return out.getCopyOfBuffer();
    }

    private static void writeIds(DataOutputSerializer out, Set<String> ids) throws IOException {
        out.writeInt(ids.size());
        for (String id : new TreeSet<>(ids)) {
            out.writeUTF(id);
        }
    }

    private static Set<String> readIds(DataInputDeserializer in) throws IOException {
        Set<String> ids = new TreeSet<>();
        for (int left = in.readInt(); left > 0; left--) {
            ids.add(in.readUTF());
        }
        return ids;
    }

    private static Map<String, String> readNamespaces(DataInputDeserializer in) throws IOException {
        if (!in.readBoolean()) {
            return null;
        }
        Map<String, String> namespaces = new TreeMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            namespaces.put(in.readUTF(), in.readUTF());
        }
        return namespaces;
    }

    @Override
    public EnumeratorState deserialize(int version, byte[] bytes) throws IOException {
        if (version < 1 || version > VERSION) {
            throw new IOException(
                    "Cannot read the source enumerator's state of serializer version "
                            + version
                            + ": this Tocsin reads versions 1 to "
                            + VERSION
                            + ". Restore it with the release that wrote it, or a newer one.");
        }
        DataInputDeserializer in = new DataInputDeserializer(bytes);
        Set<String> assigned = readIds(in);
        List<ResourceSplit> pending = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            pending.add(SimpleVersionedSerialization.readVersionAndDeSerialize(splits, in));
        }
        Set<String> retiring = version < 2 ? Set.of() : readIds(in);
        Map<String, String> namespaces = version < 2 ? null : readNamespaces(in);
        if (in.available() > 0) {
            throw new IOException(
                    "Cannot read the source enumerator's state: "
                            + in.available()
                            + " bytes are left over. The checkpoint is damaged.");
        }
        return new EnumeratorState(assigned, pending, retiring, namespaces);
    }
}
