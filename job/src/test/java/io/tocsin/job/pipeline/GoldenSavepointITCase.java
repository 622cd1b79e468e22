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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.testing.WebhookRecorder;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.assertj.core.api.SoftAssertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Restores the savepoint that an earlier version has left in {@code golden/}: half windows, open
 * and pending alerts, armed absences, partial matches, the position of the source, a notification
 * that its receiver did not take; with the changed rules, so that all of it shows. {@code
 * -Dtocsin.golden.write=DIR} writes one by this version instead; there is one for each release, and
 * none is ever written again.
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

    /** One that happens before the savepoint and after it, and whose end nobody is told. */
    private static final String NOTIFIED = "News";

    private static final Duration LONG = Duration.ofMinutes(2);
    private static final List<String> NEWS =
            List.of("2027-01-15T08:08:20Z", "2027-01-15T08:20:00Z");

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
            write(Path.of(write), run, job, before, changes);
            return;
        }
        // The server has what it had then: the source goes on where it stood.
        run.happenedBefore(changes);
        job.from(
                GoldenSavepointITCase.class
                        .getResource("/io/tocsin/job/golden/" + VERSION)
                        .toString());
        try (WebhookRecorder oncall = WebhookRecorder.start()) {
            job.notifies(oncall.uri("/"), NOTIFIED);
            job.start(RuleChangeRun.rules(changes, RuleChange::after), 1);
            run.happensAfter(changes);
            Awaitility.await().atMost(LONG).until(() -> oncall.requests().size() >= NEWS.size());
            job.cancel();
            assertThat(oncall.requests())
                    .extracting(GoldenSavepointITCase::beginning)
                    .containsExactlyInAnyOrderElementsOf(NEWS);
        }

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

    private void write(
            Path into, RuleChangeRun run, InMemoryJob job, RuleSet rules, List<RuleChange> changes)
            throws Exception {
        Path written;
        try (WebhookRecorder oncall = WebhookRecorder.start()) {
            oncall.answerByDefault(request -> WebhookRecorder.Answer.status(503));
            job.notifies(oncall.uri("/"), NOTIFIED);
            job.start(rules, 1);
            run.happensBefore(changes);
            Awaitility.await().atMost(LONG).until(() -> !oncall.requests().isEmpty());
            written = Path.of(URI.create(job.stop(folder)));
        }
        Files.createDirectories(into);
        try (Stream<Path> files = Files.list(written)) {
            for (Path file : files.toList()) {
                Files.copy(file, into.resolve(file.getFileName().toString()));
            }
        }
    }

    private static String beginning(WebhookRecorder.Recorded notification) {
        try {
            return new ObjectMapper().readTree(notification.body()).path("startsAt").asText();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(notification.body(), e);
        }
    }
}
