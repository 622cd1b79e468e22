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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SimulationTest {

    @AfterEach
    void forgetProperties() {
        System.clearProperty("tocsin.seed");
        System.clearProperty("tocsin.runs");
    }

    @Test
    void runsTheSameSeedsEachTime() {
        assertThat(draws("a", 5)).hasSize(5).doesNotHaveDuplicates().isEqualTo(draws("a", 5));
        assertThat(draws("a", 5)).doesNotContainAnyElementsOf(draws("b", 5));
    }

    @Test
    void namesTheSeedThatFails() {
        List<Long> seeds = new ArrayList<>();
        assertThatThrownBy(
                        () ->
                                Simulation.run(
                                        "breaks",
                                        10,
                                        (random, seed) -> {
                                            seeds.add(seed);
                                            if (seeds.size() == 3) {
                                                throw new IllegalStateException("lost one");
                                            }
                                        }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("breaks failed with seed")
                .hasMessageContaining("lost one")
                .satisfies(
                        e -> assertThat(e).hasMessageContaining("-Dtocsin.seed=" + seeds.get(2)));
    }

    @Test
    void repeatsOneSeed() {
        System.setProperty("tocsin.seed", "42");
        List<Long> seeds = new ArrayList<>();
        Simulation.run("one", 10, (random, seed) -> seeds.add(seed));
        assertThat(seeds).containsExactly(42L);
    }

    @Test
    void runsAsOftenAsToldAndNeverZeroTimes() {
        System.setProperty("tocsin.runs", "3");
        assertThat(draws("a", 100)).hasSize(3);
        System.setProperty("tocsin.runs", "0");
        assertThatThrownBy(() -> draws("a", 100)).hasMessageContaining("tocsin.runs is 0");
    }

    @Test
    void beginsEachRunWithAnotherDecision() {
        int[] firsts = new int[4];
        Simulation.run("first decision", 400, (random, seed) -> firsts[random.nextInt(4)]++);
        for (int times : firsts) {
            assertThat(times).as("of 400 runs, %s", Arrays.toString(firsts)).isBetween(60, 140);
        }
    }

    @Test
    void refusesPropertiesThatAreNoNumbers() {
        for (String property : List.of("tocsin.seed", "tocsin.runs")) {
            System.setProperty(property, "100_000");
            assertThatThrownBy(() -> draws("a", 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("-D" + property + "=100_000");
            System.clearProperty(property);
        }
    }

    @Test
    void namesTheSeedOfAnyError() {
        assertThatThrownBy(
                        () ->
                                Simulation.run(
                                        "error",
                                        1,
                                        (random, seed) -> {
                                            throw new ExceptionInInitializerError("no class");
                                        }))
                .hasMessageContaining("-Dtocsin.seed=")
                .hasMessageContaining("no class");
    }

    @Test
    void leavesOutWhatAFailureDoesNotNeed() {
        // Wrong once a 7 is followed by a 3, with anything in between.
        Simulation.Check<Integer> check =
                actions -> {
                    int seven = actions.indexOf(7);
                    if (seven >= 0 && actions.subList(seven, actions.size()).contains(3)) {
                        throw new IllegalStateException("a 3 after a 7");
                    }
                };
        assertThatThrownBy(
                        () ->
                                Simulation.runActions(
                                        "shrinks",
                                        1,
                                        random -> random.ints(500, 0, 10).boxed().toList(),
                                        check))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("-Dtocsin.seed=")
                .hasMessageContaining("2 of 500 actions suffice: [7, 3]")
                .hasMessageContaining("a 3 after a 7");
        Simulation.runActions("well", 5, random -> List.of(3, 7), check);
    }

    @Test
    void saysWhenACheckDecidesByChance() {
        List<Integer> calls = new ArrayList<>();
        assertThatThrownBy(
                        () ->
                                Simulation.runActions(
                                        "flaky",
                                        1,
                                        random -> List.of(1, 2, 3),
                                        actions -> {
                                            calls.add(1);
                                            if (calls.size() == 1) {
                                                throw new IllegalStateException("once");
                                            }
                                        }))
                .hasMessageContaining("The check decides by chance")
                .hasMessageContaining("once");
    }

    private static List<Long> draws(String name, int runs) {
        List<Long> drawn = new ArrayList<>();
        Simulation.run(name, runs, (random, seed) -> drawn.add(random.nextLong()));
        return drawn;
    }
}
