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
package io.tocsin.sink.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.streaming.runtime.tasks.TestProcessingTimeService;
import org.junit.jupiter.api.Test;

class DeadLetterSinkTest {
    private final TestProcessingTimeService time = new TestProcessingTimeService();
    private final List<DeadLetter> handed = new ArrayList<>();
    private boolean full;

    private DeadLetterSink.Writer writer(List<DeadLetter> restored) {
        return new DeadLetterSink.Writer(
                letter -> {
                    if (full) {
                        throw new IOException("disk full");
                    }
                    handed.add(letter);
                },
                restored,
                time,
                new UnregisteredMetricsGroup());
    }

    @Test
    void keepsInTheCheckpointWhatTheHandlerDoesNotTakeAndTriesAgain() throws Exception {
        time.setCurrentTime(1_000);
        DeadLetterSink.Writer writer = writer(List.of());
        writer.write(letter("first"), null);
        full = true;
        writer.write(letter("second"), null);
        writer.write(letter("third"), null);
        writer.flush(false);

        assertThat(handed).extracting(DeadLetter::reason).containsExactly("first");
        assertThat(writer.snapshotState(1))
                .extracting(DeadLetter::reason)
                .containsExactly("second", "third");
        assertThatThrownBy(() -> writer.flush(true)).hasMessageContaining("2 dead letters");

        full = false;
        time.setCurrentTime(11_000);
        assertThat(handed)
                .extracting(DeadLetter::reason)
                .containsExactly("first", "second", "third");
        assertThat(writer.snapshotState(2)).isEmpty();
    }

    @Test
    void handsOnWhatACheckpointKept() throws Exception {
        time.setCurrentTime(1_000);
        DeadLetterSink.Writer writer = writer(List.of(letter("kept")));
        time.setCurrentTime(1_001);

        assertThat(handed).extracting(DeadLetter::reason).containsExactly("kept");
        assertThat(writer.snapshotState(1)).isEmpty();
    }

    @Test
    void bytesOfVersion1StayReadable() throws IOException {
        String bytes =
                "00000006736f75726365" // stage
                        + "00000003652f2a" // origin
                        + "00000003c3a421" // reason
                        + "0000000000000001" // time
                        + "00000002ff7b"; // raw
        DeadLetterSerializer serializer = new DeadLetterSerializer();
        DeadLetter letter = serializer.deserialize(1, HexFormat.of().parseHex(bytes));

        assertThat(letter)
                .usingRecursiveComparison()
                .isEqualTo(new DeadLetter("source", "e/*", "ä!", 1, new byte[] {(byte) 0xff, '{'}));
        assertThat(HexFormat.of().formatHex(serializer.serialize(letter))).isEqualTo(bytes);
    }

    @Test
    void refusesDamagedAndNewerBytes() throws IOException {
        DeadLetterSerializer serializer = new DeadLetterSerializer();
        byte[] bytes = serializer.serialize(letter("x"));
        bytes[0] = 0x7f;

        assertThatThrownBy(() -> serializer.deserialize(1, bytes)).hasMessageContaining("damaged");
        assertThatThrownBy(() -> serializer.deserialize(2, bytes))
                .hasMessageContaining("version 2");
    }

    private static DeadLetter letter(String reason) {
        return new DeadLetter(
                "source", "prod/*", reason, 1_000, "{".getBytes(StandardCharsets.UTF_8));
    }
}
