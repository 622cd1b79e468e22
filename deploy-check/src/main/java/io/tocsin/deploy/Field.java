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
package io.tocsin.deploy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A place in a YAML file: what is there, and how to name it in a message. A place where nothing is
 * has no node; it has the line of what it would be in.
 *
 * @param path from the top of the object, such as {@code FlinkDeployment/tocsin spec.job.args[0]}
 * @param line from 1
 * @param node what is there, or null
 */
record Field(String path, int line, Node node) {

    static Field of(String path, Node node) {
        return new Field(path, node.getStartMark().getLine() + 1, node);
    }

    boolean isPresent() {
        return node != null;
    }

    /** The value of a key; a place without a node if there is none, or if this is no mapping. */
    Field get(String key) {
        Field field = entries().get(key);
        return field == null ? new Field(below(key), line, null) : field;
    }

    /** Follows keys, separated by dots. */
    Field at(String keys) {
        Field field = this;
        for (String key : keys.split("\\.")) {
            field = field.get(key);
        }
        return field;
    }

    /** Keys and values; empty if this is no mapping. */
    Map<String, Field> entries() {
        Map<String, Field> entries = new LinkedHashMap<>();
        if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode key) {
                    entries.put(
                            key.getValue(),
                            new Field(
                                    below(key.getValue()),
                                    key.getStartMark().getLine() + 1,
                                    tuple.getValueNode()));
                }
            }
        }
        return entries;
    }

    /** The items; empty if this is no list. */
    List<Field> items() {
        List<Field> items = new ArrayList<>();
        if (node instanceof SequenceNode sequence) {
            for (Node item : sequence.getValue()) {
                items.add(of(path + "[" + items.size() + "]", item));
            }
        }
        return items;
    }

    /** The texts of the items that are scalars. */
    List<String> texts() {
        return items().stream().map(Field::text).filter(text -> text != null).toList();
    }

    /** The scalar as it is written; null if this is none. */
    String text() {
        return node instanceof ScalarNode scalar ? scalar.getValue() : null;
    }

    boolean is(String value) {
        return value.equals(text());
    }

    private String below(String key) {
        String name = key.indexOf('.') < 0 && key.indexOf('/') < 0 ? key : "[" + key + "]";
        return path.endsWith(" ") ? path + name : path + (name.startsWith("[") ? "" : ".") + name;
    }
}
