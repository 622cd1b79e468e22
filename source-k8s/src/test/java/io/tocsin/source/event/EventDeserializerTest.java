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
package io.tocsin.source.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.RecordDeserializer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventDeserializerTest {

    private final EventDeserializer deserializer = new EventDeserializer();

    @Test
    void readsAKubeletEventWithACount() throws IOException {
        KubernetesEvent event = recorded("kubelet-count");

        assertThat(event.reason()).isEqualTo("NodeHasSufficientPID");
        assertThat(event.type()).isEqualTo("Normal");
        assertThat(event.note()).isEqualTo("Node node-1 status is now: NodeHasSufficientPID");
        assertThat(event.reportingController()).isEqualTo("kubelet");
        assertThat(event.reportingInstance()).isEqualTo("node-1");
        assertThat(event.regarding())
                .isEqualTo(new ObjectReference(null, "Node", null, "node-1", "node-1", null, null));
        assertThat(event.eventMillis()).isNull();
        assertThat(event.deprecatedCount()).isEqualTo(3);
        assertThat(event.occurrences()).isEqualTo(3);
        assertThat(event.timeMillis()).isEqualTo(millis("2026-11-21T02:11:37Z"));
        assertThat(event.creationMillis()).isEqualTo(millis("2026-11-21T02:11:37Z"));
    }

    @Test
    void readsASeriesOfTheScheduler() throws IOException {
        KubernetesEvent event = recorded("scheduler-series");

        assertThat(event.seriesCount()).isEqualTo(2);
        assertThat(event.action()).isEqualTo("Scheduling");
        assertThat(event.eventMillis()).isEqualTo(millis("2026-11-21T02:21:37.931Z"));
        assertThat(event.seriesLastMillis()).isEqualTo(millis("2026-11-21T02:22:28.791Z"));
        assertThat(event.timeMillis()).isEqualTo(event.seriesLastMillis());
        assertThat(event.firstMillis()).isEqualTo(event.eventMillis());
        assertThat(event.deprecatedFirstMillis()).isNull();
        assertThat(event.reportingController()).isEqualTo("default-scheduler");
    }

    @Test
    void takesTheSourceWhereNoControllerReports() throws IOException {
        KubernetesEvent event = recorded("combined");

        assertThat(event.note()).startsWith("(combined from similar events): ");
        assertThat(event.reportingController()).isEqualTo("cronjob-controller");
        assertThat(event.reportingInstance()).isNull();
    }

    @Test
    void aMissingUidStaysMissing() throws IOException {
        KubernetesEvent event = recorded("taint-without-uid");

        assertThat(event.regarding())
                .isEqualTo(new ObjectReference("v1", "Pod", "kv", "kv-0", null, null, null));
    }

    @Test
    void readsTheFieldNamesOfCore() throws IOException {
        KubernetesEvent event =
                parse(
                        """
                        {"metadata":{"name":"n","creationTimestamp":"2026-11-21T02:11:37Z"},
                         "involvedObject":{"kind":"Pod","namespace":"shop","name":"cart","uid":"u",
                         "apiVersion":"v1","resourceVersion":"9","fieldPath":"spec.containers{app}"},
                         "reason":"BackOff","message":"Back-off","source":{"component":"kubelet","host":"node-1"},
                         "firstTimestamp":"2026-11-21T02:00:00Z","lastTimestamp":"2026-11-21T02:10:00Z",
                         "count":57,"type":"Warning","eventTime":null,"reportingComponent":"","reportingInstance":""}
                        """);

        assertThat(event.regarding().fieldPath()).isEqualTo("spec.containers{app}");
        assertThat(event.note()).isEqualTo("Back-off");
        assertThat(event.reportingController()).isEqualTo("kubelet");
        assertThat(event.reportingInstance()).isEqualTo("node-1");
        assertThat(event.occurrences()).isEqualTo(57);
        assertThat(event.firstMillis()).isEqualTo(millis("2026-11-21T02:00:00Z"));
        assertThat(event.timeMillis()).isEqualTo(millis("2026-11-21T02:10:00Z"));
    }

    @Test
    void keyAndVersionComeFromTheEnvelope() throws IOException {
        EventRecord record =
                deserializer.deserialize(
                        record(Kind.DELETED, "{\"metadata\":{\"name\":\"other\"}}", 0, 0));

        assertThat(record.event().name()).isEqualTo("name");
        assertThat(record.event().namespace()).isEqualTo("ns");
        assertThat(record.event().uid()).isEqualTo("uid");
        assertThat(record.event().resourceVersion()).isEqualTo("5");
        assertThat(record.envelope().object()).isNull();
        assertThat(record.envelope().kind()).isEqualTo(Kind.DELETED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"metadata\":[],\"regarding\":\"pod\",\"series\":3,\"note\":{\"a\":[1]},\"type\":4,\"reason\":null}",
                "{\"deprecatedCount\":\"5\",\"series\":{\"count\":[],\"lastObservedTime\":5},\"eventTime\":{}}",
                "{\"deprecatedSource\":7,\"regarding\":{},\"related\":null}",
                "{\"eventTime\":\"yesterday\",\"deprecatedCount\":1.5}"
            })
    void fieldsOfAnotherTypeCountAsAbsent(String json) throws IOException {
        KubernetesEvent event = parse(json);

        assertThat(event.regarding()).isNull();
        assertThat(event.note()).isNull();
        assertThat(event.occurrences()).isEqualTo(1);
        assertThat(event.timeMillis()).isZero();
    }

    @Test
    void countsStayInTheirRange() throws IOException {
        assertThat(parse("{\"count\":99999999999999999999999}").deprecatedCount())
                .isEqualTo(Integer.MAX_VALUE);
        assertThat(parse("{\"count\":-99999999999999999999999}").deprecatedCount()).isZero();
        assertThat(parse("{\"count\":4294967296}").deprecatedCount()).isEqualTo(Integer.MAX_VALUE);
        assertThat(parse("{\"series\":{\"count\":-3}}").seriesCount()).isZero();
    }

    @Test
    void aHugeNoteIsCutBetweenCharacters() throws IOException {
        String bells = "🔔".repeat(500_000);

        assertThat(parse("{\"note\":\"" + bells + "\"}").note())
                .isEqualTo("🔔".repeat(EventDeserializer.NOTE_CHARS / 2));
        assertThat(parse("{\"note\":\"x" + bells + "\"}").note())
                .isEqualTo("x" + "🔔".repeat(EventDeserializer.NOTE_CHARS / 2 - 1));
    }

    @Test
    void escapesAndForeignScriptsSurvive() throws IOException {
        assertThat(parse("{\"note\":\"\\u0000 a\\tb ö 🔔 \u2028\"}").note())
                .isEqualTo("\0 a\tb ö 🔔 \u2028");
    }

    @Test
    void halfCharactersAndSeparatorsOfKeysAreReplaced() throws IOException {
        KubernetesEvent event =
                parse(
                        "{\"note\":\"a\\ud800b\",\"reason\":\"\\udc00\\ud83d\\udd14\","
                                + "\"regarding\":{\"uid\":\"u\\u001fv\"}}");

        assertThat(event.note()).isEqualTo("a\ufffdb");
        assertThat(event.reason()).isEqualTo("\ufffd🔔");
        assertThat(event.regarding().uid()).isEqualTo("u?v");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "{", "{\"note\":\"a", "<html>", "\0"})
    void whatIsNoJsonFailsWithItsKey(String json) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Event ns/name at version 5 is no JSON");
    }

    @Test
    void recordsAboutTheWatchPassWithTheirTime() throws IOException {
        KubernetesRecord blind = record(Kind.BLIND, null, 1_000, 2_000);
        assertThat(deserializer.deserialize(blind)).isEqualTo(new EventRecord(blind, null));
        assertThat(deserializer.timestampMillis(new EventRecord(blind, null))).isEqualTo(2_000);
        assertThat(
                        deserializer.timestampMillis(
                                new EventRecord(record(Kind.BLIND, null, 1_000, 0), null)))
                .isEqualTo(1_000);
        assertThat(
                        deserializer.timestampMillis(
                                new EventRecord(record(Kind.LIST_END, null, 0, 0), null)))
                .isEqualTo(RecordDeserializer.NO_TIMESTAMP);
        KubernetesRecord letter = record(Kind.DEAD_LETTER, "<html>", 0, 0);
        assertThat(deserializer.deserialize(letter)).isEqualTo(new EventRecord(letter, null));
    }

    private KubernetesEvent parse(String json) throws IOException {
        EventRecord record = deserializer.deserialize(record(Kind.UPSERTED, json, 0, 0));
        assertThat(deserializer.timestampMillis(record)).isEqualTo(record.event().timeMillis());
        return record.event();
    }

    private static KubernetesRecord record(Kind kind, String json, long from, long to) {
        return new KubernetesRecord(
                kind,
                KubernetesRecord.Origin.WATCH,
                "cluster",
                "events",
                "*",
                0,
                "ns",
                "name",
                "uid",
                "5",
                json == null ? null : json.getBytes(UTF_8),
                from,
                to,
                null);
    }

    /** The object of a recorded line. */
    private KubernetesEvent recorded(String name) throws IOException {
        try (InputStream in = getClass().getResourceAsStream(name + ".json")) {
            String line = new String(in.readAllBytes(), UTF_8).trim();
            String prefix = "\"object\":";
            return parse(line.substring(line.indexOf(prefix) + prefix.length(), line.length() - 1));
        }
    }

    private static long millis(String time) {
        return Instant.parse(time).toEpochMilli();
    }
}
