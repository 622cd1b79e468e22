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
package io.tocsin.job.occurrence;

import io.tocsin.source.object.WatchedObject;
import io.tocsin.source.pack.PackedSerializer;
import io.tocsin.source.pack.PackedType;
import io.tocsin.source.pack.Packer;
import io.tocsin.source.pack.Unpacker;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/** Serializes what is remembered of watched objects. */
public final class ObjectSeenSerializer extends PackedSerializer<ObjectSeen> {

    private static final long serialVersionUID = 1L;

    /** Made by Flink. */
    public ObjectSeenSerializer() {}

    /** Tells Flink of the serializer. */
    public static final class Factory extends TypeInfoFactory<ObjectSeen> {
        @Override
        public TypeInformation<ObjectSeen> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new PackedType<>(ObjectSeen.class, new ObjectSeenSerializer());
        }
    }

    /** What a checkpoint remembers of the serializer. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<ObjectSeen> {
        /** Made by Flink. */
        public Snapshot() {
            super(ObjectSeenSerializer::new);
        }
    }

    @Override
    public TypeSerializer<ObjectSeen> duplicate() {
        return new ObjectSeenSerializer();
    }

    @Override
    public TypeSerializerSnapshot<ObjectSeen> snapshotConfiguration() {
        return new Snapshot();
    }

    @Override
    protected void pack(ObjectSeen seen, Packer to) {
        to.count(seen.epoch());
        seen.object().pack(to);
        to.fixed(seen.ends());
        to.fixed(seen.endMillis());
    }

    @Override
    protected ObjectSeen unpack(int version, Unpacker from) {
        return new ObjectSeen(
                (int) from.count(), WatchedObject.unpack(from), from.fixeds(), from.fixeds());
    }
}
