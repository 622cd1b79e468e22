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
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A key of a YAML file, as its reader accepts it, as the reference in {@code docs/reference}
 * describes it and as the JSON Schema beside the reference checks it: both are written from these,
 * so neither names other keys than the reader.
 *
 * @param name the key
 * @param type what it takes
 * @param presence whether it must be there
 * @param otherwise what holds without it, in Markdown; empty for one of several alternatives
 * @param byDefault the value that holds without it: a text, a number, a flag or a list; null where
 *     there is none that could be written
 * @param description what it does, in Markdown
 */
@Pure
public record YamlKey(
        String name,
        YamlType type,
        Presence presence,
        String otherwise,
        Object byDefault,
        String description) {

    /** Whether a key must be there. */
    public enum Presence {
        /** Always. */
        REQUIRED,
        /** Exactly one of all keys of this presence in the same mapping. */
        ALTERNATIVE,
        /** It need not. */
        OPTIONAL
    }

    /** A key that must be there. */
    public static YamlKey required(String name, YamlType type, String description) {
        return new YamlKey(name, type, Presence.REQUIRED, "required", null, description);
    }

    /** A key of which, with the other alternatives, exactly one must be there. */
    public static YamlKey alternative(String name, YamlType type, String description) {
        return new YamlKey(name, type, Presence.ALTERNATIVE, "", null, description);
    }

    /**
     * A key that need not be there.
     *
     * @param byDefault what holds without it: a text, a number, a flag or a list of texts
     */
    public static YamlKey withDefault(
            String name, YamlType type, Object byDefault, String description) {
        String written =
                byDefault instanceof List<?> list
                        ? list.stream()
                                .map(item -> item.equals("*") ? "\"*\"" : item.toString())
                                .collect(Collectors.joining(", ", "[", "]"))
                        : byDefault.toString();
        return new YamlKey(
                name, type, Presence.OPTIONAL, "`" + written + "`", byDefault, description);
    }

    /**
     * A key that need not be there.
     *
     * @param otherwise what holds without it, in words
     */
    public static YamlKey optional(
            String name, YamlType type, String otherwise, String description) {
        return new YamlKey(name, type, Presence.OPTIONAL, otherwise, null, description);
    }

    /** The names, in their order. */
    public static Set<String> names(List<YamlKey> keys) {
        Set<String> names = new LinkedHashSet<>();
        keys.forEach(key -> names.add(key.name()));
        return Collections.unmodifiableSet(names);
    }
}
