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

import io.tocsin.job.model.Severity;
import io.tocsin.job.yaml.Yaml;
import io.tocsin.job.yaml.YamlKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Reads the rules of one file, and reports all that is wrong with it. */
final class RuleReader {

    private static final Set<String> KEYS = YamlKey.names(RuleKeys.RULE);

    /** Fields of the rule language that this version does not have. */
    private static final Set<String> LATER = ordered("quiet", "notice", "runbook");

    private static final Set<String> PER_LATER = ordered("owner", "node");

    private final Problems problems;
    private final MatcherReader matchers;

    RuleReader(Problems problems) {
        this.problems = problems;
        this.matchers = new MatcherReader(problems);
    }

    /** A rule and where it is written. */
    record Located(Rule rule, int line) {}

    /** Reads a text; what it returns is usable only if nothing was reported. */
    List<Located> read(String text) {
        List<Located> rules = new ArrayList<>();
        List<Yaml> documents = Yaml.read(text, problems);
        for (Yaml document : documents) {
            Yaml list = document;
            if (document instanceof Yaml.Mapping top) {
                problems.checkKeys(top, "", ordered("rules"), Set.of());
                Yaml.Entry entry = top.entries().get("rules");
                list = entry == null ? new Yaml.Items(List.of(), document.line()) : entry.value();
            }
            if (!(list instanceof Yaml.Items items)) {
                problems.expected(list.line(), "rules", list.describe(), "a list of rules");
            } else if (items.items().isEmpty()) {
                problems.expected(items.line(), "rules", "no rule", "at least one rule");
            } else {
                for (int i = 0; i < items.items().size(); i++) {
                    Located rule = rule(items.items().get(i), "rules[" + i + "]");
                    if (rule != null) {
                        rules.add(rule);
                    }
                }
            }
        }
        if (documents.isEmpty() && problems.errors().isEmpty()) {
            problems.expected(1, "rules", "an empty file", "at least one rule");
        }
        return rules;
    }

    private Located rule(Yaml node, String path) {
        Yaml.Mapping mapping = problems.mapping(node, path);
        if (mapping == null) {
            return null;
        }
        String name = name(mapping, "name", path);
        String at = name == null ? path : name;
        problems.checkKeys(mapping, at, KEYS, LATER);
        if (mapping.entries().get("name") == null) {
            problems.expected(node.line(), at + ".name", "nothing", RuleKeys.NAME_EXPECTED);
        }
        String alert = name(mapping, "alert", at);
        Yaml match = mapping.get("match");
        Matcher common = match == null ? null : matchers.read(match, at + ".match");
        When when = new WhenReader(problems, matchers).read(mapping, node.line(), at, common);
        if (match == null && !(when instanceof When.Sequence)) {
            problems.expected(node.line(), at + ".match", "nothing", "what triggers the rule");
        }
        Yaml wait = mapping.get("for");
        Yaml clears = mapping.get("clears");
        Yaml keepAlive = mapping.get("keepAlive");
        Yaml resolveAfter = mapping.get("resolveAfter");
        Life life =
                new Life(
                        wait == null ? 0 : problems.duration(wait, at + ".for", true),
                        0,
                        clears == null ? List.of() : matchers.readAll(clears, at + ".clears"),
                        keepAlive == null
                                ? List.of()
                                : List.of(matchers.read(keepAlive, at + ".keepAlive")),
                        resolveAfter == null
                                ? RuleKeys.DEFAULT_RESOLVE_AFTER_MILLIS
                                : problems.duration(resolveAfter, at + ".resolveAfter", false),
                        false);
        Rule rule =
                new Rule(
                        at,
                        List.of(),
                        alert == null ? at : alert,
                        per(mapping.get("per"), at + ".per"),
                        common,
                        when,
                        life,
                        severity(mapping.get("severity"), at + ".severity"),
                        texts(mapping, at));
        return new Located(rule, node.line());
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
            if (item instanceof Yaml.Scalar scalar && PER_LATER.contains(scalar.text())) {
                String expected = "one of " + String.join(", ", RuleKeys.PER_FIELDS.keySet());
                problems.notYet(item.line(), path, item.describe(), expected);
                continue;
            }
            String name = problems.oneOf(item, path, RuleKeys.PER_FIELDS.keySet());
            if (name != null && !fields.add(RuleKeys.PER_FIELDS.get(name))) {
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
        return name == null ? Severity.WARNING : Severity.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private Texts texts(Yaml.Mapping rule, String at) {
        Map<String, String> labels = labels(rule.get("labels"), at + ".labels");
        return new Texts(
                template(rule.get("summary"), at + ".summary", RuleKeys.defaultSummary()),
                null,
                null,
                labels);
    }

    private Map<String, String> labels(Yaml node, String path) {
        Map<String, String> labels = new TreeMap<>();
        Yaml.Mapping mapping = node == null ? null : problems.mapping(node, path);
        if (mapping != null) {
            mapping.entries()
                    .forEach(
                            (key, entry) -> {
                                String at = path + "." + key;
                                if (!key.matches(RuleKeys.LABEL)) {
                                    problems.expected(
                                            entry.line(),
                                            at,
                                            "\"" + key + "\"",
                                            RuleKeys.LABEL_EXPECTED);
                                }
                                labels.put(key, template(entry.value(), at, ""));
                            });
        }
        return labels;
    }

    private String template(Yaml node, String path, String otherwise) {
        if (node == null) {
            return otherwise;
        }
        String text = problems.text(node, path, "a text");
        if (text == null) {
            return otherwise;
        }
        try {
            Template.compile(text);
        } catch (IllegalArgumentException e) {
            problems.expected(
                    node.line(),
                    path,
                    node.describe() + " (" + e.getMessage() + ")",
                    "a mustache template");
        }
        return text;
    }

    private String name(Yaml.Mapping mapping, String key, String path) {
        Yaml node = mapping.get(key);
        String name =
                node == null ? null : problems.text(node, path + "." + key, RuleKeys.NAME_EXPECTED);
        if (name != null && !name.matches(RuleKeys.NAME)) {
            problems.expected(
                    node.line(), path + "." + key, node.describe(), RuleKeys.NAME_EXPECTED);
        }
        return name;
    }

    private static Set<String> ordered(String... words) {
        return Collections.unmodifiableSet(new LinkedHashSet<>(Arrays.asList(words)));
    }
}
