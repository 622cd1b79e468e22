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
 * The occurrences that one rule's window remembers of one subject, in order of their latest times.
 * Arrays of one length; never written to after they were stored.
 *
 * @param from earliest times, epoch milliseconds
 * @param to latest times, epoch milliseconds
 * @param weight numbers of repetitions
 */
@StateType
public record WindowState(long[] from, long[] to, long[] weight) {

    static final WindowState EMPTY = new WindowState(new long[0], new long[0], new long[0]);

    /** The latest time; 0 if there is none. */
    long newest() {
        return to.length == 0 ? 0 : to[to.length - 1];
    }

    int size() {
        return to.length;
    }
}
