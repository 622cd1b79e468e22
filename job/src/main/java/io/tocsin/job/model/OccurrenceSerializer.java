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
package io.tocsin.job.model;

import io.tocsin.source.event.ObjectLabels;
import io.tocsin.source.event.ObjectReference;
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

/** Serializes occurrences. Mostly they are only handed on, and never written. */
public final class OccurrenceSerializer extends PackedSerializer<Occurrence> {

    private static final long serialVersionUID = 1L;

    /** Made by Flink. */
    public OccurrenceSerializer() {}

    /** Tells Flink of the serializer. */
    public static final class Factory extends TypeInfoFactory<Occurrence> {
        @Override
        public TypeInformation<Occurrence> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new PackedType<>(Occurrence.class, new OccurrenceSerializer());
        }
    }

    /** What a checkpoint remembers of the serializer. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Occurrence> {
        /** Made by Flink. */
        public Snapshot() {
            super(OccurrenceSerializer::new);
        }
    }

    @Override
    public TypeSerializer<Occurrence> duplicate() {
        return new OccurrenceSerializer();
    }

    @Override
    public TypeSerializerSnapshot<Occurrence> snapshotConfiguration() {
        return new Snapshot();
    }

    @Override
    protected void pack(Occurrence occurrence, Packer to) {
        to.octet(Occurrence.code(occurrence.origin()));
        to.text(occurrence.cluster());
        to.count(occurrence.epoch());
        to.text(occurrence.namespace());
        to.text(occurrence.name());
        to.text(occurrence.uid());
        to.text(occurrence.resourceVersion());
        to.text(occurrence.type());
        to.text(occurrence.reason());
        to.text(occurrence.note());
        to.text(occurrence.action());
        to.text(occurrence.reportingController());
        to.text(occurrence.reportingInstance());
        occurrence.regarding().pack(to);
        to.octet(occurrence.related() == null ? 0 : 1);
        if (occurrence.related() != null) {
            occurrence.related().pack(to);
        }
        to.count(occurrence.weight());
        to.fixed(occurrence.fromMillis());
        to.fixed(occurrence.toMillis());
        to.text(occurrence.resource());
        to.texts(occurrence.labels().names());
        to.texts(occurrence.labels().values());
        to.text(occurrence.owner());
        to.text(occurrence.node());
        to.text(occurrence.exitCode());
    }

    @Override
    protected Occurrence unpack(int version, Unpacker from) {
        Occurrence.Origin origin = Occurrence.origin(from.octet());
        return new Occurrence(
                from.name(),
                (int) from.count(),
                origin,
                from.name(),
                from.text(),
                from.text(),
                from.text(),
                from.name(),
                from.name(),
                from.text(),
                from.name(),
                from.name(),
                from.name(),
                ObjectReference.unpack(from),
                from.octet() == 0 ? null : ObjectReference.unpack(from),
                from.count(),
                from.fixed(),
                from.fixed(),
                from.name(),
                Labels.of(ObjectLabels.unpack(from)),
                from.name(),
                from.name(),
                from.name());
    }

    static IllegalStateException unknownOrigin(int code) {
        return unknown("occurrence's origin", code);
    }
}
