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

import java.util.function.LongSupplier;

/**
 * The last Date header plus the monotonic time since then.
 *
 * <p>A Date is cut to whole seconds and old when it arrives, so each is a lower bound: within
 * {@link #TOLERANCE_MILLIS} the clock does not step back. A greater difference is another clock (a
 * corrected one, or another server) and is taken over.
 */
public final class DateServerClock implements ServerClock {

    private static final long TOLERANCE_MILLIS = 2_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final LongSupplier nanoTime;
    private long dateMillis;
    private long observedNanos;

    /** Measures with the given monotonic time. */
    public DateServerClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Measures with the monotonic time of this process. */
    public static ServerClock ofProcess() {
        return new DateServerClock(System::nanoTime);
    }

    @Override
    public synchronized long nowMillis() {
        if (dateMillis == 0) {
            return 0;
        }
        return dateMillis + (nanoTime.getAsLong() - observedNanos) / NANOS_PER_MILLI;
    }

    @Override
    public synchronized void observe(long date) {
        long now = nowMillis();
        if (date <= 0 || date <= now && date >= now - TOLERANCE_MILLIS) {
            return;
        }
        dateMillis = date;
        observedNanos = nanoTime.getAsLong();
    }
}
