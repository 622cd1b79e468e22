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

/** Serializes what is remembered of lineages. */
public final class SeenSerializer extends PackedSerializer<Seen> {

    private static final long serialVersionUID = 1L;

    /** Made by Flink. */
    public SeenSerializer() {}

    /** Tells Flink of the serializer. */
    public static final class Factory extends TypeInfoFactory<Seen> {
        @Override
        public TypeInformation<Seen> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new PackedType<>(Seen.class, new SeenSerializer());
        }
    }

    /** What a checkpoint remembers of the serializer. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Seen> {
        /** Made by Flink. */
        public Snapshot() {
            super(SeenSerializer::new);
        }
    }

    @Override
    public TypeSerializer<Seen> duplicate() {
        return new SeenSerializer();
    }

    @Override
    public TypeSerializerSnapshot<Seen> snapshotConfiguration() {
        return new Snapshot();
    }

    @Override
    protected void pack(Seen seen, Packer to) {
        to.text(seen.uid());
        to.text(seen.version());
        to.count(seen.count());
        to.fixed(seen.timeMillis());
        to.count(seen.epoch());
        to.fixed(seen.expiresMillis());
    }

    @Override
    protected Seen unpack(int version, Unpacker from) {
        return new Seen(
                from.text(),
                from.text(),
                from.count(),
                from.fixed(),
                (int) from.count(),
                from.fixed());
    }
}
