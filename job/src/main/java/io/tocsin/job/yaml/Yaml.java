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
package io.tocsin.job.yaml;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A YAML document whose nodes know their lines, which a data binder would have forgotten. Scalars
 * stay the texts that were written. Aliases stand for what they name.
 */
public sealed interface Yaml {

    /** Line of the node, from 1. */
    int line();

    /** What the node is, for messages. */
    String describe();

    /**
     * A text, a number, a flag or nothing.
     *
     * @param text as it was written; null for nothing
     */
    record Scalar(String text, int line) implements Yaml {

        /** As many chars are shown in a message. */
        private static final int MOST_SHOWN = 200;

        @Override
        public String describe() {
            if (text == null) {
                return "nothing";
            }
            boolean all = text.length() <= MOST_SHOWN;
            return "\"" + (all ? text : text.substring(0, MOST_SHOWN) + "…") + "\"";
        }
    }

    /** A list. */
    record Items(List<Yaml> items, int line) implements Yaml {
        @Override
        public String describe() {
            return "a list";
        }
    }

    /** A mapping, in the order of the file. */
    record Mapping(Map<String, Entry> entries, int line) implements Yaml {
        /** The value of a key, or null. */
        public Yaml get(String key) {
            Entry entry = entries.get(key);
            return entry == null ? null : entry.value();
        }

        @Override
        public String describe() {
            return "a mapping";
        }
    }

    /**
     * An entry of a mapping.
     *
     * @param line of its key
     */
    record Entry(Yaml value, int line) {}

    /** Is told of what is wrong, with the line. */
    interface Errors {
        /** Notes an error. */
        void add(int line, String message);
    }

    /** Reads all documents of a text; errors of syntax end the reading. */
    static List<Yaml> read(String text, Errors errors) {
        List<Yaml> documents = new ArrayList<>();
        try {
            Reading reading = new Reading(errors);
            new org.yaml.snakeyaml.Yaml(new LoaderOptions())
                    .composeAll(new StringReader(text))
                    .forEach(node -> documents.add(reading.node(node)));
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            int begin = e.getContextMark() == null ? line : e.getContextMark().getLine() + 1;
            errors.add(
                    line,
                    "this is not YAML: "
                            + e.getProblem()
                            + (begin == line ? "" : ", " + e.getContext() + " from line " + begin));
        } catch (YAMLException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            errors.add(1, "this is not YAML: " + reason);
        }
        return documents;
    }

    /**
     * One reading of a text. A node that many aliases name is taken once, however often it is
     * meant.
     */
    final class Reading {
        private final Errors errors;
        private final Map<Node, Yaml> taken = new IdentityHashMap<>();

        private Reading(Errors errors) {
            this.errors = errors;
        }

        private Yaml node(Node node) {
            int line = line(node);
            if (taken.containsKey(node)) {
                Yaml known = taken.get(node);
                if (known == null) {
                    errors.add(line, "an alias names what it is part of; expected no circle");
                    return new Scalar(null, line);
                }
                return known;
            }
            taken.put(node, null);
            Yaml yaml;
            if (node instanceof MappingNode mapping) {
                yaml = new Mapping(entries(mapping), line);
            } else if (node instanceof SequenceNode sequence) {
                yaml = new Items(sequence.getValue().stream().map(this::node).toList(), line);
            } else {
                boolean nothing = Tag.NULL.equals(node.getTag());
                yaml = new Scalar(nothing ? null : ((ScalarNode) node).getValue(), line);
            }
            taken.put(node, yaml);
            return yaml;
        }

        private Map<String, Entry> entries(MappingNode mapping) {
            Map<String, Entry> entries = new LinkedHashMap<>();
            for (NodeTuple tuple : mapping.getValue()) {
                int line = line(tuple.getKeyNode());
                if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                    errors.add(line, "got a list or a mapping as a key, expected a text");
                    continue;
                }
                Entry entry = new Entry(node(tuple.getValueNode()), line);
                Entry before = entries.putIfAbsent(key.getValue(), entry);
                if (before != null) {
                    errors.add(
                            line,
                            key.getValue()
                                    + ": got it twice, expected it once (first at line "
                                    + before.line()
                                    + ")");
                }
            }
            return entries;
        }

        private static int line(Node node) {
            return node.getStartMark() == null ? 1 : node.getStartMark().getLine() + 1;
        }
    }
}
