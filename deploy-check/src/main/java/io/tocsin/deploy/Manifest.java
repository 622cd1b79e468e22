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

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * The Kubernetes objects of a YAML file, with their lines.
 *
 * @param objects each one's top, in the order of the file; those of a List singly
 * @param whole false if only the objects before a place that is no YAML could be read
 */
record Manifest(List<Field> objects, boolean whole) {

    /**
     * Reads a file; what is no YAML, or has a key twice, is noted.
     *
     * @throws IOException if it cannot be read
     */
    static Manifest read(Path file, Problems problems) throws IOException {
        YamlText yaml = YamlText.read(file, problems);
        List<Field> objects = new ArrayList<>();
        for (Node node : yaml.documents()) {
            Field top = Field.of("", node);
            twice(Field.of(name(top, " "), node), problems);
            YamlText.merge(node);
            if (top.get("kind").is("List")) {
                top.get("items").items().forEach(item -> add(item.node(), objects, problems));
            } else {
                add(node, objects, problems);
            }
        }
        Map<String, Field> first = new HashMap<>();
        for (Field object : objects) {
            Field before = first.putIfAbsent(object.path() + namespace(object), object);
            if (before != null) {
                problems.add(
                        object,
                        "the object of line " + before.line() + " once more",
                        "each object once",
                        "remove one, or give it a name of its own, for the last one wins silently");
            }
        }
        return new Manifest(List.copyOf(objects), yaml.whole());
    }

    private static void add(Node node, List<Field> objects, Problems problems) {
        Field top = Field.of("", node);
        Field object = Field.of(name(top, " "), node);
        if (top.get("kind").text() == null
                || top.get("apiVersion").text() == null
                || top.at("metadata.name").text() == null) {
            problems.add(
                    object,
                    "a document without apiVersion, kind or metadata.name",
                    "a Kubernetes object",
                    "add them, or remove a stray ---");
        }
        objects.add(object);
    }

    private static String name(Field top, String end) {
        return top.get("kind").text() + "/" + top.at("metadata.name").text() + end;
    }

    List<Field> kind(String kind) {
        return objects.stream().filter(object -> object.get("kind").is(kind)).toList();
    }

    List<String> names(String kind) {
        return kind(kind).stream().map(Manifest::name).toList();
    }

    Optional<Field> find(String kind, String name) {
        return kind(kind).stream().filter(object -> name(object).equals(name)).findFirst();
    }

    static String name(Field object) {
        return String.valueOf(object.at("metadata.name").text());
    }

    /** The object's namespace; null if it has none, or leaves it to kubectl. */
    static String namespace(Field object) {
        return object.at("metadata.namespace").text();
    }

    private static void twice(Field field, Problems problems) {
        if (field.node() instanceof MappingNode mapping) {
            Set<String> keys = new HashSet<>();
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode key && !keys.add(key.getValue())) {
                    problems.add(
                            key.getStartMark().getLine() + 1,
                            field.get(key.getValue()).path(),
                            "got the key twice, expected it once; remove one, for the last one wins"
                                    + " silently");
                }
            }
            field.entries().values().forEach(child -> twice(child, problems));
        } else if (field.node() instanceof SequenceNode) {
            field.items().forEach(child -> twice(child, problems));
        }
    }
}
