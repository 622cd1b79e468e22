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
package io.tocsin.job.pipeline;

import io.tocsin.job.model.Alert;
import io.tocsin.job.rule.RuleSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Lets happen what belongs to changes of rules, and says what a job told of it. */
final class RuleChangeRun {

    private static final long START = 1_800_000_000_000L;

    /** So many that each subtask has some: one that has rung shows that its subtask is done. */
    private static final int CANARIES = 16;

    private static final String CANARY =
            "\n- {name: Canary, match: {reason: Canary}, when: {missing: {reason: Never}, within: 1s}}";

    /** From then on the server cannot be reached, until {@link #BACK}. */
    private static final long OUTAGE = 60;

    private static final long BACK = 80;
    private static final Duration WAIT = Duration.ofMinutes(5);

    private final InMemoryServer server;
    private final InMemoryJob job;

    RuleChangeRun(InMemoryServer server, InMemoryJob job) {
        this.server = server;
        this.job = job;
    }

    /** All that share a savepoint; new ones are added at the end. */
    static List<RuleChange> all() {
        return Stream.of(RuleChanges.all(), UnchangedRules.all()).flatMap(List::stream).toList();
    }

    static RuleSet rules(List<RuleChange> changes, Function<RuleChange, List<String>> of) {
        StringBuilder yaml = new StringBuilder();
        for (RuleChange change : changes) {
            of.apply(change).forEach(rule -> yaml.append("\n- ").append(rule));
        }
        return RuleSet.parse("changed.yaml", yaml + CANARY);
    }

    /** Lets happen what is before the savepoint, and waits until all has been decided. */
    void happensBefore(List<RuleChange> changes) {
        happens(changes, 0, OUTAGE);
        int refused = server.refused();
        server.reachable(false);
        Awaitility.await()
                .atMost(WAIT)
                .pollDelay(InMemoryJob.BLIND_AFTER.multipliedBy(3))
                .until(() -> server.refused() > refused + 2);
        server.now(START + BACK * 1000);
        server.reachable(true);
        happens(changes, BACK, RuleChanges.CUT);
    }

    /** Lets have happened what is before the savepoint. */
    void happenedBefore(List<RuleChange> changes) {
        happened(changes, 0, OUTAGE);
        happened(changes, BACK, RuleChanges.CUT);
    }

    /** Lets happen what is after the savepoint, and waits until all has been decided. */
    void happensAfter(List<RuleChange> changes) {
        happens(changes, RuleChanges.CUT, RuleChanges.END);
    }

    private void happens(List<RuleChange> changes, long from, long until) {
        // First it must be in contact: it was blind until then, and would wait longer for all.
        server.now(START + from * 1000);
        int resources = rules(changes, RuleChange::before).resources().size();
        Awaitility.await().atMost(WAIT).until(() -> server.watches() == resources);
        canaries(from + 1);
        await(from + 1, from + 20);
        long last =
                write(
                        changes,
                        from,
                        until,
                        // A list that finds only the last state of a pod knows not of the others.
                        () -> Awaitility.await().atMost(WAIT).until(() -> server.hasTold("pods")));
        // A list that finds them, with time that has leapt, would tell no episode that is over.
        await(last + 1, last + 20);
        canaries(until - 30);
        await(until - 30, until);
    }

    private void happened(List<RuleChange> changes, long from, long until) {
        server.now(START + from * 1000);
        canaries(from + 1);
        write(changes, from, until, () -> {});
        canaries(until - 30);
        server.now(START + until * 1000);
    }

    /**
     * Returns the second of the last of them.
     *
     * @param behindEach is called when one is written
     */
    private long write(List<RuleChange> changes, long from, long until, Runnable behindEach) {
        List<RuleChange.Happening> all =
                changes.stream()
                        .flatMap(change -> change.happenings().stream())
                        .filter(h -> h.written() >= from && h.written() < until)
                        .sorted(Comparator.comparingLong(RuleChange.Happening::written))
                        .toList();
        for (RuleChange.Happening each : all) {
            each.to(server, START);
            behindEach.run();
        }
        long last = all.isEmpty() ? from + 2 : all.get(all.size() - 1).written();
        canaries(last + 1);
        return last;
    }

    /** A canary rings when event time has passed it: all before it has been decided then. */
    private void canaries(long second) {
        for (int i = 0; i < CANARIES; i++) {
            server.scheduler(
                    "Warning", "Canary", "canary-" + i + "-" + second, START + second * 1000);
        }
    }

    private void await(long second, long now) {
        server.now(START + now * 1000);
        Awaitility.await()
                .atMost(WAIT)
                .until(
                        () ->
                                job.alerts().stream()
                                                .filter(a -> a.subject().endsWith("-" + second))
                                                .count()
                                        == CANARIES);
    }

    List<String> told(RuleChange change) {
        List<Told> told = new ArrayList<>();
        for (Alert alert : job.alerts()) {
            if (change.alerts().contains(alert.rule())) {
                told.add(Told.of(alert));
            }
        }
        return told.stream()
                .sorted(Comparator.comparingLong(Told::second).thenComparing(Told::text))
                .map(each -> each.second() + " " + each.text())
                .toList();
    }

    private record Told(long second, String text) {
        static Told of(Alert alert) {
            long millis =
                    switch (alert.status()) {
                        case PENDING -> alert.startsAtMillis();
                        case FIRING -> alert.firedAtMillis();
                        case RESOLVED -> alert.endsAtMillis();
                    };
            String pod = alert.subject().replace("Pod shop/", "");
            return new Told(
                    (millis - START) / 1000,
                    pod + " " + alert.rule() + " " + alert.status() + " " + alert.occurrences());
        }
    }
}
