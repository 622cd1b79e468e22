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
package io.tocsin.source.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class PackedSerializerTest {

    @Test
    void oldBytesLackWhatWasAddedAndNewOnesArePassedOver() throws IOException {
        byte[] old = serialize(new Pair("a", 1, null, 0), new PairSerializer(1, false));
        byte[] added = serialize(new Pair("a", 1, "b", 2), new PairSerializer(1, true));

        assertThat(deserialize(old, new PairSerializer(1, true)))
                .isEqualTo(new Pair("a", 1, null, 0));
        assertThat(deserialize(added, new PairSerializer(1, true)))
                .isEqualTo(new Pair("a", 1, "b", 2));
        assertThat(deserialize(added, new PairSerializer(1, false)))
                .isEqualTo(new Pair("a", 1, null, 0));
    }

    @Test
    void bytesOfALaterVersionAreRefusedWithAWord() throws IOException {
        byte[] later = serialize(new Pair("a", 1, null, 0), new PairSerializer(2, false));

        assertThatThrownBy(() -> deserialize(later, new PairSerializer(1, false)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("PairSerializer: got bytes of version 2, expected 1 to 1");
    }

    @Test
    void partsMayGrowToo() {
        Packer packer = new Packer();
        int part = packer.begin();
        packer.text("one");
        packer.text("added later");
        packer.end(part);
        packer.text("behind");
        Unpacker unpacker = new Unpacker().of(packer.toBytes());

        int outer = unpacker.open();
        assertThat(unpacker.text()).isEqualTo("one");
        unpacker.close(outer);
        assertThat(unpacker.text()).isEqualTo("behind");

        outer = unpacker.open();
        assertThat(unpacker.text()).isNull();
        assertThat(unpacker.count()).isZero();
        unpacker.close(outer);
    }

    @Test
    void whatIsReadBehindTheEndIsNothing() {
        Unpacker unpacker = new Unpacker().of(new byte[0]);

        assertThat(unpacker.octet()).isZero();
        assertThat(unpacker.fixed()).isZero();
        assertThat(unpacker.count()).isZero();
        assertThat(unpacker.text()).isNull();
        assertThat(unpacker.name()).isNull();
        assertThat(unpacker.run(2)).containsExactly(null, null);
        assertThat(unpacker.blob()).isNull();
        assertThat(unpacker.names()).isNull();
        assertThat(unpacker.fixeds()).isEmpty();
    }

    @Test
    void readsWhatWasWrittenOfAnyKind() {
        long seed = Long.getLong("tocsin.seed", System.nanoTime());
        Random random = new Random(seed);
        Unpacker unpacker = new Unpacker();
        for (int round = 0; round < 300; round++) {
            long run = random.nextLong();
            Packer packer = new Packer();
            Random values = new Random(run);
            for (int i = 0; i < 40; i++) {
                write(values, packer);
            }
            unpacker.of(packer.toBytes());
            values = new Random(run);
            for (int i = 0; i < 40; i++) {
                read(values, unpacker, "-Dtocsin.seed=" + seed);
            }
        }
    }

    @Test
    void aRunOfNamesIsWhatEachOfThemIs() {
        long seed = Long.getLong("tocsin.seed", System.nanoTime());
        Random random = new Random(seed);
        Unpacker unpacker = new Unpacker();
        for (int round = 0; round < 20_000; round++) {
            String[] run = new String[random.nextInt(6)];
            Packer packer = new Packer();
            for (int i = 0; i < run.length; i++) {
                run[i] = text(random);
                packer.text(run[i]);
            }
            boolean last = random.nextBoolean();
            if (!last) {
                packer.text("behind");
            }
            int missing = last ? random.nextInt(3) : 0;
            unpacker.of(packer.toBytes());

            assertThat(unpacker.run(run.length + missing))
                    .as("-Dtocsin.seed=" + seed)
                    .isEqualTo(Arrays.copyOf(run, run.length + missing));
            assertThat(unpacker.text()).isEqualTo(last ? null : "behind");
        }
    }

    @Test
    void ofTheSameRunTheNamesAreTheSame() {
        Packer packer = new Packer();
        for (int i = 0; i < 2; i++) {
            packer.text("prod");
            packer.text(null);
            packer.text("kubelet");
        }
        Unpacker unpacker = new Unpacker().of(packer.toBytes());

        assertThat(unpacker.run(3)).isSameAs(unpacker.run(3));
    }

    private static void write(Random random, Packer to) {
        switch (random.nextInt(7)) {
            case 0 -> to.octet(random.nextInt(256));
            case 1 -> to.fixed(random.nextLong());
            case 2 -> to.count(number(random));
            case 3, 4 -> to.text(text(random));
            case 5 -> to.texts(texts(random));
            default -> to.fixed(random.longs(random.nextInt(5)).toArray());
        }
    }

    private static void read(Random random, Unpacker from, String replay) {
        switch (random.nextInt(7)) {
            case 0 -> assertThat(from.octet()).as(replay).isEqualTo(random.nextInt(256));
            case 1 -> assertThat(from.fixed()).as(replay).isEqualTo(random.nextLong());
            case 2 -> assertThat(from.count()).as(replay).isEqualTo(number(random));
            case 3 -> assertThat(from.text()).as(replay).isEqualTo(text(random));
            case 4 -> assertThat(from.name()).as(replay).isEqualTo(text(random));
            case 5 -> assertThat(from.names()).as(replay).isEqualTo(texts(random));
            default ->
                    assertThat(from.fixeds())
                            .as(replay)
                            .isEqualTo(random.longs(random.nextInt(5)).toArray());
        }
    }

    private static long number(Random random) {
        return random.nextLong() >> random.nextInt(64);
    }

    private static String text(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> null;
            case 1 -> "";
            case 2 -> "kubelet";
            case 3 -> "x".repeat(random.nextInt(300));
            case 4 -> "ö🔔" + random.nextInt(3);
            default -> "pod-" + random.nextInt(2_000);
        };
    }

    private static String[] texts(Random random) {
        if (random.nextInt(4) == 0) {
            return null;
        }
        String[] texts = new String[random.nextInt(4)];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = text(random);
        }
        return texts;
    }

    @Test
    void damagedBytesAreNoReasonToAskForMuchMemory() {
        Packer packer = new Packer();
        packer.count(Integer.MAX_VALUE);
        packer.octet(1);
        byte[] damaged = packer.toBytes();

        assertThatThrownBy(() -> new Unpacker().of(damaged).text()).hasMessageContaining("cut");
        assertThatThrownBy(() -> new Unpacker().of(damaged).names()).hasMessageContaining("cut");
        assertThatThrownBy(() -> new Unpacker().of(damaged).fixeds()).hasMessageContaining("cut");
        assertThatThrownBy(() -> new Unpacker().of(damaged).open()).hasMessageContaining("cut");
        assertThatThrownBy(() -> new Unpacker().of(new byte[] {1, 2}).fixed())
                .hasMessageContaining("cut");
    }

    @Test
    void textsArePassedOver() {
        Packer packer = new Packer();
        packer.text("one");
        packer.text(null);
        packer.text("three");
        Unpacker unpacker = new Unpacker().of(packer.toBytes());
        unpacker.skip();
        unpacker.skip();

        assertThat(unpacker.text()).isEqualTo("three");
    }

    @Test
    void fewNamesAreTheSameInstances() {
        Packer packer = new Packer();
        packer.text("kubelet");
        packer.text("kubelet");
        Unpacker unpacker = new Unpacker().of(packer.toBytes());

        assertThat(unpacker.name()).isSameAs(unpacker.name());
    }

    @Test
    void textsAreCleanedOfWhatKeysCannotHold() {
        assertThat(Texts.clean("pod-ö🔔\u001e")).isEqualTo("pod-ö🔔?");
        assertThat(Texts.clean("\ud800x\udc00\ud83d")).isEqualTo("\ufffdx\ufffd\ufffd");
        assertThat(Texts.clean(null)).isNull();
        String usual = "ö \n\t";
        assertThat(Texts.clean(usual)).isSameAs(usual);
    }

    @Test
    void aSerializerCopiesBytesAsTheyAre() throws IOException {
        byte[] bytes = serialize(new Pair("a", 1, "b", 2), new PairSerializer(1, true));
        DataOutputSerializer target = new DataOutputSerializer(16);
        new PairSerializer(1, false).copy(new DataInputDeserializer(bytes), target);

        assertThat(target.getCopyOfBuffer()).isEqualTo(bytes);
    }

    private static byte[] serialize(Pair pair, PairSerializer serializer) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(16);
        serializer.serialize(pair, out);
        return out.getCopyOfBuffer();
    }

    private static Pair deserialize(byte[] bytes, PairSerializer serializer) throws IOException {
        return serializer.deserialize(new DataInputDeserializer(bytes));
    }

    private record Pair(String text, long number, String addedText, long addedNumber) {}

    private static final class PairSerializer extends PackedSerializer<Pair> {

        private static final long serialVersionUID = 1L;

        private final int version;
        private final boolean more;

        PairSerializer(int version, boolean more) {
            this.version = version;
            this.more = more;
        }

        @Override
        protected int version() {
            return version;
        }

        @Override
        protected void pack(Pair pair, Packer to) {
            to.text(pair.text());
            to.count(pair.number());
            if (more) {
                to.text(pair.addedText());
                to.fixed(pair.addedNumber());
            }
        }

        @Override
        protected Pair unpack(int read, Unpacker from) {
            return new Pair(
                    from.text(), from.count(), more ? from.text() : null, more ? from.fixed() : 0);
        }

        @Override
        public TypeSerializer<Pair> duplicate() {
            return new PairSerializer(version, more);
        }

        @Override
        public TypeSerializerSnapshot<Pair> snapshotConfiguration() {
            return new SimpleTypeSerializerSnapshot<>(() -> new PairSerializer(version, more)) {};
        }
    }
}
