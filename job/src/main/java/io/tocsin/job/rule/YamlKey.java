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
package io.tocsin.job.rule;

import io.tocsin.annotation.Pure;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A key of a YAML file, as its reader accepts it and as the reference in {@code docs/reference}
 * describes it: the reference is written from these, so it names no other keys than the reader.
 *
 * @param name the key
 * @param value what it takes, for people
 * @param otherwise what holds without it, {@code required}, or empty for one of several
 *     alternatives
 * @param description what it does, in Markdown
 */
@Pure
public record YamlKey(String name, String value, String otherwise, String description) {

    /** The names, in their order. */
    public static Set<String> names(List<YamlKey> keys) {
        Set<String> names = new LinkedHashSet<>();
        keys.forEach(key -> names.add(key.name()));
        return Collections.unmodifiableSet(names);
    }
}
