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
import static io.tocsin.job.replay.Recordings.event;
import static io.tocsin.job.replay.Recordings.listed;
import static io.tocsin.job.replay.Recordings.told;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.job.replay.Recording.Entry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine too busy to keep up with the clock: here the clock jumps. */
class ReplayFeedTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EVENTS = "/apis/events.k8s.io/v1/events";

    @TempDir private Path folder;
    private final AtomicLong nanos = new AtomicLong();
    private final HttpClient client = HttpClient.newHttpClient();
    private ReplayApi api;

    @AfterEach
    void closesTheApi() {
        api.close();
    }

    private void serve(Entry... entries) throws Exception {
        RecordingOverview overview =
                RecordingOverview.of(Recordings.write(folder.resolve("r.jsonl.gz"), entries));
        ReplayClock clock =
                new ReplayClock(
                        BEGIN.toEpochMilli(),
                        BEGIN.plus(Duration.ofDays(1)).toEpochMilli(),
                        1,
                        nanos::get);
        clock.start();
        api = ReplayApi.start(overview, clock, 0, ReplayApi.HISTORY_BYTES);
    }

    private void jumpTo(double second) {
        nanos.set((long) (second * 1e9));
    }

    private JsonNode list() throws Exception {
        HttpResponse<String> answer =
                client.send(
                        HttpRequest.newBuilder(URI.create(api.uri("recording") + EVENTS))
                                .timeout(Duration.ofSeconds(60))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        return JSON.readTree(answer.body());
    }

    @Test
    void aListHoldsAllThatWasReceivedBeforeItsDate() throws Exception {
        Entry[] entries = new Entry[3000];
        entries[0] = listed(0, "n", "a", 1);
        for (int i = 1; i < entries.length; i++) {
            entries[i] = told(i * 0.01, "ADDED", "n", "e" + i, 1 + i);
        }
        serve(entries);

        jumpTo(20);
        JsonNode half = list();
        jumpTo(40);
        JsonNode all = list();

        assertThat(half.path("items")).hasSize(2001);
        assertThat(all.path("items")).hasSize(3000);
    }

    @Test
    void aListInTheMiddleDoesNotWaitForTheNextChange() throws Exception {
        serve(
                listed(0, "n", "a", 1),
                told(1, "ADDED", "n", "b", 2),
                listed(60, "n", "c", 3),
                listed(60.2, "n", "d", 4),
                Recordings.entry(300, "pods", false, "ADDED", event("n", "p", 5)),
                told(600, "ADDED", "n", "e", 6));

        jumpTo(90);

        assertThat(list().path("items").findValuesAsText("name"))
                .containsExactly("a", "b", "c", "d");
    }
}
