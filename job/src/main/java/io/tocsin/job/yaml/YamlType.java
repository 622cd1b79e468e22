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

import io.tocsin.annotation.Pure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a key of a YAML file takes: in words for the reference, as a schema for editors.
 *
 * <p>A schema never refuses what the reader accepts, except numbers and flags in quotes. What it
 * cannot know (whether a name is taken, a regular expression is well formed, a receiver exists)
 * only the reader refuses. Patterns keep to what RE2, Java and ECMAScript have in common.
 *
 * <p>Semantics: JSON Schema 2020-12; {@code patternErrorMessage} is what editors show.
 *
 * @param words what it takes, in Markdown, for a cell of a table
 * @param schema keywords and their values: texts, numbers, flags, lists and maps
 * @param definitions schemas by name that {@code schema} refers to
 */
@Pure
public record YamlType(
        String words, Map<String, Object> schema, Map<String, Map<String, Object>> definitions) {

    private static final String TYPE = "type";
    private static final String PATTERN = "pattern";

    /** Keywords that say nothing about values of other types than theirs. */
    private static final Set<String> OF_ONE_TYPE =
            Set.of(
                    PATTERN,
                    "patternErrorMessage",
                    "minLength",
                    "maxLength",
                    "items",
                    "minItems",
                    "properties",
                    "required",
                    "minProperties",
                    "maxProperties",
                    "additionalProperties");

    /** Any text; a number or a flag is a text, too. */
    public static YamlType text(String words) {
        return of(words, Map.of(TYPE, List.of("string", "number", "boolean")));
    }

    /**
     * A text of a form.
     *
     * @param pattern what the whole text matches
     * @param expected the form in words, for messages
     */
    public static YamlType text(String words, String pattern, String expected) {
        List<String> types = new ArrayList<>(List.of("string"));
        Pattern form = Pattern.compile(pattern);
        boolean numbers = form.matcher("17").matches();
        if (numbers) {
            types.add(form.matcher("1.7").matches() ? "number" : "integer");
        }
        if (form.matcher("true").matches()) {
            types.add("boolean");
        }
        YamlType type =
                of(words, Map.of(TYPE, types.size() == 1 ? types.get(0) : types))
                        .with(PATTERN, "^(?:" + pattern + ")$")
                        .with("patternErrorMessage", "expected " + expected);
        return numbers && !form.matcher("-17").matches() ? type.with("minimum", 0) : type;
    }

    /** A text that is not blank. */
    public static YamlType filled(String words) {
        return text(words).with(PATTERN, "\\S").with("patternErrorMessage", "expected a text");
    }

    /** Anything. */
    public static YamlType any() {
        return of("anything", Map.of());
    }

    /** A duration; 0 is one. */
    public static YamlType duration(String words) {
        return text(words, "0|" + Durations.FORM, Durations.EXPECTED)
                .with("minLength", 1)
                .with(TYPE, List.of("string", "integer"))
                .with("minimum", 0)
                .with("maximum", 0);
    }

    /** A duration longer than 0. */
    public static YamlType durationAboveZero(String words) {
        return duration(words, "longer than 0", "[1-9]");
    }

    /** A duration of at least a minute. */
    public static YamlType durationOfMinutes(String words) {
        // Seconds with milliseconds behind them may make a minute: the reader adds them up.
        return duration(
                words,
                "at least 1m",
                "[1-9][0-9]*(?:[dh]|m(?:[0-9]|$))|[1-9][0-9]{2,}s|[6-9][0-9]s|[1-9][0-9]{5,}ms"
                        + "|[6-9][0-9]{4}ms|s[0-9]+ms");
    }

    private static YamlType duration(String words, String least, String pattern) {
        String expected = Durations.EXPECTED + ", " + least;
        return text(words, Durations.FORM, expected)
                .with(TYPE, "string")
                .with(
                        "allOf",
                        List.of(
                                ordered(
                                        PATTERN,
                                        pattern,
                                        "patternErrorMessage",
                                        "expected " + expected)));
    }

    /** {@code true} or {@code false}. */
    public static YamlType flag() {
        return of("`true` or `false`", Map.of(TYPE, "boolean"));
    }

    /** A whole number of a range, ends included. */
    public static YamlType number(long least, long most) {
        return of("number, " + least + " to " + most, Map.of(TYPE, "integer"))
                .with("minimum", least)
                .with("maximum", most);
    }

    /** One of some words. */
    public static YamlType oneOf(String words, Collection<String> known) {
        return of(words, Map.of("enum", List.copyOf(known)));
    }

    /** A list. */
    public static YamlType list(String words, YamlType item) {
        return new YamlType(words, Map.of(TYPE, "array"), item.definitions())
                .with("items", item.schema());
    }

    /** A mapping with these keys and no others. */
    public static YamlType mapping(String words, List<YamlKey> keys) {
        Map<String, Map<String, Object>> definitions = new LinkedHashMap<>();
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        List<Object> alternatives = new ArrayList<>();
        for (YamlKey key : keys) {
            Map<String, Object> property = new LinkedHashMap<>();
            property.put("description", key.description());
            property.putAll(key.type().schema());
            if (key.byDefault() != null) {
                property.put("default", key.byDefault());
            }
            properties.put(key.name(), property);
            definitions.putAll(key.type().definitions());
            switch (key.presence()) {
                case REQUIRED -> required.add(key.name());
                case ALTERNATIVE -> alternatives.add(Map.of("required", List.of(key.name())));
                case OPTIONAL -> {
                    // nothing is demanded
                }
            }
        }
        YamlType type =
                new YamlType(words, Map.of(TYPE, "object"), definitions)
                        .with("properties", properties)
                        .with("additionalProperties", false);
        type = required.isEmpty() ? type : type.with("required", required);
        if (alternatives.size() == keys.size()) {
            // the same, and told better
            return type.with("minProperties", 1).with("maxProperties", 1);
        }
        return alternatives.isEmpty() ? type : type.with("oneOf", alternatives);
    }

    /**
     * A mapping of names that the user chooses.
     *
     * @param names what each name matches
     */
    public static YamlType dictionary(String words, String names, String expected, YamlType value) {
        return new YamlType(words, Map.of(TYPE, "object"), value.definitions())
                .with(
                        "propertyNames",
                        ordered(
                                PATTERN,
                                "^(?:" + names + ")$",
                                "patternErrorMessage",
                                "expected " + expected))
                .with("additionalProperties", value.schema());
    }

    /** What one of some types takes. */
    public static YamlType either(String words, YamlType... types) {
        Map<String, Map<String, Object>> definitions = new LinkedHashMap<>();
        Map<String, Object> flat = new LinkedHashMap<>();
        Set<Object> jsonTypes = new LinkedHashSet<>();
        List<Map<String, Object>> schemas = new ArrayList<>();
        boolean disjoint = true;
        for (YamlType type : types) {
            definitions.putAll(type.definitions());
            schemas.add(type.schema());
            disjoint &= type.schema().containsKey(TYPE);
            for (Map.Entry<String, Object> keyword : type.schema().entrySet()) {
                if (keyword.getKey().equals(TYPE)) {
                    Object names = keyword.getValue();
                    for (Object name : names instanceof List<?> list ? list : List.of(names)) {
                        disjoint &= jsonTypes.add(name);
                    }
                } else {
                    disjoint &=
                            OF_ONE_TYPE.contains(keyword.getKey())
                                    && flat.put(keyword.getKey(), keyword.getValue()) == null;
                }
            }
        }
        // Without anyOf a validator tells what is wrong instead of that nothing fits.
        return disjoint
                ? new YamlType(words, ordered(TYPE, List.copyOf(jsonTypes)), definitions).with(flat)
                : new YamlType(words, ordered("anyOf", schemas), definitions);
    }

    /** The same type, whose schema is kept once under a name. */
    public YamlType defined(String name) {
        Map<String, Map<String, Object>> all = new LinkedHashMap<>(definitions);
        all.put(name, schema);
        return new YamlType(words, ordered("$ref", "#/$defs/" + name), all);
    }

    /** The same type, in other words. */
    public YamlType called(String otherWords) {
        return new YamlType(otherWords, schema, definitions);
    }

    /** The same type with a further keyword, or with another value of one. */
    public YamlType with(String keyword, Object value) {
        return with(ordered(keyword, value));
    }

    private YamlType with(Map<String, Object> keywords) {
        Map<String, Object> all = new LinkedHashMap<>(schema);
        all.putAll(keywords);
        return new YamlType(words, all, definitions);
    }

    /** A whole schema: of a document of this type. */
    public Map<String, Object> document(String title, String description) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        document.put("title", title);
        document.put("description", description);
        document.putAll(schema);
        if (!definitions.isEmpty()) {
            document.put("$defs", definitions);
        }
        return document;
    }

    private static YamlType of(String words, Map<String, Object> schema) {
        return new YamlType(words, schema, Map.of());
    }

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
