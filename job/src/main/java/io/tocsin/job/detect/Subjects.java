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
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.rule.Field;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds out what an occurrence is about, by a rule's {@code per}. */
@Pure
final class Subjects {

    private static final char SEPARATOR = '\u001f';

    private Subjects() {}

    /** The values of the fields. A missing uid is replaced by kind, namespace and name. */
    static String key(List<Field> per, Occurrence occurrence) {
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

    /** The subject for humans: an object as kubectl would name it, instead of its uid. */
    static String label(List<Field> per, Occurrence occurrence) {
        Set<String> words = new LinkedHashSet<>();
        for (Field field : per) {
            switch (field) {
                case CLUSTER -> {
                    // Has a place of its own in an alert.
                }
                case REGARDING_UID -> {
                    words.add(Field.REGARDING_KIND.of(occurrence));
                    String namespace = Field.REGARDING_NAMESPACE.of(occurrence);
                    String name = Field.REGARDING_NAME.of(occurrence);
                    words.add(namespace.isEmpty() ? name : namespace + "/" + name);
                }
                default -> words.add(field.of(occurrence));
            }
        }
        words.remove("");
        return words.isEmpty() ? occurrence.cluster() : String.join(" ", words);
    }
}
