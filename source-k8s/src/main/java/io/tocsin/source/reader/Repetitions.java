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
import java.util.Map;

/**
 * Decides which of the notices of a watch become lines of a log: the first of each kind, then one
 * after a minute, two, four and so on as long as it repeats itself, which tells how many there were
 * since.
 *
 * <p>A kind that stays away for five minutes counts as new. Times in nanoseconds, of any origin.
 */
@Pure
final class Repetitions {

    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final long NEW_AFTER_NANOS = 5 * MINUTE_NANOS;
    private static final long MAX_PAUSE_NANOS = 64 * MINUTE_NANOS;

    /** Says that nothing is to be logged. */
    static final int SILENT = -1;

    private static final class Kind {
        private long seenNanos;
        private long loggedNanos;
        private long pauseNanos = MINUTE_NANOS;
        private int silent;
    }

    private final Map<Notice, Kind> kinds = new EnumMap<>(Notice.class);

    /**
     * Takes a notice.
     *
     * @return {@link #SILENT}, or how many of its kind were not logged since the last that was
     */
    int take(Notice notice, long nowNanos) {
        Kind kind = kinds.get(notice);
        if (kind == null || nowNanos - kind.seenNanos >= NEW_AFTER_NANOS) {
            kind = new Kind();
            kinds.put(notice, kind);
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
