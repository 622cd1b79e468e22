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
package io.tocsin.source.enumerator;

import io.tocsin.source.split.ResourceSplit;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the enumerator knows.
 *
 * @param assigned ids of splits that readers have; their positions are the readers'
 * @param pending splits that no reader has
 * @param retiring ids of splits that readers may have and are to give up
 * @param namespaces namespaces that were selected when last known, name to uid; null if they were
 *     never known, or are not followed
 */
public record EnumeratorState(
        Set<String> assigned,
        List<ResourceSplit> pending,
        Set<String> retiring,
        Map<String, String> namespaces) {

    /** Copies. */
    public EnumeratorState {
        assigned = Set.copyOf(assigned);
        pending = List.copyOf(pending);
        retiring = Set.copyOf(retiring);
        namespaces = namespaces == null ? null : Map.copyOf(namespaces);
    }

    /** Of configured scopes, none of which is given up. */
    public EnumeratorState(Set<String> assigned, List<ResourceSplit> pending) {
        this(assigned, pending, Set.of(), null);
    }
}
