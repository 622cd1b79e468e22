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
package io.tocsin.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tocsin.source.split.ResourceSplit;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EnumeratorStateSerializerTest {

    private final EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();

    @Test
    void restoresWhatItWrote() throws IOException {
        EnumeratorState state =
                new EnumeratorState(
                        Set.of("c/events/a", "c/events/b"),
                        List.of(ResourceSplit.unread("c", "events", "z")));
        assertThat(serializer.deserialize(2, serializer.serialize(state))).isEqualTo(state);
        EnumeratorState ofNamespaces =
                new EnumeratorState(
                        Set.of("c/events/a@1"),
                        List.of(ResourceSplit.unread("c", "events", "z", "2")),
                        Set.of("c/events/b@3", "c/events/*"),
                        Map.of("a", "1", "z", "2"));
        assertThat(serializer.deserialize(2, serializer.serialize(ofNamespaces)))
                .isEqualTo(ofNamespaces);
    }

    @Test
    void readsVersionOne() throws IOException {
        byte[] bytes = HexFormat.of().parseHex("00000002" + "000161" + "000162" + "00000000");
        assertThat(serializer.deserialize(1, bytes))
                .isEqualTo(new EnumeratorState(Set.of("b", "a"), List.of()));
    }

    @Test
    void writesVersionTwoByteByByte() throws IOException {
        EnumeratorState state =
                new EnumeratorState(Set.of("b", "a"), List.of(), Set.of("r"), Map.of("n", "u"));
        assertThat(HexFormat.of().formatHex(serializer.serialize(state)))
                .isEqualTo(
                        "00000002"
                                + "000161"
                                + "000162"
                                + "00000000"
                                + "00000001"
                                + "000172"
                                + "01"
                                + "00000001"
                                + "00016e"
                                + "000175");
    }

    @Test
    void rejectsOtherVersionsAndTrailingBytes() throws IOException {
        byte[] bytes = serializer.serialize(new EnumeratorState(Set.of(), List.of()));
        assertThatThrownBy(() -> serializer.deserialize(3, bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 3")
                .hasMessageContaining("reads versions 1 to 2");
        assertThatThrownBy(() -> serializer.deserialize(2, Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("left over");
    }
}
