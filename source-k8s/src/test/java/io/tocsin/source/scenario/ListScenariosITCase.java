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
package io.tocsin.source.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.Startup;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.KubeRest;
import io.tocsin.testing.Tls;
import io.tocsin.testing.fault.Request;
import io.tocsin.testing.fault.Rule;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Lists: pages, expired tokens, crashes between and within pages. */
class ListScenariosITCase extends Scenarios {

    private static final int PAGE = 20;
    private static final UnaryOperator<Configuration> SMALL_PAGES =
            options -> options.set(KubernetesSourceOptions.PAGE_SIZE, PAGE);

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder ->
                            builder.compactionInterval(Duration.ofSeconds(5))
                                    // As servers of 1.33 are by default.
                                    .apiServerFlag("--feature-gates=WatchList=false"));

    @Test
    @DisplayName("01 Given 2,000 events, when started at the earliest, then each is told once")
    void scenario01_tellsAllThatIsThereOnce() {
        stage.createAll("old", 2_000);
        SourceRun run = stage.start();
        stage.assertAllTold();
        assertThat(run.timeline().by(Origin.LISTED)).isEqualTo(2_000);
        assertThat(stage.proxy().counts().requests(stage.eventsPath())).isGreaterThanOrEqualTo(4);
    }

    @Test
    @DisplayName(
            "09 Given 5 pages, when the token expires on page 2, then nothing is lost or told twice")
    void scenario09_outlivesAnExpiredToken() {
        stage.createAll("old", 5 * PAGE);
        SourceRun run = startHeldAtPage(2);
        stage.raise("old-3", 2);
        stage.raise("old-99", 2);
        stage.compact();
        stage.proxy().mend();
        stage.assertPresentTold();
        assertThat(run.metrics().of("continue_expired.relists")).isPositive();
    }

    @Test
    @DisplayName(
            "10 Given 60 events, when every token expires, then larger pages end the list, and"
                    + " nothing is lost or told twice")
    void scenario10_endsThoughEveryTokenExpires() {
        stage.createAll("old", 60);
        RequestLog log = new RequestLog();
        stage.proxy().script(log.rule(), beforeEachContinuation(stage::compactAtOnce));
        stage.start(
                Startup.EARLIEST,
                options -> SourceRun.neverQuiet(options).set(KubernetesSourceOptions.PAGE_SIZE, 5));
        stage.assertAllTold();
        List<String> limits =
                log.pages().stream()
                        .filter(page -> page.parameter("continue") == null)
                        .map(page -> page.parameter("limit"))
                        .toList();
        assertThat(limits).startsWith("5", "10", "20", "0");
        assertThat(stage.run().metrics().of("continue_expired.relists")).isEqualTo(3);
    }

    @Test
    @DisplayName(
            "11 Given a list under way, when keys that it has passed are written, then their new"
                    + " versions are told, too")
    void scenario11_tellsWritesBehindTheList() {
        stage.createAll("old", 5 * PAGE);
        AtomicInteger pages = new AtomicInteger();
        CountDownLatch written = new CountDownLatch(1);
        stage.proxy()
                .script(
                        beforeEachContinuation(
                                () -> {
                                    if (pages.getAndIncrement() == 0) {
                                        stage.raise("old-0", 2);
                                        stage.raise("old-99", 2);
                                        stage.create("before-all-others");
                                        stage.create("old-5-between-others");
                                        written.countDown();
                                    }
                                }));
        SourceRun run =
                stage.start(
                        Startup.EARLIEST,
                        options -> SMALL_PAGES.apply(SourceRun.neverQuiet(options)));
        run.until("written behind the list", () -> written.getCount() == 0);
        stage.assertAllTold();
        assertThat(run.timeline().by(Origin.LISTED)).isEqualTo(5 * PAGE);
        assertThat(run.timeline().by(Origin.WATCH)).isEqualTo(4);
        assertThat(run.timeline().named("old-0")).hasSize(2);
    }

    @Test
    @DisplayName(
            "46 Given a list of more than 128 KiB, when the server compresses it, then all of it is"
                    + " told")
    void scenario46_readsACompressedList() throws Exception {
        String note = "0/1 nodes are available: 1 Insufficient cpu, at " + "é".repeat(600);
        for (int i = 0; i < 200; i++) {
            stage.create(
                    stage.event("old-" + i).withReason("Warning", "FailedScheduling", note + i));
        }
        RequestLog log = new RequestLog();
        stage.proxy().script(log.rule());
        SourceRun run = stage.start();
        stage.assertAllTold();
        String accepted = log.pages().get(0).request().head().value("Accept-Encoding");
        assertThat(accepted).isEqualTo("gzip");
        HttpResponse<byte[]> list = listAccepting(accepted);
        assertThat(list.headers().firstValue("Content-Encoding")).contains("gzip");
        try (InputStream plain = new GZIPInputStream(new ByteArrayInputStream(list.body()))) {
            assertThat(plain.readAllBytes()).hasSizeGreaterThan(128 * 1024);
        }
        assertThat(run.timeline().named("old-199").get(0).event().note()).isEqualTo(note + 199);
    }

    /** What the server answers to the list of the source, where it is asked so. */
    private HttpResponse<byte[]> listAccepting(String encoding) throws Exception {
        HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(Tls.trusting(stage.plane().caCertificate()))
                        .build();
        return client.send(
                HttpRequest.newBuilder(
                                stage.plane().server().resolve(stage.eventsPath() + "?limit=500"))
                        .header("Authorization", "Bearer " + stage.plane().token())
                        .header("Accept", "application/json")
                        .header("Accept-Encoding", encoding)
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    @Test
    @DisplayName(
            "47 Given a server that refuses sendInitialEvents, when read, then it is never asked"
                    + " for them, and all is told")
    void scenario47_neverAsksForInitialEvents() {
        KubeRest.Answer refusal =
                stage.rest()
                        .call(
                                "GET",
                                stage.eventsPath()
                                        + "?watch=1&allowWatchBookmarks=true&sendInitialEvents=true"
                                        + "&resourceVersionMatch=NotOlderThan&timeoutSeconds=1",
                                null,
                                null);
        assertThat(refusal.status()).as(refusal.body()).isEqualTo(422);
        stage.createAll("old", 10);
        RequestLog log = new RequestLog();
        stage.proxy().script(log.rule());
        SourceRun run = stage.start();
        run.take(10);
        stage.createAll("new", 10);
        stage.assertAllTold();
        assertThat(log.watches()).isNotEmpty();
        assertThat(log.all())
                .extracting(asked -> asked.request().query())
                .noneMatch(query -> query.contains("sendInitialEvents"));
    }

    /** Does something when the source asks for a second or later page, before it gets it. */
    private static Rule beforeEachContinuation(Runnable task) {
        return Rule.on(
                Request.continuedList("events")
                        .and(
                                any -> {
                                    task.run();
                                    return false;
                                }));
    }

    /** Reads a list up to a page, and loses the connection there. */
    private SourceRun startHeldAtPage(int page) {
        AtomicInteger pages = new AtomicInteger();
        stage.proxy()
                .script(
                        Rule.on(Request.list("events").and(any -> pages.incrementAndGet() == page))
                                .reset());
        SourceRun run = stage.start(Startup.EARLIEST, SMALL_PAGES);
        run.until("page " + page + " asked for", () -> pages.get() >= page);
        stage.proxy().cut();
        stage.proxy().pass();
        return run;
    }
}
