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
package io.tocsin.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.tocsin.job.output.LineFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedFlinkITCase {
    @TempDir private Path folder;

    private void numbers(StreamExecutionEnvironment environment) {
        environment
                .fromSource(
                        new DataGeneratorSource<>(
                                number -> "" + number,
                                Long.MAX_VALUE,
                                RateLimiterStrategy.perSecond(500),
                                Types.STRING),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .uid("numbers")
                .sinkTo(LineFiles.in(out().toUri().toString()))
                .uid("files");
    }

    private Path out() {
        return folder.resolve("out");
    }

    private Path state() {
        return folder.resolve("state");
    }

    /** Runs until new lines are visible, then stops. */
    private void runFor(int moreLines) throws Exception {
        int target = lines().size() + moreLines;
        StopSignal stop = new StopSignal();
        try (StateDirectory directory = StateDirectory.open(state())) {
            CompletableFuture<Integer> run =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return new EmbeddedFlink(directory, Duration.ofMillis(300))
                                            .run("numbers", this::numbers, stop);
                                } catch (Exception e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> run.isDone() || lines().size() >= target);
            stop.raise();
            assertThat(run.get()).isZero();
        }
    }

    private List<Long> lines() {
        List<Long> lines = new ArrayList<>();
        if (!Files.exists(out())) {
            return lines;
        }
        try (Stream<Path> files = Files.list(out())) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().matches("tocsin-.*\\.jsonl")) {
                    Files.readAllLines(file).forEach(line -> lines.add(Long.parseLong(line)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lines.sort(null);
        return lines;
    }

    private static List<Long> counted(List<Long> lines) {
        return LongStream.range(0, lines.size()).boxed().toList();
    }

    private List<Path> metadata() throws IOException {
        try (Stream<Path> files = Files.walk(state())) {
            return files.filter(f -> f.getFileName().toString().equals("_metadata")).toList();
        }
    }

    @Test
    void goesOnWhereItStoppedAndKeepsFewCheckpoints() throws Exception {
        for (int run = 0; run < 3; run++) {
            runFor(400);
        }
        assertThat(lines()).hasSizeGreaterThanOrEqualTo(1200).isEqualTo(counted(lines()));
        assertThat(metadata()).hasSizeLessThanOrEqualTo(8);
    }

    @Test
    void fallsBackToAnOlderCheckpointAndRefusesToForget() throws Exception {
        runFor(400);
        runFor(400);
        Path newest;
        try (StateDirectory directory = StateDirectory.open(state())) {
            newest = directory.newest().orElseThrow();
            assertThat(newest.getFileName().toString()).startsWith("savepoint-");
            Files.write(newest.resolve("_metadata"), new byte[] {1, 2, 3});
            assertThat(directory.newest().orElseThrow()).isNotEqualTo(newest);
        }
        for (Path metadata : metadata()) {
            Files.write(metadata, new byte[0]);
        }
        try (StateDirectory directory = StateDirectory.open(state())) {
            assertThatExceptionOfType(UsageException.class)
                    .isThrownBy(directory::newest)
                    .withMessageContaining("would forget open alerts");
        }
    }
}
