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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads the condition of a rule. */
final class WhenReader {

    private static final Set<String> KEYS = YamlKey.names(RuleKeys.WHEN);
    private static final List<String> KINDS =
            RuleKeys.WHEN.stream()
                    .filter(key -> key.presence() == YamlKey.Presence.ALTERNATIVE)
                    .map(YamlKey::name)
                    .toList();

    /** Conditions of the rule language that this version does not have. */
    private static final Set<String> LATER = later();

    private static final Set<String> DISTINCT = YamlKey.names(RuleKeys.DISTINCT);

    private final Problems problems;
    private final MatcherReader matchers;

    WhenReader(Problems problems, MatcherReader matchers) {
        this.problems = problems;
        this.matchers = matchers;
    }

    /** What the matchers of a rule are about if they say nothing; what is wrong is told later. */
    static String resource(Yaml.Mapping rule, String otherwise) {
        return rule.get("when") instanceof Yaml.Mapping when
                        && when.get(MatcherKeys.STATE) instanceof Yaml.Scalar state
                        && !LATER.contains(MatcherKeys.STATE)
                        && MatcherKeys.STATES.contains(String.valueOf(state.text()))
                ? state.text()
                : otherwise;
    }

    /**
     * Reads the condition of a rule, or null after reporting what is wrong with it.
     *
     * @param line line of the rule
     * @param at path of the rule
     * @param common what all stages of a sequence must match too, or null
     * @param resource what matchers are about if they say nothing
     */
    When read(Yaml.Mapping rule, int line, String at, Matcher common, String resource) {
        Yaml node = rule.get("when");
        String path = at + ".when";
        if (node == null) {
            problems.expected(line, path, "nothing", either(KINDS) + ", and within");
            return null;
        }
        Yaml.Mapping when = problems.mapping(node, path);
        if (when == null) {
            return null;
        }
        problems.checkKeys(when, path, KEYS, LATER);
        Yaml state = when.get(MatcherKeys.STATE);
        if (state != null && KEYS.contains(MatcherKeys.STATE)) {
            problems.oneOf(state, path + "." + MatcherKeys.STATE, MatcherKeys.STATES);
        }
        List<String> kinds = KINDS.stream().filter(kind -> when.get(kind) != null).toList();
        if (LATER.stream().anyMatch(key -> when.get(key) != null)) {
            return null;
        }
        if (kinds.size() > 1 || (kinds.isEmpty() && state == null)) {
            problems.expected(
                    node.line(),
                    path,
                    kinds.isEmpty() ? "no condition" : kinds.size() + " conditions",
                    "exactly one of " + String.join(", ", KINDS));
        }
        Yaml withinNode = when.get("within");
        long within = Durations.parse(RuleKeys.DEFAULT_STATE_WITHIN);
        if (withinNode != null) {
            within = problems.duration(withinNode, path + ".within", false);
        } else if (!kinds.isEmpty() || state == null) {
            problems.expected(node.line(), path + ".within", "nothing", Durations.EXPECTED);
        }
        if (kinds.isEmpty()) {
            return state == null ? null : new When.Threshold(1, within);
        }
        String kind = kinds.get(0);
        Yaml value = when.get(kind);
        String inside = path + "." + kind;
        return switch (kind) {
            case "atLeast" ->
                    new When.Threshold(
                            problems.number(value, inside, 1, RuleKeys.MOST_AT_LEAST), within);
            case "missing" -> {
                MatcherReader.Use use = new MatcherReader.Use(resource, true);
                yield new When.Absence(matchers.read(value, inside, use), within);
            }
            case "sequence" -> {
                StageReader stages = new StageReader(problems, matchers);
                String about = common == null ? resource : common.resource();
                yield new When.Sequence(stages.read(value, inside, common, about), within);
            }
            default -> distinct(value, inside, within);
        };
    }

    private When distinct(Yaml node, String path, long within) {
        Yaml.Mapping distinct = problems.mapping(node, path);
        if (distinct == null) {
            return null;
        }
        problems.checkKeys(distinct, path, DISTINCT, Set.of());
        Map<String, Field> fields = RuleKeys.DISTINCT_FIELDS;
        Yaml field = distinct.get("field");
        Yaml atLeast = distinct.get("atLeast");
        if (field == null || atLeast == null) {
            problems.expected(
                    node.line(),
                    path,
                    field == null ? "no field" : "no atLeast",
                    "field and atLeast, such as {field: regarding.uid, atLeast: 3}");
            return null;
        }
        String name = problems.oneOf(field, path + ".field", fields.keySet());
        long number = problems.number(atLeast, path + ".atLeast", 1, RuleKeys.MOST_DISTINCT);
        return fields.containsKey(String.valueOf(name))
                ? new When.Distinct(fields.get(name), (int) number, within)
                : null;
    }

    private static String either(List<String> words) {
        List<String> first = new ArrayList<>(words);
        String last = first.remove(first.size() - 1);
        return String.join(", ", first) + " or " + last;
    }

    private static Set<String> later() {
        Set<String> later = new TreeSet<>(Language.notYet("when."));
        later.add("log");
        return later;
    }
}
