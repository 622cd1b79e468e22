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

import io.tocsin.job.rule.RuleSet;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Restores the savepoint that an earlier version has left in {@code golden/}: half windows, open
 * and pending alerts, armed absences, partial matches, the position of the source; with the changed
 * rules, so that all of it shows. {@code -Dtocsin.golden.write=DIR} writes one by this version
 * instead; there is one for each release, and none is ever written again.
 */
class GoldenSavepointITCase {

    @RegisterExtension
    static final MiniClusterExtension FLINK =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(1)
                            .build());

    private static final String CLUSTER = "golden";
    private static final String VERSION = "0.1.0";

    /** It holds the first of all changes; those that are added later are not in it. */
    private static final int CHANGES = 36;

    @TempDir private Path folder;

    @Test
    void restoresWhatAnEarlierVersionHasLeft() throws Exception {
        List<RuleChange> changes = RuleChangeRun.all().subList(0, CHANGES);
        RuleSet before = RuleChangeRun.rules(changes, RuleChange::before);
        InMemoryServer server = InMemoryServer.named(CLUSTER);
        InMemoryJob job = new InMemoryJob(CLUSTER);
        RuleChangeRun run = new RuleChangeRun(server, job);
        String write = System.getProperty("tocsin.golden.write");
        if (write != null) {
            job.start(before, 1);
            run.happensBefore(changes);
            Path written = Path.of(URI.create(job.stop(folder)));
            Files.createDirectories(Path.of(write));
            try (Stream<Path> files = Files.list(written)) {
                for (Path file : files.toList()) {
                    Files.copy(file, Path.of(write, file.getFileName().toString()));
                }
            }
            return;
        }
        // The server has what it had then: the source goes on where it stood.
        run.happenedBefore(changes);
        job.from(
                GoldenSavepointITCase.class
                        .getResource("/io/tocsin/job/golden/" + VERSION)
                        .toString());
        job.start(RuleChangeRun.rules(changes, RuleChange::after), 1);
        run.happensAfter(changes);
        job.cancel();

        SoftAssertions all = new SoftAssertions();
        for (RuleChange change : changes) {
            // What was told before the savepoint was told to those of then.
            List<String> since =
                    change.told().stream()
                            .filter(
                                    told ->
                                            !told.matches("[1-5]?\\d?\\d .*")
                                                    || told.startsWith("500 a AtOnce FIRING"))
                            .toList();
            all.assertThat(run.told(change)).as(change.title()).isEqualTo(since);
        }
        all.assertAll();
    }
}
