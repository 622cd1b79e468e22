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
import io.tocsin.job.yaml.Durations;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Says in words what a rule does: what triggers it, when it rings, how it ends. */
@Pure
public final class RuleWords {

    private static final String INDENT = "  ";

    private RuleWords() {}

    /** The rule in lines of text; the first is its name. */
    public static List<String> explain(Rule rule) {
        List<String> lines = new ArrayList<>();
        String alert = rule.alert().equals(rule.name()) ? "" : ", alert " + rule.alert();
        lines.add(rule.name() + " (" + severity(rule) + alert + ")");
        if (rule.when() instanceof When.Sequence sequence) {
            if (rule.match() != null) {
                add(lines, "of", matcher(rule.match()));
            }
            for (int i = 0; i < sequence.stages().size(); i++) {
                add(lines, "stage " + (i + 1), stage(sequence.stages().get(i), rule.match()));
            }
        } else {
            add(lines, "trigger", matcher(rule.match()));
        }
        add(lines, "for each", per(rule));
        add(lines, "true", when(rule.when()));
        add(lines, "rings", rings(rule.life()));
        ends(rule, lines);
        add(lines, "watches", String.join(", ", watched(rule)));
        return lines;
    }

    /** The condition in one line, as the rule writes it. */
    public static String condition(Rule rule) {
        String within = " within " + Durations.write(rule.when().withinMillis());
        if (rule.when() instanceof When.Threshold threshold) {
            return "atLeast " + threshold.atLeast() + within;
        }
        if (rule.when() instanceof When.Distinct distinct) {
            return distinct.atLeast() + " distinct " + distinct.field().path() + within;
        }
        if (rule.when() instanceof When.Absence absence) {
            Set<String> reasons = absence.awaited().reasons();
            return "missing " + (reasons == null ? "…" : String.join("|", reasons)) + within;
        }
        return "sequence of " + ((When.Sequence) rule.when()).stages().size() + within;
    }

    /** What has to be watched for a rule. */
    public static Set<String> watched(Rule rule) {
        Set<String> resources = new LinkedHashSet<>();
        Explanation.roles(rule).forEach(role -> resources.add(role.matcher().resource()));
        return resources;
    }

    /** The severity as rules write it. */
    public static String severity(Rule rule) {
        return rule.severity().name().toLowerCase(Locale.ROOT);
    }

    /** The subject's definition as rules write it. */
    public static String per(Rule rule) {
        return String.join(", ", rule.per().stream().map(Field::path).toList());
    }

    /** A matcher in words: every field with what it must be. */
    static String matcher(Matcher matcher) {
        List<String> words = new ArrayList<>();
        if (!matcher.resource().equals(Occurrence.EVENTS)) {
            words.add("state of " + matcher.resource());
        }
        matcher.fields().forEach(test -> words.add(field(test) + " " + values(test)));
        if (matcher.about() != null) {
            words.add(
                    "note names the "
                            + matcher.about().kind()
                            + " by /"
                            + matcher.about().name().pattern()
                            + "/");
        }
        return words.isEmpty() ? "anything" : String.join(", ", words);
    }

    /** A field as rules write it. */
    static String field(Matcher.FieldMatch test) {
        return test.label() == null
                ? test.field().path()
                : test.field().path() + "." + test.label();
    }

    /** What a field must be, in words. */
    static String values(Matcher.FieldMatch test) {
        List<String> wanted = new ArrayList<>();
        List<String> excluded = new ArrayList<>();
        for (Matcher.Value value : test.values()) {
            (value.negated() ? excluded : wanted).add(quoted(value.text()));
        }
        String not = excluded.isEmpty() ? "" : "not " + String.join(" or ", excluded);
        return wanted.isEmpty()
                ? not
                : String.join(" or ", wanted) + (not.isEmpty() ? "" : ", " + not);
    }

    /** A text as it stands, in quotes where it would not end at its end. */
    static String quoted(String text) {
        boolean plain = !text.isEmpty() && text.chars().noneMatch(c -> c <= ' ' || c == ',');
        return plain ? text : "\"" + text + "\"";
    }

    private static String stage(Stage stage, Matcher common) {
        // The reader has put what all stages have in common into each.
        List<Matcher.FieldMatch> own = new ArrayList<>(stage.match().fields());
        if (common != null) {
            common.fields().forEach(own::remove);
        }
        Matcher match = stage.match();
        String words = matcher(new Matcher(match.resource(), List.copyOf(own), match.about()));
        return (stage.not() ? "not " : stage.times() == 1 ? "" : stage.times() + " times ") + words;
    }

    private static String when(When when) {
        String within = Durations.write(when.withinMillis());
        if (when instanceof When.Threshold threshold) {
            return threshold.atLeast() == 1
                    ? "at the first one"
                    : "as soon as " + threshold.atLeast() + " lie within " + within;
        }
        if (when instanceof When.Absence absence) {
            return within
                    + " after the first one, unless until then came "
                    + matcher(absence.awaited());
        }
        if (when instanceof When.Distinct distinct) {
            return "as soon as "
                    + distinct.atLeast()
                    + " different "
                    + distinct.field().path()
                    + " lie within "
                    + within;
        }
        return "when the stages came in this order within " + within;
    }

    private static String rings(Life life) {
        return life.forMillis() == 0
                ? "at once"
                : "when it was pending for "
                        + Durations.write(life.forMillis())
                        + (life.quietMillis() == 0
                                ? ""
                                : ", unless "
                                        + Durations.write(life.quietMillis())
                                        + " pass without a trigger");
    }

    private static void ends(Rule rule, List<String> lines) {
        Life life = rule.life();
        String last = rule.when() instanceof When.Sequence ? "stage" : "trigger";
        String after = Durations.write(life.resolveAfterMillis()) + " after the last " + last;
        String alive = life.keepAlive().isEmpty() ? "" : ", or what keeps it alive";
        if (life.notice()) {
            add(lines, "ends", "untold; it may ring again " + after + alive);
        } else {
            life.clears().forEach(clear -> add(lines, "ends by", matcher(clear)));
            add(lines, "ends", after + alive);
        }
        life.keepAlive().forEach(keep -> add(lines, "kept alive", matcher(keep)));
    }

    private static void add(List<String> lines, String label, String text) {
        lines.add(INDENT + "%-10s  %s".formatted(label, text));
    }
}
