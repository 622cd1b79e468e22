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

import io.tocsin.job.yaml.Durations;
import io.tocsin.job.yaml.Yaml;
import io.tocsin.job.yaml.YamlKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the condition of a rule. */
final class WhenReader {

    private static final Set<String> KEYS = YamlKey.names(RuleKeys.WHEN);

    /** Conditions of the rule language that this version does not have. */
    private static final Set<String> LATER = ordered("distinct", "state", "log");

    private static final Set<String> STAGE_KEYS = YamlKey.names(RuleKeys.STAGE);
    private static final Set<String> STAGE_LATER = ordered("not");
    private static final String STAGE = "what the stage is";

    private final Problems problems;
    private final MatcherReader matchers;

    WhenReader(Problems problems, MatcherReader matchers) {
        this.problems = problems;
        this.matchers = matchers;
    }

    /**
     * Reads the condition of a rule, or null after reporting what is wrong with it.
     *
     * @param line line of the rule
     * @param at path of the rule
     * @param common what all stages of a sequence must match too, or null
     */
    When read(Yaml.Mapping rule, int line, String at, Matcher common) {
        Yaml node = rule.get("when");
        String path = at + ".when";
        if (node == null) {
            problems.expected(line, path, "nothing", "atLeast, missing or sequence, and within");
            return null;
        }
        Yaml.Mapping when = problems.mapping(node, path);
        if (when == null) {
            return null;
        }
        problems.checkKeys(when, path, KEYS, LATER);
        Yaml atLeast = when.get("atLeast");
        Yaml missing = when.get("missing");
        Yaml sequence = when.get("sequence");
        long kinds =
                Arrays.asList(atLeast, missing, sequence).stream().filter(k -> k != null).count();
        boolean later = LATER.stream().anyMatch(key -> when.get(key) != null);
        if (kinds != 1 && !later) {
            problems.expected(
                    node.line(),
                    path,
                    kinds == 0 ? "no condition" : kinds + " conditions",
                    "exactly one of atLeast, missing, sequence");
        }
        Yaml withinNode = when.get("within");
        long within = 1;
        if (withinNode == null && !later) {
            problems.expected(node.line(), path + ".within", "nothing", Durations.EXPECTED);
        } else if (withinNode != null) {
            within = problems.duration(withinNode, path + ".within", false);
        }
        if (atLeast != null) {
            long number = problems.number(atLeast, path + ".atLeast", 1, RuleKeys.MOST_AT_LEAST);
            return new When.Threshold(number, within);
        }
        if (missing != null) {
            return new When.Absence(matchers.read(missing, path + ".missing"), within);
        }
        if (sequence != null) {
            return new When.Sequence(stages(sequence, path + ".sequence", common), within);
        }
        return null;
    }

    private List<Stage> stages(Yaml node, String path, Matcher common) {
        List<Stage> stages = new ArrayList<>();
        if (!(node instanceof Yaml.Items list) || list.items().isEmpty()) {
            String got = node instanceof Yaml.Items ? "an empty list" : node.describe();
            problems.expected(node.line(), path, got, "a list of stages");
            return stages;
        }
        for (int i = 0; i < list.items().size(); i++) {
            Yaml item = list.items().get(i);
            String at = path + "[" + i + "]";
            Matcher matcher = null;
            long times = 1;
            if (item instanceof Yaml.Scalar scalar && scalar.text() != null) {
                if (scalar.text().startsWith("!") || scalar.text().startsWith("not ")) {
                    problems.notYet(item.line(), at, "a stage that must not come", STAGE);
                    continue;
                }
                String[] parts = scalar.text().split("\\s*[×]\\s*|\\s+x\\s*(?=\\d+$)", 2);
                Yaml reason = new Yaml.Scalar(parts[0].strip(), item.line());
                matcher =
                        matchers.read(
                                new Yaml.Mapping(
                                        Map.of("reason", new Yaml.Entry(reason, item.line())),
                                        item.line()),
                                at);
                if (parts.length == 2) {
                    Yaml count = new Yaml.Scalar(parts[1].strip(), item.line());
                    times = problems.number(count, at + ".times", 1, RuleKeys.MOST_TIMES);
                }
            } else {
                Yaml.Mapping stage = problems.mapping(item, at);
                if (stage == null) {
                    continue;
                }
                problems.checkKeys(stage, at, STAGE_KEYS, STAGE_LATER);
                Yaml match = stage.get("match");
                if (match == null) {
                    if (stage.get("not") == null) {
                        problems.expected(item.line(), at + ".match", "nothing", STAGE);
                    }
                    continue;
                }
                matcher = matchers.read(match, at + ".match");
                Yaml count = stage.get("times");
                times =
                        count == null
                                ? 1
                                : problems.number(count, at + ".times", 1, RuleKeys.MOST_TIMES);
            }
            Matcher whole = matcher.and(common);
            stages.add(new Stage(whole, (int) times, false, written(whole) + "×" + times));
        }
        return List.copyOf(stages);
    }

    private static String written(Matcher matcher) {
        StringBuilder text = new StringBuilder();
        for (Matcher.FieldMatch test : matcher.fields()) {
            text.append(test.field().path()).append('=');
            for (Matcher.Value value : test.values()) {
                text.append(value.negated() ? "!" : "").append(value.text()).append('|');
            }
            text.append(';');
        }
        return text.toString();
    }

    private static Set<String> ordered(String... words) {
        return Collections.unmodifiableSet(new LinkedHashSet<>(Arrays.asList(words)));
    }
}
