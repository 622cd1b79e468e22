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

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.junit.jupiter.api.Test;

/** The names are those of docs/operations/metrics.md. */
class SourceMetricsTest {

    private final MetricListener registry = new MetricListener();
    private final AtomicLong server = new AtomicLong();
    private final SourceReaderMetricGroup group =
            InternalSourceReaderMetricGroup.mock(registry.getMetricGroup());
    private final SourceMetrics metrics = new SourceMetrics(group, server::get);

    private long counter(String... name) {
        return registry.getCounter(name).orElseThrow().getCount();
    }

    private Object gauge(String... name) {
        return registry.getGauge(name).orElseThrow().getValue();
    }

    @Test
    void countsEachNoticeAndRelistsByCause() {
        for (Notice notice : Notice.values()) {
            metrics.count(notice);
            String name = notice.name().toLowerCase(Locale.ROOT);
            if (notice.isRelist()) {
                assertThat(counter("kubernetes", "relist", name, "relists")).isOne();
            } else {
                assertThat(counter("kubernetes", name)).isOne();
            }
        }
    }

    @Test
    void tellsTheAgeOfTheOldestContactOfAllSplitsThatAreRead() {
        metrics.contact("a", 1_000);
        metrics.contact("b", 4_000);
        assertThat(gauge("kubernetes", "splits")).isEqualTo(2);
        assertThat(gauge("kubernetes", "lastContactAgeMillis"))
                .as("the server's time is not known")
                .isEqualTo(0L);
        server.set(10_000);
        assertThat(gauge("kubernetes", "lastContactAgeMillis")).isEqualTo(9_000L);
        metrics.contact("a", 9_000);
        assertThat(gauge("kubernetes", "lastContactAgeMillis")).isEqualTo(6_000L);
        metrics.forget("b");
        assertThat(gauge("kubernetes", "lastContactAgeMillis")).isEqualTo(1_000L);
        assertThat(gauge("kubernetes", "splits")).isEqualTo(1);
    }

    @Test
    void countsBlindnessAndWhatWasReplacedOrLost() {
        metrics.blind(61_000);
        metrics.blind(2_000);
        metrics.futureSkewed();
        metrics.possibleLoss();
        assertThat(counter("kubernetes", "blindMillis")).isEqualTo(63_000);
        assertThat(counter("kubernetes", "futureSkewed")).isOne();
        assertThat(counter("kubernetes", "possibleLoss")).isOne();
    }

    @Test
    void countsDeadLettersAsFlinkAsks() {
        metrics.deadLetter();
        assertThat(group.getNumRecordsInErrorsCounter().getCount()).isOne();
    }

    @Test
    void tellsHowOldTheLastElementWasWhenItWasRead() {
        assertThat(gauge("currentFetchEventTimeLag")).as("as Flink's own lags").isEqualTo(-1L);
        metrics.lag(9_000, 7_500);
        assertThat(gauge("currentFetchEventTimeLag")).isEqualTo(1_500L);
        metrics.lag(0, 7_500);
        assertThat(gauge("currentFetchEventTimeLag"))
                .as("the server's time is not known")
                .isEqualTo(1_500L);
        metrics.lag(9_000, 9_200);
        assertThat(gauge("currentFetchEventTimeLag")).as("from the future").isEqualTo(-200L);
    }

    @Test
    void countsRecordsAndBytesInFlinksOwnCounters() {
        SourceReaderMetricGroup real =
                InternalSourceReaderMetricGroup.wrap(
                        UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup());
        SourceMetrics counting = new SourceMetrics(real);
        counting.read(300);
        counting.read(0);
        counting.read(42);
        assertThat(real.getIOMetricGroup().getNumBytesInCounter().getCount()).isEqualTo(342);
        // Flink counts each element that a source hands over.
        real.getIOMetricGroup().getNumRecordsInCounter().inc(3);
        counting.noRecord();
        assertThat(real.getIOMetricGroup().getNumRecordsInCounter().getCount()).isEqualTo(2);
    }
}
