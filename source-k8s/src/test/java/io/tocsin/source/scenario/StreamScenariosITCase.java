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

import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.Startup;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.fault.Fault;
import io.tocsin.testing.fault.LineEdit;
import io.tocsin.testing.fault.Request;
import io.tocsin.testing.fault.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What comes over a watch that is not what was expected: cut, split, broken, wrong, unknown. */
class StreamScenariosITCase extends Scenarios {

    private static final String TEXT =
            "Größe überschritten – 警告 🔔 👩‍🚒 \u2028 \u2029 \"quoted\" \\ a\tb\nc \u00a0 \ufeff end";

    private static final int KEPT_OF_A_NOTE = 16 * 1024;

    private static final Predicate<Request> WATCH = Request.watch("events");

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

    private final RequestLog log = new RequestLog();

    @BeforeEach
    void listen() {
        stage.proxy().script(log.rule());
    }

    /** Starts when three versions are there, and reads them. No list follows for want of lines. */
    private SourceRun startWatching() {
        stage.createAll("old", 3);
        SourceRun run = stage.start(Startup.EARLIEST, SourceRun::neverQuiet);
        run.take(3);
        return run;
    }

    // ------------------------------------------------------------------ lines in pieces

    @Test
    @DisplayName(
            "19 Given watches that are reset within a line, when connected again, then the part is"
                    + " discarded and the line read again")
    void scenario19_readsALineAgainThatWasCut() {
        stage.proxy()
                .script(
                        Rule.on(WATCH).nth(1).line(2, LineEdit.resetAfter(1)),
                        Rule.on(WATCH).nth(2).line(2, LineEdit.resetAfter(100)),
                        Rule.on(WATCH).nth(3).line(2, LineEdit.resetAfter(700)));
        SourceRun run = startWatching();
        stage.createAll("new", 8);
        stage.assertAllTold();
        stage.proxy().assertAllHappened();
        assertThat(stage.proxy().counts().of(Fault.RESET)).isEqualTo(3);
        assertThat(run.metrics().of("broken")).isGreaterThanOrEqualTo(3);
        assertThat(run.timeline().of(Kind.DEAD_LETTER)).isEmpty();
    }

    @Test
    @DisplayName(
            "20 Given a watch in chunks of one byte, within characters too, when read, then the"
                    + " text is intact")
    void scenario20_joinsCharactersThatWereSplit() {
        stage.proxy().script(Rule.on(WATCH).piecesOf(1));
        SourceRun run = startWatching();
        for (int i = 0; i < 5; i++) {
            stage.create(stage.event("new-" + i).withReason("Warning", "Failed", TEXT + i));
        }
        stage.assertAllTold();
        stage.proxy().assertAllHappened();
        for (int i = 0; i < 5; i++) {
            assertTextTold(run, "new-" + i, TEXT + i, Origin.WATCH);
        }
        assertThat(stage.proxy().counts().of(Fault.SPLIT))
                .isGreaterThan(5L * TEXT.getBytes(StandardCharsets.UTF_8).length);
    }

    @Test
    @DisplayName(
            "21 Given notes with umlauts, Chinese, emoji, line separators and escapes, when told by"
                    + " a list and by a watch, then they are intact")
    void scenario21_keepsEveryCharacter() {
        stage.create(stage.event("old-text").withReason("Warning", "Failed", TEXT));
        SourceRun run = startWatching();
        run.take(1);
        stage.create(stage.event("new-text").withReason("Warning", "Failed", TEXT));
        stage.assertAllTold();
        assertTextTold(run, "old-text", TEXT, Origin.LISTED);
        assertTextTold(run, "new-text", TEXT, Origin.WATCH);
    }

    @Test
    @DisplayName(
            "23 Given events of 1.4 MB, when told by a list and by a watch, then they are told with"
                    + " as much of their note as is kept, and the stream goes on")
    void scenario23_readsTheGreatestEvents() {
        String note = "ä".repeat(700_000);
        stage.create(stage.event("old-great").withReason("Warning", "Failed", note));
        SourceRun run = startWatching();
        run.take(1);
        stage.create(stage.event("new-great").withReason("Warning", "Failed", note));
        stage.create("new-small");
        stage.assertAllTold();
        String kept = note.substring(0, KEPT_OF_A_NOTE);
        assertTextTold(run, "old-great", kept, Origin.LISTED);
        assertTextTold(run, "new-great", kept, Origin.WATCH);
        assertThat(run.timeline().of(Kind.DEAD_LETTER)).isEmpty();
    }

    private static void assertTextTold(SourceRun run, String name, String note, Origin origin) {
        assertThat(run.timeline().named(name))
                .singleElement()
                .satisfies(
                        record -> {
                            assertThat(record.envelope().origin()).isEqualTo(origin);
                            assertThat(record.event().note()).isEqualTo(note);
                        });
    }

    // ------------------------------------------------------------------ lines of another kind

    @Test
    @DisplayName(
            "22 Given lines that cannot be understood, when that happens once, then nothing is"
                    + " lost; when always, then they are dead letters, and the stream goes on")
    void scenario22_givesABrokenLineASecondChance() {
        stage.proxy()
                .script(
                        Rule.on(WATCH).nth(1).lines(about("once-1"), cutInHalf()),
                        Rule.on(WATCH)
                                .nth(2)
                                .lines(about("once-2"), LineEdit.replace("<html>Bad</html>")),
                        Rule.on(WATCH)
                                .nth(3)
                                .lines(
                                        about("once-3"),
                                        LineEdit.change(
                                                line ->
                                                        line.replace(
                                                                "resourceVersion", "version"))),
                        Rule.on(WATCH).from(4).lines(about("always"), cutInHalf()));
        SourceRun run = startWatching();
        for (int i = 1; i <= 3; i++) {
            stage.create("once-" + i);
            run.take(1);
        }
        assertThat(run.timeline().of(Kind.DEAD_LETTER)).isEmpty();
        assertThat(run.metrics().of("malformed")).isEqualTo(3);
        createUnnoted("always");
        stage.createAll("new", 5);
        stage.assertAllTold();
        stage.proxy().assertAllHappened();
        assertThat(run.timeline().of(Kind.DEAD_LETTER))
                .singleElement()
                .extracting(letter -> new String(letter.object(), StandardCharsets.UTF_8))
                .asString()
                .contains("always");
        assertThat(run.timeline().named("always")).isEmpty();
        assertThat(run.metrics().of("malformed")).isEqualTo(5);
    }

    private static Predicate<String> about(String name) {
        return line -> line.contains("\"name\":\"" + name + "\"");
    }

    private static LineEdit cutInHalf() {
        return LineEdit.change(line -> line.substring(0, line.length() / 2));
    }

    @Test
    @DisplayName(
            "29 Given a line of an unknown type and one with unknown fields, when read, then the"
                    + " one is ignored, the other told, and the position moves over both")
    void scenario29_ignoresWhatItDoesNotKnow() {
        stage.proxy()
                .script(
                        Rule.on(WATCH)
                                .lines(about("strange-type"), unknownType())
                                .lines(about("strange-fields"), unknownFields()));
        SourceRun run = startWatching();
        String unknown = createUnnoted("strange-type");
        run.until("moved over it", () -> run.position().version().value().equals(unknown));
        String known = stage.create("strange-fields");
        run.until(
                "moved over that, too",
                () -> known.endsWith("@" + run.position().version().value()));
        stage.createAll("new", 2);
        stage.assertAllTold();
        stage.proxy().assertAllHappened();
        assertThat(run.timeline().named("strange-type")).isEmpty();
        assertThat(run.timeline().of(Kind.DEAD_LETTER)).isEmpty();
    }

    private static LineEdit unknownType() {
        return LineEdit.change(line -> line.replace("\"type\":\"ADDED\"", "\"type\":\"ARCHIVED\""));
    }

    private static LineEdit unknownFields() {
        return LineEdit.change(
                line ->
                        line.replaceFirst("\\{", "{\"shard\":{\"of\":[1,{\"type\":\"DELETED\"}]},")
                                .replace(
                                        "\"metadata\":{",
                                        "\"zeal\":[{}],\"metadata\":{\"mood\":1,"));
    }

    @Test
    @DisplayName(
            "30 Given a bookmark from a caching proxy, when read, then the position moves, and"
                    + " nothing is emitted")
    void scenario30_movesByBookmarks() {
        AtomicBoolean ended = new AtomicBoolean();
        SourceRun run = startWatching();
        stage.create("new-1");
        run.take(1);
        String beat = stage.beat();
        stage.proxy().cut();
        stage.proxy()
                .script(
                        Rule.on(WATCH)
                                .lines(about("new-2"), LineEdit.insert(bookmark(beat)))
                                // Once, so that it shows where the next watch begins.
                                .lines(
                                        line ->
                                                about("new-2").test(line)
                                                        && ended.compareAndSet(false, true),
                                        LineEdit.end()));
        stage.create("new-2");
        stage.proxy().mend();
        stage.assertAllTold();
        stage.proxy().assertAllHappened();
        assertThat(log.watchedVersions()).contains(beat);
        assertThat(run.timeline().versions()).hasSize(5);
    }

    private static String bookmark(String version) {
        return """
        {"type":"BOOKMARK","object":{"kind":"Event","apiVersion":"events.k8s.io/v1",\
        "metadata":{"resourceVersion":"%s","creationTimestamp":null},"regarding":{}}}"""
                .formatted(version);
    }

    /** Writes an event that shall not be told as a version; its version. */
    private String createUnnoted(String name) {
        String path = "/api/v1/namespaces/" + stage.namespace() + "/events";
        String event =
                """
                {"metadata": {"name": "%s"}, "reason": "BackOff",
                 "involvedObject": {"kind": "Pod", "namespace": "%s", "name": "cart"}}"""
                        .formatted(name, stage.namespace());
        return stage.rest().create(path, event).at("/metadata/resourceVersion").asText();
    }

    // ------------------------------------------------------------------ errors in the stream

    @Test
    @DisplayName(
            "25 Given errors 429, 500 and 504 in the stream, when three follow each other, then a"
                    + " list follows; when each comes after lines, then the watch goes on")
    void scenario25_listsAfterThreeErrorsInARow() {
        stage.proxy()
                .script(
                        errorAtOnce(1, 429, "TooManyRequests"),
                        errorAtOnce(2, 500, "InternalError"),
                        errorAtOnce(3, 504, "Timeout"),
                        errorAfterALine(4, 504, "Timeout"),
                        errorAfterALine(5, 500, "InternalError"),
                        errorAfterALine(6, 429, "TooManyRequests"));
        SourceRun run = startWatching();
        run.until("a watch after three that failed", () -> log.watches().size() > 3);
        assertThat(run.metrics().of("errors.relists")).isEqualTo(1);
        assertThat(log.watchedVersions().subList(0, 3)).containsOnly(log.watchedVersions().get(0));
        stage.createAll("new", 8);
        stage.assertAllTold();
        stage.proxy().assertAllHappened();
        assertThat(run.metrics().of("errors.relists")).isEqualTo(1);
        assertThat(log.watches()).hasSizeGreaterThanOrEqualTo(7);
    }

    private static Rule errorAtOnce(int nth, int code, String reason) {
        return Rule.on(WATCH).nth(nth).answer(200, ServerErrors.line(code, reason, "no") + "\n");
    }

    private static Rule errorAfterALine(int nth, int code, String reason) {
        return Rule.on(WATCH)
                .nth(nth)
                .line(2, LineEdit.insert(ServerErrors.line(code, reason, "no")));
    }

    @Test
    @DisplayName(
            "26 Given a compaction between a version and the one before it, when the watch fails on"
                    + " that with 500 PrevKv=nil, then a list follows, and nothing is lost")
    void scenario26_recoversFromAMissingPredecessor() {
        Queue<String> errors = new ConcurrentLinkedQueue<>();
        stage.proxy()
                .script(
                        Rule.on(WATCH)
                                .lines(
                                        line -> line.contains("\"type\":\"ERROR\""),
                                        LineEdit.change(
                                                line -> {
                                                    errors.add(line);
                                                    return line;
                                                })));
        SourceRun run = startWatching();
        long position;
        long next;
        int count = 2;
        do {
            stage.proxy().mend();
            position = version(stage.raise("old-0", count++));
            stage.awaitTold(stage.written());
            stage.proxy().cut();
            next = version(stage.raise("old-0", count++));
            // Seldom somebody else writes in between.
        } while (next != position + 1);
        assertThat(run.position().version().value()).isEqualTo(Long.toString(position));
        // The watch may begin after the position, but the state of the object there is forgotten.
        stage.plane().etcdCluster().compact(next);
        stage.proxy().mend();
        stage.assertAllTold();
        System.out.printf("scenario26: %s%n", errors);
        assertThat(errors).isNotEmpty().allMatch(line -> line.contains("PrevKv=nil"));
        assertThat(run.metrics().of("errors.relists")).isEqualTo(1);
    }

    private static long version(String id) {
        return Long.parseLong(id.substring(id.indexOf('@') + 1));
    }
}
