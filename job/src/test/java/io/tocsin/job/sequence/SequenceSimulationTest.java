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
package io.tocsin.job.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.sequence.SequenceOracle.Found;
import io.tocsin.job.sequence.SequenceOracle.Stage;
import io.tocsin.job.sequence.SequenceOracle.Unseen;
import io.tocsin.testing.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random histories through the operators of a sequence and of its alerts: out of order, late,
 * repeated, cleared, with crashes inside partial matches, and with event time held up at random
 * between the operators, so that clears race what the sequence finds. What is told must be what
 * follows from the times of the events.
 */
class SequenceSimulationTest {

    private static final int RUNS = Boolean.getBoolean("tocsin.nightly") ? 10_000 : 110;
    private static final long BEGIN = 1_800_000_000_000L;
    private static final long WITHIN = 40;
    private static final List<List<Stage>> SEQUENCES =
            List.of(
                    List.of(comes("A", 2), comes("B", 1)),
                    List.of(comes("A", 1), comes("B", 2), comes("A", 1)),
                    List.of(comes("A", 1), not("X"), comes("B", 1)),
                    List.of(comes("A", 1), not("X"), not("Y"), comes("B", 2)),
                    List.of(comes("A", 2), comes("B", 1), not("X")),
                    List.of(comes("A", 1), not("X"), not("Y")),
                    List.of(not("X"), comes("A", 1), comes("B", 1)),
                    List.of(not("X"), not("Y"), comes("A", 2), not("X"), comes("B", 1)),
                    List.of(not("X"), comes("A", 1), not("Y")),
                    List.of(comes("A", 1), not("X"), comes("B", 1), not("Y")));

    private enum Kind {
        EVENT,
        INPUT,
        GUARD,
        CEP,
        ALERTS,
        BLIND,
        CRASH
    }

    /** The last two concern something else: nobody should hear of them. */
    private static final List<Interruption> INTERRUPTIONS =
            List.of(
                    new Interruption(Interruption.Kind.BLIND, Occurrence.EVENTS, "*", null, 0, 0),
                    new Interruption(
                            Interruption.Kind.POSSIBLE_LOSS, Occurrence.EVENTS, "shop", null, 0, 0),
                    Interruption.ofNode("node", 0, 0),
                    new Interruption(Interruption.Kind.BLIND, "pods", "*", null, 0, 0),
                    Interruption.ofNode("other", 0, 0));

    /**
     * A step; of an event the reason and its weight, of a crash how many steps are undone, of an
     * interruption which one, and by its version whether it is over and for how long it has been.
     */
    private record Step(Kind kind, String reason, long time, long version, int weight) {}

    @Test
    void tellsWhatFollowsFromTheTimesOfTheEvents() {
        for (int i = 0; i < SEQUENCES.size(); i++) {
            List<Stage> stages = SEQUENCES.get(i);
            RuleSet rules = rules(stages);
            int[] seen = new int[1];
            Simulation.runActions(
                    "sequence-" + i,
                    RUNS / SEQUENCES.size(),
                    SequenceSimulationTest::history,
                    steps -> {
                        Run run = new Run(stages, rules);
                        try {
                            for (int at = 0; at < steps.size(); at++) {
                                run.step(steps, at);
                            }
                            run.end();
                            seen[0] += run.told.size();
                        } finally {
                            run.close();
                        }
                    });
            assertThat(seen[0]).as("changes told of %s", stages).isPositive();
        }
    }

    private static Stage comes(String reason, int times) {
        return new Stage(reason, times, false);
    }

    private static Stage not(String reason) {
        return new Stage(reason, 1, true);
    }

    private static RuleSet rules(List<Stage> stages) {
        List<String> written = new ArrayList<>();
        for (Stage stage : stages) {
            written.add(
                    stage.not()
                            ? "{not: {reason: " + stage.reason() + "}}"
                            : "{match: {reason: "
                                    + stage.reason()
                                    + "}, times: "
                                    + stage.times()
                                    + "}");
        }
        return RuleSet.parse(
                "sequence.yaml",
                """
                - name: Ordered
                  match: {type: Warning}
                  when: {sequence: [%s], within: %ds}
                  clears: {reason: Fine}
                  resolveAfter: 24h
                """
                        .formatted(String.join(", ", written), WITHIN));
    }

    private static List<Step> history(Random random) {
        List<Step> steps = new ArrayList<>();
        long now = 100;
        long version = 95;
        int length = 40 + random.nextInt(140);
        List<Step> delayed = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            int choice = random.nextInt(100);
            if (choice < 55) {
                now += random.nextInt(random.nextInt(12) == 0 ? 60 : 6);
                String reason = pick(random, "A", "A", "A", "B", "B", "X", "Y", "Fine");
                Step event =
                        new Step(Kind.EVENT, reason, now, version++, 1 + random.nextInt(5) / 3);
                if (random.nextInt(4) == 0) {
                    delayed.add(event);
                } else {
                    steps.add(event);
                }
            } else if (choice < 65 && !delayed.isEmpty()) {
                steps.add(delayed.remove(random.nextInt(delayed.size())));
            } else if (choice < 94) {
                Kind kind =
                        List.of(Kind.INPUT, Kind.GUARD, Kind.CEP, Kind.ALERTS)
                                .get(random.nextInt(4));
                steps.add(new Step(kind, null, now - random.nextInt(12), 0, 0));
            } else if (choice < 97) {
                int which = random.nextInt(INTERRUPTIONS.size());
                long lasted = random.nextInt(25) - 10;
                steps.add(new Step(Kind.BLIND, null, now, lasted, which));
            } else {
                steps.add(new Step(Kind.CRASH, null, 0, 0, random.nextInt(4)));
            }
        }
        return steps;
    }

    private static String pick(Random random, String... all) {
        return all[random.nextInt(all.length)];
    }

    /** The operators beside what they should do. */
    private static final class Run {
        private final SequenceOracle oracle;
        private final List<Stage> stages;
        private final long[] time = {0, 0, 0, 0};
        private final AlertOracle alert;
        private final List<AlertOracle.Change> told = new ArrayList<>();
        private final List<Unseen> unseen = new ArrayList<>();
        private final List<Unseen> lost = new ArrayList<>();
        private final Map<Integer, Long> lasting = new TreeMap<>();
        private final Map<Integer, Long> over = new TreeMap<>();
        private SequenceHarness harness;
        private boolean knowsTime;
        private int found;
        private int late;
        private int lateOnes;

        Run(List<Stage> stages, RuleSet rules) throws Exception {
            this.stages = stages;
            oracle = new SequenceOracle(stages, WITHIN, lost);
            alert = new AlertOracle(stages, unseen);
            harness = new SequenceHarness(rules, null);
        }

        void step(List<Step> steps, int at) throws Exception {
            Step step = steps.get(at);
            if (step.kind() == Kind.CRASH) {
                // A task learns of watermarks with elements.
                if (knowsTime) {
                    crash(steps.subList(at + 1, Math.min(steps.size(), at + 1 + step.weight())));
                }
                return;
            }
            apply(step, time);
            if (step.kind() == Kind.EVENT) {
                knowsTime |= step.reason().equals("Fine") || plays(step.reason());
                hear(step);
            } else if (step.kind() == Kind.BLIND) {
                interrupt(step);
            } else if (step.kind() == Kind.CEP) {
                find();
            } else if (step.kind() == Kind.ALERTS) {
                alert.advance(time[3]);
            }
        }

        /** Event time of an operator never passes that of the one before it. */
        private void apply(Step step, long[] times) throws Exception {
            if (step.kind() == Kind.EVENT) {
                harness.happens(occurrence(step));
                return;
            }
            if (step.kind() == Kind.BLIND) {
                harness.tell(interruption(step, times[0], lasting.get(step.weight())));
            }
            if (step.kind() == Kind.CRASH || step.kind() == Kind.BLIND) {
                return;
            }
            if (step.kind() == Kind.INPUT && lasting.containsKey(0)) {
                // Event time stands still while contact to events is lost.
                return;
            }
            int operator = step.kind().ordinal() - 1;
            long to = operator == 0 ? step.time() : Math.min(step.time(), times[operator - 1]);
            if (to <= times[operator]) {
                return;
            }
            times[operator] = to;
            switch (step.kind()) {
                case INPUT -> harness.inputWatermark(at(to));
                case GUARD -> harness.guardWatermark(at(to));
                case CEP -> harness.cepWatermark(at(to));
                default -> harness.alertsWatermark(at(to));
            }
        }

        /** What happens between the checkpoint and the crash is undone. */
        private void crash(List<Step> undone) throws Exception {
            collect();
            SequenceHarness.Snapshot snapshot = harness.snapshot(1);
            long[] times = time.clone();
            for (Step step : undone) {
                apply(step, times);
            }
            harness = harness.restored(snapshot);
            knowsTime = false;
        }

        /** Event time stands still while nothing is seen: it has not passed what is told of it. */
        private Interruption interruption(Step step, long now, Long begun) {
            Interruption of = INTERRUPTIONS.get(step.weight());
            long before = over.getOrDefault(step.weight(), 0L);
            long from = begun == null ? Math.max(before, Math.max(step.time(), now)) : begun;
            boolean lasts = begun == null && step.version() <= 0;
            long to = lasts ? 0 : Math.max(from, now) + Math.max(1, step.version());
            return new Interruption(
                    of.kind(), of.resource(), of.scope(), of.node(), at(from), lasts ? 0 : at(to));
        }

        private void interrupt(Step step) {
            Long begun = lasting.remove(step.weight());
            Interruption told = interruption(step, time[0], begun);
            long from = (told.fromMillis() - BEGIN) / 1000;
            long to = told.toMillis() == 0 ? 0 : (told.toMillis() - BEGIN) / 1000;
            if (to == 0) {
                lasting.put(step.weight(), from);
            } else {
                over.put(step.weight(), to);
            }
            if (step.weight() < 3) {
                keep(unseen, begun, from, to);
            }
            // What happened while contact was lost has been told when it is over.
            if (step.weight() == 1 || step.weight() == 2) {
                keep(lost, begun, from, to);
            }
        }

        private static void keep(List<Unseen> all, Long begun, long from, long to) {
            if (begun != null) {
                all.remove(new Unseen(begun, 0));
            }
            all.add(new Unseen(from, to));
        }

        private void collect() {
            for (Alert change : harness.told()) {
                boolean over = change.status() == AlertStatus.RESOLVED;
                told.add(
                        new AlertOracle.Change(
                                change.status(),
                                ((over ? change.endsAtMillis() : change.startsAtMillis()) - BEGIN)
                                        / 1000,
                                change.occurrences()));
            }
            late += harness.late();
        }

        private boolean plays(String reason) {
            return stages.stream().anyMatch(stage -> stage.reason().equals(reason));
        }

        private void hear(Step event) {
            boolean stage = plays(event.reason());
            if (stage && event.time() <= time[0]) {
                lateOnes++;
            } else if (stage) {
                oracle.happened(event.time(), event.version(), event.reason(), event.weight());
            }
            if (stage || event.reason().equals("Fine")) {
                alert.happened(event.time(), event.reason(), event.weight());
            }
        }

        private void find() {
            List<Found> all = oracle.until(time[2]);
            for (; found < all.size(); found++) {
                alert.found(all.get(found));
            }
        }

        void end() throws Exception {
            for (int which : List.copyOf(lasting.keySet())) {
                Step seen = new Step(Kind.BLIND, null, 0, 1, which);
                apply(seen, time);
                interrupt(seen);
            }
            long end = 10_000;
            for (Kind kind : List.of(Kind.INPUT, Kind.GUARD, Kind.CEP)) {
                apply(new Step(kind, null, end, 0, 0), time);
            }
            find();
            apply(new Step(Kind.ALERTS, null, end, 0, 0), time);
            alert.advance(end);
            collect();
            assertThat(told).isEqualTo(alert.told());
            assertThat(late).as("told as late").isEqualTo(lateOnes);
            assertThat(harness.guardEntries()).as("remembered at the end").isZero();
        }

        void close() throws Exception {
            harness.close();
        }
    }

    private static long at(long second) {
        return BEGIN + second * 1000;
    }

    private static Occurrence occurrence(Step step) {
        return TestOccurrence.of(step.reason())
                .named("shop", "e" + step.version())
                .uid("u" + step.version())
                .version(Long.toString(step.version()))
                .weight(step.weight())
                .at(at(step.time()))
                .make();
    }
}
