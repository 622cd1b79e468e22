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
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Decides which of the notices of a watch become lines of a log.
 *
 * <p>An outage, from the first failure until contact is regained, is told by the first of each kind
 * of failure, and by its end if its begin was told. Outages in quick succession are told singly up
 * to {@link #SINGLE_OUTAGES}. What repeats itself beyond that, or within one outage, is told after
 * a minute, two, four and so on, with the number since.
 *
 * <p>A kind that stays away for five minutes counts as new. Times in nanoseconds, of any origin.
 */
@Pure
final class Repetitions {

    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final long NEW_AFTER_NANOS = 5 * MINUTE_NANOS;
    private static final long MAX_PAUSE_NANOS = 64 * MINUTE_NANOS;

    /** How many outages are told each for itself before they count as repetitions. */
    static final int SINGLE_OUTAGES = 5;

    /** Says that nothing is to be logged. */
    static final int SILENT = -1;

    private static final class Kind {
        private long seenNanos;
        private long loggedNanos;
        private long pauseNanos = MINUTE_NANOS;
        private int silent;
        private int single = SINGLE_OUTAGES;
    }

    private final Map<Notice, Kind> kinds = new EnumMap<>(Notice.class);
    private final Set<Notice> inThisOutage = EnumSet.noneOf(Notice.class);
    private boolean told;

    /**
     * Takes a notice.
     *
     * @return {@link #SILENT}, or how many of its kind were not logged since the last that was
     */
    int take(Notice notice, long nowNanos) {
        boolean begins = notice.isTrouble() && inThisOutage.add(notice);
        boolean endsWhatWasTold = notice == Notice.REGAINED && told;
        if (notice == Notice.REGAINED) {
            inThisOutage.clear();
            told = false;
        }
        int silent = take(notice, begins, endsWhatWasTold, nowNanos);
        told |= notice.isTrouble() && silent != SILENT;
        return silent;
    }

    private int take(Notice notice, boolean begins, boolean endsWhatWasTold, long nowNanos) {
        Kind kind = kinds.get(notice);
        if (kind == null || nowNanos - kind.seenNanos >= NEW_AFTER_NANOS) {
            kind = new Kind();
            kind.single--;
            kinds.put(notice, kind);
        } else if (begins && kind.single > 0) {
            kind.single--;
        } else if (endsWhatWasTold) {
            // Who read of the begin waits for this line.
            kind.pauseNanos = MINUTE_NANOS;
        } else if (nowNanos - kind.loggedNanos < kind.pauseNanos) {
            kind.seenNanos = nowNanos;
            kind.silent++;
            return SILENT;
        } else {
            kind.pauseNanos = Math.min(2 * kind.pauseNanos, MAX_PAUSE_NANOS);
        }
        int silent = kind.silent;
        kind.seenNanos = nowNanos;
        kind.loggedNanos = nowNanos;
        kind.silent = 0;
        return silent;
    }
}
