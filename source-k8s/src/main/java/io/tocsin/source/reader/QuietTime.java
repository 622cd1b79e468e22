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
package io.tocsin.source.reader;

import io.tocsin.annotation.Pure;

/**
 * Measures for how long event time did not move although a watch was open: after a while only a
 * list can move it. Lines alone do not count: deletions, and changes of old events, may come for
 * hours and say nothing of the present.
 *
 * <p>The time of watches that follow each other in order adds up. Times in nanoseconds, of any
 * origin.
 */
@Pure
final class QuietTime {

    private long limitNanos;
    private long quietNanos;
    private long checkedNanos;
    private long advancesSeen;

    QuietTime(long nowNanos) {
        checkedNanos = nowNanos;
    }

    /** A watch begins that is to end after this much quiet, that of those before it included. */
    void begin(long newLimitNanos) {
        limitNanos = newLimitNanos;
    }

    /** A list begins, or there was trouble: counts from the next open watch on. */
    void restart() {
        quietNanos = 0;
    }

    /**
     * Looks at the time, whatever is going on.
     *
     * @param advances how often event time moved so far
     * @param idle whether a watch is open, and no line of it waits for room
     * @return whether the limit is reached
     */
    boolean check(long nowNanos, long advances, boolean idle) {
        long passed = nowNanos - checkedNanos;
        checkedNanos = nowNanos;
        if (advances != advancesSeen) {
            advancesSeen = advances;
            quietNanos = 0;
            return false;
        }
        if (idle) {
            quietNanos += passed;
        }
        return idle && quietNanos >= limitNanos;
    }
}
