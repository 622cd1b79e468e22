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
package io.tocsin.job.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.occurrence.Seen;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.source.pack.Packer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

/** The files hold bytes of state of version 1. They must stay readable, so they never change. */
class PackedRecordsTest {

    private static final Occurrence OCCURRENCE =
            new Occurrence(
                    "prod",
                    1,
                    Occurrence.Origin.LISTED,
                    "shop",
                    "checkout-1.17f3",
                    "u-1",
                    "4711",
                    "Warning",
                    "BackOff",
                    "Back-off 🔔",
                    "Restarting",
                    "kubelet",
                    "node-1",
                    new ObjectReference(
                            "v1", "Pod", "shop", "checkout-1", "p-1", "7", "spec.containers{app}"),
                    new ObjectReference("v1", "Node", null, "node-1", null, null, null),
                    3,
                    1_700_000_000_000L,
                    1_700_000_060_000L,
                    Occurrence.EVENTS,
                    new Labels(new String[] {"app"}, new String[] {"checkout"}),
                    "Deployment/checkout",
                    "node-1",
                    "137");

    private static final Candidate CANDIDATE =
            new Candidate(
                    Candidate.Kind.OCCURRENCE,
                    "cluster,regarding.uid\u001eprod\u001fp-1\u001f",
                    "prod\u001fp-1\u001f",
                    Reach.OBJECT,
                    new String[] {"Down/trigger", "Up/clear"},
                    Occurrence.Origin.LIVE,
                    3,
                    1_700_000_000_000L,
                    1_700_000_060_000L,
                    "prod",
                    "shop",
                    null,
                    "kubelet",
                    Occurrence.EVENTS,
                    "u-1",
                    "4711",
                    Told.of(OCCURRENCE, true, new Packer()));

    private static final Seen SEEN =
            new Seen("u-1", "4711", 5, 1_700_000_060_000L, 1, Long.MAX_VALUE);

    @Test
    void occurrencesOfVersion1AreReadAndWritten() throws IOException {
        keeps("occurrence-1.hex", OCCURRENCE, Occurrence.class);
    }

    @Test
    void candidatesOfVersion1AreReadAndWritten() throws IOException {
        keeps("candidate-1.hex", CANDIDATE, Candidate.class);
    }

    @Test
    void lineagesOfVersion1AreReadAndWritten() throws IOException {
        keeps("seen-1.hex", SEEN, Seen.class);
    }

    private static <T> void keeps(String file, T record, Class<T> type) throws IOException {
        String fixture;
        try (InputStream in = PackedRecordsTest.class.getResourceAsStream(file)) {
            assertThat(in).as(file).isNotNull();
            fixture = new String(in.readAllBytes(), StandardCharsets.UTF_8).replaceAll("\\s", "");
        }
        assertThat(HexFormat.of().formatHex(serialize(record, type))).as(file).isEqualTo(fixture);
        assertThat(deserialize(HexFormat.of().parseHex(fixture), type))
                .usingRecursiveComparison()
                .isEqualTo(record);
    }

    @Test
    void readsWhatItWrote() throws IOException {
        long seed = Long.getLong("tocsin.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            Occurrence occurrence = occurrence(random);
            Candidate candidate = candidate(random, occurrence);
            Seen seen =
                    new Seen(
                            text(random),
                            text(random),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextInt(),
                            random.nextLong());
            assertThat(again(occurrence, Occurrence.class))
                    .as("-Dtocsin.seed=" + seed)
                    .isEqualTo(occurrence);
            assertThat(again(candidate, Candidate.class))
                    .as("-Dtocsin.seed=" + seed)
                    .usingRecursiveComparison()
                    .isEqualTo(candidate);
            assertThat(again(seen, Seen.class)).as("-Dtocsin.seed=" + seed).isEqualTo(seen);
        }
    }

    @Test
    void whatIsToldIsWhatTheOccurrenceTold() {
        Told told = Told.of(OCCURRENCE, true, new Packer());

        assertThat(told.type()).isEqualTo("Warning");
        assertThat(told.reason()).isEqualTo("BackOff");
        assertThat(told.reportingInstance()).isEqualTo("node-1");
        assertThat(told.kind()).isEqualTo("Pod");
        assertThat(told.name()).isEqualTo("checkout-1");
        assertThat(told.uid()).isEqualTo("p-1");
        assertThat(told.fieldPath()).isEqualTo("spec.containers{app}");
        assertThat(told.owner()).isEqualTo("Deployment/checkout");
        assertThat(told.exitCode()).isEqualTo("137");
        assertThat(told.note()).isEqualTo("Back-off 🔔");
        assertThat(told.labels().get("app")).isEqualTo("checkout");
        assertThat(Told.of(OCCURRENCE, false, new Packer()).note()).isNull();
    }

    @Test
    void notesAreCutBetweenCharacters() {
        String bells = "🔔".repeat(Told.NOTE_CHARS);

        assertThat(noted(bells).note()).isEqualTo("🔔".repeat(Told.NOTE_CHARS / 2));
        assertThat(noted("x" + bells).note()).isEqualTo("x" + "🔔".repeat(Told.NOTE_CHARS / 2 - 1));
    }

    private static Told noted(String note) {
        Occurrence o = OCCURRENCE;
        return Told.of(
                new Occurrence(
                        o.cluster(),
                        o.epoch(),
                        o.origin(),
                        o.namespace(),
                        o.name(),
                        o.uid(),
                        o.resourceVersion(),
                        o.type(),
                        o.reason(),
                        note,
                        o.action(),
                        o.reportingController(),
                        o.reportingInstance(),
                        o.regarding(),
                        o.related(),
                        o.weight(),
                        o.fromMillis(),
                        o.toMillis(),
                        o.resource(),
                        o.labels(),
                        o.owner(),
                        o.node(),
                        o.exitCode()),
                true,
                new Packer());
    }

    private static Occurrence occurrence(Random random) {
        return new Occurrence(
                text(random),
                random.nextInt(),
                pick(random, Occurrence.Origin.values()),
                text(random),
                text(random),
                text(random),
                text(random),
                text(random),
                text(random),
                text(random),
                text(random),
                text(random),
                text(random),
                reference(random),
                random.nextBoolean() ? null : reference(random),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                text(random),
                random.nextBoolean()
                        ? Labels.NONE
                        : new Labels(
                                new String[] {"a", "b"}, new String[] {text(random), text(random)}),
                text(random),
                text(random),
                text(random));
    }

    private static Candidate candidate(Random random, Occurrence occurrence) {
        return new Candidate(
                pick(random, Candidate.Kind.values()),
                "cluster\u001e" + text(random),
                text(random),
                pick(random, Reach.values()),
                new String[] {"Rule/trigger", "Rule" + random.nextInt(99) + "/clear"},
                pick(random, Occurrence.Origin.values()),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                text(random),
                text(random),
                text(random),
                text(random),
                text(random),
                text(random),
                text(random),
                Told.of(occurrence, random.nextBoolean(), new Packer()));
    }

    private static <E> E pick(Random random, E[] all) {
        return all[random.nextInt(all.length)];
    }

    private static String text(Random random) {
        return random.nextInt(4) == 0 ? null : "t".repeat(random.nextInt(9)) + random.nextInt(9);
    }

    private static ObjectReference reference(Random random) {
        return new ObjectReference(
                text(random),
                text(random),
                text(random),
                text(random),
                text(random),
                text(random),
                text(random));
    }

    private static <T> T again(T record, Class<T> type) throws IOException {
        return deserialize(serialize(record, type), type);
    }

    private static <T> byte[] serialize(T record, Class<T> type) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer(type).serialize(record, out);
        return out.getCopyOfBuffer();
    }

    private static <T> T deserialize(byte[] bytes, Class<T> type) throws IOException {
        return serializer(type).deserialize(new DataInputDeserializer(bytes));
    }

    private static <T> TypeSerializer<T> serializer(Class<T> type) {
        return TypeInformation.of(type).createSerializer(new SerializerConfigImpl());
    }
}
