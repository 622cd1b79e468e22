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
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.CollectionNode;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * The documents of a YAML file, whatever the file holds.
 *
 * @param documents that hold something, up to the first place that cannot be read
 * @param whole whether that is all of them
 */
record YamlText(List<Node> documents, boolean whole) {

    /**
     * Reads a file; what is no text or no YAML is noted.
     *
     * @throws IOException if it cannot be read at all
     */
    static YamlText read(Path file, Problems problems) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        CharBuffer characters = CharBuffer.allocate(bytes.remaining());
        CoderResult decoded = StandardCharsets.UTF_8.newDecoder().decode(bytes, characters, true);
        String text = characters.flip().toString();
        if (decoded.isError()) {
            problems.add(
                    line(text, text.length()),
                    "",
                    "got text that is not UTF-8, expected UTF-8; save the file as such");
            return new YamlText(List.of(), false);
        }
        List<Node> documents = new ArrayList<>();
        boolean whole = false;
        try {
            for (Node node : new Yaml(new LoaderOptions()).composeAll(new StringReader(text))) {
                // Between two --- there may be nothing; kubectl passes over it.
                if (!node.getTag().equals(Tag.NULL)) {
                    refuseToHoldItself(node, Collections.newSetFromMap(new IdentityHashMap<>()));
                    documents.add(node);
                }
            }
            whole = true;
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            problems.add(line, "", "got text that is not YAML, " + e.getProblem());
        } catch (ReaderException e) {
            problems.add(
                    line(text, e.getPosition()),
                    "",
                    "got the character U+"
                            + String.format("%04X", e.getCodePoint())
                            + ", which YAML does not allow; remove it");
        } catch (YAMLException e) {
            problems.add(1, "", "got text that cannot be read as YAML, " + e.getMessage());
        }
        return new YamlText(List.copyOf(documents), whole);
    }

    /** Puts what merge keys ({@code <<}) name into their places, as kubectl does. */
    static void merge(Node document) {
        new Merges().resolve(document);
    }

    private static void refuseToHoldItself(Node node, Set<Node> above) {
        if (!(node instanceof CollectionNode<?> collection)) {
            return;
        }
        if (!above.add(node)) {
            throw new MarkedYAMLException(
                    null, null, "an anchor within itself", node.getStartMark()) {};
        }
        for (Object child : collection.getValue()) {
            if (child instanceof NodeTuple tuple) {
                refuseToHoldItself(tuple.getKeyNode(), above);
                refuseToHoldItself(tuple.getValueNode(), above);
            } else {
                refuseToHoldItself((Node) child, above);
            }
        }
        above.remove(node);
    }

    private static int line(String text, int position) {
        return (int)
                        text.codePoints()
                                .limit(position)
                                .filter(character -> character == '\n')
                                .count()
                + 1;
    }

    private static final class Merges extends SafeConstructor {
        Merges() {
            super(new LoaderOptions());
        }

        void resolve(Node node) {
            if (node instanceof MappingNode mapping) {
                if (mapping.isMerged()) {
                    flattenMapping(mapping);
                }
                mapping.getValue().forEach(tuple -> resolve(tuple.getValueNode()));
            } else if (node instanceof CollectionNode<?> collection) {
                collection.getValue().forEach(child -> resolve((Node) child));
            }
        }
    }
}
