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
package io.tocsin.job.replay;

import java.util.function.LongSupplier;

/**
 * The time within a recording: stands at its beginning until started, then runs at a constant
 * speed, and stands still again at the end. Thread-safe.
 */
public final class ReplayClock {
    private static final double NANOS_PER_MILLI = 1_000_000;

    private final long beginMillis;
    private final long stopMillis;
    private final double speed;
    private final LongSupplier nanoTime;
    private boolean started;
    private long startNanos;

    /**
     * @param beginMillis where it begins, epoch milliseconds
     * @param stopMillis where it stops
     * @param speed recorded milliseconds per millisecond
     * @param nanoTime monotonic time
     */
    public ReplayClock(long beginMillis, long stopMillis, double speed, LongSupplier nanoTime) {
        this.beginMillis = beginMillis;
        this.stopMillis = stopMillis;
        this.speed = speed;
        this.nanoTime = nanoTime;
    }

    /** A clock by the monotonic time of this process. */
    public static ReplayClock ofProcess(long beginMillis, long stopMillis, double speed) {
        return new ReplayClock(beginMillis, stopMillis, speed, System::nanoTime);
    }

    /** Starts it; does nothing if it runs. */
    public synchronized void start() {
        if (!started) {
            started = true;
            startNanos = nanoTime.getAsLong();
        }
    }

    /** The recorded now, epoch milliseconds. */
    public synchronized long nowMillis() {
        if (!started) {
            return beginMillis;
        }
        double elapsed = (nanoTime.getAsLong() - startNanos) / NANOS_PER_MILLI;
        return Math.min(stopMillis, beginMillis + (long) (elapsed * speed));
    }

    /** Whether it has come to its end. */
    public boolean isOver() {
        return nowMillis() >= stopMillis;
    }

    /** How long until a recorded moment, in milliseconds of the machine; at least 0. */
    public long machineMillisUntil(long recordedMillis) {
        long ahead = recordedMillis - nowMillis();
        return ahead <= 0 ? 0 : (long) Math.ceil(ahead / speed);
    }

    /** Monotonic time of the machine in milliseconds. */
    long machineMillis() {
        return (long) (nanoTime.getAsLong() / NANOS_PER_MILLI);
    }
}
