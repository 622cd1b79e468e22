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
package io.tocsin.source.object;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.pack.EnvelopeSerializer;
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

/** Serializes elements of the stream of a watched resource. */
public final class ObjectRecordSerializer extends EnvelopeSerializer<ObjectRecord> {

    private static final long serialVersionUID = 1L;

    /** Made by Flink. */
    public ObjectRecordSerializer() {}

    /** Tells Flink of the serializer. */
    public static final class Factory extends TypeInfoFactory<ObjectRecord> {
        @Override
        public TypeInformation<ObjectRecord> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new PackedType<>(ObjectRecord.class, new ObjectRecordSerializer());
        }
    }

    /** What a checkpoint remembers of the serializer. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<ObjectRecord> {
        /** Made by Flink. */
        public Snapshot() {
            super(ObjectRecordSerializer::new);
        }
    }

    @Override
    public TypeSerializer<ObjectRecord> duplicate() {
        return new ObjectRecordSerializer();
    }

    @Override
    public TypeSerializerSnapshot<ObjectRecord> snapshotConfiguration() {
        return new Snapshot();
    }

    @Override
    protected void pack(ObjectRecord record, Packer to) {
        packEnvelope(record.envelope(), to);
        to.octet(record.object() == null ? 0 : 1);
        if (record.object() != null) {
            record.object().pack(to);
        }
    }

    @Override
    protected ObjectRecord unpack(int version, Unpacker from) {
        KubernetesRecord envelope = unpackEnvelope(from);
        return new ObjectRecord(envelope, from.octet() == 0 ? null : WatchedObject.unpack(from));
    }
}
