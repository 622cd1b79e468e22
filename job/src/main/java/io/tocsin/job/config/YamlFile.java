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
package io.tocsin.job.config;

import io.tocsin.job.yaml.Suggestion;
import io.tocsin.job.yaml.Yaml;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A YAML file that is read leniently: what is wrong is noted with file, line and field, and reading
 * goes on with a default, so that all errors are told together.
 */
final class YamlFile {
    private static final Pattern NAME = Pattern.compile(PipelineKeys.NAME);

    private final String file;
    private final List<String> errors = new ArrayList<>();

    YamlFile(String file) {
        this.file = file;
    }

    /** Every error so far, in the order of finding. */
    List<String> errors() {
        return errors;
    }

    /** The root of the document; null if it is empty or no YAML. */
    Yaml parse(String text) {
        List<Yaml> documents =
                Yaml.read(text, (line, message) -> errors.add(file + ":" + line + ": " + message));
        if (documents.size() > 1) {
            error(documents.get(1), "", "got a second document, expected one in a file");
        }
        return documents.isEmpty() ? null : documents.get(0);
    }

    /** Notes an error at a node. */
    void error(Yaml at, String field, String message) {
        error(at.line(), field, message);
    }

    private void error(int line, String field, String message) {
        errors.add(file + ":" + line + ": " + (field.isEmpty() ? "" : field + ": ") + message);
    }

    /** The entries of a mapping. Unknown keys are errors; those of later versions say so. */
    Map<String, Yaml> map(Yaml node, String field, List<String> known, List<String> later) {
        Map<String, Yaml> entries = new LinkedHashMap<>();
        if (!(node instanceof Yaml.Mapping mapping)) {
            error(
                    node,
                    field,
                    "expected a mapping with the keys " + known + ", got " + describe(node));
            return entries;
        }
        mapping.entries()
                .forEach(
                        (key, entry) -> {
                            String path = field.isEmpty() ? key : field + "." + key;
                            if (later.contains(key)) {
                                error(entry.line(), path, "is not supported yet; remove it");
                            } else if (known.contains(key)) {
                                entries.put(key, entry.value());
                            } else {
                                error(
                                        entry.line(),
                                        path,
                                        "unknown key"
                                                + Suggestion.orFullStop(key, known)
                                                + " Expected one of "
                                                + String.join(", ", known));
                            }
                        });
        return entries;
    }

    /** Any mapping of names to values; an error for other nodes. */
    Map<String, Yaml> anyMap(Yaml node, String field) {
        Map<String, Yaml> entries = new LinkedHashMap<>();
        if (node instanceof Yaml.Mapping mapping) {
            mapping.entries().forEach((key, entry) -> entries.put(key, entry.value()));
        } else {
            error(node, field, "expected a mapping, got " + describe(node));
        }
        return entries;
    }

    /** The items of a list; an error for other nodes. */
    List<Yaml> list(Yaml node, String field) {
        if (node instanceof Yaml.Items list) {
            return list.items();
        }
        error(node, field, "expected a list, got " + describe(node));
        return List.of();
    }

    /** A text; an error and null for null, empty texts and other nodes. */
    String text(Yaml node, String field) {
        if (node instanceof Yaml.Scalar scalar
                && scalar.text() != null
                && !scalar.text().isBlank()) {
            return scalar.text();
        }
        error(node, field, "expected a text, got " + describe(node));
        return null;
    }

    /**
     * The name of a list's item; an error if it has none, a strange one, or one in {@code names}.
     */
    String name(Yaml item, Map<String, Yaml> entries, String field, Set<String> names) {
        if (!entries.containsKey("name")) {
            error(item, field, "has no name");
            return "?";
        }
        Yaml node = entries.get("name");
        String name = text(node, field + ".name");
        if (name == null) {
            return "?";
        }
        if (!NAME.matcher(name).matches()) {
            error(
                    node,
                    field + ".name",
                    "\"" + name + "\" is no name; expected letters, digits and . _ @ : -");
        } else if (!names.add(name)) {
            error(node, field + ".name", "\"" + name + "\" is taken; expected different names");
        }
        return name;
    }

    /** The texts of a list. */
    List<String> texts(Yaml node, String field) {
        List<String> texts = new ArrayList<>();
        List<Yaml> items = list(node, field);
        for (int i = 0; i < items.size(); i++) {
            String text = text(items.get(i), field + "[" + i + "]");
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    /** True or false; an error and false for others. */
    boolean flag(Yaml node, String field) {
        if (node instanceof Yaml.Scalar scalar
                && Arrays.asList("true", "false").contains(scalar.text())) {
            return scalar.text().equals("true");
        }
        error(node, field, "expected true or false, got " + describe(node));
        return false;
    }

    private static String describe(Yaml node) {
        boolean blank =
                node instanceof Yaml.Scalar scalar
                        && scalar.text() != null
                        && scalar.text().isBlank();
        return blank ? "nothing" : node.describe();
    }
}
