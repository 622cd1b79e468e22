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
package io.tocsin.job.detect;

import io.tocsin.annotation.StateType;

/**
 * The values of a field that one rule remembers of one subject, in order of their times. Arrays of
 * one length; never written to after they were stored.
 *
 * @param value the values
 * @param to when each was seen, epoch milliseconds
 */
@StateType
public record DistinctState(String[] value, long[] to) {

    static final DistinctState EMPTY = new DistinctState(new String[0], new long[0]);

    int size() {
        return to.length;
    }

    /** The latest time; 0 if there is none. */
    long newest() {
        return to.length == 0 ? 0 : to[to.length - 1];
    }
}
