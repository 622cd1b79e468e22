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
package io.tocsin.job.replay;

import static io.tocsin.job.replay.Recordings.BEGIN;
import static io.tocsin.job.replay.Recordings.bookmark;
import static io.tocsin.job.replay.Recordings.entry;
import static io.tocsin.job.replay.Recordings.event;
import static io.tocsin.job.replay.Recordings.listed;
import static io.tocsin.job.replay.Recordings.told;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.job.replay.Recording.Entry;
import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.api.ClusterContact;
import io.tocsin.source.api.Fabric8ClusterContact;
import io.tocsin.source.api.Fabric8ResourceApiFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EVENTS = "/apis/events.k8s.io/v1/events";

    /** A year and a bit, so that nothing is right by chance. */
    private static final long SHIFT = 400L * 86_400 + 7;

    private static final double SPEED = 200;

    @TempDir private Path folder;
    private final HttpClient client = HttpClient.newHttpClient();
    private ReplayApi api;

    @AfterEach
    void closesTheApi() {
        if (api != null) {
            api.close();
        }
    }

    private void serve(long historyBytes, Entry... entries) throws Exception {
        RecordingOverview overview =
                RecordingOverview.of(Recordings.write(folder.resolve("r.jsonl.gz"), entries));
        ReplayClock clock =
                ReplayClock.ofProcess(
                        overview.begin().toEpochMilli(),
                        overview.end().plusSeconds(5).toEpochMilli(),
                        SPEED);
        api = ReplayApi.start(overview, clock, SHIFT, historyBytes);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(api.uri(api.clusters().get(0)) + path))
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode json(String path) throws Exception {
        return JSON.readTree(get(path).body());
    }

    /** Lines of a watch that is asked to end after a second. */
    private List<JsonNode> watch(String version, String more) throws Exception {
        String body =
                get(EVENTS + "?watch=1&timeoutSeconds=1&resourceVersion=" + version + more).body();
        return body.lines().map(ReplayApiTest::parse).toList();
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (Exception e) {
            throw new AssertionError(line, e);
        }
    }

    private static List<String> texts(List<JsonNode> lines) {
        return lines.stream()
                .map(
                        line ->
                                line.path("type").asText()
                                        + " "
                                        + line.at("/object/metadata/name").asText()
                                        + " "
                                        + line.at("/object/metadata/resourceVersion").asText())
                .toList();
    }

    private void playToTheEnd(int version) throws Exception {
        watch("1", "");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () ->
                                json(EVENTS + "?limit=1")
                                        .at("/metadata/resourceVersion")
                                        .asText()
                                        .equals("" + version));
    }

    @Test
    void listsInPages() throws Exception {
        serve(
                ReplayApi.HISTORY_BYTES,
                listed(0, "n", "b", 2),
                listed(0, "m", "a", 3),
                listed(0, "n", "c", 1));
        JsonNode first = json(EVENTS + "?limit=2");
        assertThat(first.path("kind").asText()).isEqualTo("EventList");
        assertThat(first.path("apiVersion").asText()).isEqualTo("events.k8s.io/v1");
        assertThat(first.at("/metadata/resourceVersion").asText()).isEqualTo("3");
        assertThat(first.at("/metadata/remainingItemCount").asInt()).isEqualTo(1);
        assertThat(first.path("items").findValuesAsText("name")).containsExactly("a", "b");

        JsonNode second =
                json(EVENTS + "?limit=2&continue=" + first.at("/metadata/continue").asText());
        assertThat(second.at("/metadata/resourceVersion").asText()).isEqualTo("3");
        assertThat(second.at("/metadata/continue").isMissingNode()).isTrue();
        assertThat(second.path("items").findValuesAsText("name")).containsExactly("c");

        JsonNode one = json("/apis/events.k8s.io/v1/namespaces/m/events");
        assertThat(one.path("items").findValuesAsText("name")).containsExactly("a");
    }

    @Test
    void watchesFromAVersion() throws Exception {
        serve(
                ReplayApi.HISTORY_BYTES,
                listed(0, "n", "a", 1),
                told(1, "MODIFIED", "n", "a", 5),
                told(2, "ADDED", "m", "b", 6),
                bookmark(2.5, 7),
                told(3, "DELETED", "n", "a", 8));
        assertThat(texts(watch("1", "")))
                .containsExactly("MODIFIED a 5", "ADDED b 6", "DELETED a 8");
        assertThat(texts(watch("5", "&allowWatchBookmarks=true")))
                .containsExactly("ADDED b 6", "BOOKMARK  7", "DELETED a 8");
        assertThat(texts(watch("8", ""))).isEmpty();
        assertThat(texts(watch("", ""))).containsExactly("ADDED b 6");
        assertThat(
                        get("/apis/events.k8s.io/v1/namespaces/m/events?watch=1&timeoutSeconds=1"
                                        + "&resourceVersion=1")
                                .body()
                                .lines())
                .hasSize(1);
    }

    @Test
    void nothingHappensBeforeTheFirstWatch() throws Exception {
        serve(
                ReplayApi.HISTORY_BYTES,
                listed(0, "n", "a", 1),
                told(0.001, "MODIFIED", "n", "a", 5));
        for (int i = 0; i < 3; i++) {
            assertThat(json(EVENTS).at("/metadata/resourceVersion").asText()).isEqualTo("1");
        }
        playToTheEnd(5);
    }

    @Test
    void whatIsTooOldIsGone() throws Exception {
        Entry[] entries = new Entry[60];
        entries[0] = listed(0, "n", "a", 10);
        for (int i = 1; i < entries.length; i++) {
            entries[i] = told(i * 0.1, "MODIFIED", "n", "a", 10 + i);
        }
        serve(2_000, entries);
        playToTheEnd(69);

        List<JsonNode> lines = watch("12", "");
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0))
                .isEqualTo(
                        parse(
                                """
                                {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
                                "message":"The resourceVersion for the provided watch is too old.","reason":"Expired","code":410}}"""));

        HttpResponse<String> exact = get(EVENTS + "?resourceVersionMatch=Exact&resourceVersion=12");
        assertThat(exact.statusCode()).isEqualTo(410);
        assertThat(JSON.readTree(exact.body()).path("reason").asText()).isEqualTo("Expired");
        assertThat(get(EVENTS + "?limit=1&continue=12-1").statusCode()).isEqualTo(410);
        assertThat(get(EVENTS + "?limit=1&continue=nonsense").statusCode()).isEqualTo(410);
        assertThat(texts(watch("68", ""))).containsExactly("MODIFIED a 69");
    }

    @Test
    void theFutureIsRefusedToListsAndWaitedForByWatches() throws Exception {
        serve(ReplayApi.HISTORY_BYTES, listed(0, "n", "a", 1));
        HttpResponse<String> answer =
                get(EVENTS + "?limit=1&resourceVersionMatch=NotOlderThan&resourceVersion=9");
        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(JSON.readTree(answer.body()).at("/details/causes/0/reason").asText())
                .isEqualTo("ResourceVersionTooLarge");
        assertThat(watch("9", "")).isEmpty();
    }

    @Test
    void oneConstantIsAddedToTheClockAndToEveryTime() throws Exception {
        serve(ReplayApi.HISTORY_BYTES, listed(0, "n", "a", 1), told(60, "MODIFIED", "n", "a", 2));
        HttpResponse<String> before = get(EVENTS);
        assertThat(date(before)).isEqualTo(BEGIN.plusSeconds(SHIFT));
        assertThat(before.body())
                .contains("\"creationTimestamp\":\"" + BEGIN.plusSeconds(SHIFT) + "\"");

        playToTheEnd(2);
        assertThat(date(get(EVENTS)))
                .isBetween(BEGIN.plusSeconds(SHIFT + 60), BEGIN.plusSeconds(SHIFT + 65));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () ->
                                assertThat(date(get(EVENTS)))
                                        .isEqualTo(BEGIN.plusSeconds(SHIFT + 65)));
    }

    private static Instant date(HttpResponse<?> answer) {
        return ZonedDateTime.parse(
                        answer.headers().firstValue("Date").orElseThrow(),
                        DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
    }

    @Test
    void whatWasNotRecordedIsUnknownNotEmpty() throws Exception {
        serve(
                ReplayApi.HISTORY_BYTES,
                listed(0, "n", "a", 1),
                entry(0, "nodes", true, "ADDED", event("", "node-1", 4)));
        assertThat(json("/api/v1/nodes").path("kind").asText()).isEqualTo("NodeList");
        assertThat(json("/api/v1/nodes").at("/items/0/metadata/name").asText()).isEqualTo("node-1");
        assertThat(get("/api/v1/pods").statusCode()).isEqualTo(404);
        assertThat(get("/api/v1/events").statusCode()).isEqualTo(404);
        assertThat(get("/nonsense").statusCode()).isEqualTo(404);
        assertThat(get(EVENTS + "?fieldSelector=a%3Db").statusCode()).isEqualTo(400);
        assertThat(get(EVENTS + "?resourceVersion=x").statusCode()).isEqualTo(400);
    }

    @Test
    void eventsInOldTermsAreFoundInTheOldApi() throws Exception {
        serve(
                ReplayApi.HISTORY_BYTES,
                entry(
                        0,
                        "events",
                        true,
                        "ADDED",
                        event("n", "a", 1).replace("regarding", "involvedObject")));
        assertThat(get("/api/v1/events").statusCode()).isEqualTo(200);
        assertThat(get(EVENTS).statusCode()).isEqualTo(404);
    }

    @Test
    void clustersOfARecordingAreServedSideBySide() throws Exception {
        Entry one = listed(0, "n", "a", 1);
        Entry two = listed(0, "n", "b", 900);
        serve(
                ReplayApi.HISTORY_BYTES,
                new Entry(one.received(), "east", "events", true, "ADDED", one.object()),
                new Entry(two.received(), "west", "events", true, "ADDED", two.object()));
        assertThat(api.clusters()).containsExactly("east", "west");
        assertThat(json(EVENTS).path("items").findValuesAsText("name")).containsExactly("a");
        Path kubeconfig = api.writeKubeconfig(folder.resolve("kubeconfig"));
        for (String cluster : api.clusters()) {
            assertThat(
                            Fabric8ClusterContact.check(
                                    new ClusterAccess(kubeconfig.toString(), cluster, false),
                                    List.of("*")))
                    .isInstanceOf(ClusterContact.Ready.class);
        }
    }

    /** By the real client of the source: list, watch, and the format's writer. */
    @Test
    void theRecordingOfAReplayIsTheRecording() throws Exception {
        Entry[] entries = {
            listed(0, "n", "a", 1),
            listed(0, "n", "b", 2),
            told(1, "MODIFIED", "n", "a", 5),
            told(2, "ADDED", "m", "größe", 6),
            told(3, "DELETED", "n", "b", 8)
        };
        serve(ReplayApi.HISTORY_BYTES, entries);
        Path kubeconfig = api.writeKubeconfig(folder.resolve("kubeconfig"));
        Path copy = folder.resolve("copy.jsonl.gz");
        var client =
                new Fabric8ResourceApiFactory()
                        .open(new ClusterAccess(kubeconfig.toString(), null, false), "events", "*");
        try (Recording.Writer writer = new Recording.Writer(copy)) {
            Recorder recorder = new Recorder(client, writer, null, "events");
            Thread thread = new Thread(recorder, "recorder");
            thread.start();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> writer.lines() == entries.length);
            recorder.close();
            thread.join();
        }
        List<String> expected = new ArrayList<>();
        for (Entry entry : entries) {
            expected.add(text(entry, RecordedObject.of(entry.object()).shifted(SHIFT)));
        }
        List<String> copied = new ArrayList<>();
        try (RecordingReader reader = new RecordingReader(copy)) {
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                copied.add(text(entry, RecordedObject.of(entry.object())));
            }
        }
        assertThat(copied).isEqualTo(expected);
    }

    private static String text(Entry entry, RecordedObject object) throws Exception {
        return entry.type() + " " + entry.list() + " " + JSON.readTree(object.json());
    }
}
