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
package io.tocsin.job.detect;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.testing.Simulation;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class WeightedWindowTest {

    private static final long WITHIN = 600_000;

    @Test
    void findsWhatBruteForceFindsInAnyOrderOfArrival() {
        Simulation.run(
                "window",
                2000,
                (random, seed) -> {
                    int atLeast = 2 + random.nextInt(6);
                    List<long[]> points = new ArrayList<>();
                    WindowState state = WindowState.EMPTY;
                    for (int i = 0; i < 12; i++) {
                        // All within the history that is kept, so that nothing is forgotten.
                        long time = random.nextInt((int) (WITHIN + 600_000));
                        long weight = 1 + random.nextInt(2);
                        points.add(new long[] {time, weight});
                        state = WeightedWindow.add(state, time, time, weight, WITHIN);
                        boolean expected =
                                points.stream().anyMatch(p -> sum(points, p[0]) >= atLeast);
                        assertThat(WeightedWindow.find(state, atLeast, WITHIN) != null)
                                .isEqualTo(expected);
                    }
                });
    }

    private static long sum(List<long[]> points, long end) {
        return points.stream()
                .filter(p -> p[0] <= end && p[0] >= end - WITHIN)
                .mapToLong(p -> p[1])
                .sum();
    }

    @Test
    void countsAnEventOfMonthsAsOneFailureNow() {
        long now = 90L * 86_400_000;
        WindowState state = WeightedWindow.add(WindowState.EMPTY, 0, now, 70_944, WITHIN);

        assertThat(WeightedWindow.find(state, 2, WITHIN)).isNull();
        assertThat(WeightedWindow.find(state, 1, WITHIN).occurrences()).isEqualTo(1);
    }

    @Test
    void countsAJumpThatFitsIntoTheWindowWhollyAndALongerOneByItsShare() {
        assertThat(WeightedWindow.portion(0, 300_000, 24, -300_000, 300_000)).isEqualTo(24);
        assertThat(WeightedWindow.portion(0, 1_200_000, 25, 600_000, 1_200_000)).isEqualTo(13);
        assertThat(WeightedWindow.portion(0, 1_200_000, 25, -600_000, 0)).isEqualTo(0);
    }

    @Test
    void forgetsWhatNoWindowCanReach() {
        WindowState state = WindowState.EMPTY;
        for (int i = 0; i < 10_000; i++) {
            state = WeightedWindow.add(state, i * 60_000L, i * 60_000L, 1, WITHIN);
        }

        assertThat(state.size()).isLessThanOrEqualTo(21);
    }

    @Test
    void findsWhatAllPartsOfSpansAddUpTo() {
        Simulation.run(
                "spans",
                2000,
                (random, seed) -> {
                    int atLeast = 2 + random.nextInt(12);
                    List<long[]> spans = new ArrayList<>();
                    WindowState state = WindowState.EMPTY;
                    for (int i = 0; i < 12; i++) {
                        long to = random.nextInt((int) (WITHIN + 600_000));
                        long from = random.nextBoolean() ? to : to - random.nextInt(4_000_000);
                        long weight = from == to ? 1 : 2 + random.nextInt(10);
                        spans.add(new long[] {from, to, weight});
                        state = WeightedWindow.add(state, from, to, weight, WITHIN);
                        WeightedWindow.Hit hit = WeightedWindow.find(state, atLeast, WITHIN);
                        long expected =
                                spans.stream()
                                        .mapToLong(s -> s[1])
                                        .filter(end -> parts(spans, end) >= atLeast)
                                        .min()
                                        .orElse(-1);
                        assertThat(hit == null ? -1 : hit.atMillis()).isEqualTo(expected);
                        if (hit != null) {
                            assertThat(hit.occurrences()).isEqualTo(parts(spans, expected));
                        }
                    }
                });
    }

    private static long parts(List<long[]> spans, long end) {
        return spans.stream()
                .mapToLong(s -> WeightedWindow.portion(s[0], s[1], s[2], end - WITHIN, end))
                .sum();
    }

    @Test
    void sharesInWholeNumbers() {
        // 49 * (1 / 49.0) is less than 1.
        assertThat(WeightedWindow.portion(0, 49, 50, 0, 1)).isEqualTo(1);
        assertThat(WeightedWindow.portion(0, 3_600_000, Long.MAX_VALUE, 0, 1_800_000))
                .isCloseTo(Long.MAX_VALUE / 2, Percentage.withPercentage(1));
    }

    @Test
    void whatCameAfterAWindowIsCountedOnce() {
        WindowState state = WeightedWindow.add(WindowState.EMPTY, 60, 60, 1, 60);
        state = WeightedWindow.add(state, 0, 100, 101, 60);
        WeightedWindow.Hit hit = WeightedWindow.find(state, 40, 60);

        assertThat(hit).isEqualTo(new WeightedWindow.Hit(60, 61, 0));
        assertThat(WeightedWindow.behind(state, hit, 60)).isEqualTo(41);
    }

    @Test
    void ofOneTimeOneEntryIsKept() {
        WindowState state = WindowState.EMPTY;
        for (int i = 0; i < 100; i++) {
            state = WeightedWindow.add(state, 5, 5, 3, 60);
        }
        assertThat(state.size()).isEqualTo(1);
        assertThat(WeightedWindow.find(state, 300, 60).occurrences()).isEqualTo(300);
    }

    @Test
    void forgetsWhatOnlyLateOnesCouldBeCountedWithWhereThatIsTooMuch() {
        WindowState state = WindowState.EMPTY;
        for (int i = 0; i < 5_000; i++) {
            state = WeightedWindow.add(state, i * 100, i * 100, 1, 1_000);
        }
        assertThat(state.size()).isEqualTo(WeightedWindow.MOST_ENTRIES);
        assertThat(state.to()[0]).isEqualTo((5_000 - WeightedWindow.MOST_ENTRIES) * 100);
        assertThat(WeightedWindow.find(state, 11, 1_000)).isNotNull();
        assertThat(WeightedWindow.find(state, 12, 1_000)).isNull();
    }

    @Test
    void countsHugeNumbersToAFiveHundredthOfTheirTime() {
        WindowState state = WindowState.EMPTY;
        long within = 3_600_000;
        int number = 0;
        while (number < 40_000
                && (number % 50 != 0 || WeightedWindow.find(state, 20_000, within) == null)) {
            long at = number++ * 150L;
            state = WeightedWindow.add(state, at, at, 1, within);
            assertThat(state.size()).isLessThanOrEqualTo(WeightedWindow.MOST_ENTRIES);
        }
        assertThat(number).isBetween(20_000 - 200, 20_000 + 200);
    }

    @Test
    void longSpansBeyondTheBoundBecomeOne() {
        WindowState state = WindowState.EMPTY;
        for (int i = 0; i < 3_000; i++) {
            state = WeightedWindow.add(state, -1_000_000 + i, i, 1, 100_000);
        }
        assertThat(state.size()).isLessThanOrEqualTo(WeightedWindow.MOST_ENTRIES);
    }
}
