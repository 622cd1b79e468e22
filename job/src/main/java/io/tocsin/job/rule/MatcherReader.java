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

import com.google.re2j.PatternSyntaxException;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.yaml.Suggestion;
import io.tocsin.job.yaml.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Reads matchers; {@code regarding} may be nested or dotted. */
final class MatcherReader {

    /** The one field with fields of its own. */
    static final String REGARDING = "regarding";

    /** Fields of the rule language that this version does not have. */
    private static final Set<String> LATER =
            Set.of("labels", "regarding.labels", "related", "deprecatedSource.component", "log");

    private final Problems problems;

    MatcherReader(Problems problems) {
        this.problems = problems;
    }

    /** A matcher; empty after errors, which are reported. */
    Matcher read(Yaml node, String path) {
        List<Matcher.FieldMatch> tests = new ArrayList<>();
        Yaml.Mapping mapping = problems.mapping(node, path);
        if (mapping != null) {
            fields(mapping, path, "", tests);
        }
        return new Matcher(Occurrence.EVENTS, List.copyOf(tests), null);
    }

    /** A matcher, or a list of them. */
    List<Matcher> readAll(Yaml node, String path) {
        if (!(node instanceof Yaml.Items list)) {
            return List.of(read(node, path));
        }
        List<Matcher> matchers = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
            matchers.add(read(list.items().get(i), path + "[" + i + "]"));
        }
        return List.copyOf(matchers);
    }

    private void fields(
            Yaml.Mapping mapping, String path, String prefix, List<Matcher.FieldMatch> tests) {
        if (mapping.entries().isEmpty()) {
            problems.expected(
                    mapping.line(), path, "an empty mapping", "at least one field to match");
        }
        mapping.entries()
                .forEach(
                        (key, entry) -> {
                            String name = prefix + key;
                            Field field = RuleKeys.MATCH_FIELDS.get(name);
                            if (field != null) {
                                tests.add(test(field, entry.value(), path + "." + key));
                            } else if (name.equals(REGARDING)
                                    && entry.value() instanceof Yaml.Mapping nested) {
                                fields(nested, path + "." + key, REGARDING + ".", tests);
                            } else {
                                unknown(name, path + "." + key, entry.line());
                            }
                        });
    }

    private void unknown(String name, String path, int line) {
        Set<String> known = new TreeSet<>(RuleKeys.MATCH_FIELDS.keySet());
        if (LATER.contains(name)) {
            problems.notYet(line, path, name, "one of " + String.join(", ", known));
            return;
        }
        problems.add(
                line,
                path
                        + ": got an unknown field, expected one of "
                        + String.join(", ", known)
                        + Suggestion.of(name, known));
    }

    private Matcher.FieldMatch test(Field field, Yaml node, String path) {
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
                problems.expected(
                        item.line(),
                        path,
                        item.describe() + " (" + e.getMessage() + ")",
                        "a regular expression of RE2");
            }
        }
        return new Matcher.FieldMatch(field, null, List.copyOf(values));
    }
}
