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

import com.google.re2j.Pattern;
import io.tocsin.job.model.Occurrence;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Says which occurrences a rule means: all fields must match; the values of a field are
 * alternatives.
 *
 * <p>A value is a text, a glob ({@code *}, {@code ?}) or a {@code /regular expression/} of RE2,
 * which may match anywhere in the field; {@code !} before it excludes. Texts and globs must match
 * the whole field, except in notes, where they may match anywhere: Kubernetes puts "(combined from
 * similar events): " before notes. A field that an event does not have is empty.
 *
 * @param resource what must have been watched to learn it, such as {@code events}
 * @param fields the tests, one per field
 * @param about what its note must name, or null
 */
public record Matcher(String resource, List<FieldMatch> fields, About about)
        implements Serializable {

    /**
     * The test of one field.
     *
     * @param field the field
     * @param label the name of the label, if the field is {@link Field#LABEL}; else null
     * @param values the alternatives, and the exclusions
     */
    public record FieldMatch(Field field, String label, List<Value> values)
            implements Serializable {

        boolean matches(Occurrence occurrence) {
            return matches(field.of(occurrence, label));
        }

        boolean matches(String actual) {
            boolean included = false;
            boolean anyPositive = false;
            for (Value value : values) {
                boolean matches = value.matches(actual);
                if (value.negated()) {
                    if (matches) {
                        return false;
                    }
                } else {
                    anyPositive = true;
                    included |= matches;
                }
            }
            return included || !anyPositive;
        }
    }

    /**
     * One alternative.
     *
     * @param text the text, where {@code pattern} is null
     * @param pattern what must be found, or null
     * @param negated whether it excludes
     */
    public record Value(String text, Pattern pattern, boolean negated) implements Serializable {

        boolean matches(String actual) {
            return pattern == null ? text.equals(actual) : pattern.matcher(actual).find();
        }

        /**
         * Parses a value as it is written in a rule. A backslash before a leading {@code !} or
         * {@code /}, and before {@code *}, {@code ?} and itself, takes their meaning from them.
         *
         * @throws com.google.re2j.PatternSyntaxException if it is a wrong regular expression
         */
        public static Value parse(Field field, String written) {
            if (written.length() > Patterns.MOST_CHARS) {
                // Says that it is too long.
                Patterns.regex(written);
            }
            boolean negated = written.startsWith("!");
            String text = negated ? written.substring(1) : written;
            if (text.length() >= 2 && text.startsWith("/") && text.endsWith("/")) {
                Pattern regex = Patterns.regex(text.substring(1, text.length() - 1));
                return new Value(text, regex, negated);
            }
            if (text.startsWith("\\!") || text.startsWith("\\/")) {
                text = text.substring(1);
            }
            boolean anywhere = field == Field.NOTE;
            return anywhere || Patterns.isGlob(text)
                    ? new Value(text, Patterns.glob(text, anywhere), negated)
                    : new Value(Patterns.unescaped(text), null, negated);
        }
    }

    /** Whether all fields match. */
    public boolean matches(Occurrence occurrence) {
        if (!resource.equals(occurrence.resource())) {
            return false;
        }
        for (FieldMatch test : fields) {
            if (!test.matches(occurrence)) {
                return false;
            }
        }
        return about == null || nameIn(occurrence) != null;
    }

    /** The name of the object that an occurrence's note names, or null where it names none. */
    public String nameIn(Occurrence occurrence) {
        return about == null ? null : about.nameIn(occurrence);
    }

    /** Whether it may mean something of which a field is this. */
    public boolean allows(Field field, String value) {
        return fields.stream().allMatch(test -> test.field() != field || test.matches(value));
    }

    /** The reasons without which nothing matches, or null if any reason may. */
    public Set<String> reasons() {
        for (FieldMatch test : fields) {
            if (test.field() == Field.REASON
                    && test.values().stream().noneMatch(v -> v.negated() || v.pattern() != null)) {
                Set<String> reasons = new TreeSet<>();
                test.values().forEach(value -> reasons.add(value.text()));
                return reasons;
            }
        }
        return null;
    }

    /** A matcher that demands what both demand. */
    public Matcher and(Matcher other) {
        if (other == null) {
            return this;
        }
        List<FieldMatch> all = new ArrayList<>(fields);
        all.addAll(other.fields);
        return new Matcher(resource, List.copyOf(all), about);
    }
}
