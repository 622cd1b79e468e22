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
import java.io.Serializable;

/**
 * The arithmetic of event time. All times in milliseconds.
 *
 * @param outOfOrdernessMillis how much older than its predecessors an event may be
 * @param maxFutureSkewMillis how far ahead of the server a timestamp may lie
 * @param eventTtlMillis how long the server keeps events; 0 if for ever
 * @param blindAfterMillis from when on a lost contact is told as blindness
 */
@Pure
public record EventTime(
        long outOfOrdernessMillis,
        long maxFutureSkewMillis,
        long eventTtlMillis,
        long blindAfterMillis)
        implements Serializable {

    /** Whether a timestamp lies too far ahead of the server's now (0 while that is unknown). */
    boolean isFuture(long timestampMillis, long serverMillis) {
        return serverMillis > 0 && timestampMillis - serverMillis > maxFutureSkewMillis;
    }

    /** Watermark of a split that is told of changes up to this greatest timestamp. */
    long live(long maxTimestampMillis, long serverMillis) {
        long bound =
                serverMillis > 0 ? Math.min(maxTimestampMillis, serverMillis) : maxTimestampMillis;
        return bound - outOfOrdernessMillis;
    }

    /** Watermark of a split of which everything before a server time was emitted. */
    long proven(long provenMillis) {
        return provenMillis - outOfOrdernessMillis;
    }

    /** Whether objects go by themselves after a time. */
    boolean expires() {
        return eventTtlMillis > 0;
    }

    /** Whether objects may have come and gone between the last contact and a list. */
    boolean mayHaveLost(long lastContactMillis, long listMillis) {
        return eventTtlMillis > 0
                && lastContactMillis > 0
                && listMillis - lastContactMillis > safeTtl();
    }

    /** Until when objects that were written may have expired before a list. */
    long lostUntil(long lastContactMillis, long listMillis) {
        return Math.max(lastContactMillis, listMillis - safeTtl());
    }

    private long safeTtl() {
        return safeTtl(eventTtlMillis);
    }

    /** A time to live with a margin for what the server's sweep and our clocks may differ. */
    static long safeTtl(long ttlMillis) {
        return ttlMillis / 10 * 9;
    }
}
