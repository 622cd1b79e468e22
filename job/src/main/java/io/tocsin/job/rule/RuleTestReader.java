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

import io.tocsin.job.yaml.Yaml;
import io.tocsin.job.yaml.YamlKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Reads a file of tests of rules, and reports all that is wrong with it. */
final class RuleTestReader {

    private static final Set<String> FILE = YamlKey.names(RuleTestKeys.FILE);
    private static final Set<String> TEST = YamlKey.names(RuleTestKeys.TEST);
    private static final Set<String> BLIND = YamlKey.names(RuleTestKeys.BLIND);
    private static final Set<String> EXPECT = YamlKey.names(RuleTestKeys.EXPECT);
    private static final Set<String> ALERT = YamlKey.names(RuleTestKeys.ALERT);
    private static final Set<String> STATUS = Set.of("firing", "pending");
    private static final String A_TEXT = "a text";
    private static final String RULES = "rules";
    private static final String TESTS = "tests";
    private static final String NOTHING = "nothing";

    private final Problems problems;
    private final String file;
    private final TestEventReader events;
    private final TestObjectReader objects;

    RuleTestReader(Problems problems, String file) {
        this.problems = problems;
        this.file = file;
        this.events = new TestEventReader(problems);
        this.objects = new TestObjectReader(problems);
    }

    /** Reads a text; what it returns is usable only if nothing was reported. */
    RuleTestFile read(String text) {
        List<Yaml> documents = Yaml.read(text, problems);
        if (documents.size() != 1) {
            if (problems.errors().isEmpty()) {
                String got = documents.isEmpty() ? "an empty file" : "several documents";
                problems.expected(1, TESTS, got, "one document with tests");
            }
            return new RuleTestFile(file, List.of(), List.of());
        }
        Yaml.Mapping top = problems.mapping(documents.get(0), TESTS);
        if (top == null) {
            return new RuleTestFile(file, List.of(), List.of());
        }
        problems.checkKeys(top, "", FILE, Set.of());
        Map<String, String> common = events.fields(top.get("common"), "common", Map.of());
        List<RuleTestCase> tests = new ArrayList<>();
        Map<String, Integer> names = new HashMap<>();
        List<Yaml> items = items(top, TESTS, TESTS, true);
        for (int i = 0; i < items.size(); i++) {
            RuleTestCase test = test(items.get(i), TESTS + "[" + i + "]", common);
            if (test == null) {
                continue;
            }
            Integer before = names.putIfAbsent(test.name(), test.line());
            if (before != null) {
                problems.expected(
                        test.line(),
                        test.name() + ".name",
                        "a name that is taken at line " + before,
                        "a name of its own");
            }
            tests.add(test);
        }
        return new RuleTestFile(file, sources(top), List.copyOf(tests));
    }

    private List<String> sources(Yaml.Mapping top) {
        List<String> sources = new ArrayList<>();
        if (top.get(RULES) == null) {
            return List.of(RuleSet.DEFAULT);
        }
        for (Yaml item : items(top, RULES, RULES, true)) {
            String source = problems.text(item, RULES, "\"default\", a file or a glob");
            if (source != null) {
                sources.add(source);
            }
        }
        return sources;
    }

    private RuleTestCase test(Yaml node, String path, Map<String, String> ofFile) {
        Yaml.Mapping mapping = problems.mapping(node, path);
        if (mapping == null) {
            return null;
        }
        Yaml nameNode = mapping.get("name");
        String name = nameNode == null ? null : problems.text(nameNode, path + ".name", A_TEXT);
        if (nameNode == null || name != null && name.isBlank()) {
            String got = nameNode == null ? NOTHING : "a blank text";
            problems.expected(node.line(), path + ".name", got, "what it tests, in words");
        }
        String at = name == null || name.isBlank() ? path : name;
        problems.checkKeys(mapping, at, TEST, Set.of());
        Map<String, String> common = events.fields(mapping.get("common"), at + ".common", ofFile);
        return new RuleTestCase(
                at,
                node.line(),
                events.read(items(mapping, "events", at + ".events", false), at, common),
                objects.read(items(mapping, "objects", at + ".objects", false), at),
                blind(mapping, at),
                expectations(mapping, at));
    }

    private List<RuleTestCase.Blind> blind(Yaml.Mapping test, String at) {
        List<RuleTestCase.Blind> intervals = new ArrayList<>();
        for (Yaml item : items(test, "blind", at + ".blind", false)) {
            Yaml.Mapping mapping = problems.mapping(item, at + ".blind");
            if (mapping == null) {
                continue;
            }
            problems.checkKeys(mapping, at + ".blind", BLIND, Set.of());
            long from = time(mapping, "from", at + ".blind", item.line());
            Yaml to = mapping.get("to");
            long end = to == null ? 0 : problems.duration(to, at + ".blind.to", false);
            if (to != null && end <= from) {
                problems.expected(to.line(), at + ".blind.to", to.describe(), "later than from");
            }
            boolean after =
                    intervals.isEmpty()
                            || intervals.get(intervals.size() - 1).toMillis() != 0
                                    && intervals.get(intervals.size() - 1).toMillis() < from;
            if (!after) {
                problems.expected(
                        item.line(),
                        at + ".blind.from",
                        "an interval that does not begin after the one above it",
                        "intervals in order");
            }
            intervals.add(new RuleTestCase.Blind(from, end));
        }
        return intervals;
    }

    private List<RuleTestCase.Expectation> expectations(Yaml.Mapping test, String at) {
        List<RuleTestCase.Expectation> expectations = new ArrayList<>();
        for (Yaml item : items(test, "expect", at + ".expect", true)) {
            String path = at + ".expect";
            Yaml.Mapping mapping = problems.mapping(item, path);
            if (mapping == null) {
                continue;
            }
            problems.checkKeys(mapping, path, EXPECT, Set.of());
            long time = time(mapping, "at", path, item.line());
            if (mapping.get("alerts") == null) {
                problems.expected(
                        item.line(), path + ".alerts", NOTHING, "a list of alerts, [] for none");
            }
            List<RuleTestCase.ExpectedAlert> alerts = new ArrayList<>();
            for (Yaml alert : items(mapping, "alerts", path + ".alerts", false)) {
                RuleTestCase.ExpectedAlert read = alert(alert, path + ".alerts");
                if (read != null) {
                    alerts.add(read);
                }
            }
            expectations.add(new RuleTestCase.Expectation(time, item.line(), List.copyOf(alerts)));
        }
        expectations.sort(Comparator.comparingLong(RuleTestCase.Expectation::atMillis));
        return expectations;
    }

    private RuleTestCase.ExpectedAlert alert(Yaml node, String path) {
        Yaml.Mapping mapping = problems.mapping(node, path);
        if (mapping == null) {
            return null;
        }
        problems.checkKeys(mapping, path, ALERT, Set.of());
        String rule = text(mapping, "rule", path);
        if (mapping.get("rule") == null) {
            problems.expected(node.line(), path + ".rule", NOTHING, "the name of an alert");
        }
        Yaml status = mapping.get("status");
        Yaml severity = mapping.get("severity");
        Yaml since = mapping.get("since");
        return new RuleTestCase.ExpectedAlert(
                rule,
                text(mapping, "subject", path),
                status == null ? "firing" : problems.oneOf(status, path + ".status", STATUS),
                severity == null
                        ? null
                        : problems.oneOf(severity, path + ".severity", RuleKeys.severities()),
                text(mapping, "summary", path),
                labels(mapping.get("labels"), path + ".labels"),
                since == null ? -1 : problems.duration(since, path + ".since", true));
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
                                    String got = "\"" + key + "\"";
                                    problems.expected(
                                            entry.line(), at, got, RuleKeys.LABEL_EXPECTED);
                                }
                                labels.put(key, problems.text(entry.value(), at, A_TEXT));
                            });
        }
        return labels;
    }

    private long time(Yaml.Mapping mapping, String key, String path, int line) {
        Yaml node = mapping.get(key);
        if (node == null) {
            problems.expected(line, path + "." + key, NOTHING, "a time after the test's begin");
            return 0;
        }
        return problems.duration(node, path + "." + key, true);
    }

    private String text(Yaml.Mapping mapping, String key, String path) {
        Yaml node = mapping.get(key);
        return node == null ? null : problems.text(node, path + "." + key, A_TEXT);
    }

    /** The items of a list; none after an error, or where there is no such key. */
    private List<Yaml> items(Yaml.Mapping mapping, String key, String path, boolean required) {
        Yaml node = mapping.get(key);
        if (node instanceof Yaml.Items list && !(required && list.items().isEmpty())) {
            return list.items();
        }
        if (node != null || required) {
            problems.expected(
                    node == null ? mapping.line() : node.line(),
                    path,
                    node == null
                            ? NOTHING
                            : node instanceof Yaml.Items ? "an empty list" : node.describe(),
                    required ? "a list with at least one item" : "a list");
        }
        return List.of();
    }
}
