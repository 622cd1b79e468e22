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
package io.tocsin.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What recorders write, as facts of client-go 1.34 say. */
class RecordersTest {

    private final CoreRecorder kubelet = new CoreRecorder();
    private final SeriesRecorder scheduler = new SeriesRecorder();
    private Instant now = Instant.EPOCH;
    private int names;

    @Test
    void writesTwentyFiveTimesAndThenOncePerFiveMinutes() {
        List<Integer> counts = new ArrayList<>();
        for (int second = 0; second < 3_000; second += 10) {
            now = Instant.EPOCH.plusSeconds(second);
            PodEvent written = kubelet.observe(backOff("same"), now);
            if (written != null) {
                counts.add(written.count());
            }
        }
        assertThat(counts.subList(0, 25)).startsWith(1, 2, 3).endsWith(25);
        // The bucket fills up by one in 300 s from the first on; in 3000 s by less than ten.
        assertThat(counts).hasSize(34);
        assertThat(counts.get(26) - counts.get(25)).isEqualTo(30);
    }

    @Test
    void keepsNameAndFirstTimeOfARepetition() {
        PodEvent first = kubelet.observe(backOff("same"), now);
        PodEvent second = kubelet.observe(backOff("same").at(Instant.now().plusSeconds(60)), now);
        assertThat(second.name()).isEqualTo(first.name());
        assertThat(second.first()).isEqualTo(first.first());
        assertThat(second.last()).isAfter(first.last());
        kubelet.restart();
        PodEvent anew = kubelet.observe(backOff("same"), now);
        assertThat(anew.count()).isOne();
        assertThat(anew.name()).isNotEqualTo(first.name());
    }

    @Test
    void combinesTheTenthDifferentMessageWithinTenMinutes() {
        for (int i = 0; i < 9; i++) {
            assertThat(kubelet.observe(backOff("message " + i), now).note())
                    .isEqualTo("message " + i);
        }
        PodEvent combined = kubelet.observe(backOff("message 9"), now);
        assertThat(combined.note()).isEqualTo("(combined from similar events): message 9");
        assertThat(combined.count()).isOne();
        PodEvent again = kubelet.observe(backOff("message 10"), now);
        assertThat(again.name()).isEqualTo(combined.name());
        assertThat(again.count()).isEqualTo(2);
        assertThat(again.note()).endsWith("message 10");
        now = now.plus(Duration.ofMinutes(11));
        assertThat(kubelet.observe(backOff("message 11"), now).note()).isEqualTo("message 11");
    }

    @Test
    void limitsEachObjectForItself() {
        for (int i = 0; i < 25; i++) {
            kubelet.observe(backOff("same"), now);
        }
        assertThat(kubelet.observe(backOff("same"), now)).isNull();
        assertThat(kubelet.observe(PodEvent.backOff("shop", "other.1", "other", "uid-other"), now))
                .isNotNull();
        assertThat(kubelet.observe(backOff("ok").withReason("Normal", "Pulled", "ok"), now))
                .as("the type is part of the key")
                .isNotNull();
    }

    @Test
    void writesASeriesTwiceAndThenItsTotalWhenIdle() {
        PodEvent first = scheduler.observe(failed(), "1", now);
        assertThat(first.count()).isOne();
        assertThat(scheduler.observe(failed(), "1", now).count()).isEqualTo(2);
        for (int i = 0; i < 50; i++) {
            assertThat(scheduler.observe(failed(), "1", now)).isNull();
        }
        assertThat(scheduler.refresh()).extracting(PodEvent::count).containsExactly(52);
        assertThat(scheduler.finish(now.plusSeconds(360))).isEmpty();
        assertThat(scheduler.finish(now.plusSeconds(361)))
                .singleElement()
                .satisfies(
                        total -> {
                            assertThat(total.count()).isEqualTo(52);
                            assertThat(total.name()).isEqualTo(first.name());
                        });
        assertThat(scheduler.finish(now.plusSeconds(1_000))).isEmpty();
        assertThat(scheduler.observe(failed(), "1", now).name()).isNotEqualTo(first.name());
    }

    @Test
    void beginsAnotherSeriesForAnotherVersionOfThePod() {
        PodEvent first = scheduler.observe(failed(), "1", now);
        PodEvent other = scheduler.observe(failed(), "2", now);
        assertThat(other.count()).isOne();
        assertThat(other.name()).isNotEqualTo(first.name());
        assertThat(scheduler.finish(now.plusSeconds(361))).as("no series, no total").isEmpty();
    }

    private PodEvent backOff(String note) {
        return PodEvent.backOff("shop", "web." + names++, "web", "uid-web")
                .withReason("Warning", "BackOff", note);
    }

    private PodEvent failed() {
        return PodEvent.failedScheduling("shop", "big." + names++, "big", "uid-big");
    }
}
