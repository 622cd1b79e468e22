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
package io.tocsin.source.event;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.pack.EnvelopeSerializer;
import io.tocsin.source.pack.PackedType;
import io.tocsin.source.pack.Packer;
import io.tocsin.source.pack.Unpacker;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/**
 * Serializes elements of the event stream. What envelope and event have in common is written once.
 */
public final class EventRecordSerializer extends EnvelopeSerializer<EventRecord> {

    private static final long serialVersionUID = 1L;

    private static final int NO_EVENT = 0;
    private static final int AS_ENVELOPE = 1;
    private static final int OTHER_THAN_ENVELOPE = 2;

    private static final int CREATION = 1;
    private static final int EVENT = 2;
    private static final int SERIES = 4;
    private static final int FIRST = 8;
    private static final int LAST = 16;
    private static final int REGARDING = 32;
    private static final int RELATED = 64;
    private static final int LABELS = 128;

    /** Made by Flink. */
    public EventRecordSerializer() {}

    /** Tells Flink of the serializer. */
    public static final class Factory extends TypeInfoFactory<EventRecord> {
        @Override
        public TypeInformation<EventRecord> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new PackedType<>(EventRecord.class, new EventRecordSerializer());
        }
    }

    /** What a checkpoint remembers of the serializer. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<EventRecord> {
        /** Made by Flink. */
        public Snapshot() {
            super(EventRecordSerializer::new);
        }
    }

    @Override
    public TypeSerializer<EventRecord> duplicate() {
        return new EventRecordSerializer();
    }

    @Override
    public TypeSerializerSnapshot<EventRecord> snapshotConfiguration() {
        return new Snapshot();
    }

    @Override
    protected void pack(EventRecord record, Packer to) {
        KubernetesRecord envelope = record.envelope();
        packEnvelope(envelope, to);
        KubernetesEvent event = record.event();
        if (event == null) {
            to.octet(NO_EVENT);
            return;
        }
        boolean same =
                Objects.equals(envelope.namespace(), event.namespace())
                        && Objects.equals(envelope.name(), event.name())
                        && Objects.equals(envelope.uid(), event.uid())
                        && Objects.equals(envelope.resourceVersion(), event.resourceVersion());
        to.octet(same ? AS_ENVELOPE : OTHER_THAN_ENVELOPE);
        if (!same) {
            to.text(event.namespace());
            to.text(event.name());
            to.text(event.uid());
            to.text(event.resourceVersion());
        }
        pack(event, to);
    }

    private static void pack(KubernetesEvent event, Packer to) {
        to.octet(
                flag(event.creationMillis(), CREATION)
                        | flag(event.eventMillis(), EVENT)
                        | flag(event.seriesLastMillis(), SERIES)
                        | flag(event.deprecatedFirstMillis(), FIRST)
                        | flag(event.deprecatedLastMillis(), LAST)
                        | flag(event.regarding(), REGARDING)
                        | flag(event.related(), RELATED)
                        | (event.labels().names().length == 0 ? 0 : LABELS));
        time(event.creationMillis(), to);
        time(event.eventMillis(), to);
        time(event.seriesLastMillis(), to);
        time(event.deprecatedFirstMillis(), to);
        time(event.deprecatedLastMillis(), to);
        to.count(event.seriesCount());
        to.count(event.deprecatedCount());
        to.text(event.type());
        to.text(event.reason());
        to.text(event.note());
        to.text(event.action());
        to.text(event.reportingController());
        to.text(event.reportingInstance());
        reference(event.regarding(), to);
        reference(event.related(), to);
        if (event.labels().names().length > 0) {
            event.labels().pack(to);
        }
    }

    private static int flag(Object component, int flag) {
        return component == null ? 0 : flag;
    }

    private static void time(Long time, Packer to) {
        if (time != null) {
            to.fixed(time);
        }
    }

    private static void reference(ObjectReference reference, Packer to) {
        if (reference != null) {
            reference.pack(to);
        }
    }

    @Override
    protected EventRecord unpack(int version, Unpacker from) {
        KubernetesRecord envelope = unpackEnvelope(from);
        int event = from.octet();
        return new EventRecord(
                envelope, event == NO_EVENT ? null : event(event == AS_ENVELOPE, envelope, from));
    }

    private static KubernetesEvent event(boolean same, KubernetesRecord envelope, Unpacker from) {
        String namespace = same ? envelope.namespace() : from.name();
        String name = same ? envelope.name() : from.text();
        String uid = same ? envelope.uid() : from.text();
        String resourceVersion = same ? envelope.resourceVersion() : from.text();
        int flags = from.octet();
        Long creation = time(flags, CREATION, from);
        Long time = time(flags, EVENT, from);
        Long seriesLast = time(flags, SERIES, from);
        Long first = time(flags, FIRST, from);
        Long last = time(flags, LAST, from);
        long seriesCount = from.count();
        long deprecatedCount = from.count();
        String[] what = from.run(2);
        String note = from.text();
        String[] who = from.run(3);
        return new KubernetesEvent(
                namespace,
                name,
                uid,
                resourceVersion,
                creation,
                what[0],
                what[1],
                note,
                who[0],
                who[1],
                who[2],
                reference(flags, REGARDING, from),
                reference(flags, RELATED, from),
                time,
                seriesCount,
                seriesLast,
                deprecatedCount,
                first,
                last,
                (flags & LABELS) == 0 ? ObjectLabels.NONE : ObjectLabels.unpack(from));
    }

    private static Long time(int flags, int flag, Unpacker from) {
        return (flags & flag) == 0 ? null : from.fixed();
    }

    private static ObjectReference reference(int flags, int flag, Unpacker from) {
        return (flags & flag) == 0 ? null : ObjectReference.unpack(from);
    }
}
