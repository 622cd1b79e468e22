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

import io.tocsin.job.rule.RuleSet;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
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

    /** Where a job runs. */
    private record Site(String backend, int parallelism) {
        @Override
        public String toString() {
            return backend + " at parallelism " + parallelism;
        }
    }

    @TempDir private Path folder;
    private InMemoryJob job;
    private RuleChangeRun run;

    @BeforeEach
    void begin() {
        String name = "rules-" + UUID.randomUUID();
        job = new InMemoryJob(name);
        run = new RuleChangeRun(InMemoryServer.named(name), job);
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
        List<RuleChange> changes = RuleChangeRun.all();
        List<String> logged;
        try (LogLines log = new LogLines("io.tocsin.job.detect.KnownRules")) {
            start(RuleChangeRun.rules(changes, RuleChange::before), from);
            run.happensBefore(changes);
            assertThat(log.take()).as("nothing was restored").isEmpty();
            job.stop(folder);

            start(RuleChangeRun.rules(changes, RuleChange::after), to);
            run.happensAfter(changes);
            logged = log.take();
        }
        SoftAssertions all = new SoftAssertions();
        for (RuleChange change : changes) {
            all.assertThat(run.told(change)).as(change.title()).isEqualTo(change.told());
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
        start(RuleChangeRun.rules(sequence, RuleChange::before), site);
        run.happensBefore(sequence);
        job.stop(folder);

        assertThatThrownBy(
                        () -> {
                            job.start(
                                    RuleChangeRun.rules(sequence, RuleChange::after),
                                    1,
                                    "hashmap",
                                    false);
                            job.join();
                        })
                .hasStackTraceContaining("allowNonRestoredState");

        start(RuleChangeRun.rules(sequence, RuleChange::after), site);
    }

    private void start(RuleSet rules, Site site) throws Exception {
        job.start(rules, site.parallelism(), site.backend(), true);
    }
}
