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

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.testing.Simulation;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The fuzz target on its seeds, and on what chance makes of them. */
class ReaderFuzzTest {

    @Test
    void readsWhateverChanceMakesOfAnswers() throws Exception {
        List<byte[]> seeds = seeds();
        assertThat(seeds).hasSizeGreaterThan(5);
        for (byte[] seed : seeds) {
            ReaderFuzz.fuzzerTestOneInput(seed);
        }
        Simulation.run(
                "answers",
                20_000,
                (random, number) -> ReaderFuzz.fuzzerTestOneInput(mutant(seeds, random)));
    }

    private static List<byte[]> seeds() throws IOException, URISyntaxException {
        Path folder = Path.of(ReaderFuzzTest.class.getResource("/fuzz/reader").toURI());
        List<byte[]> seeds = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder).sorted()) {
            for (Path file : files.toList()) {
                seeds.add(Files.readAllBytes(file));
            }
        }
        return seeds;
    }

    /** Parts of two answers, with bytes changed, cut and repeated. */
    private static byte[] mutant(List<byte[]> seeds, Random random) {
        byte[] a = seeds.get(random.nextInt(seeds.size()));
        byte[] b = seeds.get(random.nextInt(seeds.size()));
        int keep = 2 + random.nextInt(a.length - 1);
        int from = random.nextInt(b.length);
        byte[] mutant = Arrays.copyOf(a, keep + b.length - from);
        System.arraycopy(b, from, mutant, keep, b.length - from);
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(mutant.length);
            mutant[at] =
                    random.nextBoolean()
                            ? (byte) "{}[]\",:\\\n 0".charAt(random.nextInt(11))
                            : (byte) random.nextInt(256);
        }
        return mutant;
    }
}
