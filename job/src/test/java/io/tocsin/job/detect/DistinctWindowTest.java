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
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class DistinctWindowTest {

    private record Seen(String value, long at) {}

    @Test
    void countsValuesAndNotHowOftenTheyWereSeen() {
        DistinctState state = DistinctState.EMPTY;
        for (int i = 0; i < 10; i++) {
            state = DistinctWindow.add(state, "a", i, 2, 100);
        }
        assertThat(DistinctWindow.find(state, 2, 100)).isNull();

        state = DistinctWindow.add(state, "b", 5, 2, 100);

        assertThat(DistinctWindow.find(state, 2, 100)).isEqualTo(new WeightedWindow.Hit(5, 2, 0));
    }

    @Test
    void aWindowIsClosedOnBothEnds() {
        DistinctState state = DistinctWindow.add(DistinctState.EMPTY, "a", 0, 2, 100);

        assertThat(DistinctWindow.find(DistinctWindow.add(state, "b", 101, 2, 100), 2, 100))
                .isNull();
        assertThat(DistinctWindow.find(DistinctWindow.add(state, "b", 100, 2, 100), 2, 100))
                .isNotNull();
    }

    @Test
    void findsTheEarliestWindowInAnyOrderOfArrivalAlsoWhereItForgets() {
        Simulation.run(
                "distinct-window",
                2_000,
                (random, seed) -> {
                    DistinctState state = DistinctState.EMPTY;
                    List<Seen> all = new ArrayList<>();
                    int within = 1 + random.nextInt(60);
                    int atLeast = 2 + random.nextInt(3);
                    for (int i = 0; i < 60; i++) {
                        String value = "v" + random.nextInt(5);
                        long at = random.nextInt(1 + random.nextInt(300));
                        all.add(new Seen(value, at));
                        state = DistinctWindow.add(state, value, at, atLeast, within);
                        if (random.nextBoolean()) {
                            state = DistinctWindow.thin(state, within);
                        }
                        WeightedWindow.Hit hit = DistinctWindow.find(state, atLeast, within);
                        assertThat(hit == null ? -1 : hit.atMillis())
                                .isEqualTo(earliest(all, atLeast, within));
                    }
                });
    }

    private static long earliest(List<Seen> all, int atLeast, long within) {
        return all.stream()
                .mapToLong(Seen::at)
                .filter(
                        end ->
                                all.stream()
                                                .filter(
                                                        s ->
                                                                s.at() >= end - within
                                                                        && s.at() <= end)
                                                .map(Seen::value)
                                                .distinct()
                                                .count()
                                        >= atLeast)
                .min()
                .orElse(-1);
    }

    @Test
    void ofOneValueNoMoreIsKeptThanWindowsNeed() {
        DistinctState state = DistinctState.EMPTY;
        for (int i = 0; i < 50_000; i++) {
            state = DistinctWindow.add(state, "v" + i % 3, i, 5, 10_000);
        }
        assertThat(state.size()).isLessThanOrEqualTo(DistinctWindow.EXACT_ENTRIES + 1);
        assertThat(new HashSet<>(Arrays.asList(state.value()))).hasSize(3);
    }

    @Test
    void ofManyValuesTheOldestAreForgotten() {
        DistinctState state = DistinctState.EMPTY;
        for (int i = 0; i < 5_000; i++) {
            state = DistinctWindow.add(state, "v" + i, i, 3_000, 100_000);
        }
        assertThat(state.size()).isEqualTo(5_000);
        for (int i = 5_000; i < 10_000; i++) {
            state = DistinctWindow.add(state, "v" + i, i, 500, 100_000);
        }
        assertThat(state.size()).isEqualTo(DistinctWindow.MOST_ENTRIES);
        assertThat(state.to()[0]).isEqualTo(9_000);
    }
}
