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

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Reach;
import io.tocsin.job.model.References;
import io.tocsin.job.rule.Field;
import java.util.List;

/**
 * Finds out what an occurrence is about, by a rule's {@code per}.
 *
 * <p>Subjects lie in places: an object's name is the place of all objects that bear it one after
 * the other, and of their parts. So an event that names only the object, or only its name, finds
 * the subjects that it concerns: an eviction names no container, and a taint manager no uid.
 *
 * <p>Occurrences name objects as {@link References} says. Not for several threads.
 */
@Pure
final class Subjects {

    private static final char SEPARATOR = '\u001f';

    /** What a name is unique in, besides the cluster. */
    private static final List<Field> NAMED =
            List.of(Field.REGARDING_KIND, Field.REGARDING_NAMESPACE, Field.REGARDING_NAME);

    private final String definition;
    private final Field[] per;
    private final Field[] place;
    private final boolean ofUid;
    private final boolean ofParts;
    private final StringBuilder scratch = new StringBuilder(256);

    /**
     * The subjects of one definition.
     *
     * @param id what it is called: the letters of its fields
     * @param per its fields
     */
    Subjects(String id, List<Field> per) {
        this.definition = id + Candidate.KEY_SEPARATOR;
        this.per = per.toArray(Field[]::new);
        ofUid = per.contains(Field.REGARDING_UID);
        boolean ofName = per.contains(Field.REGARDING_NAME);
        ofParts = per.contains(Field.REGARDING_FIELD_PATH) && (ofUid || ofName);
        if (ofUid) {
            place = NAMED.toArray(Field[]::new);
        } else if (ofName) {
            // Only what is a part of the subject: one that spans kinds must not lie in two places.
            place =
                    per.stream()
                            .filter(field -> field == Field.CLUSTER || NAMED.contains(field))
                            .toArray(Field[]::new);
        } else {
            place = this.per;
        }
    }

    /** What detection is keyed by: the definition and the place. */
    String key(Occurrence occurrence) {
        scratch.setLength(0);
        scratch.append(definition);
        append(place, occurrence);
        return scratch.toString();
    }

    /**
     * The subject among those of its place; see {@link Candidate#subjectKey}. A missing uid is
     * replaced by kind, namespace and name.
     */
    String subjectKey(Occurrence occurrence) {
        scratch.setLength(0);
        if (ofUid) {
            scratch.append(object(occurrence));
        }
        scratch.append(Candidate.OBJECT_END);
        append(per, occurrence);
        return scratch.toString();
    }

    /** Which subjects an occurrence concerns where it ends or prolongs alerts. */
    Reach reach(Occurrence occurrence) {
        if (ofUid && Field.REGARDING_UID.of(occurrence).isEmpty()) {
            return Reach.PLACE;
        }
        if (ofParts && Field.REGARDING_FIELD_PATH.of(occurrence).isEmpty()) {
            return Reach.OBJECT;
        }
        return Reach.SUBJECT;
    }

    /**
     * The same occurrence as one about another object of the same namespace, or of none, of which
     * no more than its name is known.
     */
    static Occurrence about(Occurrence occurrence, String kind, String name) {
        return new Occurrence(
                occurrence.cluster(),
                occurrence.epoch(),
                occurrence.origin(),
                occurrence.namespace(),
                occurrence.name(),
                occurrence.uid(),
                occurrence.resourceVersion(),
                occurrence.type(),
                occurrence.reason(),
                occurrence.note(),
                occurrence.action(),
                occurrence.reportingController(),
                occurrence.reportingInstance(),
                References.named(kind, occurrence.regarding().namespace(), name),
                occurrence.related(),
                occurrence.weight(),
                occurrence.fromMillis(),
                occurrence.toMillis(),
                occurrence.resource(),
                Labels.NONE,
                null,
                null,
                null);
    }

    private void append(Field[] fields, Occurrence occurrence) {
        for (Field field : fields) {
            if (field == Field.REGARDING_UID) {
                scratch.append(Candidate.OBJECT);
            } else {
                scratch.append(field.of(occurrence));
            }
            scratch.append(SEPARATOR);
        }
    }

    private static String object(Occurrence occurrence) {
        String uid = Field.REGARDING_UID.of(occurrence);
        return uid.isEmpty()
                ? Field.REGARDING_KIND.of(occurrence)
                        + "/"
                        + Field.REGARDING_NAMESPACE.of(occurrence)
                        + "/"
                        + Field.REGARDING_NAME.of(occurrence)
                : uid;
    }
}
