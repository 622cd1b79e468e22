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
package io.tocsin.job.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Reach;
import io.tocsin.job.model.Severity;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.model.Told;
import io.tocsin.sink.deadletter.DeadLetter;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.source.pack.Packer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The JSON contract as {@code docs/operations/output.md} tells it names every key there is. */
class OutputPageTest {
    private static final Path PAGE = Path.of("..", "docs", "operations", "output.md");

    @ParameterizedTest
    @ValueSource(strings = {"alert", "event", "late", "blind", "possibleLoss", "deadLetter"})
    void namesEveryKey(String kind) throws Exception {
        JsonNode document = new ObjectMapper().readTree(document(kind));
        assertThat(document.get("kind").asText()).isEqualTo(kind);
        Matcher section =
                Pattern.compile("(?ms)^###[^\n]*`" + kind + "`[^\n]*\n(.*?)(?=^##)")
                        .matcher(Files.readString(PAGE));
        assertThat(section.find()).as("a section about %s", kind).isTrue();
        document.fieldNames()
                .forEachRemaining(
                        key -> {
                            if (!key.equals("kind")) {
                                assertThat(section.group(1)).contains("`" + key + "`");
                            }
                        });
    }

    private static String document(String kind) {
        JsonLines lines = new JsonLines();
        return switch (kind) {
            case "alert" -> lines.alert(ALERT);
            case "event" -> lines.event(EVENT);
            case "late" -> lines.late(LATE);
            case "blind" -> lines.gap(gap(KubernetesRecord.Kind.BLIND));
            case "possibleLoss" -> lines.gap(gap(KubernetesRecord.Kind.POSSIBLE_LOSS));
            default ->
                    lines.deadLetter(new DeadLetter("source", "c/*", "why", 1, new byte[] {'x'}));
        };
    }

    private static final Alert ALERT =
            new Alert(
                    "id",
                    "c",
                    "rule",
                    "subject",
                    Labels.of(Map.of()),
                    AlertStatus.FIRING,
                    Severity.WARNING,
                    1,
                    1,
                    0,
                    5,
                    1,
                    1,
                    "summary",
                    "description",
                    "runbook",
                    false);

    private static final Occurrence EVENT =
            TestOccurrence.of("BackOff")
                    .epoch(0)
                    .named("ns", "name")
                    .uid("uid")
                    .note("note")
                    .regarding(new ObjectReference("v1", "Pod", "ns", "pod", "p", null, null))
                    .make();

    private static final Candidate LATE =
            new Candidate(
                    Candidate.Kind.OCCURRENCE,
                    "c\u001ekey",
                    "key",
                    Reach.SUBJECT,
                    new String[] {"rule/trigger"},
                    Occurrence.Origin.LIVE,
                    1,
                    1,
                    1,
                    "c",
                    "ns",
                    null,
                    "kubelet",
                    Occurrence.EVENTS,
                    "uid",
                    "1",
                    Told.of(EVENT, true, new Packer()));

    private static KubernetesRecord gap(KubernetesRecord.Kind kind) {
        return new KubernetesRecord(
                kind, null, "c", "events", "*", 0, null, null, null, null, null, 1, 2, "why");
    }
}
