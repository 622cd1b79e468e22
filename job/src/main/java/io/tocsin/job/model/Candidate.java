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

/**
 * An occurrence as rules of one {@code per} definition see it: which of their roles it plays, and
 * for which subject. Carries no raw JSON.
 *
 * @param kind an occurrence, or a detection made of several by a sequence rule
 * @param per the definition of the subject: its fields, joined by commas
 * @param subjectKey the values of these fields, joined
 * @param subject the subject for humans
 * @param cluster name of the cluster
 * @param roles what it is to which rule, as {@code rule/role}; sorted
 * @param origin how it was learned
 * @param weight number of repetitions
 * @param fromMillis earliest time of the repetitions
 * @param toMillis latest time of the repetitions: the event time
 * @param eventUid uid of the event object
 * @param resourceVersion version of the event object
 * @param type {@code Normal} or {@code Warning}
 * @param reason reason
 * @param note note
 * @param reportingController reporting controller
 * @param reportingInstance reporting instance
 * @param kindOfRegarding kind of the object the event is about
 * @param namespace namespace of that object
 * @param name name of that object
 * @param regardingUid uid of that object as reported
 * @param fieldPath part of that object, such as {@code spec.containers{app}}
 */
@StateType
public record Candidate(
        Kind kind,
        String per,
        String subjectKey,
        String subject,
        String cluster,
        String[] roles,
        Occurrence.Origin origin,
        long weight,
        long fromMillis,
        long toMillis,
        String eventUid,
        String resourceVersion,
        String type,
        String reason,
        String note,
        String reportingController,
        String reportingInstance,
        String kindOfRegarding,
        String namespace,
        String name,
        String regardingUid,
        String fieldPath) {

    /** What a candidate is. Constants may be added, never removed or renamed. */
    public enum Kind {
        /** One occurrence. */
        OCCURRENCE,
        /** A sequence rule's pattern has completed. */
        DETECTION
    }

    /** What detection is keyed by: the definition and the subject. */
    public String key() {
        return per + '\u001e' + subjectKey;
    }

    /** The same candidate with another kind, roles and weight. */
    public Candidate as(
            Kind newKind, String[] newRoles, long newWeight, long newFrom, Occurrence.Origin from) {
        return new Candidate(
                newKind,
                per,
                subjectKey,
                subject,
                cluster,
                newRoles,
                from,
                newWeight,
                newFrom,
                toMillis,
                eventUid,
                resourceVersion,
                type,
                reason,
                note,
                reportingController,
                reportingInstance,
                kindOfRegarding,
                namespace,
                name,
                regardingUid,
                fieldPath);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Candidate that
                && kind == that.kind
                && weight == that.weight
                && fromMillis == that.fromMillis
                && toMillis == that.toMillis
                && origin == that.origin
                && Objects.equals(per, that.per)
                && Objects.equals(subjectKey, that.subjectKey)
                && Objects.equals(cluster, that.cluster)
                && Arrays.equals(roles, that.roles)
                && Objects.equals(eventUid, that.eventUid)
                && Objects.equals(resourceVersion, that.resourceVersion)
                && Objects.equals(reason, that.reason)
                && Objects.equals(note, that.note);
    }

    @Override
    public int hashCode() {
        // The enums are left out: their hash differs between JVMs.
        return Objects.hash(per, subjectKey, toMillis, eventUid, resourceVersion, weight);
    }
}
