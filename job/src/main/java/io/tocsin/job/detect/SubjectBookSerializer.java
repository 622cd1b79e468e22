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
package io.tocsin.job.detect;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.CandidateSerializer;
import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Severity;
import io.tocsin.job.time.Bearing;
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

/** Serializes what detection remembers of a place. */
public final class SubjectBookSerializer extends PackedSerializer<SubjectBook> {

    private static final long serialVersionUID = 1L;

    /** Made by Flink. */
    public SubjectBookSerializer() {}

    /** Tells Flink of the serializer. */
    public static final class Factory extends TypeInfoFactory<SubjectBook> {
        @Override
        public TypeInformation<SubjectBook> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new PackedType<>(SubjectBook.class, new SubjectBookSerializer());
        }
    }

    /** What a checkpoint remembers of the serializer. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<SubjectBook> {
        /** Made by Flink. */
        public Snapshot() {
            super(SubjectBookSerializer::new);
        }
    }

    @Override
    public TypeSerializer<SubjectBook> duplicate() {
        return new SubjectBookSerializer();
    }

    @Override
    public TypeSerializerSnapshot<SubjectBook> snapshotConfiguration() {
        return new Snapshot();
    }

    @Override
    protected void pack(SubjectBook book, Packer to) {
        to.fixed(book.nextMillis());
        to.count(book.waiting());
        to.count(book.slots().length);
        for (Slot slot : book.slots()) {
            int begin = to.begin();
            to.octet(code(slot.kind()));
            to.text(slot.name());
            to.text(slot.subject());
            switch (slot.kind()) {
                case WINDOW -> window(slot.window(), to);
                case ABSENCE -> absence(slot.absence(), to);
                case LIFECYCLE -> lifecycle(slot.lifecycle(), to);
                case DISTINCT -> distinct(slot.distinct(), to);
            }
            to.end(begin);
        }
    }

    private static void window(WindowState window, Packer to) {
        to.fixed(window.from());
        to.fixed(window.to());
        to.fixed(window.weight());
    }

    private static void distinct(DistinctState distinct, Packer to) {
        to.texts(distinct.value());
        to.fixed(distinct.to());
    }

    private static void absence(AbsenceState absence, Packer to) {
        to.fixed(absence.baseMillis());
        to.fixed(absence.firstMillis());
        to.fixed(absence.lastMillis());
        to.count(absence.occurrences());
        int begin = to.begin();
        CandidateSerializer.packInto(absence.trigger(), to);
        to.end(begin);
    }

    private static void lifecycle(LifecycleState life, Packer to) {
        to.fixed(life.clearedMillis());
        to.octet(life.isOpen() ? 1 : 0);
        if (life.isOpen()) {
            to.text(life.rule());
            to.text(life.bearing().namespace());
            to.fixed(life.holdMillis());
            to.fixed(life.quietMillis());
            int begin = to.begin();
            alert(life.alert(), to);
            to.end(begin);
            to.text(life.bearing().node());
            to.text(life.bearing().resource());
        }
    }

    private static void alert(Alert alert, Packer to) {
        to.text(alert.id());
        to.text(alert.cluster());
        to.text(alert.rule());
        to.text(alert.subject());
        to.texts(alert.labels().names());
        to.texts(alert.labels().values());
        to.octet(code(alert.status()));
        to.octet(code(alert.severity()));
        to.fixed(alert.startsAtMillis());
        to.fixed(alert.firedAtMillis());
        to.fixed(alert.endsAtMillis());
        to.count(alert.occurrences());
        to.fixed(alert.firstMillis());
        to.fixed(alert.lastMillis());
        to.text(alert.summary());
        to.text(alert.description());
        to.text(alert.runbook());
        to.octet(alert.notice() ? 1 : 0);
    }

    @Override
    protected SubjectBook unpack(int version, Unpacker from) {
        long next = from.fixed();
        int waiting = (int) from.count();
        Slot[] slots = new Slot[(int) from.count()];
        for (int i = 0; i < slots.length; i++) {
            int outer = from.open();
            slots[i] = slot(from);
            from.close(outer);
        }
        return new SubjectBook(next, waiting, slots);
    }

    private static Slot slot(Unpacker from) {
        Slot.Kind kind = kind(from.octet());
        String name = from.name();
        String subject = from.text();
        Object value =
                switch (kind) {
                    case WINDOW -> WindowState.sharing(from.fixeds(), from.fixeds(), from.fixeds());
                    case ABSENCE -> absence(from);
                    case LIFECYCLE -> lifecycle(from);
                    case DISTINCT -> new DistinctState(from.names(), from.fixeds());
                };
        return new Slot(kind, name, subject, value);
    }

    private static AbsenceState absence(Unpacker from) {
        long base = from.fixed();
        long first = from.fixed();
        long last = from.fixed();
        long occurrences = from.count();
        int outer = from.open();
        AbsenceState state =
                new AbsenceState(
                        base, first, last, occurrences, CandidateSerializer.unpackFrom(from));
        from.close(outer);
        return state;
    }

    private static LifecycleState lifecycle(Unpacker from) {
        long cleared = from.fixed();
        if (from.octet() == 0) {
            return new LifecycleState(null, null, null, 0, 0, cleared);
        }
        String rule = from.name();
        String namespace = from.name();
        long hold = from.fixed();
        long quiet = from.fixed();
        int outer = from.open();
        Alert alert = alert(from);
        from.close(outer);
        Bearing bearing = new Bearing(namespace, from.name(), from.name());
        return new LifecycleState(alert, rule, bearing, hold, quiet, cleared);
    }

    private static Alert alert(Unpacker from) {
        return new Alert(
                from.text(),
                from.name(),
                from.name(),
                from.text(),
                new Labels(from.names(), from.names()),
                status(from.octet()),
                severity(from.octet()),
                from.fixed(),
                from.fixed(),
                from.fixed(),
                from.count(),
                from.fixed(),
                from.fixed(),
                from.text(),
                from.text(),
                from.text(),
                from.octet() == 1);
    }

    private static int code(Slot.Kind kind) {
        return switch (kind) {
            case WINDOW -> 1;
            case ABSENCE -> 2;
            case LIFECYCLE -> 3;
            case DISTINCT -> 4;
        };
    }

    private static Slot.Kind kind(int code) {
        return switch (code) {
            case 1 -> Slot.Kind.WINDOW;
            case 2 -> Slot.Kind.ABSENCE;
            case 3 -> Slot.Kind.LIFECYCLE;
            case 4 -> Slot.Kind.DISTINCT;
            default -> throw unknown("slot's kind", code);
        };
    }

    private static int code(AlertStatus status) {
        return switch (status) {
            case PENDING -> 1;
            case FIRING -> 2;
            case RESOLVED -> 3;
        };
    }

    private static AlertStatus status(int code) {
        return switch (code) {
            case 1 -> AlertStatus.PENDING;
            case 2 -> AlertStatus.FIRING;
            case 3 -> AlertStatus.RESOLVED;
            default -> throw unknown("alert's status", code);
        };
    }

    private static int code(Severity severity) {
        return switch (severity) {
            case INFO -> 1;
            case WARNING -> 2;
            case CRITICAL -> 3;
        };
    }

    private static Severity severity(int code) {
        return switch (code) {
            case 1 -> Severity.INFO;
            case 2 -> Severity.WARNING;
            case 3 -> Severity.CRITICAL;
            default -> throw unknown("severity", code);
        };
    }
}
