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

import io.tocsin.job.model.Fingerprint;
import io.tocsin.job.model.Severity;
import java.io.Serializable;
import java.util.List;

/**
 * A validated rule.
 *
 * @param name unique name
 * @param formerly names that it had before, whose alerts it goes on with
 * @param alert identity of its alerts; several rules may share one
 * @param per the fields whose values make a subject
 * @param match what triggers it; for a sequence what all stages have in common, or null
 * @param when the condition
 * @param life how its alerts begin to ring, go on and end
 * @param severity severity
 * @param texts what its alerts tell people
 */
public record Rule(
        String name,
        List<String> formerly,
        String alert,
        List<Field> per,
        Matcher match,
        When when,
        Life life,
        Severity severity,
        Texts texts)
        implements Serializable {

    private static final int HASH_BYTES = 6;

    /** The definition of the subject: its fields, joined by commas. */
    public String perId() {
        return String.join(",", per.stream().map(Field::path).toList());
    }

    /** The same as it is a part of keys: a letter of each field. */
    public String perLetters() {
        return Field.letters(per);
    }

    /** A fingerprint of all that the rule says; the same wherever it is read. */
    public String hash() {
        return Fingerprint.of(HASH_BYTES, List.of(toString()));
    }
}
