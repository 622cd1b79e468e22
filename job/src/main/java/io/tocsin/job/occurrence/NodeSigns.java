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
package io.tocsin.job.occurrence;

import io.tocsin.annotation.StateType;

/**
 * When a node was told to be ready or not, in order of time. Arrays of one length; never written to
 * after they were stored.
 *
 * @param millis when, epoch milliseconds
 * @param ready whether it was ready, or gone, from then on
 */
@StateType
public record NodeSigns(long[] millis, boolean[] ready) {

    static final NodeSigns NONE = new NodeSigns(new long[0], new boolean[0]);

    int size() {
        return millis.length;
    }

    /** The latest time; {@code Long.MIN_VALUE} if there is none. */
    long newest() {
        return millis.length == 0 ? Long.MIN_VALUE : millis[millis.length - 1];
    }
}
