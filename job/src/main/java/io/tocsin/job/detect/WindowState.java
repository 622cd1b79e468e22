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
import java.util.Arrays;

/**
 * The occurrences that one rule's window remembers of one subject, in order of their latest times.
 * Arrays of one length; never written to after they were stored.
 *
 * <p>Most occurrences are one repetition at one time. Where all are, the times are kept once, and
 * the ones are those of all windows: what is read for each occurrence should be little.
 *
 * @param from earliest times, epoch milliseconds
 * @param to latest times, epoch milliseconds
 * @param weight numbers of repetitions
 */
@StateType
public record WindowState(long[] from, long[] to, long[] weight) {

    /** By length. */
    private static final long[][] ONES = new long[64][];

    static {
        for (int i = 0; i < ONES.length; i++) {
            ONES[i] = new long[i];
            Arrays.fill(ONES[i], 1);
        }
    }

    static final WindowState EMPTY = new WindowState(ONES[0], ONES[0], ONES[0]);

    /** The same as the constructor makes, with what can be shared. */
    static WindowState sharing(long[] from, long[] to, long[] weight) {
        int size = weight.length;
        boolean ones = size < ONES.length && Arrays.equals(weight, ONES[size]);
        return new WindowState(Arrays.equals(from, to) ? to : from, to, ones ? ONES[size] : weight);
    }

    /** The latest time; 0 if there is none. */
    long newest() {
        return to.length == 0 ? 0 : to[to.length - 1];
    }

    int size() {
        return to.length;
    }

    /** The same without the first ones. */
    WindowState from(int first) {
        int size = to.length;
        long[] times = Arrays.copyOfRange(to, first, size);
        return new WindowState(
                from == to ? times : Arrays.copyOfRange(from, first, size),
                times,
                isOnes() ? ONES[size - first] : Arrays.copyOfRange(weight, first, size));
    }

    /**
     * The same without the first ones, and with one more.
     *
     * @param at its place in the order; not before {@code first}
     */
    WindowState with(int first, int at, long oneFrom, long oneTo, long oneWeight) {
        int size = to.length - first + 1;
        long[] times = with(to, first, at, oneTo);
        return new WindowState(
                from == to && oneFrom == oneTo ? times : with(from, first, at, oneFrom),
                times,
                oneWeight == 1 && size < ONES.length && isOnes()
                        ? ONES[size]
                        : with(weight, first, at, oneWeight));
    }

    private boolean isOnes() {
        return weight.length < ONES.length && weight == ONES[weight.length];
    }

    private static long[] with(long[] values, int first, int at, long value) {
        long[] result = new long[values.length - first + 1];
        System.arraycopy(values, first, result, 0, at - first);
        result[at - first] = value;
        System.arraycopy(values, at, result, at - first + 1, values.length - at);
        return result;
    }
}
