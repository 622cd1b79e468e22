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

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.KubernetesRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class EventRecordSerializerTest {

    /** Bytes in channels and state of version 1. They must stay readable, so this never changes. */
    private static final String VERSION_1 = "event-record-1.hex";

    @Test
    void readsWhatVersion1Wrote() throws IOException {
        assertThat(deserialize(fixture(VERSION_1))).usingRecursiveComparison().isEqualTo(usual());
    }

    @Test
    void writesVersion1() throws IOException {
        assertThat(HexFormat.of().formatHex(serialize(usual())))
                .isEqualTo(HexFormat.of().formatHex(fixture(VERSION_1)));
    }

    @Test
    void readsWhatItWrote() throws IOException {
        long seed = Long.getLong("tocsin.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            EventRecord record = record(random);
            assertThat(deserialize(serialize(record)))
                    .as("-Dtocsin.seed=" + seed)
                    .usingRecursiveComparison()
                    .isEqualTo(record);
        }
    }

    private static EventRecord usual() {
        KubernetesRecord envelope =
                new KubernetesRecord(
                        KubernetesRecord.Kind.UPSERTED,
                        KubernetesRecord.Origin.WATCH,
                        "prod",
                        "events",
                        "*",
                        1,
                        "shop",
                        "checkout-1.17f3a9d2b4c5e6f7",
                        "u-1",
                        "4711",
                        null,
                        0,
                        0,
                        null);
        return new EventRecord(
                envelope,
                new KubernetesEvent(
                        "shop",
                        "checkout-1.17f3a9d2b4c5e6f7",
                        "u-1",
                        "4711",
                        1_700_000_000_000L,
                        "Warning",
                        "BackOff",
                        "Back-off restarting failed container app 🔔",
                        null,
                        "kubelet",
                        "node-1",
                        new ObjectReference(
                                "v1",
                                "Pod",
                                "shop",
                                "checkout-1",
                                "p-1",
                                "4000",
                                "spec.containers{app}"),
                        null,
                        null,
                        0,
                        null,
                        5,
                        1_700_000_000_000L,
                        1_700_000_060_000L));
    }

    private static EventRecord record(Random random) {
        KubernetesRecord.Kind[] kinds = KubernetesRecord.Kind.values();
        KubernetesRecord.Origin[] origins = KubernetesRecord.Origin.values();
        int origin = random.nextInt(origins.length + 1);
        KubernetesRecord envelope =
                new KubernetesRecord(
                        kinds[random.nextInt(kinds.length)],
                        origin == origins.length ? null : origins[origin],
                        text(random),
                        text(random),
                        text(random),
                        random.nextInt(),
                        text(random),
                        text(random),
                        text(random),
                        text(random),
                        random.nextBoolean() ? null : new byte[random.nextInt(100)],
                        random.nextLong(),
                        random.nextLong(),
                        text(random));
        if (random.nextInt(4) == 0) {
            return new EventRecord(envelope, null);
        }
        boolean same = random.nextBoolean();
        return new EventRecord(
                envelope,
                new KubernetesEvent(
                        same ? envelope.namespace() : text(random),
                        same ? envelope.name() : text(random),
                        same ? envelope.uid() : text(random),
                        same ? envelope.resourceVersion() : text(random),
                        time(random),
                        text(random),
                        text(random),
                        text(random),
                        text(random),
                        text(random),
                        text(random),
                        reference(random),
                        reference(random),
                        time(random),
                        random.nextLong(),
                        time(random),
                        random.nextLong(),
                        time(random),
                        time(random),
                        random.nextBoolean()
                                ? ObjectLabels.NONE
                                : new ObjectLabels(
                                        new String[] {"app", "tier"},
                                        new String[] {"web" + random.nextInt(9), ""})));
    }

    private static Long time(Random random) {
        return random.nextBoolean() ? null : random.nextLong();
    }

    private static String text(Random random) {
        return random.nextInt(4) == 0 ? null : "t".repeat(random.nextInt(9)) + random.nextInt(9);
    }

    private static ObjectReference reference(Random random) {
        return random.nextBoolean()
                ? null
                : new ObjectReference(
                        text(random),
                        text(random),
                        text(random),
                        text(random),
                        text(random),
                        text(random),
                        text(random));
    }

    private static byte[] serialize(EventRecord record) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        new EventRecordSerializer().serialize(record, out);
        return out.getCopyOfBuffer();
    }

    private static EventRecord deserialize(byte[] bytes) throws IOException {
        return new EventRecordSerializer().deserialize(new DataInputDeserializer(bytes));
    }

    private static byte[] fixture(String name) throws IOException {
        try (InputStream in = EventRecordSerializerTest.class.getResourceAsStream(name)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
        }
    }
}
