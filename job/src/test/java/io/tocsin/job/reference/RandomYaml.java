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
package io.tocsin.job.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Makes random values of a YAML file: mostly right, sometimes wrong, sometimes missing. Knows
 * nothing of the schemas, so that these are not tested against themselves.
 */
class RandomYaml {
    private final Random random;
    private final int oneWrongOf;

    /**
     * @param oneWrongOf how many values there are to a wrong one, on average
     */
    RandomYaml(Random random, int oneWrongOf) {
        this.random = random;
        this.oneWrongOf = oneWrongOf;
    }

    /** Right and wrong values of one key. */
    record Values(List<Object> right, List<Object> wrong) {
        static Values right(Object... values) {
            return new Values(Arrays.asList(values), List.of());
        }

        Values wrong(Object... values) {
            return new Values(right, Arrays.asList(values));
        }
    }

    boolean oneOf(int chances) {
        return random.nextInt(chances) == 0;
    }

    boolean wrong() {
        return oneOf(oneWrongOf);
    }

    Object pick(Values values) {
        List<Object> from = wrong() ? values.wrong() : values.right();
        return from.get(random.nextInt(from.size()));
    }

    /** A value that is mostly made, and sometimes none of its kind. */
    Object mostly(Supplier<Object> made, Object... wrong) {
        return wrong() ? wrong[random.nextInt(wrong.length)] : made.get();
    }

    List<Object> list(int least, int most, Supplier<Object> item) {
        List<Object> items = new ArrayList<>();
        int size = least + random.nextInt(most - least + 1);
        for (int i = 0; i < size; i++) {
            items.add(item.get());
        }
        return items;
    }

    /** A mapping in the making. */
    Mapping mapping() {
        Mapping mapping = new Mapping();
        if (wrong() && wrong()) {
            mapping.entries.put(oneOf(2) ? "unknown" : "Name", "x");
        }
        return mapping;
    }

    /** Keys with their chances. */
    final class Mapping {
        private final Map<String, Object> entries = new LinkedHashMap<>();

        /** A key that is there unless that is the mistake. */
        Mapping always(String key, Supplier<Object> value) {
            if (!(wrong() && wrong())) {
                entries.put(key, value.get());
            }
            return this;
        }

        /** A key that is there once in three times. */
        Mapping sometimes(String key, Supplier<Object> value) {
            if (oneOf(3)) {
                entries.put(key, value.get());
            }
            return this;
        }

        Map<String, Object> made() {
            return entries;
        }
    }
}
