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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tocsin.job.model.Alert;
import io.tocsin.job.rule.RuleSet;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Savepoints of the whole topology, restored with other rules, on another state backend, at another
 * parallelism. All changes of rules are made at once; the nightly build tries all pairs of backend
 * and parallelism.
 */
class RuleChangeMatrixITCase {

    @RegisterExtension
    static final MiniClusterExtension FLINK =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    private static final long START = 1_800_000_000_000L;
    private static final long END = 5000;

    /** So many that each subtask has some: one that has rung shows that its subtask is done. */
    private static final int CANARIES = 16;

    private static final String CANARY =
            "\n- {name: Canary, match: {reason: Canary}, when: {missing: {reason: Never}, within: 1s}}";

    /** Where a job runs. */
    private record Site(String backend, int parallelism) {
        @Override
        public String toString() {
            return backend + " at parallelism " + parallelism;
        }
    }

    @TempDir private Path folder;
    private EventServer server;
    private InMemoryJob job;

    @BeforeEach
    void begin() {
        String name = "rules-" + UUID.randomUUID();
        server = EventServer.named(name);
        job = new InMemoryJob(name);
    }

    @AfterEach
    void end() throws Exception {
        job.cancel();
    }

    static Stream<Arguments> moves() {
        List<Site> sites =
                List.of(
                        new Site("hashmap", 1),
                        new Site("rocksdb", 1),
                        new Site("hashmap", 2),
                        new Site("rocksdb", 2));
        if (Boolean.getBoolean("tocsin.nightly")) {
            return sites.stream().flatMap(from -> sites.stream().map(to -> Arguments.of(from, to)));
        }
        return Stream.of(
                Arguments.of(sites.get(0), sites.get(0)),
                Arguments.of(sites.get(0), sites.get(1)),
                Arguments.of(sites.get(1), sites.get(0)),
                Arguments.of(sites.get(0), sites.get(2)),
                Arguments.of(sites.get(3), sites.get(1)));
    }

    @ParameterizedTest(name = "from {0} to {1}")
    @MethodSource("moves")
    void keepsWhatARuleHasSeenWhereItStillMeansSomething(Site from, Site to) throws Exception {
        List<RuleChange> changes = RuleChanges.all();
        List<String> logged;
        try (LogLines log = new LogLines("io.tocsin.job.detect.KnownRules")) {
            start(rules(changes, RuleChange::before), from);
            happens(changes, 0, RuleChanges.CUT);
            assertThat(log.take()).as("nothing was restored").isEmpty();
            job.stop(folder);

            start(rules(changes, RuleChange::after), to);
            happens(changes, RuleChanges.CUT, END);
            logged = log.take();
        }
        SoftAssertions all = new SoftAssertions();
        for (RuleChange change : changes) {
            all.assertThat(told(change)).as(change.title()).isEqualTo(change.told());
        }
        all.assertThat(logged)
                .containsExactlyInAnyOrderElementsOf(
                        changes.stream().flatMap(change -> change.logged().stream()).toList());
        all.assertAll();
    }

    @Test
    void refusesToForgetASequenceWhereThatIsNotAllowed() throws Exception {
        List<RuleChange> sequence =
                RuleChanges.all().stream().filter(c -> c.alerts().contains("Forgotten")).toList();
        Site site = new Site("hashmap", 1);
        start(rules(sequence, RuleChange::before), site);
        happens(sequence, 0, RuleChanges.CUT);
        job.stop(folder);

        assertThatThrownBy(
                        () -> {
                            job.start(rules(sequence, RuleChange::after), 1, "hashmap", false);
                            job.join();
                        })
                .hasStackTraceContaining("allowNonRestoredState");

        start(rules(sequence, RuleChange::after), site);
    }

    private void start(RuleSet rules, Site site) throws Exception {
        job.start(rules, site.parallelism(), site.backend(), true);
    }

    private static RuleSet rules(List<RuleChange> changes, Function<RuleChange, List<String>> of) {
        StringBuilder yaml = new StringBuilder();
        for (RuleChange change : changes) {
            of.apply(change).forEach(rule -> yaml.append("\n- ").append(rule));
        }
        return RuleSet.parse("changed.yaml", yaml + CANARY);
    }

    /** Lets things happen between two times, and waits until all has been decided. */
    private void happens(List<RuleChange> changes, long from, long until) {
        // First it must be in contact: it was blind until then, and would wait longer for all.
        server.now(START + from * 1000);
        canaries(from + 1, from + 20);
        changes.stream()
                .flatMap(change -> change.happenings().stream())
                .filter(h -> h.second() >= from && h.second() < until)
                .sorted(Comparator.comparingLong(RuleChange.Happening::second))
                .forEach(
                        h ->
                                server.scheduler(
                                        "Warning", h.reason(), h.pod(), START + h.second() * 1000));
        canaries(until - 30, until);
    }

    /** A canary rings when event time has passed it: all before it has been decided then. */
    private void canaries(long second, long now) {
        for (int i = 0; i < CANARIES; i++) {
            server.scheduler(
                    "Warning", "Canary", "canary-" + i + "-" + second, START + second * 1000);
        }
        server.now(START + now * 1000);
        await().atMost(Duration.ofMinutes(1))
                .until(
                        () ->
                                job.alerts().stream()
                                                .filter(a -> a.subject().endsWith("-" + second))
                                                .count()
                                        == CANARIES);
    }

    private List<String> told(RuleChange change) {
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
