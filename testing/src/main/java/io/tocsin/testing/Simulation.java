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

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Runs a scenario with many seeds; a failure names the seed that repeats it.
 *
 * <p>The scenario takes every decision from its {@link Random}. {@code -Dtocsin.runs=N} sets the
 * number of runs, {@code -Dtocsin.seed=S} runs that one seed only. Seeds are the same in every
 * build: a red build stays red.
 */
public final class Simulation {

    private Simulation() {}

    /** One run; throws when something is wrong. */
    @FunctionalInterface
    public interface Scenario {
        /**
         * Runs once.
         *
         * @param random the only source of chance; starts from the seed
         * @param seed for messages
         */
        void run(Random random, long seed) throws Exception;
    }

    /**
     * Runs the scenario with seeds that depend on its name and the number of the run.
     *
     * @param defaultRuns number of runs unless {@code tocsin.runs} says otherwise
     * @throws AssertionError for the first run that throws, with its seed; cause: what it threw
     */
    public static void run(String name, int defaultRuns, Scenario scenario) {
        Long only = number("tocsin.seed");
        if (only != null) {
            runOnce(name, only, scenario);
            return;
        }
        Long told = number("tocsin.runs");
        long runs = told == null ? defaultRuns : told;
        if (runs < 1) {
            throw new IllegalArgumentException(
                    "tocsin.runs is " + runs + "; at least one run is needed to show anything");
        }
        long first = (long) name.hashCode() << 32;
        for (long run = 0; run < runs; run++) {
            runOnce(name, first + run, scenario);
        }
    }

    /** Checks what a list of actions leads to; decides nothing by chance. */
    @FunctionalInterface
    public interface Check<A> {
        /** Does the actions in order; throws when something is wrong. */
        void run(List<A> actions) throws Exception;
    }

    /**
     * Runs lists of actions as {@link #run} does, and makes a list that fails as short as it gets:
     * leaves out halves, quarters and so on down to single actions, as long as it still fails.
     *
     * @param actions makes the list of a run; the random numbers are the only source of chance
     * @throws AssertionError for the first run that throws, with its seed and the actions that are
     *     left; cause: what these throw
     */
    public static <A> void runActions(
            String name, int defaultRuns, Function<Random, List<A>> actions, Check<A> check) {
        run(
                name,
                defaultRuns,
                (random, seed) -> {
                    List<A> all = actions.apply(random);
                    Throwable first = failureOf(all, check);
                    if (first != null) {
                        List<A> few = shrink(all, check);
                        Throwable least = wrong(few, check, first);
                        throw new AssertionError(
                                "%d of %d actions suffice: %s: %s"
                                        .formatted(few.size(), all.size(), few, least),
                                least);
                    }
                });
    }

    private static <A> List<A> shrink(List<A> failing, Check<A> check) {
        List<A> few = failing;
        for (int size = (few.size() + 1) / 2; size > 0; size = size == 1 ? 0 : (size + 1) / 2) {
            boolean shorter = true;
            while (shorter) {
                shorter = false;
                // From the end: what comes late depends on what came before.
                for (int from = few.size() - size; from >= 0; from -= size) {
                    List<A> rest = new ArrayList<>(few.subList(0, from));
                    rest.addAll(few.subList(from + size, few.size()));
                    if (failureOf(rest, check) != null) {
                        few = rest;
                        shorter = true;
                    }
                }
            }
        }
        return few;
    }

    private static <A> Throwable wrong(List<A> few, Check<A> check, Throwable first) {
        Throwable wrong = failureOf(few, check);
        return wrong != null
                ? wrong
                : new IllegalStateException(
                        "The check decides by chance: it fails at times only, first with " + first,
                        first);
    }

    /** Null when all is well. */
    private static <A> Throwable failureOf(List<A> actions, Check<A> check) {
        try {
            check.run(actions);
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        } catch (Exception | Error e) {
            return e;
        }
    }

    /**
     * Null if the property is not set. Anything else than a number is an error: a replay that in
     * truth runs the usual seeds would be green.
     */
    private static Long number(String property) {
        String text = System.getProperty(property);
        try {
            return text == null ? null : Long.valueOf(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "-D%s=%s is not a whole number; expected digits only, such as 100000"
                            .formatted(property, text),
                    e);
        }
    }

    /**
     * Neighbouring seeds of {@link Random} begin with nearly the same number: the first decision of
     * thousands of runs would be the same. So the seed is mixed before.
     */
    private static Random random(long seed) {
        return new Random(new SplittableRandom(seed).nextLong());
    }

    private static void runOnce(String name, long seed, Scenario scenario) {
        try {
            scenario.run(random(seed), seed);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(name, seed, e);
        } catch (Exception | Error e) {
            throw failure(name, seed, e);
        }
    }

    private static AssertionError failure(String name, long seed, Throwable cause) {
        return new AssertionError(
                "%s failed with seed %d; repeat it with -Dtocsin.seed=%d: %s"
                        .formatted(name, seed, seed, cause),
                cause);
    }
}
