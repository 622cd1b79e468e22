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

import io.tocsin.annotation.StateType;
import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * An occurrence as rules of one {@code per} definition see it: which of their roles it plays, and
 * for which subject. Never changes, arrays included.
 *
 * @param kind an occurrence, or a detection made of several by a sequence rule
 * @param key what detection is keyed by: the definition of the subject (the letters of its fields),
 *     {@link #KEY_SEPARATOR}, and the place
 * @param subjectKey the subject among those of its place: the object (its uid, where that is a part
 *     of the definition), {@link #OBJECT_END}, and the values of the definition's fields, each
 *     followed by a separator; {@link #OBJECT} instead of the uid, which is there already
 * @param reach which subjects of the place what ends or prolongs concerns; what triggers concerns
 *     its subject only
 * @param roles what it is to which rule, as {@code rule/role}; sorted
 * @param origin how it was learned
 * @param weight number of repetitions
 * @param fromMillis earliest time of the repetitions; of a sequence that ends with what must not
 *     come, the time of the last stage that came
 * @param toMillis latest time of the repetitions: the event time; of a sequence that ends with what
 *     must not come, the end of its time
 * @param cluster name of the cluster
 * @param namespace namespace of the object that the event is about
 * @param node node of that object, or null where it is not known
 * @param reportingController reporting controller
 * @param resource what was watched to learn it, such as {@code events}
 * @param eventUid uid of the event object
 * @param resourceVersion version of the event object
 * @param told the rest, for texts
 */
@TypeInfo(CandidateSerializer.Factory.class)
@StateType
public record Candidate(
        Kind kind,
        String key,
        String subjectKey,
        Reach reach,
        String[] roles,
        Occurrence.Origin origin,
        long weight,
        long fromMillis,
        long toMillis,
        String cluster,
        String namespace,
        String node,
        String reportingController,
        String resource,
        String eventUid,
        String resourceVersion,
        Told told) {

    /** Parts the definition from the place in {@link #key}. */
    public static final char KEY_SEPARATOR = '\u001e';

    /** Parts the object from the values in {@link #subjectKey}. */
    public static final char OBJECT_END = '\u001d';

    /** The object among the values in {@link #subjectKey}: it stands before them. */
    public static final char OBJECT = '\u001c';

    /** What a candidate is. Constants may be added, never removed or renamed. */
    public enum Kind {
        /** One occurrence. */
        OCCURRENCE,
        /** A sequence rule's pattern has completed. */
        DETECTION
    }

    /** The definition of the subject: the letters of its fields. */
    public String per() {
        int end = key.indexOf(KEY_SEPARATOR);
        return end < 0 ? key : key.substring(0, end);
    }

    /** Whether a definition is this candidate's. */
    public boolean isPer(String per) {
        return key.startsWith(per)
                && key.length() > per.length()
                && key.charAt(per.length()) == KEY_SEPARATOR;
    }

    /** What sequences are keyed by: the definition and the subject. */
    public String sequenceKey() {
        return per() + KEY_SEPARATOR + subjectKey;
    }

    /** The values of the definition's fields: what the subject is known by outside. */
    public String subjectValues() {
        int end = subjectKey.indexOf(OBJECT_END);
        String values = subjectKey.substring(end + 1);
        return end <= 0
                ? values
                : values.replace(String.valueOf(OBJECT), subjectKey.substring(0, end));
    }

    /**
     * What the keys of all subjects begin with that it concerns where it ends or prolongs alerts: a
     * subject's key, the begin of an object's keys, or nothing for all of the place. No subject's
     * key is the begin of another's.
     */
    public String reached() {
        return switch (reach) {
            case SUBJECT -> subjectKey;
            case OBJECT -> subjectKey.substring(0, subjectKey.indexOf(OBJECT_END) + 1);
            case PLACE -> "";
        };
    }

    /** The same candidate with another kind, roles and weight. */
    public Candidate as(
            Kind newKind, String[] newRoles, long newWeight, long newFrom, Occurrence.Origin from) {
        return new Candidate(
                newKind,
                key,
                subjectKey,
                reach,
                newRoles,
                from,
                newWeight,
                newFrom,
                toMillis,
                cluster,
                namespace,
                node,
                reportingController,
                resource,
                eventUid,
                resourceVersion,
                told);
    }

    /** The same candidate with another time. */
    public Candidate until(long newTo) {
        return new Candidate(
                kind,
                key,
                subjectKey,
                reach,
                roles,
                origin,
                weight,
                fromMillis,
                newTo,
                cluster,
                namespace,
                node,
                reportingController,
                resource,
                eventUid,
                resourceVersion,
                told);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Candidate that
                && kind == that.kind
                && reach == that.reach
                && weight == that.weight
                && fromMillis == that.fromMillis
                && toMillis == that.toMillis
                && origin == that.origin
                && Objects.equals(eventUid, that.eventUid)
                && Objects.equals(resourceVersion, that.resourceVersion)
                && Objects.equals(key, that.key)
                && Objects.equals(subjectKey, that.subjectKey)
                && Objects.equals(cluster, that.cluster)
                && Arrays.equals(roles, that.roles)
                && Objects.equals(told, that.told);
    }

    @Override
    public int hashCode() {
        // The enums are left out: their hash differs between JVMs.
        return Objects.hash(key, subjectKey, toMillis, eventUid, resourceVersion, weight);
    }
}
