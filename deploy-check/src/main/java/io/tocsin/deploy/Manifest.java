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
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * The Kubernetes objects of a YAML file, with their lines.
 *
 * @param objects each one's top, in the order of the file
 */
record Manifest(List<Field> objects) {

    /**
     * Reads a file; what is no YAML, or has a key twice, is noted.
     *
     * @throws IOException if it cannot be read
     */
    static Manifest read(Path file, Problems problems) throws IOException {
        List<Field> objects = new ArrayList<>();
        String text = Files.readString(file);
        try {
            for (Node node : new Yaml(new LoaderOptions()).composeAll(new StringReader(text))) {
                Field top = Field.of("", node);
                String kind = top.get("kind").text();
                String name = top.at("metadata.name").text();
                Field object = Field.of(kind + "/" + name + " ", node);
                if (kind == null || top.get("apiVersion").text() == null || name == null) {
                    problems.add(
                            object,
                            "a document without apiVersion, kind or metadata.name",
                            "a Kubernetes object",
                            "add them, or remove a stray ---");
                }
                twice(object, problems);
                objects.add(object);
            }
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            problems.add(line, "", "got text that is not YAML, " + e.getProblem());
        }
        return new Manifest(List.copyOf(objects));
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
                            field.path() + "." + key.getValue(),
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
