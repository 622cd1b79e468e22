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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedFlinkITCase {
    @TempDir private Path folder;

    private static final StateCheck CHECK =
            new StateCheck(Map.of("only", List.of("numbers", "middle")));

    private void numbers(StreamExecutionEnvironment environment) {
        numbers(environment, number -> number);
    }

    private void numbers(
            StreamExecutionEnvironment environment, MapFunction<String, String> middle) {
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
                .map(middle)
                .returns(Types.STRING)
                .uid("middle")
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
        runFor(moreLines, number -> number);
    }

    private void runFor(int moreLines, MapFunction<String, String> middle) throws Exception {
        int target = lines().size() + moreLines;
        StopSignal stop = new StopSignal();
        try (StateDirectory directory = StateDirectory.open(state())) {
            CompletableFuture<Integer> run =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return new EmbeddedFlink(
                                                    directory, Duration.ofMillis(300), restarts(3))
                                            .run(
                                                    "numbers",
                                                    environment -> numbers(environment, middle),
                                                    CHECK,
                                                    stop);
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

    /** Tried again while Flink deletes what it no longer needs. */
    private List<Path> metadata() {
        return await().ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(
                        () -> {
                            try (Stream<Path> files = Files.walk(state())) {
                                return files.filter(
                                                f -> f.getFileName().toString().equals("_metadata"))
                                        .toList();
                            }
                        },
                        files -> true);
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

    @Test
    void fallsBackToAnOlderCheckpointWhenTheNewestOneHoldsGarbage() throws Exception {
        runFor(200, new Marked());
        runFor(200, new Marked());
        Path newest;
        try (StateDirectory directory = StateDirectory.open(state())) {
            newest = directory.newest().orElseThrow();
        }
        Path metadata = newest.resolve("_metadata");
        byte[] bytes = Files.readAllBytes(metadata);
        byte[] marker = Marked.MARKER.getBytes(StandardCharsets.US_ASCII);
        int at = 0;
        while (!Arrays.equals(bytes, at, at + marker.length, marker, 0, marker.length)) {
            at++;
        }
        // The length of the text, which now reaches beyond the end of the state.
        bytes[at - 2] = (byte) 0xff;
        bytes[at - 1] = 0x7f;
        Files.write(metadata, bytes);

        runFor(200, new Marked());

        assertThat(counted(lines())).containsAll(Set.copyOf(lines()));
    }

    @Test
    void aFailureThatRepeatsEndsTheRunAndLeavesItsStateUsable() throws Exception {
        runFor(200);
        int before = lines().size();
        StopSignal never = new StopSignal();
        int code;
        try (StateDirectory directory = StateDirectory.open(state())) {
            code =
                    new EmbeddedFlink(directory, Duration.ofMillis(200), restarts(3))
                            .run(
                                    "numbers",
                                    environment -> numbers(environment, new Poison(before + 100)),
                                    CHECK,
                                    never);
        }
        assertThat(code).isEqualTo(1);
        assertThat(never.came()).isFalse();
        // The record that no job could digest is past: the next version of the job goes on.
        runFor(200);
        assertThat(lines()).hasSizeGreaterThan(before + 200).isEqualTo(counted(lines()));
    }

    @Test
    void failuresWithCalmBetweenThemNeverEndTheRun() throws Exception {
        FAILURES.set(0);
        StopSignal stop = new StopSignal();
        try (StateDirectory directory = StateDirectory.open(state())) {
            CompletableFuture<Integer> run =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return new EmbeddedFlink(
                                                    directory, Duration.ofMillis(200), restarts(2))
                                            .run(
                                                    "numbers",
                                                    environment ->
                                                            numbers(environment, new Hiccup()),
                                                    CHECK,
                                                    stop);
                                } catch (Exception e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            await().atMost(Duration.ofSeconds(120))
                    .until(() -> run.isDone() || FAILURES.get() >= 6);
            assertThat(run).isNotDone();
            stop.raise();
            assertThat(run.get()).isZero();
        }
        assertThat(lines()).isEqualTo(counted(lines()));
    }

    @Test
    void aStateOfAnotherTopologyIsRefused() throws Exception {
        runFor(100);
        try (StateDirectory directory = StateDirectory.open(state())) {
            EmbeddedFlink flink = new EmbeddedFlink(directory, Duration.ofMillis(300));
            assertThatExceptionOfType(UsageException.class)
                    .isThrownBy(
                            () ->
                                    flink.run(
                                            "numbers",
                                            this::numbers,
                                            new StateCheck(
                                                    Map.of("only", List.of("numbers", "ledger"))),
                                            new StopSignal()))
                    .withMessageContaining("no state for ledger.")
                    .withMessageContaining("another --state directory");
        }
        runFor(100); // nothing was touched
        assertThat(lines()).isEqualTo(counted(lines()));
    }

    private static EmbeddedFlink.Restarts restarts(int inARow) {
        return new EmbeddedFlink.Restarts(
                inARow, Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofMillis(500));
    }

    private static final AtomicInteger FAILURES = new AtomicInteger();

    /** Fails at one number, each time. */
    private record Poison(long number) implements MapFunction<String, String> {
        @Override
        public String map(String value) {
            if (Long.parseLong(value) == number) {
                throw new IllegalStateException("cannot digest " + value);
            }
            return value;
        }
    }

    /** Fails two seconds after each start. */
    private static final class Hiccup implements MapFunction<String, String> {
        private static final long serialVersionUID = 1L;

        private transient long started;

        @Override
        public String map(String value) {
            if (started == 0) {
                started = System.nanoTime();
            } else if (System.nanoTime() - started > 2_000_000_000L) {
                FAILURES.incrementAndGet();
                throw new IllegalStateException("hiccup");
            }
            return value;
        }
    }

    /** Keeps a text that is easily found in a checkpoint. */
    private static final class Marked implements MapFunction<String, String>, CheckpointedFunction {
        private static final long serialVersionUID = 1L;

        /** So long that its length takes two bytes. */
        static final String MARKER = "a text to be found again ".repeat(10);

        private transient ListState<String> state;

        @Override
        public String map(String value) {
            return value;
        }

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            state =
                    context.getOperatorStateStore()
                            .getListState(new ListStateDescriptor<>("marker", Types.STRING));
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws Exception {
            state.update(List.of(MARKER));
        }
    }
}
