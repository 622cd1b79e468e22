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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

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
    Node parse(String text) {
        try {
            return new Yaml(new LoaderOptions()).compose(new java.io.StringReader(text));
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            errors.add(file + ":" + line + ": this is not YAML: " + e.getProblem());
        } catch (YAMLException e) {
            errors.add(file + ":1: this is not YAML: " + e.getMessage());
        }
        return null;
    }

    /** Notes an error at a node. */
    void error(Node at, String field, String message) {
        errors.add(
                file
                        + ":"
                        + (at.getStartMark() == null ? 1 : at.getStartMark().getLine() + 1)
                        + ": "
                        + (field.isEmpty() ? "" : field + ": ")
                        + message);
    }

    /**
     * The entries of a mapping. Unknown and repeated keys are errors; keys of later versions are
     * errors that say so.
     */
    Map<String, Node> map(Node node, String field, List<String> known, List<String> later) {
        Map<String, Node> entries = new LinkedHashMap<>();
        if (!(node instanceof MappingNode mapping)) {
            error(
                    node,
                    field,
                    "expected a mapping with the keys " + known + ", got " + describe(node));
            return entries;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            Node keyNode = tuple.getKeyNode();
            String key = keyNode instanceof ScalarNode scalar ? scalar.getValue() : "?";
            String path = field.isEmpty() ? key : field + "." + key;
            if (later.contains(key)) {
                error(keyNode, path, "is not supported yet; remove it");
            } else if (!known.contains(key)) {
                error(
                        keyNode,
                        path,
                        "unknown key"
                                + Suggestion.of(key, known)
                                + " Expected one of "
                                + String.join(", ", known));
            } else if (entries.putIfAbsent(key, tuple.getValueNode()) != null) {
                error(keyNode, path, "is given twice; remove one");
            }
        }
        return entries;
    }

    /** Any mapping of names to values; an error for other nodes. */
    Map<String, Node> anyMap(Node node, String field) {
        Map<String, Node> entries = new LinkedHashMap<>();
        if (!(node instanceof MappingNode mapping)) {
            error(node, field, "expected a mapping, got " + describe(node));
            return entries;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode scalar) {
                entries.put(scalar.getValue(), tuple.getValueNode());
            }
        }
        return entries;
    }

    /** The items of a list; an error for other nodes. */
    List<Node> list(Node node, String field) {
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        error(node, field, "expected a list, got " + describe(node));
        return List.of();
    }

    /** A text; an error and null for null, empty texts and other nodes. */
    String text(Node node, String field) {
        if (node instanceof ScalarNode scalar && !Tag.NULL.equals(scalar.getTag())) {
            if (!scalar.getValue().isBlank()) {
                return scalar.getValue();
            }
        }
        error(node, field, "expected a text, got " + describe(node));
        return null;
    }

    /**
     * The name of a list's item; an error if it has none, a strange one, or one in {@code names}.
     */
    String name(Node item, Map<String, Node> entries, String field, Set<String> names) {
        if (!entries.containsKey("name")) {
            error(item, field, "has no name");
            return "?";
        }
        Node node = entries.get("name");
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
    List<String> texts(Node node, String field) {
        List<String> texts = new ArrayList<>();
        List<Node> items = list(node, field);
        for (int i = 0; i < items.size(); i++) {
            String text = text(items.get(i), field + "[" + i + "]");
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    /** True or false; an error and false for others. */
    boolean flag(Node node, String field) {
        if (node instanceof ScalarNode scalar
                && Arrays.asList("true", "false").contains(scalar.getValue())) {
            return scalar.getValue().equals("true");
        }
        error(node, field, "expected true or false, got " + describe(node));
        return false;
    }

    private static String describe(Node node) {
        if (node instanceof MappingNode) {
            return "a mapping";
        }
        if (node instanceof SequenceNode) {
            return "a list";
        }
        String value = ((ScalarNode) node).getValue();
        return value.isBlank() ? "nothing" : "\"" + value + "\"";
    }
}
