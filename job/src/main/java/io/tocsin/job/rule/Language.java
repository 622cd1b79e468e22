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
import io.tocsin.job.yaml.YamlKey;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What the whole language of rules has in common, and what of it does not work yet. */
@Pure
final class Language {

    /**
     * What of the language this version reads and checks, but cannot carry out yet: refused instead
     * of ignored, and neither in the reference nor in the schema. An entry goes as soon as
     * something does what it says.
     */
    static final Set<String> NOT_YET = Set.of();

    /** What the name of a rule matches. */
    static final String NAME = "[A-Za-z][A-Za-z0-9_-]{0,99}";

    /** What a name must look like. */
    static final String NAME_EXPECTED =
            "a name of letters, digits, - and _ that begins with a letter, at most 100";

    private Language() {}

    /** What of a part of the language waits: names without their prefix. */
    static Set<String> notYet(String part) {
        Set<String> names = new TreeSet<>();
        for (String name : NOT_YET) {
            if (part.isEmpty() ? name.indexOf('.') < 0 : name.startsWith(part)) {
                names.add(name.substring(part.length()));
            }
        }
        return Collections.unmodifiableSet(names);
    }

    static Map<String, Field> supported(String part, Field... fields) {
        Map<String, Field> byPath = new LinkedHashMap<>();
        for (Field field : fields) {
            if (!NOT_YET.contains(part + field.path())) {
                byPath.put(field.path(), field);
            }
        }
        return Collections.unmodifiableMap(byPath);
    }

    static List<YamlKey> supported(String part, YamlKey... keys) {
        return Arrays.stream(keys).filter(key -> !NOT_YET.contains(part + key.name())).toList();
    }
}
