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

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReplayClockTest {
    private final AtomicLong nanos = new AtomicLong(123_456_789);
    private final ReplayClock clock = new ReplayClock(1_000_000, 1_100_000, 40, nanos::get);

    private void pass(long millis) {
        nanos.addAndGet(millis * 1_000_000);
    }

    @Test
    void standsUntilItIsStarted() {
        pass(5000);
        assertThat(clock.nowMillis()).isEqualTo(1_000_000);
        clock.start();
        assertThat(clock.nowMillis()).isEqualTo(1_000_000);
    }

    @Test
    void runsAtItsSpeedAndStopsAtItsEnd() {
        clock.start();
        pass(500);
        clock.start();
        assertThat(clock.nowMillis()).isEqualTo(1_020_000);
        assertThat(clock.machineMillisUntil(1_030_000)).isEqualTo(250);
        assertThat(clock.machineMillisUntil(1_000_000)).isZero();
        assertThat(clock.isOver()).isFalse();
        pass(60_000);
        assertThat(clock.nowMillis()).isEqualTo(1_100_000);
        assertThat(clock.isOver()).isTrue();
    }
}
