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
import com.google.re2j.PatternSyntaxException;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.yaml.Suggestion;
import io.tocsin.job.yaml.Yaml;
import io.tocsin.job.yaml.YamlKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads matchers, written out or by name; {@code regarding} may be nested or dotted. */
final class MatcherReader {

    private static final Set<String> LATER =
            union(Language.notYet("match."), Set.of("log", "deprecatedSource.component"));
    private static final Set<String> KEYS = YamlKey.names(MatcherKeys.keys(true));
    private static final Set<String> ABOUT_KEYS = YamlKey.names(MatcherKeys.ABOUT);

    private final Problems problems;
    private final Map<String, List<Matcher>> named;

    /**
     * @param named matchers by name
     */
    MatcherReader(Problems problems, Map<String, List<Matcher>> named) {
        this.problems = problems;
        this.named = named;
    }

    /**
     * Where a matcher stands.
     *
     * @param resource what it is about if it says nothing
     * @param ends whether it may end or prolong something, and so may be about another object
     */
    record Use(String resource, boolean ends) {}

    /** A matcher; one that matches all after errors, which are reported. */
    Matcher read(Yaml node, String path, Use use) {
        List<Matcher> found = any(node, path, use);
        if (found.size() != 1) {
            problems.expected(
                    node.line(),
                    path,
                    node.describe() + ", which stands for " + found.size() + " matchers",
                    "a single matcher");
            return new Matcher(use.resource(), List.of(), null);
        }
        return found.get(0);
    }

    /** A matcher, or a list of them. */
    List<Matcher> readAll(Yaml node, String path, Use use) {
        if (!(node instanceof Yaml.Items list)) {
            return any(node, path, use);
        }
        List<Matcher> matchers = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
            matchers.addAll(any(list.items().get(i), path + "[" + i + "]", use));
        }
        return List.copyOf(matchers);
    }

    private List<Matcher> any(Yaml node, String path, Use use) {
        if (!(node instanceof Yaml.Scalar scalar) || scalar.text() == null) {
            return List.of(written(node, path, use));
        }
        List<Matcher> matchers = named.get(scalar.text());
        if (matchers == null) {
            problems.expected(
                    node.line(),
                    path,
                    node.describe() + ", which no matcher is named",
                    "a mapping, or one of "
                            + String.join(", ", named.keySet())
                            + Suggestion.of(scalar.text(), named.keySet()));
            return List.of(new Matcher(use.resource(), List.of(), null));
        }
        if (!use.ends() && matchers.stream().anyMatch(matcher -> matcher.about() != null)) {
            problems.expected(
                    node.line(),
                    path,
                    node.describe() + ", which is about an object that a note names",
                    "a matcher without names: only what ends or prolongs alerts may have them");
        }
        return matchers;
    }

    /** A matcher that is written out. */
    Matcher written(Yaml node, String path, Use use) {
        List<Matcher.FieldMatch> tests = new ArrayList<>();
        Yaml.Mapping mapping = problems.mapping(node, path);
        String resource = use.resource();
        About about = null;
        if (mapping != null) {
            Yaml state = mapping.get(MatcherKeys.STATE);
            if (state != null && KEYS.contains(MatcherKeys.STATE)) {
                String at = path + "." + MatcherKeys.STATE;
                String known = problems.oneOf(state, at, MatcherKeys.RESOURCES);
                resource = known == null ? resource : known;
            }
            fields(mapping, path, "", resource, use, tests);
            Yaml names = mapping.get(MatcherKeys.NAMES);
            if (names != null && KEYS.contains(MatcherKeys.NAMES)) {
                about = about(names, path + "." + MatcherKeys.NAMES, use);
            }
        }
        return new Matcher(resource, List.copyOf(tests), about);
    }

    private void fields(
            Yaml.Mapping mapping,
            String path,
            String prefix,
            String resource,
            Use use,
            List<Matcher.FieldMatch> tests) {
        if (mapping.entries().isEmpty()) {
            problems.expected(
                    mapping.line(), path, "an empty mapping", "at least one field to match");
        }
        mapping.entries()
                .forEach(
                        (key, entry) -> {
                            String name = prefix + key;
                            String at = path + "." + key;
                            Field field = MatcherKeys.FIELDS.get(name);
                            if (field != null) {
                                statesOnly(field, resource, entry.line(), at);
                                tests.add(test(field, null, entry.value(), at));
                            } else if (MatcherKeys.NESTED.contains(name)
                                    && entry.value() instanceof Yaml.Mapping nested) {
                                fields(nested, at, name + ".", resource, use, tests);
                            } else if (isLabels(name)) {
                                labels(name, entry, at, resource, tests);
                            } else if (MatcherKeys.NESTED.contains(name)) {
                                problems.mapping(entry.value(), at);
                            } else if (!KEYS.contains(name)) {
                                // State and names are read in another place.
                                unknown(name, at, entry.line());
                            }
                        });
    }

    private void statesOnly(Field field, String resource, int line, String path) {
        if (field == Field.EXIT_CODE && !resource.equals("pods")) {
            problems.expected(
                    line,
                    path,
                    "it of " + resource + ", which have none",
                    "state: pods beside it, or in when");
        }
    }

    private static boolean isLabels(String name) {
        return !LATER.contains(MatcherKeys.LABELS)
                && (name.equals(MatcherKeys.LABELS)
                        || name.equals("regarding." + MatcherKeys.LABELS));
    }

    private void labels(
            String name,
            Yaml.Entry entry,
            String path,
            String resource,
            List<Matcher.FieldMatch> tests) {
        if (!name.equals(MatcherKeys.LABELS) && resource.equals(Occurrence.EVENTS)) {
            problems.expected(
                    entry.line(),
                    path,
                    "it of events, which do not tell them",
                    "labels, those of the event itself, or state: pods beside it, or in when");
        }
        Yaml.Mapping mapping = problems.mapping(entry.value(), path);
        if (mapping == null) {
            return;
        }
        if (mapping.entries().isEmpty()) {
            problems.expected(mapping.line(), path, "an empty mapping", "at least one label");
        }
        mapping.entries()
                .forEach(
                        (label, value) -> {
                            String at = path + "." + label;
                            if (!label.matches(MatcherKeys.LABEL_NAME)) {
                                problems.expected(
                                        value.line(),
                                        at,
                                        "\"" + label + "\"",
                                        MatcherKeys.LABEL_NAME_EXPECTED);
                            }
                            tests.add(test(Field.LABEL, label, value.value(), at));
                        });
    }

    private About about(Yaml node, String path, Use use) {
        if (!use.ends()) {
            problems.expected(
                    node.line(), path, "names", "it in clears, keepAlive or missing only");
        }
        Yaml.Mapping mapping = problems.mapping(node, path);
        if (mapping == null) {
            return null;
        }
        problems.checkKeys(mapping, path, ABOUT_KEYS, Set.of());
        Yaml kind = mapping.get("kind");
        Yaml name = mapping.get("name");
        if (kind == null || name == null) {
            problems.expected(
                    node.line(),
                    path,
                    "no " + (kind == null ? "kind" : "name"),
                    "kind of the object, and name, a /regular expression/ of the note");
            return null;
        }
        String kindText = problems.text(kind, path + ".kind", "the kind of an object");
        String text = problems.text(name, path + ".name", "a /regular expression/");
        if (kindText == null || text == null) {
            return null;
        }
        Pattern pattern = null;
        if (text.length() > 2 && text.startsWith("/") && text.endsWith("/")) {
            pattern = regex(name, path + ".name", text);
        }
        if (pattern == null || pattern.groupCount() < 1) {
            problems.expected(
                    name.line(),
                    path + ".name",
                    name.describe(),
                    "a /regular expression/ whose first group is the name");
            return null;
        }
        return new About(kindText, pattern);
    }

    private Pattern regex(Yaml node, String path, String text) {
        try {
            return Patterns.regex(text.substring(1, text.length() - 1));
        } catch (PatternSyntaxException e) {
            malformed(node, path, e);
            return null;
        }
    }

    private void unknown(String name, String path, int line) {
        Set<String> known = new TreeSet<>(KEYS);
        if (name.equals("deprecatedSource.component")) {
            problems.expected(
                    line, path, name, "reportingController, which falls back to that component");
        } else if (LATER.contains(name) || LATER.contains(name.replaceFirst("^regarding\\.", ""))) {
            problems.notYet(line, path, name, "one of " + String.join(", ", known));
        } else {
            problems.add(
                    line,
                    path
                            + ": got an unknown field, expected one of "
                            + String.join(", ", known)
                            + Suggestion.of(name, known));
        }
    }

    private Matcher.FieldMatch test(Field field, String label, Yaml node, String path) {
        List<Matcher.Value> values = new ArrayList<>();
        List<Yaml> nodes = node instanceof Yaml.Items list ? list.items() : List.of(node);
        if (nodes.isEmpty()) {
            problems.expected(node.line(), path, "an empty list", "at least one value");
        }
        for (Yaml item : nodes) {
            String text = problems.text(item, path, "a text, a glob or a /regular expression/");
            if (text == null) {
                continue;
            }
            try {
                values.add(Matcher.Value.parse(field, text));
            } catch (PatternSyntaxException e) {
                malformed(item, path, e);
            }
        }
        return new Matcher.FieldMatch(field, label, List.copyOf(values));
    }

    private void malformed(Yaml node, String path, PatternSyntaxException e) {
        problems.expected(
                node.line(),
                path,
                node.describe() + " (" + e.getMessage() + ")",
                "a regular expression of RE2");
    }

    private static Set<String> union(Set<String> some, Set<String> others) {
        Set<String> all = new TreeSet<>(some);
        all.addAll(others);
        return all;
    }
}
