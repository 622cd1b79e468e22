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
import java.util.Map;
import java.util.TreeMap;

/** Reads what alerts of a rule tell people: templates. */
final class TextsReader {

    private final Problems problems;

    TextsReader(Problems problems) {
        this.problems = problems;
    }

    /**
     * Reads them; what is wrong is reported.
     *
     * @param at path of the rule
     */
    Texts read(Yaml.Mapping rule, String at) {
        return new Texts(
                template(rule.get("summary"), at + ".summary", RuleKeys.defaultSummary()),
                template(rule.get("description"), at + ".description", null),
                template(rule.get("runbook"), at + ".runbook", null),
                labels(rule.get("labels"), at + ".labels"));
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
}
