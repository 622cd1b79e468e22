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
package io.tocsin.job.rule;

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.Candidate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Names for humans what a candidate is about, by a rule's {@code per}. */
@Pure
public final class Subject {

    private Subject() {}

    /** The subject of a candidate, by its own definition. */
    public static String of(Candidate candidate) {
        return of(Field.ofLetters(candidate.per()), candidate);
    }

    /** The subject of a candidate: an object as kubectl would name it, instead of its uid. */
    public static String of(List<Field> per, Candidate candidate) {
        Set<String> words = new LinkedHashSet<>();
        for (Field field : per) {
            switch (field) {
                case CLUSTER -> {
                    // Has a place of its own in an alert.
                }
                case REGARDING_UID -> {
                    words.add(Field.REGARDING_KIND.of(candidate));
                    String namespace = Field.REGARDING_NAMESPACE.of(candidate);
                    String name = Field.REGARDING_NAME.of(candidate);
                    words.add(namespace.isEmpty() ? name : namespace + "/" + name);
                }
                default -> words.add(field.of(candidate));
            }
        }
        words.remove("");
        return words.isEmpty() ? candidate.cluster() : String.join(" ", words);
    }
}
