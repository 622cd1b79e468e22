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

/**
 * Counts occurrences that lie within a time of each other, in any order of arrival.
 *
 * <p>A window is closed on both ends: occurrences exactly {@code within} apart lie within. It ends
 * at the latest time of some occurrence.
 *
 * <p>An occurrence of weight w between two times says that one repetition was at the latest time,
 * and w − 1 somewhere between. If all fits into the window, all counts. If it does not, the w − 1
 * count by the share of their span that lies in the window, rounded down; and not at all if the
 * span is longer than {@link #SPREAD_LIMIT_MILLIS}: an event seen 70 944 times over months is one
 * failure now, and says nothing about its rate today.
 *
 * <p>History is the subject's own: an occurrence counts as long as it is not older than the newest
 * one − within − 10 minutes, wherever the watermark is. Memory is bounded because a window that
 * holds enough becomes an alert, and its occurrences are then dropped.
 */
@Pure
public final class WeightedWindow {

    /** Twice the period after which a recorder tells of a running series at the latest. */
    public static final long SPREAD_LIMIT_MILLIS = 3_600_000;

    /** How much longer than the window history is kept. */
    public static final long SLACK_MILLIS = 600_000;

    private WeightedWindow() {}

    /**
     * The earliest time at which enough lay within.
     *
     * @param atMillis when it was enough: the end of that window
     * @param occurrences how many lay within
     * @param firstMillis the earliest time of these
     */
    public record Hit(long atMillis, long occurrences, long firstMillis) {}

    /** Adds an occurrence, and forgets what is too old. */
    public static WindowState add(
            WindowState state, long from, long to, long weight, long withinMillis) {
        int at = 0;
        while (at < state.size() && state.to()[at] <= to) {
            at++;
        }
        WindowState added =
                new WindowState(
                        insert(state.from(), at, from),
                        insert(state.to(), at, to),
                        insert(state.weight(), at, weight));
        long newest = added.to()[added.size() - 1];
        return after(added, newest - withinMillis - SLACK_MILLIS - 1);
    }

    /** What is left when all whose latest time is not after a time is forgotten. */
    public static WindowState after(WindowState state, long millis) {
        int first = 0;
        while (first < state.size() && state.to()[first] <= millis) {
            first++;
        }
        if (first == 0) {
            return state;
        }
        int size = state.size();
        return new WindowState(
                Arrays.copyOfRange(state.from(), first, size),
                Arrays.copyOfRange(state.to(), first, size),
                Arrays.copyOfRange(state.weight(), first, size));
    }

    /** The earliest window that holds enough, or null. */
    public static Hit find(WindowState state, long atLeast, long withinMillis) {
        int size = state.size();
        long longest = 0;
        for (int i = 0; i < size; i++) {
            longest = Math.max(longest, state.to()[i] - state.from()[i]);
        }
        // All that may have a part in the window of an end lies in [first, behind). The sum of it
        // is
        // a bound that moves along with the ends, and spares looking into windows far from enough.
        int first = 0;
        int behind = 0;
        long bound = 0;
        for (int end = 0; end < size; end++) {
            long high = state.to()[end];
            long low = high - withinMillis;
            while (behind < size && state.to()[behind] <= high + longest) {
                bound += state.weight()[behind++];
            }
            while (state.to()[first] < low) {
                bound -= state.weight()[first++];
            }
            if (bound >= atLeast) {
                Hit hit = sum(state, first, behind, low, high);
                if (hit.occurrences() >= atLeast) {
                    return hit;
                }
            }
        }
        return null;
    }

    private static Hit sum(WindowState state, int begin, int behind, long low, long high) {
        long sum = 0;
        long first = high;
        for (int i = begin; i < behind; i++) {
            long part = portion(state.from()[i], state.to()[i], state.weight()[i], low, high);
            if (part > 0) {
                sum += part;
                long earliest = part > 1 ? state.from()[i] : state.to()[i];
                first = Math.min(first, Math.max(low, Math.min(earliest, high)));
            }
        }
        return new Hit(high, sum, first);
    }

    /** How many of an occurrence's repetitions count between two times, ends included. */
    public static long portion(long from, long to, long weight, long low, long high) {
        if (weight <= 0 || to < low || from > high) {
            return 0;
        }
        if (from >= low && to <= high) {
            return weight;
        }
        long certain = to <= high ? 1 : 0;
        long span = to - from;
        if (span > SPREAD_LIMIT_MILLIS) {
            return certain;
        }
        long overlap = Math.min(to, high) - Math.max(from, low);
        return certain + (long) ((weight - 1) * ((double) overlap / span));
    }

    private static long[] insert(long[] values, int at, long value) {
        long[] result = new long[values.length + 1];
        System.arraycopy(values, 0, result, 0, at);
        result[at] = value;
        System.arraycopy(values, at, result, at + 1, values.length - at);
        return result;
    }
}
