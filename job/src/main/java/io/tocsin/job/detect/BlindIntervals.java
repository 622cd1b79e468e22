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
import io.tocsin.annotation.StateType;
import java.util.Comparator;
import java.util.List;

/**
 * When the cluster could not be seen. Nothing fires or ends merely because nothing was seen: a
 * waiting that overlaps blindness begins anew at its end.
 */
@Pure
public final class BlindIntervals {

    /** Nothing was ever missed. */
    public static final BlindIntervals NONE = new BlindIntervals(List.of());

    private final List<Interval> intervals;

    /** Takes intervals in any order. */
    public BlindIntervals(List<Interval> intervals) {
        this.intervals =
                intervals.stream().sorted(Comparator.comparingLong(Interval::fromMillis)).toList();
    }

    /**
     * One interval.
     *
     * @param scope the namespace that could not be seen, or {@code *} for all
     * @param fromMillis its begin
     * @param toMillis its end; 0 while it lasts
     */
    @StateType
    public record Interval(String scope, long fromMillis, long toMillis) {}

    /**
     * Where a waiting really began.
     *
     * @param baseMillis its begin, or the end of the last interval that overlapped it
     * @param lasts whether it overlaps blindness that is not over, and so cannot end yet
     */
    record Waiting(long baseMillis, boolean lasts) {

        /** When it ends, or {@code Long.MAX_VALUE}. */
        long deadline(long durationMillis) {
            return lasts ? Long.MAX_VALUE : baseMillis + durationMillis;
        }
    }

    /**
     * Moves a waiting behind the blindness that it overlaps.
     *
     * @param namespace the subject's namespace; null or empty for what has none, such as a node:
     *     the API server takes its events in {@code default} and {@code kube-system} only
     * @param base its begin
     * @param durationMillis its length
     */
    Waiting restart(String namespace, long base, long durationMillis) {
        long begin = base;
        boolean lasts = false;
        for (Interval interval : intervals) {
            if (concerns(interval.scope(), namespace)
                    && interval.fromMillis() < begin + durationMillis) {
                lasts |= interval.toMillis() == 0;
                begin = Math.max(begin, interval.toMillis());
            }
        }
        return new Waiting(begin, lasts);
    }

    private static boolean concerns(String scope, String namespace) {
        if (scope.equals("*")) {
            return true;
        }
        if (namespace == null || namespace.isEmpty()) {
            return scope.equals("default") || scope.equals("kube-system");
        }
        return scope.equals(namespace);
    }
}
