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
import io.tocsin.job.rule.Field;
import java.util.List;

/** Finds out what an occurrence is about, by a rule's {@code per}. */
@Pure
final class Subjects {

    private static final char SEPARATOR = '\u001f';

    private Subjects() {}

    /** What detection is keyed by: the definition and the values of its fields. */
    static String key(String per, String subjectKey) {
        return per + Candidate.KEY_SEPARATOR + subjectKey;
    }

    /** The values of the fields. A missing uid is replaced by kind, namespace and name. */
    static String subjectKey(List<Field> per, Occurrence occurrence) {
        StringBuilder key = new StringBuilder();
        for (Field field : per) {
            String value = field.of(occurrence);
            if (field == Field.REGARDING_UID && value.isEmpty()) {
                value =
                        Field.REGARDING_KIND.of(occurrence)
                                + "/"
                                + Field.REGARDING_NAMESPACE.of(occurrence)
                                + "/"
                                + Field.REGARDING_NAME.of(occurrence);
            }
            key.append(value).append(SEPARATOR);
        }
        return key.toString();
    }
}
