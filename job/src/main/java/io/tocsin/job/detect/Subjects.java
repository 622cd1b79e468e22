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
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Reach;
import io.tocsin.job.rule.Field;
import java.util.List;

/**
 * Finds out what an occurrence is about, by a rule's {@code per}.
 *
 * <p>Subjects lie in places: an object's name is the place of all objects that bear it one after
 * the other, and of their parts. So an event that names only the object, or only its name, finds
 * the subjects that it concerns: an eviction names no container, and a taint manager no uid.
 */
@Pure
final class Subjects {

    private static final char SEPARATOR = '\u001f';

    /** What a name is unique in, besides the cluster. */
    private static final List<Field> NAMED =
            List.of(Field.REGARDING_KIND, Field.REGARDING_NAMESPACE, Field.REGARDING_NAME);

    private Subjects() {}

    /** What detection is keyed by: the definition and the place. */
    static String key(String id, List<Field> per, Occurrence occurrence) {
        StringBuilder key = new StringBuilder(160).append(id).append(Candidate.KEY_SEPARATOR);
        if (per.contains(Field.REGARDING_UID)) {
            append(NAMED, occurrence, key);
        } else if (per.contains(Field.REGARDING_NAME)) {
            // Only what is a part of the subject: one that spans kinds must not lie in two places.
            for (Field field : per) {
                if (field == Field.CLUSTER || NAMED.contains(field)) {
                    key.append(field.of(occurrence)).append(SEPARATOR);
                }
            }
        } else {
            append(per, occurrence, key);
        }
        return key.toString();
    }

    /**
     * The subject among those of its place; see {@link Candidate#subjectKey}. A missing uid is
     * replaced by kind, namespace and name.
     */
    static String subjectKey(List<Field> per, Occurrence occurrence) {
        StringBuilder key = new StringBuilder(160);
        if (per.contains(Field.REGARDING_UID)) {
            key.append(value(Field.REGARDING_UID, occurrence));
        }
        append(per, occurrence, key.append(Candidate.OBJECT_END));
        return key.toString();
    }

    /** Which subjects an occurrence concerns where it ends or prolongs alerts. */
    static Reach reach(List<Field> per, Occurrence occurrence) {
        boolean ofUid = per.contains(Field.REGARDING_UID);
        if (ofUid && Field.REGARDING_UID.of(occurrence).isEmpty()) {
            return Reach.PLACE;
        }
        boolean part = per.contains(Field.REGARDING_FIELD_PATH);
        boolean ofObject = ofUid || per.contains(Field.REGARDING_NAME);
        if (part && ofObject && Field.REGARDING_FIELD_PATH.of(occurrence).isEmpty()) {
            return Reach.OBJECT;
        }
        return Reach.SUBJECT;
    }

    private static void append(List<Field> fields, Occurrence occurrence, StringBuilder key) {
        for (Field field : fields) {
            key.append(value(field, occurrence)).append(SEPARATOR);
        }
    }

    private static String value(Field field, Occurrence occurrence) {
        String value = field.of(occurrence);
        if (field == Field.REGARDING_UID && value.isEmpty()) {
            return Field.REGARDING_KIND.of(occurrence)
                    + "/"
                    + Field.REGARDING_NAMESPACE.of(occurrence)
                    + "/"
                    + Field.REGARDING_NAME.of(occurrence);
        }
        return value;
    }
}
