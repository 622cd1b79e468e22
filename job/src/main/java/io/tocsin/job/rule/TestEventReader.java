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
import io.tocsin.source.event.KubernetesEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what happens in a test of rules. */
final class TestEventReader {

    private static final Set<String> NESTED = Set.of("regarding", "related");
    private static final Set<String> TIMES = YamlKey.names(RuleTestKeys.EVENT);

    private final Problems problems;

    TestEventReader(Problems problems) {
        this.problems = problems;
    }

    /** The versions of events that recorders write for these entries. */
    List<KubernetesEvent> read(List<Yaml> items, String test, Map<String, String> common) {
        List<TestRecorder.Happening> all = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            String path = test + ".events[" + i + "]";
            Yaml.Mapping mapping = problems.mapping(items.get(i), path);
            if (mapping != null) {
                int before = problems.errors().size();
                List<TestRecorder.Happening> entry = entry(mapping, path, common);
                if (all.size() + entry.size() > RuleTestKeys.MOST_EVENTS) {
                    problems.expected(
                            mapping.line(),
                            test + ".events",
                            "more than " + RuleTestKeys.MOST_EVENTS + " occurrences",
                            "fewer; a count tells of many at once");
                    return List.of();
                }
                if (problems.errors().size() == before) {
                    all.addAll(entry);
                }
            }
        }
        return TestRecorder.record(all);
    }

    /** Fields of events, over those that hold without them. */
    Map<String, String> fields(Yaml node, String path, Map<String, String> otherwise) {
        Map<String, String> fields = new LinkedHashMap<>(otherwise);
        Yaml.Mapping mapping = node == null ? null : problems.mapping(node, path);
        if (mapping != null) {
            fields(mapping, path, "", Set.of(), fields);
        }
        return fields;
    }

    private List<TestRecorder.Happening> entry(
            Yaml.Mapping mapping, String path, Map<String, String> common) {
        Map<String, String> fields = new LinkedHashMap<>(common);
        fields(mapping, path, "", TIMES, fields);
        for (Field needed : List.of(Field.REASON, Field.REGARDING_NAME)) {
            if (fields.getOrDefault(needed.path(), "").isEmpty()) {
                problems.expected(
                        mapping.line(),
                        path + "." + needed.path(),
                        "nothing",
                        "one, here or in common");
            }
        }
        Yaml at = mapping.get("at");
        if (at == null) {
            problems.expected(
                    mapping.line(), path + ".at", "nothing", "a time after the test's begin");
        }
        Yaml every = mapping.get("every");
        Yaml since = mapping.get("since");
        long begin = at == null ? 0 : problems.duration(at, path + ".at", true);
        long times = number(mapping, "times", path, RuleTestKeys.MOST_TIMES);
        long apart = every == null ? 0 : problems.duration(every, path + ".every", false);
        if (times > 1 && every == null) {
            problems.expected(
                    mapping.line(), path + ".every", "nothing", "a duration, with times above 1");
        }
        long first = since == null ? -1 : problems.duration(since, path + ".since", true);
        if (first > begin) {
            problems.expected(since.line(), path + ".since", since.describe(), "no later than at");
        }
        boolean counted = mapping.get("count") != null;
        long count = counted ? number(mapping, "count", path, RuleTestKeys.MOST_COUNT) : 0;
        long copies = number(mapping, "copies", path, RuleTestKeys.MOST_COPIES);
        List<TestRecorder.Happening> happenings = new ArrayList<>();
        if (copies * times > RuleTestKeys.MOST_EVENTS) {
            problems.expected(
                    mapping.line(),
                    path,
                    copies * times + " occurrences",
                    "at most " + RuleTestKeys.MOST_EVENTS);
            return happenings;
        }
        for (long time = 0; time < times; time++) {
            for (long copy = 1; copy <= copies; copy++) {
                happenings.add(
                        new TestRecorder.Happening(
                                begin + time * apart,
                                first,
                                counted ? count + time : 0,
                                copies == 1 ? fields : numbered(fields, copy)));
            }
        }
        return happenings;
    }

    private static Map<String, String> numbered(Map<String, String> fields, long copy) {
        Map<String, String> numbered = new LinkedHashMap<>();
        fields.forEach(
                (path, text) ->
                        numbered.put(path, text.replace(RuleTestKeys.COPY, Long.toString(copy))));
        return numbered;
    }

    private long number(Yaml.Mapping mapping, String key, String path, long most) {
        Yaml node = mapping.get(key);
        return node == null ? 1 : problems.number(node, path + "." + key, 1, most);
    }

    private void fields(
            Yaml.Mapping mapping,
            String path,
            String prefix,
            Set<String> others,
            Map<String, String> fields) {
        Set<String> known = new LinkedHashSet<>(others);
        for (String field : RuleTestKeys.EVENT_FIELDS.keySet()) {
            if (field.startsWith(prefix)) {
                known.add(field.substring(prefix.length()));
            }
        }
        if (prefix.isEmpty()) {
            known.addAll(NESTED);
        }
        problems.checkKeys(mapping, path, known, Set.of());
        mapping.entries()
                .forEach(
                        (key, entry) -> {
                            String at = path + "." + key;
                            if (prefix.isEmpty() && NESTED.contains(key)) {
                                Yaml.Mapping inner = problems.mapping(entry.value(), at);
                                if (inner != null) {
                                    fields(inner, at, key + ".", Set.of(), fields);
                                }
                            } else if (RuleTestKeys.EVENT_FIELDS.containsKey(prefix + key)) {
                                String text = problems.text(entry.value(), at, "a text");
                                fields.put(prefix + key, text == null ? "" : text);
                            }
                        });
    }
}
