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

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

/**
 * What a reader tells of itself: {@code kubernetes.<notice>} for each {@link Notice}, where relists
 * are counted by cause, and counters and gauges of bytes, contact, blindness and event time.
 * Thread-safe, except what says otherwise.
 */
public final class SourceMetrics {

    /** As Flink's own lags tell it. */
    private static final long UNKNOWN_LAG = -1;

    private final Map<Notice, Counter> notices = new EnumMap<>(Notice.class);
    private final Counter futureSkewed;
    private final Counter possibleLoss;
    private final Counter errors;
    private final Counter bytes;
    private final Counter records;
    private final Counter blindMillis;

    /** Written in the task thread, read by reporters. */
    private volatile long fetchLagMillis = UNKNOWN_LAG;

    /** Server time of the last contact, by split; 0 before the first. */
    private final Map<String, Long> contacts = new ConcurrentHashMap<>();

    /** Registers counters and gauges, before any clock. */
    public SourceMetrics(SourceReaderMetricGroup group) {
        this(group, () -> 0);
    }

    /**
     * Registers counters and gauges.
     *
     * @param serverMillis tells the server's now; 0 while that is unknown
     */
    public SourceMetrics(SourceReaderMetricGroup group, LongSupplier serverMillis) {
        var ours = group.addGroup("kubernetes");
        for (Notice notice : Notice.values()) {
            String name = notice.name().toLowerCase(Locale.ROOT);
            notices.put(
                    notice,
                    notice.isRelist()
                            ? ours.addGroup("relist", name).counter("relists", new AnyThread())
                            : ours.counter(name, new AnyThread()));
        }
        futureSkewed = ours.counter("futureSkewed", new AnyThread());
        possibleLoss = ours.counter("possibleLoss", new AnyThread());
        blindMillis = ours.counter("blindMillis", new AnyThread());
        ours.gauge("splits", contacts::size);
        ours.gauge("lastContactAgeMillis", () -> lastContactAge(serverMillis.getAsLong()));
        // FLIP-33 leaves this one to the source: only it knows when it read what.
        group.gauge("currentFetchEventTimeLag", () -> fetchLagMillis);
        errors = group.getNumRecordsInErrorsCounter();
        bytes = group.getIOMetricGroup().getNumBytesInCounter();
        records = group.getIOMetricGroup().getNumRecordsInCounter();
    }

    /** Age of the oldest last contact of all splits; 0 while the server's now is not known. */
    private long lastContactAge(long serverMillis) {
        long oldest = contacts.values().stream().mapToLong(Long::longValue).min().orElse(0);
        return oldest == 0 || serverMillis == 0 ? 0 : Math.max(0, serverMillis - oldest);
    }

    /** A split is read, and this is the server time of its last contact. */
    void contact(String splitId, long lastContactMillis) {
        contacts.put(splitId, lastContactMillis);
    }

    /** A split is no longer read. */
    void forget(String splitId) {
        contacts.remove(splitId);
    }

    /** An object was read. Called in the task thread only: the counter is Flink's. */
    void read(long objectBytes) {
        bytes.inc(objectBytes);
    }

    /**
     * An element is emitted. Called in the task thread only.
     *
     * @param readMillis server time at which it was read from the network; 0 if unknown
     * @param timestampMillis its event time
     */
    void lag(long readMillis, long timestampMillis) {
        if (readMillis > 0) {
            fetchLagMillis = readMillis - timestampMillis;
        }
    }

    /**
     * What Flink has counted as a record was none, but only moved a position. Called in the task
     * thread only: the counter is Flink's.
     */
    void noRecord() {
        records.dec();
    }

    /** A blind interval is over. */
    void blind(long millis) {
        blindMillis.inc(millis);
    }

    void count(Notice notice) {
        notices.get(notice).inc();
    }

    void futureSkewed() {
        futureSkewed.inc();
    }

    void possibleLoss() {
        possibleLoss.inc();
    }

    /** Called in the task thread only: the counter is Flink's. */
    void deadLetter() {
        errors.inc();
    }

    /** Drivers count too, and Flink's own counter is for one thread. */
    private static final class AnyThread implements Counter {
        private final LongAdder sum = new LongAdder();

        @Override
        public void inc() {
            sum.increment();
        }

        @Override
        public void inc(long n) {
            sum.add(n);
        }

        @Override
        public void dec() {
            sum.decrement();
        }

        @Override
        public void dec(long n) {
            sum.add(-n);
        }

        @Override
        public long getCount() {
            return sum.sum();
        }
    }
}
