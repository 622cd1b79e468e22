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

/** Serializes candidates, for network and state. */
public final class CandidateSerializer extends PackedSerializer<Candidate> {

    private static final long serialVersionUID = 1L;

    /** Made by Flink. */
    public CandidateSerializer() {}

    /** Tells Flink of the serializer. */
    public static final class Factory extends TypeInfoFactory<Candidate> {
        @Override
        public TypeInformation<Candidate> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new PackedType<>(Candidate.class, new CandidateSerializer());
        }
    }

    /** What a checkpoint remembers of the serializer. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Candidate> {
        /** Made by Flink. */
        public Snapshot() {
            super(CandidateSerializer::new);
        }
    }

    @Override
    public TypeSerializer<Candidate> duplicate() {
        return new CandidateSerializer();
    }

    @Override
    public TypeSerializerSnapshot<Candidate> snapshotConfiguration() {
        return new Snapshot();
    }

    @Override
    protected void pack(Candidate candidate, Packer to) {
        packInto(candidate, to);
    }

    @Override
    protected Candidate unpack(int version, Unpacker from) {
        return unpackFrom(from);
    }

    /** Writes a candidate as a part of something else; that must be told apart by its caller. */
    public static void packInto(Candidate candidate, Packer to) {
        to.octet(code(candidate.kind()));
        to.octet(code(candidate.reach()));
        to.octet(Occurrence.code(candidate.origin()));
        to.text(candidate.key());
        to.text(candidate.subjectKey());
        to.texts(candidate.roles());
        to.count(candidate.weight());
        to.fixed(candidate.fromMillis());
        to.fixed(candidate.toMillis());
        to.text(candidate.cluster());
        to.text(candidate.namespace());
        to.text(candidate.node());
        to.text(candidate.reportingController());
        to.text(candidate.resource());
        to.text(candidate.eventUid());
        to.text(candidate.resourceVersion());
        to.blob(candidate.told().packed());
    }

    /** Reads what {@link #packInto} wrote. */
    public static Candidate unpackFrom(Unpacker from) {
        Candidate.Kind kind = kind(from.octet());
        Reach reach = reach(from.octet());
        Occurrence.Origin origin = Occurrence.origin(from.octet());
        String key = from.text();
        String subjectKey = from.text();
        String[] roles = from.names();
        long weight = from.count();
        long fromMillis = from.fixed();
        long toMillis = from.fixed();
        String[] where = from.run(5);
        return new Candidate(
                kind,
                key,
                subjectKey,
                reach,
                roles,
                origin,
                weight,
                fromMillis,
                toMillis,
                where[0],
                where[1],
                where[2],
                where[3],
                where[4],
                from.text(),
                from.text(),
                Told.of(from.blob()));
    }

    private static int code(Candidate.Kind kind) {
        return switch (kind) {
            case OCCURRENCE -> 1;
            case DETECTION -> 2;
        };
    }

    private static Candidate.Kind kind(int code) {
        return switch (code) {
            case 1 -> Candidate.Kind.OCCURRENCE;
            case 2 -> Candidate.Kind.DETECTION;
            default -> throw unknown("candidate's kind", code);
        };
    }

    private static int code(Reach reach) {
        return switch (reach) {
            case SUBJECT -> 1;
            case OBJECT -> 2;
            case PLACE -> 3;
        };
    }

    private static Reach reach(int code) {
        return switch (code) {
            case 1 -> Reach.SUBJECT;
            case 2 -> Reach.OBJECT;
            case 3 -> Reach.PLACE;
            default -> throw unknown("candidate's reach", code);
        };
    }
}
