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
package io.tocsin.job.detect;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Reach;
import io.tocsin.job.model.Severity;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.model.Told;
import io.tocsin.job.time.Bearing;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.source.pack.Packer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class SubjectBookTest {

    private static final SubjectBook BOOK =
            SubjectBook.EMPTY
                    .with(
                            Slot.Kind.WINDOW,
                            "Five",
                            "one",
                            new WindowState(
                                    new long[] {1, 2}, new long[] {3, 4}, new long[] {5, 6}))
                    .with(
                            Slot.Kind.ABSENCE,
                            "Absent",
                            "one",
                            new AbsenceState(1, 2, 3, 4, candidate()))
                    .with(
                            Slot.Kind.LIFECYCLE,
                            "Five",
                            "one",
                            new LifecycleState(
                                    alert(AlertStatus.PENDING, Severity.CRITICAL),
                                    "Five",
                                    new Bearing("shop", "node-1", "pods"),
                                    5,
                                    6,
                                    7))
                    .with(
                            Slot.Kind.LIFECYCLE,
                            "Five",
                            "",
                            new LifecycleState(null, null, null, 0, 0, 8))
                    .with(
                            Slot.Kind.DISTINCT,
                            "Differ",
                            "one",
                            new DistinctState(new String[] {"a", "b"}, new long[] {9, 10}))
                    .waking(1_700_000_000_000L);

    @Test
    void version1IsReadAndWritten() throws IOException {
        // Bytes of state of version 1. They must stay readable, so the file never changes.
        String fixture;
        try (InputStream in = SubjectBookTest.class.getResourceAsStream("subject-book-1.hex")) {
            fixture = new String(in.readAllBytes(), StandardCharsets.UTF_8).replaceAll("\\s", "");
        }
        assertThat(HexFormat.of().formatHex(serialize(BOOK))).isEqualTo(fixture);
        assertThat(deserialize(HexFormat.of().parseHex(fixture)))
                .usingRecursiveComparison()
                .isEqualTo(BOOK);
    }

    @Test
    void readsWhatItWroteAndRemembersWhatAMapWould() throws IOException {
        long seed = Long.getLong("tocsin.seed", System.nanoTime());
        Random random = new Random(seed);
        SubjectBook book = SubjectBook.EMPTY;
        Map<String, Object> expected = new TreeMap<>();
        for (int step = 0; step < 3_000; step++) {
            Slot.Kind[] kinds = Slot.Kind.values();
            Slot.Kind kind = kinds[random.nextInt(kinds.length)];
            String name = "Rule" + random.nextInt(3);
            String subject = random.nextInt(3) == 0 ? "" : "subject" + random.nextInt(3);
            Object value = random.nextInt(3) == 0 ? null : value(kind, random);
            book = book.with(kind, name, subject, value);
            if (value == null) {
                expected.remove(kind + name + "/" + subject);
            } else {
                expected.put(kind + name + "/" + subject, value);
            }
            book = book.waiting(random.nextInt(3)).waking(random.nextLong());
            SubjectBook read = deserialize(serialize(book));
            assertThat(read).as("-Dtocsin.seed=" + seed).usingRecursiveComparison().isEqualTo(book);
            Map<String, Object> remembered = new TreeMap<>();
            for (Slot slot : book.slots()) {
                remembered.put(slot.kind() + slot.name() + "/" + slot.subject(), slot.value());
                assertThat(book.get(slot.kind(), slot.name(), slot.subject()))
                        .isSameAs(slot.value());
            }
            assertThat(remembered).as("-Dtocsin.seed=" + seed).isEqualTo(expected);
        }
    }

    @Test
    void aBookIsEmptyIfNothingIsInItAndNothingIsToCome() {
        assertThat(SubjectBook.EMPTY.isEmpty()).isTrue();
        assertThat(SubjectBook.EMPTY.waking(1).isEmpty()).isFalse();
        assertThat(SubjectBook.EMPTY.waiting(1).isEmpty()).isFalse();
        assertThat(BOOK.waking(Long.MAX_VALUE).isEmpty()).isFalse();
        assertThat(BOOK.with(Slot.Kind.WINDOW, "Other", "one", null)).isSameAs(BOOK);
    }

    private static Object value(Slot.Kind kind, Random random) {
        return switch (kind) {
            case WINDOW -> {
                int size = random.nextInt(5);
                yield new WindowState(
                        random.longs(size).toArray(),
                        random.longs(size).toArray(),
                        random.longs(size).toArray());
            }
            case ABSENCE ->
                    new AbsenceState(
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            candidate());
            case DISTINCT -> {
                int size = random.nextInt(5);
                String[] values = new String[size];
                Arrays.setAll(values, i -> "pod-" + random.nextInt(9));
                yield new DistinctState(values, random.longs(size).toArray());
            }
            case LIFECYCLE ->
                    random.nextBoolean()
                            ? new LifecycleState(null, null, null, 0, 0, random.nextLong())
                            : new LifecycleState(
                                    alert(pick(random, AlertStatus.values()), severity(random)),
                                    "Rule",
                                    new Bearing(
                                            random.nextBoolean() ? null : "shop",
                                            random.nextBoolean() ? null : "node",
                                            random.nextBoolean() ? null : "pods"),
                                    random.nextLong(),
                                    random.nextLong(),
                                    random.nextLong());
        };
    }

    private static Severity severity(Random random) {
        return pick(random, Severity.values());
    }

    private static <E> E pick(Random random, E[] all) {
        return all[random.nextInt(all.length)];
    }

    private static Alert alert(AlertStatus status, Severity severity) {
        return new Alert(
                "4f2a",
                "prod",
                "Five",
                "Pod shop/web",
                Labels.of(Map.of("namespace", "shop")),
                status,
                severity,
                1_700_000_000_000L,
                0,
                0,
                5,
                1_700_000_000_000L,
                1_700_000_060_000L,
                "web fails",
                null,
                "https://wiki.example/web",
                true);
    }

    private static Candidate candidate() {
        Occurrence occurrence =
                TestOccurrence.of("Wait")
                        .cluster("prod")
                        .by("kubelet", "node-1")
                        .regarding(
                                new ObjectReference("v1", "Pod", "shop", "web", "p-1", null, null))
                        .between(2, 3)
                        .make();
        return new Candidate(
                Candidate.Kind.OCCURRENCE,
                "cluster\u001eprod",
                "one",
                Reach.SUBJECT,
                new String[] {"Absent/trigger"},
                occurrence.origin(),
                1,
                2,
                3,
                "prod",
                "shop",
                null,
                "kubelet",
                Occurrence.EVENTS,
                "u-1",
                "7",
                Told.of(occurrence, true, new Packer()));
    }

    private static byte[] serialize(SubjectBook book) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        new SubjectBookSerializer().serialize(book, out);
        return out.getCopyOfBuffer();
    }

    private static SubjectBook deserialize(byte[] bytes) throws IOException {
        return new SubjectBookSerializer().deserialize(new DataInputDeserializer(bytes));
    }
}
