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
package io.tocsin.job.model;

import io.tocsin.annotation.StateType;
import io.tocsin.source.event.ObjectLabels;
import java.util.Map;
import java.util.TreeMap;

/**
 * Names and values, sorted by name. Two arrays, because Flink 1.20 serializes maps in records by
 * Kryo.
 *
 * @param names sorted, without repetition
 * @param values the value of each name, at the same index
 */
@StateType
public record Labels(String[] names, String[] values) {

    /** No labels. */
    public static final Labels NONE = new Labels(new String[0], new String[0]);

    /** Makes labels of a map; null values are left out. */
    public static Labels of(Map<String, String> map) {
        TreeMap<String, String> sorted = new TreeMap<>(map);
        sorted.values().removeIf(java.util.Objects::isNull);
        return new Labels(
                sorted.keySet().toArray(String[]::new), sorted.values().toArray(String[]::new));
    }

    /** Labels that an object of the cluster bears. */
    public static Labels of(ObjectLabels labels) {
        return labels.names().length == 0 ? NONE : new Labels(labels.names(), labels.values());
    }

    /** The value of a name, or null. */
    public String get(String name) {
        int index = java.util.Arrays.binarySearch(names, name);
        return index < 0 ? null : values[index];
    }

    /** As a map in order of names. */
    public Map<String, String> asMap() {
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i < names.length; i++) {
            map.put(names[i], values[i]);
        }
        return map;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Labels that
                && java.util.Arrays.equals(names, that.names)
                && java.util.Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * java.util.Arrays.hashCode(names) + java.util.Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return asMap().toString();
    }
}
