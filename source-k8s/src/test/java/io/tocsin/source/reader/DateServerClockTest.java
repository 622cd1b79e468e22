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

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DateServerClockTest {

    private static final long DATE = 1_760_000_000_000L;

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);
    private final ServerClock clock = new DateServerClock(nanos::get);

    private void pass(long millis) {
        nanos.addAndGet(millis * 1_000_000);
    }

    @Test
    void knowsNothingBeforeTheFirstDate() {
        assertThat(clock.nowMillis()).isZero();
        clock.observe(0);
        assertThat(clock.nowMillis()).isZero();
        clock.observe(-1);
        assertThat(clock.nowMillis()).isZero();
    }

    @Test
    void goesOnWithTheTimeOfThisProcessEvenWhereItsNumberOverflows() {
        clock.observe(DATE);
        assertThat(clock.nowMillis()).isEqualTo(DATE);
        pass(12_000);
        assertThat(clock.nowMillis()).isEqualTo(DATE + 12_000);
    }

    @Test
    void doesNotStepBackForADateThatIsCutToItsSecondAndOldWhenItArrives() {
        clock.observe(DATE);
        pass(1_900);
        clock.observe(DATE + 1_000);
        clock.observe(DATE);
        assertThat(clock.nowMillis()).isEqualTo(DATE + 1_900);
    }

    @Test
    void takesADateThatIsAheadAsALowerBound() {
        clock.observe(DATE);
        pass(100);
        clock.observe(DATE + 1_000);
        assertThat(clock.nowMillis()).isEqualTo(DATE + 1_000);
        pass(50);
        assertThat(clock.nowMillis()).isEqualTo(DATE + 1_050);
    }

    @Test
    void takesOverAnotherClock() {
        clock.observe(DATE);
        clock.observe(DATE - 3_600_000);
        assertThat(clock.nowMillis()).isEqualTo(DATE - 3_600_000);
        clock.observe(DATE + 3_600_000);
        assertThat(clock.nowMillis()).isEqualTo(DATE + 3_600_000);
    }
}
