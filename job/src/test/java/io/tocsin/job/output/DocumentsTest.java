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

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Severity;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.sink.deadletter.DeadLetter;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.ObjectReference;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DocumentsTest {
    private static final long START = Instant.parse("2026-11-21T02:21:08Z").toEpochMilli();

    private static Alert alert(AlertStatus status, long firedAt, long endsAt) {
        return new Alert(
                "4f2a",
                "prod-eu",
                "ContainerBackOff",
                "Pod shop/cart-1",
                Labels.of(Map.of("namespace", "shop", "app", "cart")),
                status,
                Severity.CRITICAL,
                START,
                firedAt,
                endsAt,
                5,
                START,
                START + 90_500,
                "Größe \"x\"\nzwei",
                null,
                "https://wiki.example/cart",
                false);
    }

    private static final Occurrence EVENT =
            TestOccurrence.of("BackOff")
                    .cluster("prod-eu")
                    .named("shop", "cart-1.18e9")
                    .uid("u-1")
                    .version("4965")
                    .note("Back-off \u001b[31mrestarting\u001b[0m\n")
                    .by("kubelet", "node-1")
                    .regarding(
                            new ObjectReference("v1", "Pod", "shop", "cart-1", "p-1", null, null))
                    .weight(2)
                    .between(START, START + 5)
                    .make();

    @Test
    void writesEveryKeyOfAFiringAlert() {
        assertThat(new JsonLines().alert(alert(AlertStatus.FIRING, START + 90_500, 0)))
                .isEqualTo(
                        "{\"kind\":\"alert\",\"id\":\"4f2a\",\"cluster\":\"prod-eu\","
                                + "\"rule\":\"ContainerBackOff\",\"subject\":\"Pod shop/cart-1\","
                                + "\"labels\":{\"app\":\"cart\",\"namespace\":\"shop\"},"
                                + "\"status\":\"firing\",\"severity\":\"critical\","
                                + "\"startsAt\":\"2026-11-21T02:21:08Z\","
                                + "\"firedAt\":\"2026-11-21T02:22:38.500Z\",\"endsAt\":null,"
                                + "\"occurrences\":5,\"first\":\"2026-11-21T02:21:08Z\","
                                + "\"last\":\"2026-11-21T02:22:38.500Z\","
                                + "\"summary\":\"Größe \\\"x\\\"\\nzwei\","
                                + "\"description\":null,"
                                + "\"runbook\":\"https://wiki.example/cart\","
                                + "\"notice\":false}");
    }

    @Test
    void writesAnEventWithItsWeight() {
        assertThat(new JsonLines().event(EVENT))
                .isEqualTo(
                        "{\"kind\":\"event\",\"cluster\":\"prod-eu\",\"epoch\":1,"
                                + "\"namespace\":\"shop\",\"name\":\"cart-1.18e9\",\"uid\":\"u-1\","
                                + "\"resourceVersion\":\"4965\",\"reason\":\"BackOff\","
                                + "\"type\":\"Warning\",\"regarding\":{\"kind\":\"Pod\","
                                + "\"namespace\":\"shop\",\"name\":\"cart-1\",\"uid\":\"p-1\"},"
                                + "\"time\":\"2026-11-21T02:21:08.005Z\",\"weight\":2}");
    }

    @Test
    void writesGapsWithAnOpenEndAsNull() {
        assertThat(new JsonLines().gap(gap(KubernetesRecord.Kind.BLIND, 0)))
                .isEqualTo(
                        "{\"kind\":\"blind\",\"cluster\":\"prod-eu\",\"scope\":\"*\","
                                + "\"from\":\"2026-11-21T02:21:08Z\",\"to\":null}");
        assertThat(new JsonLines().gap(gap(KubernetesRecord.Kind.POSSIBLE_LOSS, START + 1000)))
                .isEqualTo(
                        "{\"kind\":\"possibleLoss\",\"cluster\":\"prod-eu\",\"scope\":\"*\","
                                + "\"from\":\"2026-11-21T02:21:08Z\",\"to\":\"2026-11-21T02:21:09Z\"}");
    }

    @Test
    void writesDeadLettersAsTextOrBase64() {
        assertThat(
                        new JsonLines()
                                .deadLetter(
                                        new DeadLetter(
                                                "source",
                                                "prod-eu/*",
                                                "no JSON",
                                                START,
                                                "{ä".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(
                        "{\"kind\":\"deadLetter\",\"stage\":\"source\",\"origin\":\"prod-eu/*\","
                                + "\"reason\":\"no JSON\",\"time\":\"2026-11-21T02:21:08Z\","
                                + "\"raw\":\"{ä\"}");
        assertThat(
                        new JsonLines()
                                .deadLetter(
                                        new DeadLetter(
                                                "s", "o", "r", START, new byte[] {(byte) 0xff})))
                .contains("\"rawBase64\":\"/w==\"");
    }

    @Test
    void coloursOnlyWhereAsked() {
        Alert alert = alert(AlertStatus.RESOLVED, START, START + 60_000);
        assertThat(new ConsoleLines(false).alert(alert))
                .isEqualTo(
                        "2026-11-21T02:22:08Z  RESOLVED  prod-eu  ContainerBackOff (critical) "
                                + " Pod shop/cart-1  Größe \"x\" zwei  ×5  [4f2a]");
        assertThat(new ConsoleLines(true).alert(alert)).contains("\u001b[1;32mRESOLVED\u001b[0m");
    }

    @Test
    void keepsAClustersEscapeSequencesOffTheTerminal() {
        assertThat(new ConsoleLines(false).event(EVENT))
                .doesNotContain("\u001b")
                .doesNotContain("\n");
    }

    private static KubernetesRecord gap(KubernetesRecord.Kind kind, long to) {
        return new KubernetesRecord(
                kind, null, "prod-eu", "events", "*", 0, null, null, null, null, null, START, to,
                "why");
    }
}
