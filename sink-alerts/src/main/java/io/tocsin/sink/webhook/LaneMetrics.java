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
package io.tocsin.sink.webhook;

import java.util.function.LongSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * What operators see of one destination, under {@code destination.<name>}: counters {@code
 * delivered}, {@code retried}, {@code throttled}, {@code rejected}; gauges {@code pending}, {@code
 * oldestPendingAgeMillis}, {@code down} (1 while it is only probed).
 *
 * <p>Threads: reporters read the gauges from theirs, hence the volatile copies.
 */
final class LaneMetrics {
    private final Counter delivered;
    private final Counter retried;
    private final Counter throttled;
    private final Counter rejected;
    private volatile int pending;
    private volatile long oldestAcceptedMillis = Long.MAX_VALUE;
    private volatile boolean down;

    LaneMetrics(MetricGroup sink, String destination, LongSupplier clock) {
        MetricGroup group = sink.addGroup("destination", destination);
        delivered = group.counter("delivered");
        retried = group.counter("retried");
        throttled = group.counter("throttled");
        rejected = group.counter("rejected");
        group.<Integer, Gauge<Integer>>gauge("pending", () -> pending);
        group.<Integer, Gauge<Integer>>gauge("down", () -> down ? 1 : 0);
        group.<Long, Gauge<Long>>gauge(
                "oldestPendingAgeMillis",
                () -> {
                    long oldest = oldestAcceptedMillis;
                    return oldest == Long.MAX_VALUE ? 0L : Math.max(0, clock.getAsLong() - oldest);
                });
    }

    void count(DeliveryOutcome outcome) {
        if (outcome instanceof DeliveryOutcome.Delivered) {
            delivered.inc();
        } else if (outcome instanceof DeliveryOutcome.Throttled) {
            throttled.inc();
        } else if (!(outcome instanceof DeliveryOutcome.Rejected)) {
            retried.inc();
        }
    }

    void countDeadLetter() {
        rejected.inc();
    }

    void show(Lane lane) {
        pending = lane.pending();
        oldestAcceptedMillis = lane.oldestAcceptedMillis();
        down = lane.isOpen();
    }
}
