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

import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Severity;
import io.tocsin.job.yaml.Yaml;
import io.tocsin.job.yaml.YamlKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads the rules of one file, and reports all that is wrong with it. */
final class RuleReader {

    private static final Set<String> KEYS = YamlKey.names(RuleKeys.RULE);

    /** Fields of the rule language that this version does not have. */
    private static final Set<String> LATER = Language.notYet("");

    private static final Set<String> PER_LATER = Language.notYet("per.");

    private final Problems problems;

    RuleReader(Problems problems) {
        this.problems = problems;
    }

    /** A rule and where it is written. */
    record Located(Rule rule, int line) {}

    /** Reads a text; what it returns is usable only if nothing was reported. */
    List<Located> read(String text) {
        List<Located> rules = new ArrayList<>();
        List<Yaml> documents = Yaml.read(text, problems);
        for (Yaml document : documents) {
            read(document, rules);
        }
        if (documents.isEmpty() && problems.isEmpty()) {
            problems.expected(1, "rules", "an empty file", "at least one rule");
        }
        return rules;
    }

    private void read(Yaml document, List<Located> rules) {
        Yaml list = document;
        Yaml named = null;
        if (document instanceof Yaml.Mapping top) {
            problems.checkKeys(top, "", RuleKeys.TOP, Set.of());
            Yaml.Entry entry = top.entries().get("rules");
            list = entry == null ? new Yaml.Items(List.of(), document.line()) : entry.value();
            named = top.get("matchers");
        }
        MatcherReader matchers = new MatcherReader(problems, NamedMatchers.read(named, problems));
        if (!(list instanceof Yaml.Items items)) {
            problems.expected(list.line(), "rules", list.describe(), "a list of rules");
        } else if (items.items().isEmpty()) {
            problems.expected(items.line(), "rules", "no rule", "at least one rule");
        } else if (items.items().size() > RuleSet.MOST_RULES) {
            problems.expected(
                    items.line(),
                    "rules",
                    items.items().size() + " rules",
                    "at most " + RuleSet.MOST_RULES);
        } else {
            for (int i = 0; i < items.items().size(); i++) {
                Located rule = rule(items.items().get(i), "rules[" + i + "]", matchers);
                if (rule != null) {
                    rules.add(rule);
                }
            }
        }
    }

    private Located rule(Yaml node, String path, MatcherReader matchers) {
        Yaml.Mapping mapping = problems.mapping(node, path);
        if (mapping == null) {
            return null;
        }
        String name = name(mapping, "name", path);
        String at = name == null ? path : name;
        problems.checkKeys(mapping, at, KEYS, LATER);
        if (mapping.entries().get("name") == null) {
            problems.expected(node.line(), at + ".name", "nothing", Language.NAME_EXPECTED);
        }
        String alert = name(mapping, "alert", at);
        String resource = WhenReader.resource(mapping, Occurrence.EVENTS);
        Yaml match = mapping.get("match");
        Matcher common =
                match == null
                        ? null
                        : matchers.read(
                                match, at + ".match", new MatcherReader.Use(resource, false));
        When when =
                new WhenReader(problems, matchers).read(mapping, node.line(), at, common, resource);
        if (match == null && !(when instanceof When.Sequence)) {
            problems.expected(node.line(), at + ".match", "nothing", "what triggers the rule");
        }
        List<Field> per = per(mapping.get("per"), at + ".per");
        Life life = new LifeReader(problems, matchers).read(mapping, at, resource);
        checkSubject(mapping, at, per, when, life);
        Rule rule =
                new Rule(
                        at,
                        names(mapping.get("formerly"), at + ".formerly"),
                        alert == null ? at : alert,
                        per,
                        common,
                        when,
                        life,
                        severity(mapping.get("severity"), at + ".severity"),
                        new TextsReader(problems).read(mapping, at));
        return new Located(rule, node.line());
    }

    /** What only the whole rule shows to be impossible. */
    private void checkSubject(Yaml.Mapping rule, String at, List<Field> per, When when, Life life) {
        if (when instanceof When.Distinct distinct && per.contains(distinct.field())) {
            String field = distinct.field().path();
            problems.expected(
                    rule.get("when").line(),
                    at + ".when.distinct.field",
                    "\"" + field + "\", of which a subject has one value only",
                    "a field that is not in per");
        }
        boolean placed = per.contains(Field.REGARDING_UID) || per.contains(Field.REGARDING_NAME);
        if (!placed) {
            refuseNames(rule.entries().get("clears"), life.clears(), at + ".clears");
            refuseNames(rule.entries().get("keepAlive"), life.keepAlive(), at + ".keepAlive");
            if (when instanceof When.Absence absence) {
                refuseNames(
                        rule.entries().get("when"),
                        List.of(absence.awaited()),
                        at + ".when.missing");
            }
        }
    }

    private void refuseNames(Yaml.Entry entry, List<Matcher> matchers, String path) {
        if (matchers.stream().anyMatch(matcher -> matcher.about() != null)) {
            problems.expected(
                    entry.line(),
                    path,
                    "a matcher with names",
                    "regarding.uid or regarding.name in per, so that the name says something");
        }
    }

    private List<Field> per(Yaml node, String path) {
        if (node == null) {
            return RuleKeys.DEFAULT_PER;
        }
        Set<Field> fields = new LinkedHashSet<>();
        List<Yaml> items = node instanceof Yaml.Items list ? list.items() : List.of(node);
        if (items.isEmpty()) {
            problems.expected(node.line(), path, "an empty list", "at least one field");
        }
        for (Yaml item : items) {
            if (item instanceof Yaml.Scalar scalar
                    && scalar.text() != null
                    && PER_LATER.contains(scalar.text())) {
                String expected = "one of " + String.join(", ", RuleKeys.PER_FIELDS.keySet());
                problems.notYet(item.line(), path, item.describe(), expected);
                continue;
            }
            String name = problems.oneOf(item, path, RuleKeys.PER_FIELDS.keySet());
            Field field = name == null ? null : RuleKeys.PER_FIELDS.get(name);
            if (field != null && !fields.add(field)) {
                problems.expected(item.line(), path, item.describe() + " twice", "each field once");
            }
        }
        return List.copyOf(fields);
    }

    private Severity severity(Yaml node, String path) {
        if (node == null) {
            return Severity.WARNING;
        }
        String name = problems.oneOf(node, path, RuleKeys.severities());
        return name == null || !RuleKeys.severities().contains(name)
                ? Severity.WARNING
                : Severity.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private List<String> names(Yaml node, String path) {
        List<String> names = new ArrayList<>();
        if (node != null) {
            List<Yaml> items = node instanceof Yaml.Items list ? list.items() : List.of(node);
            for (Yaml item : items) {
                String name = name(item, path);
                if (name != null) {
                    names.add(name);
                }
            }
        }
        return List.copyOf(names);
    }

    private String name(Yaml.Mapping mapping, String key, String path) {
        Yaml node = mapping.get(key);
        return node == null ? null : name(node, path + "." + key);
    }

    private String name(Yaml node, String path) {
        String name = problems.text(node, path, Language.NAME_EXPECTED);
        if (name != null && !name.matches(Language.NAME)) {
            problems.expected(node.line(), path, node.describe(), Language.NAME_EXPECTED);
        }
        return name;
    }
}
