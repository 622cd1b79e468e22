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
 * one − within − 10 minutes, wherever the watermark is.
 *
 * <p>Memory: a window that holds enough becomes an alert, and its occurrences are then dropped;
 * those of one time are kept as one. More than {@link #MOST_ENTRIES} are never kept: first those
 * are forgotten that only late ones could still be counted with; then, where a rule wants more than
 * that many within its time, neighbours closer than a {@link #GRID}th of it become one that spans
 * them; then the oldest become one.
 */
@Pure
public final class WeightedWindow {

    /** Twice the period after which a recorder tells of a running series at the latest. */
    public static final long SPREAD_LIMIT_MILLIS = 3_600_000;

    /** How much longer than the window history is kept. */
    public static final long SLACK_MILLIS = 600_000;

    /** More are never kept. */
    public static final int MOST_ENTRIES = 1_000;

    private static final int GRID = 500;

    private WeightedWindow() {}

    /**
     * The earliest time at which enough lay within.
     *
     * @param atMillis when it was enough: the end of that window
     * @param occurrences how many lay within
     * @param firstMillis the earliest time of these
     */
    public record Hit(long atMillis, long occurrences, long firstMillis) {}

    /** Adds an occurrence, and forgets what is too old or too much. */
    public static WindowState add(
            WindowState state, long from, long to, long weight, long withinMillis) {
        // Where there is one repetition, it was at the latest time.
        long begin = weight == 1 ? to : from;
        int size = state.size();
        int at = size;
        while (at > 0 && state.to()[at - 1] > to) {
            at--;
        }
        if (begin == to && at > 0 && state.to()[at - 1] == to && state.from()[at - 1] == to) {
            long[] weights = state.weight().clone();
            weights[at - 1] = plus(weights[at - 1], weight);
            return new WindowState(state.from(), state.to(), weights);
        }
        long newest = at < size ? state.newest() : to;
        long forgotten = newest - withinMillis - SLACK_MILLIS - 1;
        if (to <= forgotten) {
            return after(state, forgotten);
        }
        int first = 0;
        while (first < at && state.to()[first] <= forgotten) {
            first++;
        }
        WindowState kept = state.with(first, at, begin, to, weight);
        return kept.size() <= MOST_ENTRIES ? kept : fewer(kept, newest, withinMillis);
    }

    private static WindowState fewer(WindowState state, long newest, long withinMillis) {
        int tooMany = state.size() - MOST_ENTRIES;
        int old = 0;
        while (old < tooMany && state.to()[old] < newest - withinMillis) {
            old++;
        }
        WindowState left = old == 0 ? state : state.from(old);
        if (left.size() <= MOST_ENTRIES) {
            return left;
        }
        left = joined(left, withinMillis / GRID, 0);
        return left.size() <= MOST_ENTRIES
                ? left
                : joined(left, Long.MAX_VALUE, left.size() - MOST_ENTRIES + 1);
    }

    /**
     * Makes one of neighbours that together span no more than a time.
     *
     * @param first how many of the first may be joined; 0 for all
     */
    private static WindowState joined(WindowState state, long spanMillis, int first) {
        int size = state.size();
        long[] from = new long[size];
        long[] to = new long[size];
        long[] weight = new long[size];
        int count = 0;
        for (int i = 0; i < size; i++) {
            boolean may = count > 0 && (first == 0 || i < first);
            long begin = may ? Math.min(from[count - 1], state.from()[i]) : 0;
            if (may && state.to()[i] - begin <= spanMillis) {
                from[count - 1] = begin;
                to[count - 1] = state.to()[i];
                weight[count - 1] = plus(weight[count - 1], state.weight()[i]);
            } else {
                from[count] = state.from()[i];
                to[count] = state.to()[i];
                weight[count++] = state.weight()[i];
            }
        }
        return new WindowState(
                Arrays.copyOf(from, count), Arrays.copyOf(to, count), Arrays.copyOf(weight, count));
    }

    private static long plus(long one, long other) {
        return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
    }

    /** What is left when all whose latest time is not after a time is forgotten. */
    public static WindowState after(WindowState state, long millis) {
        int first = 0;
        while (first < state.size() && state.to()[first] <= millis) {
            first++;
        }
        return first == 0 ? state : state.from(first);
    }

    /** The earliest window that holds enough, or null. */
    public static Hit find(WindowState state, long atLeast, long withinMillis) {
        int size = state.size();
        long longest = 0;
        for (int i = 0; i < size; i++) {
            longest = Math.max(longest, state.to()[i] - state.from()[i]);
        }
        // All that may have a part in the window of an end lies in [first, behind): up to here
        // whole, and of each that ends later all but its last repetition. That is a bound, which
        // moves along with the ends, and spares looking into windows far from enough.
        int first = 0;
        int here = 0;
        int behind = 0;
        long whole = 0;
        long later = 0;
        for (int end = 0; end < size; end++) {
            long high = state.to()[end];
            long low = high - withinMillis;
            while (behind < size && state.to()[behind] <= high + longest) {
                later += Math.max(0, state.weight()[behind++] - 1);
            }
            while (here < size && state.to()[here] <= high) {
                whole += state.weight()[here];
                later -= Math.max(0, state.weight()[here++] - 1);
            }
            while (state.to()[first] < low) {
                whole -= state.weight()[first++];
            }
            if (whole + later >= atLeast) {
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
        return certain + share(weight - 1, overlap, span);
    }

    /** In whole numbers as long as they fit: a fraction may be just below the number it means. */
    private static long share(long number, long part, long whole) {
        return part == 0 || number <= Long.MAX_VALUE / part
                ? number * part / whole
                : (long) (number * ((double) part / whole));
    }

    /**
     * How many of an occurrence's repetitions an alert tells that goes on, or of which a window did
     * not count them: a count over a long span was mostly reached before.
     */
    static long told(long from, long to, long weight) {
        return to - from <= SPREAD_LIMIT_MILLIS ? weight : Math.min(1, weight);
    }

    /** How many repetitions came after a window that was enough, without those it has counted. */
    static long behind(WindowState state, Hit hit, long withinMillis) {
        long rest = 0;
        for (int i = state.size() - 1; i >= 0 && state.to()[i] > hit.atMillis(); i--) {
            long from = state.from()[i];
            long to = state.to()[i];
            long weight = state.weight()[i];
            long low = hit.atMillis() - withinMillis;
            rest += told(from, to, weight) - portion(from, to, weight, low, hit.atMillis());
        }
        return rest;
    }
}
