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
package io.tocsin.source.scenario;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/** Keeps the counters that are registered, by their dotted names, over crashes. Thread-safe. */
final class RunMetrics extends UnregisteredMetricsGroup {

    /** Each life of a reader registers counters anew: they add up; gauges are of the last. */
    private record Series(
            Map<String, Long> before, Map<String, Counter> now, Map<String, Gauge<?>> gauges) {

        Series() {
            this(new ConcurrentHashMap<>(), new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        }
    }

    private final String prefix;
    private final Series series;

    RunMetrics() {
        this("", new Series());
    }

    private RunMetrics(String prefix, Series series) {
        this.prefix = prefix;
        this.series = series;
    }

    @Override
    public Counter counter(String name) {
        return counter(name, new SimpleCounter());
    }

    @Override
    public <C extends Counter> C counter(String name, C counter) {
        Counter old = series.now().put(prefix + name, counter);
        if (old != null) {
            series.before().merge(prefix + name, old.getCount(), Long::sum);
        }
        return counter;
    }

    @Override
    public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
        series.gauges().put(prefix + name, gauge);
        return gauge;
    }

    @Override
    public MetricGroup addGroup(String name) {
        return new RunMetrics(prefix + name + ".", series);
    }

    @Override
    public MetricGroup addGroup(String key, String value) {
        return new RunMetrics(prefix + key + "." + value + ".", series);
    }

    /** The count of all counters whose name ends so. */
    long of(String suffix) {
        long sum = 0;
        for (Map.Entry<String, Counter> entry : series.now().entrySet()) {
            if (("." + entry.getKey()).endsWith("." + suffix)) {
                sum +=
                        entry.getValue().getCount()
                                + series.before().getOrDefault(entry.getKey(), 0L);
            }
        }
        return sum;
    }

    /** What a gauge says now. */
    long gauge(String name) {
        return ((Number) series.gauges().get(name).getValue()).longValue();
    }

    /** How often versions or tokens were too old, or watches kept ending at once. */
    long expired() {
        return of("expired.relists") + of("continue_expired.relists");
    }

    /** Relists, of all causes. */
    long relists() {
        return of("relists");
    }

    /** Those that counted something. */
    @Override
    public String toString() {
        Map<String, Long> counts = new TreeMap<>();
        for (String name : series.now().keySet()) {
            long count = series.now().get(name).getCount() + series.before().getOrDefault(name, 0L);
            if (count > 0) {
                counts.put(name, count);
            }
        }
        return counts.toString();
    }
}
