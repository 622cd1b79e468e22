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
import java.util.concurrent.atomic.LongAdder;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

/**
 * Counters of a reader: {@code kubernetes.<notice>} for each {@link Notice}, where relists are
 * counted by cause, and those of event time. Thread-safe.
 */
public final class SourceMetrics {

    private final Map<Notice, Counter> notices = new EnumMap<>(Notice.class);
    private final Counter futureSkewed;
    private final Counter possibleLoss;
    private final Counter errors;

    /** Registers the counters. */
    public SourceMetrics(SourceReaderMetricGroup group) {
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
        errors = group.getNumRecordsInErrorsCounter();
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
