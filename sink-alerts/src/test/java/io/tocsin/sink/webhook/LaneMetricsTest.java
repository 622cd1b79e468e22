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

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class LaneMetricsTest {
    private final Recording group = new Recording();
    private final LaneMetrics metrics = new LaneMetrics(group, "oncall", () -> 5_000);

    @Test
    void countsOutcomes() {
        metrics.count(new DeliveryOutcome.Delivered(""));
        metrics.count(new DeliveryOutcome.Retry("x"));
        metrics.count(new DeliveryOutcome.Ambiguous("x"));
        metrics.count(new DeliveryOutcome.Throttled(0, "x"));
        metrics.countDeadLetter();

        assertThat(group.path).isEqualTo("destination.oncall");
        assertThat(group.count("delivered")).isEqualTo(1);
        assertThat(group.count("retried")).isEqualTo(2);
        assertThat(group.count("throttled")).isEqualTo(1);
        assertThat(group.count("rejected")).isEqualTo(1);
    }

    @Test
    void showsWhatIsPendingAndForHowLong() {
        Lane lane = new Lane("oncall", DeliveryLimits.DEFAULT);
        metrics.show(lane);
        assertThat(group.value("oldestPendingAgeMillis")).isEqualTo(0L);

        lane.offer(Requests.request("oncall", "a", "firing"), 2_000);
        lane.poll(2_000)
                .forEach(
                        sending ->
                                lane.settle(
                                        sending.id(),
                                        new DeliveryOutcome.Throttled(1, "x"),
                                        2_000,
                                        0));
        metrics.show(lane);

        assertThat(group.value("pending")).isEqualTo(1);
        assertThat(group.value("oldestPendingAgeMillis")).isEqualTo(3_000L);
        assertThat(group.value("down")).isEqualTo(1);
    }

    private static final class Recording extends UnregisteredMetricsGroup {
        private final Map<String, Counter> counters = new HashMap<>();
        private final Map<String, Gauge<?>> gauges = new HashMap<>();
        private String path = "";

        @Override
        public MetricGroup addGroup(String key, String value) {
            path = key + "." + value;
            return this;
        }

        @Override
        public Counter counter(String name) {
            return counters.computeIfAbsent(name, any -> new SimpleCounter());
        }

        @Override
        public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            gauges.put(name, gauge);
            return gauge;
        }

        long count(String name) {
            return counters.get(name).getCount();
        }

        Object value(String name) {
            return gauges.get(name).getValue();
        }
    }
}
