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
import io.tocsin.job.detect.EpisodeOracle.Message;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Reach;
import io.tocsin.job.model.Roles;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.model.Told;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.time.KnownInterruptions;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.source.pack.Packer;
import io.tocsin.testing.Simulation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.junit.jupiter.api.Test;

/**
 * Random histories of two places and four subjects: out of order, late, listed, with large counts
 * over long spans, with stalls of event time longer than any rule waits, blind, with nodes that are
 * down, with crashes anywhere. What detection says must be what a brute-force oracle says, with and
 * without crashes.
 */
class DetectionSimulationTest {

    private static final int RUNS = Boolean.getBoolean("tocsin.nightly") ? 10_000 : 300;
    private static final long BEGIN = 1_800_000_000_000L;
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
                        quiet: 25s
                        clears: {reason: Fine}
                        keepAlive: {reason: Alive}
                        resolveAfter: 90s
                      - name: Absent
                        match: {reason: Wait}
                        when: {missing: {reason: Came}, within: 50s}
                        resolveAfter: 100s
                      - name: Burst
                        alert: Many
                        match: {reason: Hold}
                        when: {atLeast: 4, within: 20s}
                        clears: {reason: Fine}
                        resolveAfter: 60s
                      - name: Lots
                        alert: Many
                        match: {reason: [Fail, Hold]}
                        when: {atLeast: 40, within: 60s}
                        resolveAfter: 110s
                      - name: Differ
                        match: {reason: Fail}
                        when: {distinct: {field: reportingInstance, atLeast: 3}, within: 40s}
                        clears: {reason: Fine}
                        resolveAfter: 70s
                      - name: News
                        match: {reason: Hold}
                        when: {atLeast: 2, within: 30s}
                        clears: {reason: Fine}
                        resolveAfter: 80s
                        notice: true
                      - name: OldNews
                        match: {reason: Wait}
                        when: {atLeast: 2, within: 40s}
                        for: 20s
                        clears: {reason: Came}
                        resolveAfter: 60s
                        notice: true
                      - name: Order
                        when: {sequence: [Fail, Hold], within: 60s}
                        clears: {reason: Fine}
                        resolveAfter: 75s
                    """);

    private static final Map<String, Map<String, Condition>> CONDITIONS =
            new TreeMap<>(
                    Map.of(
                            "Three",
                            Map.of("Three", counts(3, 60, 0, 0, 120, false)),
                            "Held",
                            Map.of("Held", counts(2, 30, 40, 25, 90, false)),
                            "Absent",
                            Map.of("Absent", of(EpisodeOracle.Kind.ABSENCE, 1, 50, 100)),
                            "Many",
                            new TreeMap<>(
                                    Map.of(
                                            "Burst", counts(4, 20, 0, 0, 60, false),
                                            "Lots", counts(40, 60, 0, 0, 110, false))),
                            "Differ",
                            Map.of("Differ", of(EpisodeOracle.Kind.DISTINCT, 3, 40, 70)),
                            "News",
                            Map.of("News", counts(2, 30, 0, 0, 80, true)),
                            "OldNews",
                            Map.of("OldNews", counts(2, 40, 20, 0, 60, true)),
                            "Order",
                            Map.of("Order", of(EpisodeOracle.Kind.SEQUENCE, 1, 60, 75))));

    /** A container {@code part} of an object {@code uid} in a place, which is also a namespace. */
    private record Subject(String place, String uid, String part, String node) {
        String name() {
            return uid + "-" + part;
        }

        boolean isReached(Subject other, Reach reach) {
            return place.equals(other.place)
                    && (reach == Reach.PLACE || uid.equals(other.uid))
                    && (reach != Reach.SUBJECT || part.equals(other.part));
        }
    }

    private static final List<Subject> SUBJECTS =
            List.of(
                    new Subject("one", "a", "app", "n1"),
                    new Subject("one", "a", "side", "n1"),
                    new Subject("one", "b", "app", "n2"),
                    new Subject("two", "c", "app", "n1"));

    private enum Kind {
        LIVE,
        LISTED,
        WATERMARK,
        BLIND,
        PODS_BLIND,
        NODE_DOWN,
        CRASH
    }

    /**
     * A step of a history; times in seconds. {@code what} is a reason, a scope or a node; {@code
     * from} and {@code time} are begin and end; {@code weight} is how many steps a crash undoes.
     */
    private record Step(
            Kind kind,
            Subject subject,
            Reach reach,
            String what,
            String value,
            long from,
            long time,
            long weight) {

        boolean isElement() {
            return kind == Kind.LIVE || kind == Kind.LISTED;
        }

        boolean isInterruption() {
            return kind == Kind.BLIND || kind == Kind.PODS_BLIND || kind == Kind.NODE_DOWN;
        }
    }

    @Test
    void saysWhatABruteForceOracleSaysWithAndWithoutCrashes() {
        Map<String, Integer> seen = new TreeMap<>();
        Simulation.runActions(
                "detection",
                RUNS,
                DetectionSimulationTest::history,
                steps -> {
                    List<Step> history = ended(steps);
                    Map<String, List<Change>> expected = oracle(history);

                    assertThat(run(history, false)).isEqualTo(expected);
                    assertThat(run(history, true)).as("with crashes").isEqualTo(expected);
                    expected.forEach(
                            (alert, changes) ->
                                    changes.forEach(
                                            change ->
                                                    seen.merge(
                                                            alert.substring(alert.indexOf('/') + 1)
                                                                    + " "
                                                                    + change.status(),
                                                            1,
                                                            Integer::sum)));
                });
        assertThat(seen.keySet())
                .as("changes of all alerts, so that something was shown")
                .contains(
                        "Three FIRING",
                        "Three RESOLVED",
                        "Held PENDING",
                        "Held FIRING",
                        "Held RESOLVED",
                        "Absent FIRING",
                        "Many FIRING",
                        "Differ FIRING",
                        "News FIRING",
                        "OldNews PENDING",
                        "OldNews FIRING",
                        "OldNews RESOLVED",
                        "Order FIRING")
                .doesNotContain("News RESOLVED", "Order PENDING");
    }

    private static Condition counts(
            int atLeast, long within, long hold, long quiet, long resolveAfter, boolean notice) {
        return new Condition(
                EpisodeOracle.Kind.COUNT, atLeast, within, hold, quiet, resolveAfter, notice);
    }

    private static Condition of(
            EpisodeOracle.Kind kind, int atLeast, long within, long resolveAfter) {
        return new Condition(kind, atLeast, within, 0, 0, resolveAfter, false);
    }

    // ------------------------------------------------------------------ histories

    private static List<Step> history(Random random) {
        List<Step> steps = new ArrayList<>();
        long now = 100;
        long watermark = 0;
        long stalled = 0;
        Map<String, Long> since = new LinkedHashMap<>();
        int length = 30 + random.nextInt(120);
        for (int i = 0; i < length; i++) {
            now += random.nextInt(random.nextInt(10) == 0 ? 80 : 9);
            int choice = random.nextInt(100);
            if (choice < 60) {
                steps.add(element(random, now));
                if (random.nextInt(16) == 0) {
                    steps.add(step(Kind.CRASH, null, 0, 0, random.nextInt(4)));
                }
            } else if (choice < 90) {
                if (now < stalled) {
                    continue;
                }
                // Now and then event time stands still for longer than any rule waits.
                stalled = random.nextInt(15) == 0 ? now + 100 + random.nextInt(200) : 0;
                watermark = Math.max(watermark + 1, now - 10);
                steps.add(step(Kind.WATERMARK, null, 0, watermark, 0));
            } else {
                Kind kind = pick(random, Kind.BLIND, Kind.PODS_BLIND, Kind.NODE_DOWN);
                String what =
                        kind == Kind.NODE_DOWN
                                ? pick(random, "n1", "n2")
                                : pick(random, "*", "one", "two");
                Long begun = since.remove(kind + what);
                long from = begun == null ? now - random.nextInt(20) : begun;
                boolean over = begun != null || random.nextBoolean();
                if (!over) {
                    since.put(kind + what, from);
                }
                steps.add(step(kind, what, from, over ? now : 0, 0));
            }
        }
        return steps;
    }

    private static Step element(Random random, long now) {
        long behind = random.nextInt(12) == 0 ? random.nextInt(150) : random.nextInt(10);
        String reason =
                pick(
                        random,
                        "Fail",
                        "Fail",
                        "Fail",
                        "Hold",
                        "Hold",
                        "Wait",
                        "Wait",
                        "Fine",
                        "Alive",
                        "Came",
                        "Detected");
        boolean ends = List.of("Fine", "Alive", "Came").contains(reason);
        Reach reach =
                ends && random.nextInt(3) == 0
                        ? pick(random, Reach.OBJECT, Reach.PLACE)
                        : Reach.SUBJECT;
        long weight = random.nextInt(5) / 3;
        long span = 0;
        if (random.nextInt(8) == 0) {
            weight = random.nextInt(random.nextInt(4) == 0 ? 1_000_000 : 60);
            span = random.nextInt(random.nextInt(8) == 0 ? 10_000 : 150);
        } else if (random.nextInt(12) != 0) {
            weight = 1;
        }
        return new Step(
                random.nextInt(12) == 0 ? Kind.LISTED : Kind.LIVE,
                SUBJECTS.get(random.nextInt(SUBJECTS.size())),
                reach,
                reason,
                pick(random, "x", "y", "z", ""),
                now - behind - span,
                now - behind,
                weight);
    }

    private static Step step(Kind kind, String what, long from, long time, long weight) {
        return new Step(kind, null, null, what, null, from, time, weight);
    }

    /** What lasts ends, and event time goes on until all is over. */
    private static List<Step> ended(List<Step> steps) {
        List<Step> all = new ArrayList<>(steps);
        long now = 100;
        Map<String, Step> lasting = new LinkedHashMap<>();
        for (Step step : steps) {
            now = Math.max(now, Math.max(step.from(), step.time()));
            if (step.isInterruption()) {
                if (step.time() == 0) {
                    lasting.put(step.kind() + step.what(), step);
                } else {
                    lasting.remove(step.kind() + step.what());
                }
            }
        }
        for (Step open : lasting.values()) {
            all.add(step(open.kind(), open.what(), open.from(), now, 0));
        }
        all.add(step(Kind.WATERMARK, null, 0, now + 100_000, 0));
        return all;
    }

    @SafeVarargs
    private static <T> T pick(Random random, T... all) {
        return all[random.nextInt(all.length)];
    }

    private static Heard heard(String rule, String reason) {
        return switch (rule + " " + reason) {
            case "Three Fail",
                    "Held Hold",
                    "Absent Wait",
                    "Burst Hold",
                    "Lots Fail",
                    "Lots Hold",
                    "Differ Fail",
                    "News Hold",
                    "OldNews Wait" ->
                    Heard.TRIGGER;
            case "Order Fail", "Order Hold" -> Heard.STAGE;
            case "Order Detected" -> Heard.DETECTION;
            case "Three Fine",
                    "Held Fine",
                    "Absent Came",
                    "Burst Fine",
                    "Differ Fine",
                    "News Fine",
                    "OldNews Came",
                    "Order Fine" ->
                    Heard.CLEAR;
            case "Three Alive", "Held Alive" -> Heard.KEEP_ALIVE;
            default -> null;
        };
    }

    /** Of what the scheduler tells, no kubelet is silent. */
    private static boolean isOfKubelet(String reason) {
        return !reason.equals("Wait");
    }

    // ------------------------------------------------------------------ the oracle

    private static Map<String, List<Change>> oracle(List<Step> history) {
        Map<String, EpisodeOracle> oracles = new LinkedHashMap<>();
        Map<String, List<EpisodeOracle>> byPlace = new TreeMap<>();
        for (Subject subject : SUBJECTS) {
            CONDITIONS.forEach(
                    (alert, rules) -> {
                        boolean kubelet = !alert.equals("Absent") && !alert.equals("OldNews");
                        EpisodeOracle oracle =
                                new EpisodeOracle(
                                        rules, subject.place(), kubelet ? subject.node() : null);
                        oracles.put(subject.name() + "/" + alert, oracle);
                        byPlace.computeIfAbsent(subject.place(), p -> new ArrayList<>())
                                .add(oracle);
                    });
        }
        Map<String, PlaceOracle> places = new TreeMap<>();
        byPlace.forEach((place, all) -> places.put(place, new PlaceOracle(all)));
        List<Blind> blind = new ArrayList<>();
        long watermark = Long.MIN_VALUE / 2;
        for (Step step : history) {
            switch (step.kind()) {
                case LIVE, LISTED -> {
                    Message message =
                            new Message(
                                    step.from(),
                                    step.time(),
                                    step.weight(),
                                    step.value(),
                                    watermark);
                    places.get(step.subject().place())
                            .hear(
                                    message,
                                    () -> hear(step, message, oracles),
                                    step.kind() == Kind.LISTED,
                                    blind);
                }
                case BLIND, NODE_DOWN -> {
                    boolean node = step.kind() == Kind.NODE_DOWN;
                    String scope = node ? null : step.what();
                    String of = node ? step.what() : null;
                    blind.removeIf(
                            b ->
                                    b.to() == 0
                                            && (node
                                                    ? of.equals(b.node())
                                                    : scope.equals(b.scope())));
                    blind.add(new Blind(scope, of, step.from(), step.time()));
                }
                case WATERMARK -> {
                    watermark = step.time();
                    for (PlaceOracle place : places.values()) {
                        place.pass(watermark, blind);
                    }
                }
                case PODS_BLIND, CRASH -> {
                    // Nothing that anybody should hear of.
                }
            }
        }
        Map<String, List<Change>> told = new TreeMap<>();
        oracles.forEach((alert, oracle) -> told.put(alert, oracle.told()));
        return told;
    }

    private static void hear(Step step, Message message, Map<String, EpisodeOracle> oracles) {
        CONDITIONS.forEach(
                (alert, rules) -> {
                    SortedMap<String, Heard> triggers = new TreeMap<>();
                    for (String rule : new TreeSet<>(rules.keySet())) {
                        Heard heard = heard(rule, step.what());
                        if (heard == Heard.CLEAR) {
                            for (Subject each : reached(step, step.reach())) {
                                oracles.get(each.name() + "/" + alert).clear(step.time());
                            }
                        } else if (heard == Heard.KEEP_ALIVE) {
                            // Of a part of an object: of all of it.
                            Reach reach = step.reach() == Reach.PLACE ? Reach.PLACE : Reach.OBJECT;
                            for (Subject each : reached(step, reach)) {
                                oracles.get(each.name() + "/" + alert).keepAlive(step.time());
                            }
                        } else if (heard != null && step.weight() > 0) {
                            triggers.put(rule, heard);
                        }
                    }
                    oracles.get(step.subject().name() + "/" + alert).trigger(triggers, message);
                });
    }

    private static List<Subject> reached(Step step, Reach reach) {
        return SUBJECTS.stream().filter(each -> step.subject().isReached(each, reach)).toList();
    }

    // ------------------------------------------------------------------ the real operator

    private static Map<String, List<Change>> run(List<Step> history, boolean crashes)
            throws Exception {
        KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> harness =
                harness(null);
        List<Alert> alerts = new ArrayList<>();
        boolean element = false;
        for (int i = 0; i < history.size(); i++) {
            Step step = history.get(i);
            apply(step, harness);
            // A task learns of watermarks with elements: a crash follows on one.
            if (crashes && element && step.kind() == Kind.CRASH) {
                alerts.addAll(harness.extractOutputValues());
                OperatorSubtaskState snapshot = harness.snapshot(i, i);
                assertThat(snapshot.getStateSize()).isLessThan(100_000);
                // What happens between the checkpoint and the crash is undone.
                int lost = (int) Math.min(history.size(), i + 1 + step.weight());
                for (Step undone : history.subList(i + 1, lost)) {
                    apply(undone, harness);
                }
                harness.close();
                harness = harness(snapshot);
            }
            element = step.isElement();
        }
        alerts.addAll(harness.extractOutputValues());
        assertThat(entries(harness)).as("what is remembered at the end").isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
        harness.close();
        checkEpisodes(alerts);
        return changes(alerts);
    }

    private static void checkEpisodes(List<Alert> alerts) {
        Map<String, Alert> last = new LinkedHashMap<>();
        for (Alert alert : alerts) {
            Alert previous = last.put(alert.id(), alert);
            AlertStatus before = previous == null ? null : previous.status();
            boolean follows =
                    switch (alert.status()) {
                        case PENDING -> before == null;
                        case FIRING -> before == null || before == AlertStatus.PENDING;
                        case RESOLVED ->
                                before == AlertStatus.FIRING || before == AlertStatus.PENDING;
                    };
            assertThat(follows).as("%s after %s: %s", alert.status(), before, alert).isTrue();
        }
        assertThat(last.values())
                .allMatch(a -> a.status() == AlertStatus.RESOLVED || a.isGivenNotice());
    }

    private static Map<String, List<Change>> changes(List<Alert> alerts) {
        Map<String, List<Change>> changes = new TreeMap<>();
        for (Subject subject : SUBJECTS) {
            CONDITIONS
                    .keySet()
                    .forEach(alert -> changes.put(subject.name() + "/" + alert, new ArrayList<>()));
        }
        for (Alert alert : alerts) {
            changes.get(alert.labels().get("name") + "/" + alert.rule())
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
            case BLIND, PODS_BLIND, NODE_DOWN ->
                    harness.processBroadcastElement(
                            interruption(step), at(Math.max(step.from(), step.time())));
            case WATERMARK -> harness.watermark(at(step.time()));
            case CRASH -> {
                // By the caller.
            }
        }
    }

    private static Candidate candidate(Step step) {
        List<String> roles = new ArrayList<>();
        CONDITIONS
                .values()
                .forEach(rules -> rules.keySet().forEach(rule -> role(rule, step, roles)));
        roles.sort(null);
        Subject subject = step.subject();
        boolean detection = step.what().equals("Detected");
        Occurrence occurrence =
                TestOccurrence.of(step.what())
                        .origin(
                                step.kind() == Kind.LISTED
                                        ? Occurrence.Origin.LISTED
                                        : Occurrence.Origin.LIVE)
                        .named(subject.place(), "web.1")
                        .by(
                                isOfKubelet(step.what()) ? "kubelet" : "default-scheduler",
                                step.value())
                        .regarding(
                                new ObjectReference(
                                        "v1",
                                        "Pod",
                                        subject.place(),
                                        subject.name(),
                                        "pod",
                                        null,
                                        null))
                        .weight(step.weight())
                        .between(at(step.from()), at(step.time()))
                        .node(subject.node())
                        .make();
        return new Candidate(
                detection ? Candidate.Kind.DETECTION : Candidate.Kind.OCCURRENCE,
                "cu" + Candidate.KEY_SEPARATOR + subject.place(),
                subject.uid() + Candidate.OBJECT_END + subject.name(),
                step.reach(),
                roles.toArray(String[]::new),
                occurrence.origin(),
                occurrence.weight(),
                occurrence.fromMillis(),
                occurrence.toMillis(),
                occurrence.cluster(),
                subject.place(),
                subject.node(),
                occurrence.reportingController(),
                Occurrence.EVENTS,
                "uid",
                "1",
                Told.of(occurrence, true, new Packer()));
    }

    private static void role(String rule, Step step, List<String> roles) {
        Heard heard = heard(rule, step.what());
        if (heard == Heard.STAGE) {
            roles.add(Roles.stage(rule, step.what().equals("Fail") ? 0 : 1));
        } else if (heard != null) {
            roles.add(
                    Roles.name(
                            rule,
                            switch (heard) {
                                case TRIGGER -> Roles.TRIGGER;
                                case CLEAR -> rule.equals("Absent") ? Roles.AWAITED : Roles.CLEAR;
                                case KEEP_ALIVE -> Roles.KEEP_ALIVE;
                                default -> Roles.DETECTION;
                            }));
        }
    }

    private static Interruption interruption(Step step) {
        long from = at(step.from());
        long to = step.time() == 0 ? 0 : at(step.time());
        if (step.kind() == Kind.NODE_DOWN) {
            return Interruption.ofNode(step.what(), from, to);
        }
        String resource = step.kind() == Kind.BLIND ? Occurrence.EVENTS : "pods";
        return new Interruption(Interruption.Kind.BLIND, resource, step.what(), null, from, to);
    }

    private static KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert>
            harness(OperatorSubtaskState restored) throws Exception {
        KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> made =
                new KeyedBroadcastOperatorTestHarness<>(
                        new CoBroadcastWithKeyedOperator<>(
                                new AlertFunction(RULES, 10_000),
                                List.of(KnownInterruptions.BLIND)),
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
