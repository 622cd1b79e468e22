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
package io.tocsin.source.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tocsin.source.split.Position.Relist;
import io.tocsin.source.split.Position.Segment;
import io.tocsin.source.split.Position.Witness;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResourceSplitSerializerTest {

    /** What version 1 wrote for {@link #FULL}. Never changes. */
    private static final String VERSION_1 =
            "00000002703100000006"
                    + "6576656e7473"
                    + "000000012a"
                    + "00000002"
                    + "000000053730303031"
                    + "00000001"
                    + "000000046e732f6d"
                    + "0000000537303030"
                    + "35"
                    + "01"
                    + "0000000537303030"
                    + "39"
                    + "00000003746f6b"
                    + "000000046e732f63"
                    + "01"
                    + "00000199c82cc000"
                    + "00000001"
                    + "000000046e732f61"
                    + "0000000175"
                    + "0000000537303030"
                    + "30";

    /** What version 2 wrote for {@link #FULL}. Never changes. */
    private static final String VERSION_2 = VERSION_1 + "01";

    /** What version 3 wrote for the same split of a namespace's life. Never changes. */
    private static final String VERSION_3 = VERSION_2 + "0000000275" + "31";

    /** What version 4 wrote for that, with the age of its witness. Never changes. */
    private static final String VERSION_4 =
            VERSION_1 + "00000199c82b3960" + "01" + "0000000275" + "31";

    private static final ResourceSplit FULL = full(1_759_999_900_000L);

    private static ResourceSplit full(long writtenAfterMillis) {
        return new ResourceSplit(
                "p1",
                "events",
                "*",
                new Position(
                        2,
                        new ResourceVersion("70001"),
                        List.of(new Segment("ns/m", new ResourceVersion("70005"))),
                        new Relist(new ResourceVersion("70009"), "tok", "ns/c"),
                        true,
                        1_760_000_000_000L,
                        List.of(
                                new Witness(
                                        "ns/a",
                                        "u",
                                        new ResourceVersion("70000"),
                                        writtenAfterMillis))),
                true);
    }

    private final ResourceSplitSerializer serializer = new ResourceSplitSerializer();

    @Test
    void readsAndWritesVersionFourByteByByte() throws IOException {
        byte[] bytes = HexFormat.of().parseHex(VERSION_4);
        ResourceSplit split = ofALife(FULL);
        assertThat(HexFormat.of().formatHex(serializer.serialize(split))).isEqualTo(VERSION_4);
        assertThat(serializer.deserialize(4, bytes)).isEqualTo(split);
    }

    private static ResourceSplit ofALife(ResourceSplit split) {
        return new ResourceSplit("p1", "events", "*", split.position(), true, "u1");
    }

    @Test
    void readsVersionThreeWithWitnessesOfUnknownAge() throws IOException {
        byte[] bytes = HexFormat.of().parseHex(VERSION_3);
        assertThat(serializer.deserialize(3, bytes)).isEqualTo(ofALife(full(0)));
    }

    @Test
    void readsVersionTwoAsConfiguredByName() throws IOException {
        byte[] bytes = HexFormat.of().parseHex(VERSION_2);
        assertThat(serializer.deserialize(2, bytes)).isEqualTo(full(0));
    }

    @Test
    void readsVersionOneAsLostSinceItMayHaveBeen() throws IOException {
        byte[] bytes = HexFormat.of().parseHex(VERSION_1);
        assertThat(serializer.deserialize(1, bytes)).isEqualTo(full(0));
    }

    @Test
    void restoresAnUnreadSplit() throws IOException {
        ResourceSplit unread = ResourceSplit.unread("c", "pods", "kube-system");
        assertThat(serializer.deserialize(4, serializer.serialize(unread))).isEqualTo(unread);
    }

    @Test
    void namesFoundAndSupportedVersion() {
        assertThatThrownBy(() -> serializer.deserialize(7, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 7")
                .hasMessageContaining("reads versions 1 to 4");
    }

    @Test
    void rejectsTrailingAndMissingBytes() throws IOException {
        byte[] bytes = serializer.serialize(FULL);
        assertThatThrownBy(() -> serializer.deserialize(4, Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1 bytes are left over");
        assertThatThrownBy(() -> serializer.deserialize(4, Arrays.copyOf(bytes, bytes.length - 3)))
                .isInstanceOf(IOException.class);
    }
}
