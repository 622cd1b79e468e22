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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tocsin.job.replay.Recording.Entry;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordingReaderTest {
    private static final String GOOD =
            "{\"t\":\"2026-03-04T10:00:00.5Z\",\"resource\":\"events\",\"line\":{\"type\":\"ADDED\","
                    + "\"object\":{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"7\"}}}}";

    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void choosesAFile() {
        file = folder.resolve("r.jsonl.gz");
    }

    private static List<Entry> read(Path file) throws Exception {
        List<Entry> entries = new ArrayList<>();
        try (RecordingReader reader = new RecordingReader(file)) {
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private Path gzip(String text) throws Exception {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    @Test
    void readsWhatTheWriterWrote() throws Exception {
        Entry listed = Recordings.listed(0, "shop", "größe", 3);
        Entry told =
                new Entry(
                        Instant.parse("2026-03-04T10:00:01.123456789Z"),
                        "prod",
                        "pods",
                        false,
                        "DELETED",
                        "{\"a\":{\"b\":[1,2,{\"c\":\"x\\n\"}]}}".getBytes(StandardCharsets.UTF_8));
        Recordings.write(file, listed, told);

        List<Entry> entries = read(file);

        assertThat(entries).usingRecursiveComparison().isEqualTo(List.of(listed, told));
    }

    @Test
    void readsPlainLinesToo() throws Exception {
        Files.writeString(file, GOOD + "\n\n" + GOOD);
        assertThat(read(file)).hasSize(2);
    }

    @Test
    void readsWhatWasFlushedBeforeTheWriterWasKilled() throws Exception {
        try (Recording.Writer writer = new Recording.Writer(file)) {
            writer.write(Recordings.listed(0, "shop", "a", 3));
            writer.write(Recordings.listed(0, "shop", "b", 4));
            writer.flush();
            byte[] flushed = Files.readAllBytes(file);
            Files.write(folder.resolve("killed"), flushed);
        }
        try (RecordingReader reader = new RecordingReader(folder.resolve("killed"))) {
            assertThat(reader.next()).isNotNull();
            assertThat(reader.next()).isNotNull();
            assertThat(reader.next()).isNull();
            assertThat(reader.isCutOff()).isTrue();
        }
    }

    @Test
    void saysThatUtf16IsNotUtf8() throws Exception {
        Files.write(file, (GOOD + "\n").getBytes(StandardCharsets.UTF_16LE));
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(RecordingException.class)
                .hasMessageContaining(":1: a byte is 0; expected JSON in UTF-8");
    }

    @Test
    void refusesNamesOfClustersThatNoKeyCanHold() throws Exception {
        String named = GOOD.replace("\"resource\"", "\"cluster\":\"%s\",\"resource\"");
        for (String name : List.of("eu/west", "ea\\\"st")) {
            gzip(named.formatted(name) + "\n");
            assertThatThrownBy(() -> RecordingOverview.of(file))
                    .isInstanceOf(RecordingException.class)
                    .hasMessageContaining("expected a name without slashes");
        }
        gzip(named.formatted("recording") + "\n" + GOOD + "\n");
        assertThatThrownBy(() -> RecordingOverview.of(file))
                .hasMessageContaining("name that one otherwise");
    }

    @Test
    void leavesOutAHalfLineAtTheEnd() throws Exception {
        gzip(GOOD + "\n" + GOOD.substring(0, 60));
        try (RecordingReader reader = new RecordingReader(file)) {
            assertThat(reader.next()).isNotNull();
            assertThat(reader.next()).isNull();
            assertThat(reader.isCutOff()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "not json | no JSON",
                "{\"t\":\"+99999-01-01T00:00:00Z\",\"resource\":\"events\",\"line\":{\"type\":\"ADDED\",\"object\":{}}} |"
                        + " expected a year from 1970 to 9999",
                "{\"t\":\"2026-03-04T10:00:00Z\",\"resource\":\"events\",\"line\":{\"type\":\"ADDED\",\"object\":{}}} {} |"
                        + " there is more behind the JSON object; expected one per line",
                "[1] | no JSON object",
                "{\"resource\":\"events\",\"line\":{\"type\":\"ADDED\",\"object\":{}}} | t is missing",
                "{\"t\":\"noon\",\"resource\":\"events\",\"line\":{\"type\":\"ADDED\",\"object\":{}}} |"
                        + " t is \"noon\"; expected a time in RFC 3339",
                "{\"t\":\"2026-03-04T10:00:00Z\",\"line\":{\"type\":\"ADDED\",\"object\":{}}} |"
                        + " resource is missing",
                "{\"t\":\"2026-03-04T10:00:00Z\",\"resource\":\"events\"} | line.type is missing",
                "{\"t\":\"2026-03-04T10:00:00Z\",\"resource\":\"events\",\"line\":{\"type\":\"NEW\",\"object\":{}}}"
                        + " | line.type is \"NEW\"; expected ADDED",
                "{\"t\":\"2026-03-04T10:00:00Z\",\"resource\":\"events\",\"line\":{\"type\":\"ADDED\"}}"
                        + " | line.object is missing",
                "{\"t\":\"2026-03-04T10:00:00Z\",\"resource\":\"events\",\"line\":7} | line: expected"
            })
    void namesFileAndLineOfWhatIsWrong(String line, String message) throws Exception {
        gzip(GOOD + "\n" + line + "\n" + GOOD + "\n");
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(RecordingException.class)
                .hasMessageContaining(file + ":2: ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"name\":\"a\"} | resourceVersion is missing",
                "{\"name\":\"a\",\"resourceVersion\":\"v7\"} | resourceVersion is \"v7\"; expected a"
                        + " decimal number",
                "{\"resourceVersion\":\"7\"} | metadata.name is missing"
            })
    void anOverviewFindsObjectsThatCannotBeServed(String metadata, String message)
            throws Exception {
        String bad = GOOD.replace("{\"name\":\"a\",\"resourceVersion\":\"7\"}", metadata);
        gzip(GOOD + "\n" + bad + "\n");
        assertThatThrownBy(() -> RecordingOverview.of(file))
                .isInstanceOf(RecordingException.class)
                .hasMessageContaining(file + ":2: ")
                .hasMessageContaining(message);
    }

    @Test
    void tellsDamageFromAnEnd() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            text.append(GOOD.replace("\"7\"", "\"" + i * 31L % 977 + "\"")).append('\n');
        }
        byte[] bytes = Files.readAllBytes(gzip(text.toString()));
        Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 200, (byte) 0xff);
        Files.write(file, bytes);
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(RecordingException.class)
                .hasMessageContaining(file + ":");
    }

    @Test
    void saysWhatIsNoRecordingAtAll() throws Exception {
        assertThatThrownBy(() -> new RecordingReader(file)).hasMessageContaining("does not exist");
        assertThatThrownBy(() -> new RecordingReader(folder)).hasMessageContaining("is a folder");
        Files.writeString(file, "");
        assertThatThrownBy(() -> RecordingOverview.of(file)).hasMessageContaining("holds no line");
        Files.write(file, new byte[] {0x1f, (byte) 0x8b, 8});
        assertThatThrownBy(() -> RecordingOverview.of(file))
                .isInstanceOf(RecordingException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void anOverviewTellsWhenTheFirstListsWereThere() throws Exception {
        Recordings.write(
                file,
                Recordings.listed(0, "shop", "a", 3),
                Recordings.listed(0.5, "shop", "b", 2),
                Recordings.entry(0.6, "nodes", true, "ADDED", Recordings.event("", "n", 9)),
                Recordings.told(1, "MODIFIED", "shop", "a", 4),
                Recordings.listed(20, "shop", "a", 4),
                Recordings.told(61, "DELETED", "shop", "a", 5));
        RecordingOverview overview = RecordingOverview.of(file);
        assertThat(overview.begin()).isEqualTo(Recordings.BEGIN.plusMillis(600));
        assertThat(overview.end()).isEqualTo(Recordings.BEGIN.plusSeconds(61));
        assertThat(overview.lines()).isEqualTo(6);
        assertThat(overview.resources()).containsEntry("events", 5L).containsEntry("nodes", 1L);
        assertThat(overview.clusters()).containsExactly("");
        assertThat(overview.cutOff()).isFalse();
        assertThat(overview.late()).isZero();
        assertThat(overview.coreEvents()).isFalse();
    }

    @Test
    void anOverviewCountsLinesThatStandFarBelowWhereTheyBelong() throws Exception {
        Recordings.write(
                file,
                Recordings.told(0, "ADDED", "shop", "a", 3),
                Recordings.told(90, "MODIFIED", "shop", "a", 6),
                Recordings.told(31, "ADDED", "shop", "b", 5), // as of another watch
                Recordings.told(29, "ADDED", "shop", "c", 4),
                Recordings.told(1, "ADDED", "shop", "d", 4));
        assertThat(RecordingOverview.of(file).late()).isEqualTo(2);
    }
}
