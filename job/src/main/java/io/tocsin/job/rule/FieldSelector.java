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
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.yaml.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A field selector of events, and what rules miss by it. The API server compares texts, nothing
 * else: {@code type=Warning,regarding.kind!=Node}.
 *
 * <p>Semantics: Kubernetes documentation, "Field Selectors"; the fields of Events in
 * events.k8s.io/v1 that rules know too, and that older recorders fill as well.
 *
 * @param text the selector as it was written, without spaces around it
 * @param requirements all of which an event meets
 */
@Pure
public record FieldSelector(String text, List<Requirement> requirements) {

    /** What a selector matches, fields left aside. */
    public static final String FORM =
            "\\s*[A-Za-z.]+(?:!=|==?)[^=!,\\\\\\s]*(?:,[A-Za-z.]+(?:!=|==?)[^=!,\\\\\\s]*)*\\s*";

    /** What a text that is none should have been. */
    public static final String EXPECTED = "field=value or field!=value, parted by commas";

    /** The fields that a selector may name. */
    public static final Map<String, Field> FIELDS = fields();

    /**
     * One requirement.
     *
     * @param negated whether the field must be another value
     */
    public record Requirement(Field field, boolean negated, String value) {

        /** Whether events with this value of the field are sent. */
        boolean admits(String actual) {
            return negated != value.equals(actual);
        }

        @Override
        public String toString() {
            return field.path() + (negated ? "!=" : "=") + value;
        }
    }

    /**
     * Reads a selector.
     *
     * @throws IllegalArgumentException naming what is wrong and what was expected
     */
    public static FieldSelector parse(String text) {
        if (!text.matches(FORM)) {
            throw new IllegalArgumentException("expected " + EXPECTED);
        }
        List<Requirement> requirements = new ArrayList<>();
        for (String written : text.strip().split(",")) {
            boolean negated = written.contains("!=");
            String[] parts = written.split("!=|==?", -1);
            Field field = FIELDS.get(parts[0]);
            if (field == null) {
                throw new IllegalArgumentException(
                        "got "
                                + parts[0]
                                + ", expected one of "
                                + String.join(", ", FIELDS.keySet())
                                + Suggestion.of(parts[0], FIELDS.keySet()));
            }
            requirements.add(new Requirement(field, negated, parts[1]));
        }
        return new FieldSelector(text.strip(), List.copyOf(requirements));
    }

    /**
     * The first requirement that keeps out an event, or all but a few of its kind.
     *
     * @param event what is known of it; of other fields it may have any value
     */
    public Optional<Requirement> keepsOut(Map<Field, String> event) {
        return requirements.stream()
                .filter(
                        requirement ->
                                event.containsKey(requirement.field())
                                        ? !requirement.admits(event.get(requirement.field()))
                                        : !requirement.negated())
                .findFirst();
    }

    /**
     * What rules need and the selector keeps from them: a line for each matcher. What ends or
     * prolongs alerts, is awaited or is a stage must be admitted as a whole, since a rule would
     * take for silence what was not sent; of what triggers or is counted only something must be. A
     * namespace that is kept out is kept out for all of a subject.
     */
    public List<String> excluded(RuleSet rules) {
        List<String> lines = new ArrayList<>();
        for (Rule rule : rules.rules()) {
            if (rule.when() instanceof When.Sequence sequence) {
                for (int i = 0; i < sequence.stages().size(); i++) {
                    Stage stage = sequence.stages().get(i);
                    check(rule, "when.sequence[" + i + "]", stage.match(), true, lines);
                }
            } else {
                check(rule, "match", rule.match(), false, lines);
            }
            if (rule.when() instanceof When.Absence absence) {
                check(rule, "when.missing", absence.awaited(), true, lines);
            }
            checkAll(rule, "clears", rule.life().clears(), lines);
            checkAll(rule, "keepAlive", rule.life().keepAlive(), lines);
        }
        return lines;
    }

    private void checkAll(Rule rule, String key, List<Matcher> matchers, List<String> lines) {
        for (int i = 0; i < matchers.size(); i++) {
            String path = matchers.size() == 1 ? key : key + "[" + i + "]";
            check(rule, path, matchers.get(i), true, lines);
        }
    }

    private void check(Rule rule, String key, Matcher matcher, boolean whole, List<String> lines) {
        if (!matcher.resource().equals(Occurrence.EVENTS)) {
            return;
        }
        for (Requirement requirement : requirements) {
            boolean all = whole && requirement.field() != Field.REGARDING_NAMESPACE;
            if (all ? !isAdmitted(matcher, requirement) : isKeptOut(matcher, requirement)) {
                lines.add(
                        "rule "
                                + rule.name()
                                + ": "
                                + key
                                + " needs events that the fieldSelector "
                                + text
                                + " keeps out by "
                                + requirement
                                + ", expected "
                                + remedy(requirement, all)
                                + ", or a selector without "
                                + requirement.field().path());
            }
        }
    }

    private static String remedy(Requirement requirement, boolean whole) {
        String value =
                requirement.negated() ? "\"!" + requirement.value() + "\"" : requirement.value();
        return (whole ? "" : "no other value than ")
                + requirement.field().path()
                + ": "
                + value
                + (whole ? " in that matcher" : " there");
    }

    /** Whether all that a matcher may match is sent. */
    private static boolean isAdmitted(Matcher matcher, Requirement requirement) {
        return tests(matcher, requirement).stream().anyMatch(test -> pins(test, requirement));
    }

    private static boolean pins(Matcher.FieldMatch test, Requirement requirement) {
        List<Matcher.Value> positive =
                test.values().stream().filter(value -> !value.negated()).toList();
        boolean texts =
                !positive.isEmpty()
                        && positive.stream()
                                .allMatch(
                                        value ->
                                                value.pattern() == null
                                                        && requirement.admits(value.text()));
        return texts || (requirement.negated() && !test.matches(requirement.value()));
    }

    /** Whether nothing that a matcher may match is sent. */
    private static boolean isKeptOut(Matcher matcher, Requirement requirement) {
        return tests(matcher, requirement).stream()
                .anyMatch(
                        test ->
                                requirement.negated()
                                        ? isOnly(test, requirement.value())
                                        : !test.matches(requirement.value()));
    }

    private static boolean isOnly(Matcher.FieldMatch test, String text) {
        List<Matcher.Value> positive =
                test.values().stream().filter(value -> !value.negated()).toList();
        return !positive.isEmpty()
                && positive.stream()
                        .allMatch(value -> value.pattern() == null && value.text().equals(text));
    }

    private static List<Matcher.FieldMatch> tests(Matcher matcher, Requirement requirement) {
        return matcher.fields().stream()
                .filter(test -> test.field() == requirement.field())
                .toList();
    }

    private static Map<String, Field> fields() {
        Map<String, Field> fields = new TreeMap<>();
        for (Field field :
                List.of(
                        Field.TYPE,
                        Field.REASON,
                        Field.REGARDING_KIND,
                        Field.REGARDING_NAMESPACE,
                        Field.REGARDING_NAME,
                        Field.REGARDING_UID)) {
            fields.put(field.path(), field);
        }
        return fields;
    }
}
