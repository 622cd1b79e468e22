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
package io.tocsin.source.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.testing.Simulation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WatchFramesTest {

    private static final Bounds SMALL = new Bounds(100_000, 10);

    @Test
    void cutsAtNewlinesOnly() throws IOException {
        assertThat(lines("{\"a\":\"ö🔔\u2028\u0085\"}\n\r\n \t\n{}\r\nrest", SMALL, 1))
                .containsExactly("{\"a\":\"ö🔔\u2028\u0085\"}", "{}\r", "cut");
    }

    @Test
    void endsInOrderAfterANewline() throws IOException {
        assertThat(lines("", SMALL, 5)).isEmpty();
        assertThat(lines("\n", SMALL, 5)).isEmpty();
        assertThat(lines("a\nb\n", SMALL, 5)).containsExactly("a", "b");
    }

    @Test
    void aLineAboveTheBoundIsCutAndTheNextOneRead() throws IOException {
        String huge = "0123456789" + "x".repeat(250_000);
        for (int most : new int[] {1_000, 200_000, 1_000_000}) {
            assertThat(lines("a\n" + huge + "\nb\n", SMALL, most))
                    .containsExactly("a", "oversized 0123456789", "b");
            assertThat(lines("a\n" + huge, SMALL, most)).containsExactly("a", "cut");
        }
    }

    @Test
    void anyBytesInAnyChunksGiveTheSameLines() {
        Simulation.run(
                "watch frames",
                20_000,
                (random, seed) -> {
                    byte[] bytes = new byte[random.nextInt(300)];
                    for (int i = 0; i < bytes.length; i++) {
                        int choice = random.nextInt(8);
                        bytes[i] =
                                choice == 0
                                        ? (byte) '\n'
                                        : choice == 1 ? (byte) ' ' : (byte) random.nextInt(256);
                    }
                    Bounds bounds = new Bounds(1 + random.nextInt(40), 1 + random.nextInt(50));
                    assertThat(frames(bytes, bounds, random))
                            .containsExactlyElementsOf(expected(bytes, bounds));
                });
    }

    /** The same by the book: lines as hexadecimal text. */
    private static List<String> expected(byte[] bytes, Bounds bounds) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                byte[] line = Arrays.copyOfRange(bytes, start, i);
                start = i + 1;
                if (line.length > bounds.objectBytes()) {
                    lines.add("oversized");
                } else if (!new String(line, UTF_8).matches("[ \\r\\t]*")) {
                    lines.add(Arrays.toString(line));
                }
            }
        }
        if (start < bytes.length) {
            lines.add("cut");
        }
        return lines;
    }

    private static List<String> frames(byte[] bytes, Bounds bounds, Random random)
            throws IOException {
        WatchFrames frames =
                new WatchFrames(new Trickle(bytes, random, 1 + random.nextInt(64)), bounds);
        List<String> lines = new ArrayList<>();
        while (frames.next()) {
            lines.add(
                    frames.oversized() != null
                            ? "oversized"
                            : Arrays.toString(
                                    Arrays.copyOfRange(
                                            frames.bytes(),
                                            frames.offset(),
                                            frames.offset() + frames.length())));
            if (frames.oversized() != null) {
                assertThat(frames.oversized().length).isLessThanOrEqualTo(bounds.rawBytes());
            }
        }
        if (frames.isCutInLine()) {
            lines.add("cut");
        }
        return lines;
    }

    private static List<String> lines(String text, Bounds bounds, int most) throws IOException {
        WatchFrames frames =
                new WatchFrames(new Trickle(text.getBytes(UTF_8), new Random(1), most), bounds);
        List<String> lines = new ArrayList<>();
        while (frames.next()) {
            lines.add(
                    frames.oversized() != null
                            ? "oversized " + new String(frames.oversized(), UTF_8)
                            : new String(frames.bytes(), frames.offset(), frames.length(), UTF_8));
        }
        if (frames.isCutInLine()) {
            lines.add("cut");
        }
        return lines;
    }
}
