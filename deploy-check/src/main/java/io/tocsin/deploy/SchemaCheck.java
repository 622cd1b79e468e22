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

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Checks YAML against a structural OpenAPI schema, as the API server does with {@code
 * fieldValidation=Strict}: a field that the schema does not have is an error, not dropped.
 *
 * <p>Semantics: apiextensions.k8s.io/v1 structural schemas, of which it knows type, properties,
 * additionalProperties, items, enum, required, int-or-string and preserve-unknown-fields.
 */
final class SchemaCheck {
    private final Problems problems;

    SchemaCheck(Problems problems) {
        this.problems = problems;
    }

    /** Checks what is at a place. */
    void check(JsonNode schema, Field field) {
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            scalar(field, "a text or an integer", Set.of(Tag.STR, Tag.INT));
            return;
        }
        switch (schema.path("type").asText()) {
            case "object" -> object(schema, field);
            case "array" -> array(schema, field);
            case "string" -> {
                if (field.node().getTag().equals(Tag.TIMESTAMP)) {
                    return;
                }
                scalar(field, "a text, in quotes", Set.of(Tag.STR));
                oneOf(schema.path("enum"), field);
            }
            case "integer" -> scalar(field, "an integer without quotes", Set.of(Tag.INT));
            case "number" -> scalar(field, "a number without quotes", Set.of(Tag.INT, Tag.FLOAT));
            case "boolean" -> scalar(field, "true or false without quotes", Set.of(Tag.BOOL));
            default -> {
                // Anything goes.
            }
        }
    }

    private void object(JsonNode schema, Field field) {
        if (!(field.node() instanceof MappingNode)) {
            wrong(field, "a mapping");
            return;
        }
        JsonNode properties = schema.path("properties");
        JsonNode others = schema.path("additionalProperties");
        Map<String, Field> entries = field.entries();
        entries.forEach(
                (key, value) -> {
                    if (isNull(value.node())) {
                        // The API server drops an explicit null.
                        return;
                    }
                    if (properties.has(key)) {
                        check(properties.get(key), value);
                    } else if (others.isObject()) {
                        check(others, value);
                    } else if (!schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()
                            && !others.asBoolean()) {
                        List<String> names = new ArrayList<>();
                        properties.fieldNames().forEachRemaining(names::add);
                        problems.add(
                                value,
                                "the unknown field \"" + key + "\"",
                                "a field of the schema",
                                Problems.didYouMean(key, names)
                                        + " The API server would drop it without a word");
                    }
                });
        for (JsonNode required : schema.path("required")) {
            if (!entries.containsKey(required.asText())) {
                problems.add(
                        field.get(required.asText()),
                        "nothing",
                        "a value, for the field is required",
                        "add it");
            }
        }
    }

    private void array(JsonNode schema, Field field) {
        if (!(field.node() instanceof SequenceNode)) {
            wrong(field, "a list");
            return;
        }
        field.items().forEach(item -> check(schema.path("items"), item));
    }

    private void oneOf(JsonNode values, Field field) {
        if (!values.isArray() || field.text() == null) {
            return;
        }
        List<String> names = new ArrayList<>();
        values.forEach(value -> names.add(value.asText()));
        if (!names.contains(field.text())) {
            problems.add(
                    field,
                    Problems.got(field),
                    "one of " + names,
                    Problems.didYouMean(field.text(), names));
        }
    }

    private void scalar(Field field, String expected, Set<Tag> tags) {
        if (!(field.node() instanceof ScalarNode) || !tags.contains(field.node().getTag())) {
            wrong(field, expected);
        }
    }

    private void wrong(Field field, String expected) {
        String tag = field.node().getTag().getValue().replaceAll(".*:", "");
        problems.add(
                field,
                field.text() == null ? "a " + tag : tag + " " + field.text(),
                expected,
                "the API server refuses the whole object otherwise");
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }
}
