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
package io.tocsin.sink.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tocsin.sink.deadletter.DeadLetter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class WebhookWriterStateSerializerTest {
    /** Version 1 as first released: must be readable for good. */
    private static final String VERSION_1 =
            "00000002000000066f6e63616c6c0000018bcfe57b880000000100000002623200000002"
                    + "0000018bcfe5680100000003000000066f6e63616c6c0000000261310000000961312f66"
                    + "6972696e67000000106170706c69636174696f6e2f6a736f6e000000087b22c3a9223a31"
                    + "7d0000018bcfe56800000000000000000300000000000000066f6e63616c6c0000000261"
                    + "310000000b61312f7265736f6c7665640000000a746578742f706c61696e000000000000"
                    + "000000000002000000057370617265000000000000000000000000000000000000000100"
                    + "000007776562686f6f6b000000066f6e63616c6c00000008485454502034303400000000"
                    + "0000000700000001ff";

    private final WebhookWriterStateSerializer serializer = new WebhookWriterStateSerializer();

    @Test
    void writesVersion1AsItIsKnown() throws IOException {
        assertThat(serializer.getVersion()).isEqualTo(1);
        assertThat(HexFormat.of().formatHex(serializer.serialize(state()))).isEqualTo(VERSION_1);
    }

    @Test
    void readsVersion1() throws IOException {
        assertThat(serializer.deserialize(1, HexFormat.of().parseHex(VERSION_1)))
                .usingRecursiveComparison()
                .isEqualTo(state());
    }

    @Test
    void refusesAnotherVersion() {
        assertThatThrownBy(() -> serializer.deserialize(2, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 2")
                .hasMessageContaining("reads version 1");
    }

    @Test
    void refusesTrailingBytes() throws IOException {
        byte[] bytes = serializer.serialize(state());

        assertThatThrownBy(() -> serializer.deserialize(1, Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1 bytes more");
    }

    @Test
    void refusesEveryTruncation() throws IOException {
        byte[] bytes = serializer.serialize(state());
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> serializer.deserialize(1, cut))
                    .isInstanceOf(IOException.class);
        }
    }

    private static WebhookWriterState state() {
        WebhookRequest firing =
                new WebhookRequest(
                        "oncall",
                        "a1",
                        "a1/firing",
                        "application/json",
                        "{\"é\":1}".getBytes(StandardCharsets.UTF_8),
                        1_700_000_000_000L);
        WebhookRequest resolved =
                new WebhookRequest("oncall", "a1", "a1/resolved", "text/plain", new byte[0], 2);
        return new WebhookWriterState(
                List.of(
                        new LaneState(
                                "oncall",
                                1_700_000_005_000L,
                                List.of("b2"),
                                List.of(
                                        new LaneState.Pending(firing, 1_700_000_000_001L, 3),
                                        new LaneState.Pending(resolved, 3, 0))),
                        new LaneState("spare", 0, List.of(), List.of())),
                List.of(
                        new DeadLetter(
                                "webhook", "oncall", "HTTP 404", 7, new byte[] {(byte) 0xff})));
    }
}
