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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Says what an occurrence is to a rule: which roles it plays, or which fields keep it from the role
 * that it comes nearest to.
 *
 * @param rule the rule
 * @param roles what it is to the rule, in words; empty if the rule does not mean it
 * @param nearest what keeps it from the nearest role; null if it plays one
 */
@Pure
public record Explanation(Rule rule, List<String> roles, Miss nearest) {

    /**
     * A role that an occurrence does not play.
     *
     * @param role the role
     * @param fields the fields that do not match; never empty
     */
    public record Miss(String role, List<Wrong> fields) {}

    /**
     * A field that does not match.
     *
     * @param field the field as rules write it
     * @param value what the occurrence has; empty where it has none
     * @param expected what the rule wants, in words
     */
    public record Wrong(String field, String value, String expected) {}

    /**
     * A role and what plays it.
     *
     * @param name the role in words
     */
    record Role(String name, Matcher matcher) {}

    /** What an occurrence is to a rule. */
    public static Explanation of(Rule rule, Occurrence occurrence) {
        List<String> played = new ArrayList<>();
        Miss nearest = null;
        for (Role role : roles(rule)) {
            List<Wrong> wrong = wrong(role.matcher(), occurrence);
            if (!wrong.isEmpty()) {
                // Of equally near ones the first: triggers come before what ends.
                if (nearest == null || wrong.size() < nearest.fields().size()) {
                    nearest = new Miss(role.name(), wrong);
                }
            } else if (!played.contains(role.name())) {
                played.add(role.name());
            }
        }
        return new Explanation(rule, List.copyOf(played), played.isEmpty() ? nearest : null);
    }

    /** Whether the rule means it. */
    public boolean matches() {
        return !roles.isEmpty();
    }

    /** In words: the roles, or what keeps it from the nearest. */
    public String text() {
        if (matches()) {
            return String.join(", ", roles);
        }
        return "no "
                + nearest.role()
                + ": "
                + nearest.fields().stream()
                        .map(
                                wrong ->
                                        wrong.field()
                                                + " is "
                                                + (wrong.value().isEmpty()
                                                        ? "empty"
                                                        : RuleWords.quoted(wrong.value()))
                                                + ", expected "
                                                + wrong.expected())
                        .collect(Collectors.joining("; "));
    }

    static List<Role> roles(Rule rule) {
        List<Role> roles = new ArrayList<>();
        if (rule.when() instanceof When.Sequence sequence) {
            for (int i = 0; i < sequence.stages().size(); i++) {
                Stage stage = sequence.stages().get(i);
                String name = stage.not() ? "stage " + (i + 1) + " (not)" : "stage " + (i + 1);
                roles.add(new Role(name, stage.match()));
            }
        } else {
            roles.add(new Role("trigger", rule.match()));
        }
        if (rule.when() instanceof When.Absence absence) {
            roles.add(new Role("awaited", absence.awaited()));
        }
        rule.life().clears().forEach(matcher -> roles.add(new Role("clear", matcher)));
        rule.life().keepAlive().forEach(matcher -> roles.add(new Role("keep-alive", matcher)));
        return roles;
    }

    private static List<Wrong> wrong(Matcher matcher, Occurrence occurrence) {
        List<Wrong> wrong = new ArrayList<>();
        if (!matcher.resource().equals(occurrence.resource())) {
            wrong.add(new Wrong("resource", occurrence.resource(), matcher.resource()));
        }
        for (Matcher.FieldMatch test : matcher.fields()) {
            String value = test.field().of(occurrence, test.label());
            if (!test.matches(value)) {
                wrong.add(new Wrong(RuleWords.field(test), value, RuleWords.values(test)));
            }
        }
        if (wrong.isEmpty() && matcher.about() != null && matcher.nameIn(occurrence) == null) {
            String note = Field.NOTE.of(occurrence);
            wrong.add(new Wrong("note", note, "the name of a " + matcher.about().kind()));
        }
        return List.copyOf(wrong);
    }
}
