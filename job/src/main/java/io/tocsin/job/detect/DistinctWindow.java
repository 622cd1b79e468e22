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

import io.tocsin.annotation.Pure;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Counts the different values of a field that were seen within a time of each other, in any order
 * of arrival; how often each was seen does not matter. A window is closed on both ends, as that of
 * {@link WeightedWindow}, and so is its history.
 *
 * <p>Memory: up to {@link #EXACT_ENTRIES} all is kept. Beyond, of three times of one value that lie
 * within a window the middle one is forgotten: no window holds it and neither of the others. If
 * more than {@link #MOST_ENTRIES} are left (or twice as many as the rule needs), the oldest are
 * forgotten.
 */
@Pure
final class DistinctWindow {

    /** Up to so many all is kept. */
    static final int EXACT_ENTRIES = 256;

    /** More are never kept, but for rules that need more. */
    static final int MOST_ENTRIES = 1_000;

    /** More chars of a value are not compared. */
    static final int MOST_CHARS = 256;

    private DistinctWindow() {}

    /** Adds a value, and forgets what is too old. */
    static DistinctState add(
            DistinctState state, String value, long to, int atLeast, long withinMillis) {
        String kept = value.length() <= MOST_CHARS ? value : value.substring(0, MOST_CHARS);
        int at = state.size();
        while (at > 0 && state.to()[at - 1] > to) {
            at--;
        }
        for (int i = at - 1; i >= 0 && state.to()[i] == to; i--) {
            if (state.value()[i].equals(kept)) {
                return state;
            }
        }
        int size = state.size();
        String[] values = new String[size + 1];
        long[] times = new long[size + 1];
        System.arraycopy(state.value(), 0, values, 0, at);
        System.arraycopy(state.to(), 0, times, 0, at);
        values[at] = kept;
        times[at] = to;
        System.arraycopy(state.value(), at, values, at + 1, size - at);
        System.arraycopy(state.to(), at, times, at + 1, size - at);
        long oldest = times[size] - withinMillis - WeightedWindow.SLACK_MILLIS - 1;
        DistinctState added = after(new DistinctState(values, times), oldest);
        if (added.size() <= EXACT_ENTRIES) {
            return added;
        }
        DistinctState thinned = thin(added, withinMillis);
        int most = Math.max(2 * atLeast, MOST_ENTRIES);
        return thinned.size() <= most ? thinned : from(thinned, thinned.size() - most);
    }

    /** What is left when all that was seen not after a time is forgotten. */
    static DistinctState after(DistinctState state, long millis) {
        int first = 0;
        while (first < state.size() && state.to()[first] <= millis) {
            first++;
        }
        return first == 0 ? state : from(state, first);
    }

    private static DistinctState from(DistinctState state, int first) {
        return new DistinctState(
                Arrays.copyOfRange(state.value(), first, state.size()),
                Arrays.copyOfRange(state.to(), first, state.size()));
    }

    /** The same windows, with fewer entries. */
    static DistinctState thin(DistinctState state, long withinMillis) {
        boolean[] dropped = new boolean[state.size()];
        Map<String, int[]> lastTwo = new HashMap<>();
        int left = state.size();
        for (int i = 0; i < state.size(); i++) {
            int[] before = lastTwo.computeIfAbsent(state.value()[i], v -> new int[] {-1, -1});
            boolean within =
                    before[0] >= 0 && state.to()[i] - state.to()[before[0]] <= withinMillis;
            if (within) {
                dropped[before[1]] = true;
                left--;
            } else {
                before[0] = before[1];
            }
            before[1] = i;
        }
        String[] values = new String[left];
        long[] times = new long[left];
        int at = 0;
        for (int i = 0; i < state.size(); i++) {
            if (!dropped[i]) {
                values[at] = state.value()[i];
                times[at++] = state.to()[i];
            }
        }
        return new DistinctState(values, times);
    }

    /** The earliest window that holds enough different values, or null. */
    static WeightedWindow.Hit find(DistinctState state, int atLeast, long withinMillis) {
        Map<String, Integer> inside = new HashMap<>();
        int first = 0;
        for (int end = 0; end < state.size(); end++) {
            inside.merge(state.value()[end], 1, Integer::sum);
            while (state.to()[first] < state.to()[end] - withinMillis) {
                inside.computeIfPresent(state.value()[first++], (v, n) -> n == 1 ? null : n - 1);
            }
            if (inside.size() >= atLeast) {
                Set<String> all =
                        new HashSet<>(Arrays.asList(state.value()).subList(first, state.size()));
                return new WeightedWindow.Hit(state.to()[end], all.size(), state.to()[first]);
            }
        }
        return null;
    }
}
