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
package io.tocsin.source.split;

import io.tocsin.source.split.Position.Relist;
import io.tocsin.source.split.Position.Segment;
import io.tocsin.source.split.Position.Witness;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Writes splits into checkpoints.
 *
 * <ul>
 *   <li>Version 1: cluster, resource, scope; epoch, version, segments, relist, open list, last
 *       contact, witnesses.
 *   <li>Version 2: the same, then whether blindness was told without its end. A split of version 1
 *       counts as lost, since it may have been: at worst one blind interval too many is told.
 *   <li>Version 3: the same, then the life of the namespace.
 *   <li>Version 4: each witness has the time after which it was written; before, it is unknown.
 * </ul>
 */
public final class ResourceSplitSerializer implements SimpleVersionedSerializer<ResourceSplit> {

    private static final int VERSION = 4;
    private static final int ABSENT = -1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(ResourceSplit split) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(256);
        write(out, split.cluster());
        write(out, split.resource());
        write(out, split.scope());
        Position position = split.position();
        out.writeInt(position.epoch());
        write(out, position.version().value());
        out.writeInt(position.segments().size());
        for (Segment segment : position.segments()) {
            write(out, segment.upperKey());
            write(out, segment.version().value());
        }
        out.writeBoolean(position.relist() != null);
        if (position.relist() != null) {
            write(out, position.relist().version().value());
            write(out, position.relist().pageToken());
            write(out, position.relist().lastKey());
        }
        out.writeBoolean(position.listOpen());
        out.writeLong(position.lastContactMillis());
        out.writeInt(position.witnesses().size());
        for (Witness witness : position.witnesses()) {
            write(out, witness.key());
            write(out, witness.uid());
            write(out, witness.version().value());
            out.writeLong(witness.writtenAfterMillis());
        }
        out.writeBoolean(split.lost());
        write(out, split.life());
        return out.getCopyOfBuffer();
    }

    @Override
    public ResourceSplit deserialize(int version, byte[] bytes) throws IOException {
        if (version < 1 || version > VERSION) {
            throw new IOException(
                    "Cannot read a source split of serializer version "
                            + version
                            + ": this Tocsin reads versions 1 to "
                            + VERSION
                            + ". Restore it with the release that wrote it, or a newer one.");
        }
        DataInputDeserializer in = new DataInputDeserializer(bytes);
        String cluster = read(in);
        String resource = read(in);
        String scope = read(in);
        int epoch = in.readInt();
        ResourceVersion at = readVersion(in);
        List<Segment> segments = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            segments.add(new Segment(read(in), readVersion(in)));
        }
        Relist relist = in.readBoolean() ? new Relist(readVersion(in), read(in), read(in)) : null;
        boolean listOpen = in.readBoolean();
        long lastContact = in.readLong();
        List<Witness> witnesses = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            witnesses.add(
                    new Witness(
                            read(in), read(in), readVersion(in), version < 4 ? 0 : in.readLong()));
        }
        boolean lost = version == 1 || in.readBoolean();
        String life = version < 3 ? null : read(in);
        if (in.available() > 0) {
            throw new IOException(
                    "Cannot read the source split of "
                            + cluster
                            + "/"
                            + resource
                            + "/"
                            + scope
                            + ": "
                            + in.available()
                            + " bytes are left over. The checkpoint is damaged, or was written by"
                            + " something else.");
        }
        Position position =
                new Position(epoch, at, segments, relist, listOpen, lastContact, witnesses);
        return new ResourceSplit(cluster, resource, scope, position, lost, life);
    }

    private static ResourceVersion readVersion(DataInputDeserializer in) throws IOException {
        String text = read(in);
        if (!ResourceVersion.isValid(text)) {
            throw new IOException(
                    "Cannot read a source split: '"
                            + text
                            + "' is no resource version. The checkpoint is damaged.");
        }
        return new ResourceVersion(text);
    }

    private static void write(DataOutputSerializer out, String text) throws IOException {
        if (text == null) {
            out.writeInt(ABSENT);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String read(DataInputDeserializer in) throws IOException {
        int length = in.readInt();
        if (length == ABSENT) {
            return null;
        }
        if (length < 0 || length > in.available()) {
            throw new IOException(
                    "Cannot read a source split: a text of "
                            + length
                            + " bytes where "
                            + in.available()
                            + " are left. The checkpoint is damaged.");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
