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

import io.tocsin.job.detect.EpisodeOracle.Blind;
import io.tocsin.job.detect.EpisodeOracle.Change;
import io.tocsin.job.detect.EpisodeOracle.Condition;
import io.tocsin.job.detect.EpisodeOracle.Heard;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Reach;
import io.tocsin.job.model.Roles;
import io.tocsin.job.model.Told;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.source.pack.Packer;
import io.tocsin.testing.Simulation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.junit.jupiter.api.Test;

/**
 * Random histories of two subjects: out of order, late, listed, blind, with crashes anywhere. What
 * detection says must be what a brute-force oracle says, with and without crashes.
 */
class DetectionSimulationTest {

    private static final long BEGIN = 1_800_000_000_000L;
    private static final List<String> SUBJECTS = List.of("one", "two");
    private static final RuleSet RULES =
            RuleSet.parse(
                    "simulated.yaml",
                    """
                    rules:
                      - name: Three
                        match: {reason: Fail}
                        when: {atLeast: 3, within: 60s}
                        clears: {reason: Fine}
                        keepAlive: {reason: Alive}
                        resolveAfter: 120s
                      - name: Held
                        match: {reason: Hold}
                        when: {atLeast: 2, within: 30s}
                        for: 40s
                        clears: {reason: Fine}
                        resolveAfter: 90s
                      - name: Absent
                        match: {reason: Wait}
                        when: {missing: {reason: Came}, within: 50s}
                        resolveAfter: 100s
                    """);
    private static final Map<String, Condition> CONDITIONS =
            Map.of(
                    "Three", new Condition(3, 60, 0, 120, false),
                    "Held", new Condition(2, 30, 40, 90, false),
                    "Absent", new Condition(1, 50, 0, 100, true));

    private enum Kind {
        LIVE,
        LISTED,
        WATERMARK,
        BLIND
    }

    /** A step of a history; the meaning of {@code what} depends on its kind. Times in seconds. */
    private record Step(
            Kind kind, String subject, String what, long time, long until, int weight) {}

    @Test
    void saysWhatABruteForceOracleSaysWithAndWithoutCrashes() {
        int[] seen = new int[AlertStatus.values().length];
        Simulation.run(
                "detection",
                300,
                (random, seed) -> {
                    List<Step> history = history(random);
                    Map<String, List<Change>> expected = oracle(history);

                    Map<String, List<Change>> straight = run(history, null);
                    Map<String, List<Change>> crashed = run(history, random);

                    assertThat(straight).as(() -> lines(history)).isEqualTo(expected);
                    assertThat(crashed).as("with crashes").isEqualTo(expected);
                    straight.values()
                            .forEach(all -> all.forEach(c -> seen[c.status().ordinal()]++));
                });
        assertThat(seen)
                .as("changes of each status, so that something was shown")
                .doesNotContain(0);
    }

    // ------------------------------------------------------------------ histories

    private static List<Step> history(Random random) {
        List<Step> steps = new ArrayList<>();
        long now = 100;
        long watermark = 0;
        long stalled = 0;
        Map<String, Long> blindSince = new LinkedHashMap<>();
        int length = 40 + random.nextInt(160);
        for (int i = 0; i < length; i++) {
            now += random.nextInt(random.nextInt(10) == 0 ? 80 : 9);
            int choice = random.nextInt(100);
            if (choice < 60) {
                long behind = random.nextInt(12) == 0 ? random.nextInt(150) : random.nextInt(10);
                Kind kind = random.nextInt(12) == 0 ? Kind.LISTED : Kind.LIVE;
                String reason =
                        pick(random, "Fail", "Fail", "Hold", "Wait", "Fine", "Alive", "Came");
                steps.add(
                        new Step(
                                kind,
                                pick(random, "one", "one", "two"),
                                reason,
                                now - behind,
                                0,
                                1 + random.nextInt(5) / 4));
            } else if (choice < 93) {
                if (now < stalled) {
                    continue;
                }
                // Now and then event time stands still for longer than any rule waits.
                stalled = random.nextInt(15) == 0 ? now + 100 + random.nextInt(200) : 0;
                long next = Math.max(watermark + 1, now - 10);
                watermark = next;
                steps.add(new Step(Kind.WATERMARK, null, null, watermark, 0, 0));
            } else {
                String scope = pick(random, "*", "one", "two");
                Long since = blindSince.remove(scope);
                if (since == null) {
                    long from = now - random.nextInt(20);
                    boolean closed = random.nextBoolean();
                    if (!closed) {
                        blindSince.put(scope, from);
                    }
                    steps.add(new Step(Kind.BLIND, null, scope, from, closed ? now : 0, 0));
                } else {
                    steps.add(new Step(Kind.BLIND, null, scope, since, now, 0));
                }
            }
        }
        for (Map.Entry<String, Long> open : blindSince.entrySet()) {
            steps.add(new Step(Kind.BLIND, null, open.getKey(), open.getValue(), now, 0));
        }
        steps.add(new Step(Kind.WATERMARK, null, null, now + 100_000, 0, 0));
        return steps;
    }

    private static String lines(List<Step> history) {
        return String.join("\n", history.stream().map(Step::toString).toList());
    }

    private static String pick(Random random, String... all) {
        return all[random.nextInt(all.length)];
    }

    // ------------------------------------------------------------------ the oracle

    private static Map<String, List<Change>> oracle(List<Step> history) {
        Map<String, Map<String, EpisodeOracle>> oracles = new LinkedHashMap<>();
        Map<String, PlaceOracle> places = new LinkedHashMap<>();
        for (String subject : SUBJECTS) {
            Map<String, EpisodeOracle> rules = new LinkedHashMap<>();
            CONDITIONS.forEach(
                    (rule, condition) -> rules.put(rule, new EpisodeOracle(condition, subject)));
            oracles.put(subject, rules);
            places.put(subject, new PlaceOracle(rules));
        }
        List<Blind> blind = new ArrayList<>();
        long watermark = Long.MIN_VALUE / 2;
        for (Step step : history) {
            switch (step.kind()) {
                case LIVE, LISTED -> {
                    Map<String, Heard> heard = new LinkedHashMap<>();
                    for (String rule : CONDITIONS.keySet()) {
                        Heard what = heard(rule, step.what());
                        if (what != null) {
                            heard.put(rule, what);
                        }
                    }
                    boolean listed = step.kind() == Kind.LISTED;
                    places.get(step.subject())
                            .hear(heard, step.time(), step.weight(), watermark, listed, blind);
                }
                case BLIND -> {
                    blind.removeIf(b -> b.scope().equals(step.what()) && b.to() == 0);
                    blind.add(new Blind(step.what(), step.time(), step.until()));
                }
                case WATERMARK -> {
                    watermark = step.time();
                    for (PlaceOracle place : places.values()) {
                        place.pass(watermark, blind);
                    }
                }
            }
        }
        Map<String, List<Change>> told = new LinkedHashMap<>();
        oracles.forEach(
                (subject, rules) ->
                        rules.forEach(
                                (rule, oracle) -> told.put(subject + "/" + rule, oracle.told())));
        return told;
    }

    private static Heard heard(String rule, String reason) {
        return switch (rule + " " + reason) {
            case "Three Fail", "Held Hold", "Absent Wait" -> Heard.TRIGGER;
            case "Three Fine", "Held Fine", "Absent Came" -> Heard.CLEAR;
            case "Three Alive" -> Heard.KEEP_ALIVE;
            default -> null;
        };
    }

    // ------------------------------------------------------------------ the real operator

    /** Runs a history; with crashes where {@code chance} is given. */
    private static Map<String, List<Change>> run(List<Step> history, Random chance)
            throws Exception {
        KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> harness =
                harness(null);
        List<Alert> alerts = new ArrayList<>();
        for (int i = 0; i < history.size(); i++) {
            Step step = history.get(i);
            apply(step, harness);
            // A task learns of watermarks with elements: a crash follows on one.
            boolean element = step.kind() == Kind.LIVE || step.kind() == Kind.LISTED;
            if (chance != null && element && chance.nextInt(8) == 0) {
                alerts.addAll(harness.extractOutputValues());
                OperatorSubtaskState snapshot = harness.snapshot(i, i);
                assertThat(snapshot.getStateSize()).isLessThan(100_000);
                // What happens between the checkpoint and the crash is undone.
                int lost = Math.min(history.size(), i + 1 + chance.nextInt(4));
                for (Step undone : history.subList(i + 1, lost)) {
                    apply(undone, harness);
                }
                harness.close();
                harness = harness(snapshot);
            }
        }
        alerts.addAll(harness.extractOutputValues());
        assertThat(entries(harness)).as("what is remembered at the end").isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
        harness.close();
        checkEpisodes(alerts);
        return changes(alerts);
    }

    private static void checkEpisodes(List<Alert> alerts) {
        Map<String, AlertStatus> last = new LinkedHashMap<>();
        for (Alert alert : alerts) {
            AlertStatus before = last.put(alert.id(), alert.status());
            boolean follows =
                    switch (alert.status()) {
                        case PENDING -> before == null;
                        case FIRING -> before == null || before == AlertStatus.PENDING;
                        case RESOLVED ->
                                before == AlertStatus.FIRING || before == AlertStatus.PENDING;
                    };
            assertThat(follows).as("%s after %s: %s", alert.status(), before, alert).isTrue();
        }
        assertThat(last.values()).allMatch(status -> status == AlertStatus.RESOLVED);
    }

    private static Map<String, List<Change>> changes(List<Alert> alerts) {
        Map<String, List<Change>> changes = new LinkedHashMap<>();
        for (String subject : SUBJECTS) {
            CONDITIONS
                    .keySet()
                    .forEach(rule -> changes.put(subject + "/" + rule, new ArrayList<>()));
        }
        for (Alert alert : alerts) {
            changes.get(alert.labels().get("namespace") + "/" + alert.rule())
                    .add(
                            new Change(
                                    alert.status(),
                                    second(alert.startsAtMillis()),
                                    second(alert.firedAtMillis()),
                                    second(alert.endsAtMillis()),
                                    alert.occurrences()));
        }
        return changes;
    }

    private static long second(long millis) {
        return millis == 0 ? 0 : (millis - BEGIN) / 1000;
    }

    private static long at(long second) {
        return BEGIN + second * 1000;
    }

    private static int entries(
            KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> harness) {
        CoBroadcastWithKeyedOperator<?, ?, ?, ?> operator =
                (CoBroadcastWithKeyedOperator<?, ?, ?, ?>) harness.getTwoInputOperator();
        return ((HeapKeyedStateBackend<?>) operator.getKeyedStateBackend())
                .numKeyValueStateEntries();
    }

    private static void apply(
            Step step,
            KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> harness)
            throws Exception {
        switch (step.kind()) {
            case LIVE, LISTED ->
                    harness.processElement(new StreamRecord<>(candidate(step), at(step.time())));
            case BLIND ->
                    harness.processBroadcastElement(
                            blind(step), at(Math.max(step.time(), step.until())));
            case WATERMARK -> harness.watermark(at(step.time()));
        }
    }

    private static Candidate candidate(Step step) {
        List<String> roles = new ArrayList<>();
        for (String rule : List.of("Absent", "Held", "Three")) {
            Heard heard = heard(rule, step.what());
            if (heard != null) {
                String role =
                        switch (heard) {
                            case TRIGGER -> Roles.TRIGGER;
                            case CLEAR -> rule.equals("Absent") ? Roles.AWAITED : Roles.CLEAR;
                            case KEEP_ALIVE -> Roles.KEEP_ALIVE;
                        };
                roles.add(Roles.name(rule, role));
            }
        }
        Occurrence occurrence =
                new Occurrence(
                        "c",
                        1,
                        step.kind() == Kind.LISTED
                                ? Occurrence.Origin.LISTED
                                : Occurrence.Origin.LIVE,
                        step.subject(),
                        "web.1",
                        "uid",
                        "1",
                        "Warning",
                        step.what(),
                        "a note",
                        null,
                        "kubelet",
                        "node",
                        new ObjectReference("v1", "Pod", step.subject(), "web", "pod", null, null),
                        null,
                        step.weight(),
                        at(step.time()),
                        at(step.time()),
                        Occurrence.EVENTS,
                        Labels.NONE,
                        null,
                        null,
                        null);
        return new Candidate(
                Candidate.Kind.OCCURRENCE,
                "per\u001e" + step.subject(),
                step.subject(),
                Reach.SUBJECT,
                roles.toArray(String[]::new),
                occurrence.origin(),
                occurrence.weight(),
                occurrence.fromMillis(),
                occurrence.toMillis(),
                occurrence.cluster(),
                step.subject(),
                null,
                "kubelet",
                Occurrence.EVENTS,
                "uid",
                "1",
                Told.of(occurrence, true, new Packer()));
    }

    private static Interruption blind(Step step) {
        return new Interruption(
                Interruption.Kind.BLIND,
                Occurrence.EVENTS,
                step.what(),
                null,
                at(step.time()),
                step.until() == 0 ? 0 : at(step.until()));
    }

    private static KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert>
            harness(OperatorSubtaskState restored) throws Exception {
        KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> made =
                new KeyedBroadcastOperatorTestHarness<>(
                        new CoBroadcastWithKeyedOperator<>(
                                new AlertFunction(RULES, 10_000), List.of(AlertFunction.BLIND)),
                        Candidate::key,
                        Types.STRING,
                        10,
                        1,
                        0);
        made.setup();
        if (restored != null) {
            made.initializeState(restored);
        }
        made.open();
        return made;
    }
}
