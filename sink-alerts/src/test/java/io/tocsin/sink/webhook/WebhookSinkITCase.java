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
import static org.awaitility.Awaitility.await;

import io.tocsin.sink.deadletter.FileDeadLetters;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class WebhookSinkITCase {
    private static final Duration LONG = Duration.ofSeconds(60);

    /** The job runs in this JVM, so it is steered through these. */
    private static final AtomicBoolean FAIL_ONCE = new AtomicBoolean();

    private static final AtomicLong PASSED = new AtomicLong();

    @TempDir Path folder;

    @BeforeEach
    void reset() {
        FAIL_ONCE.set(false);
        PASSED.set(0);
    }

    @Test
    void deliversFiringThenResolvedOnceEachAfterAJobFailureWhileTheReceiverIsDown()
            throws Exception {
        int port = Receiver.freePort();
        JobClient job = start(port, null);
        awaitCheckpointAfterBoth(job);
        FAIL_ONCE.set(true);
        await().atMost(LONG).until(() -> !FAIL_ONCE.get());
        long passed = PASSED.get();
        await().atMost(LONG).until(() -> PASSED.get() > passed + 20);

        try (Receiver receiver = new Receiver(port)) {
            await().atMost(LONG).until(() -> receiver.bodies().size() >= 2);
            long now = PASSED.get();
            await().atMost(LONG).until(() -> PASSED.get() > now + 50);
            assertThat(receiver.bodies()).containsExactly("firing", "resolved");
            assertThat(receiver.idempotencyKeys()).containsExactly("a/firing", "a/resolved");
        } finally {
            job.cancel().get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void takesWhatIsPendingThroughASavepoint() throws Exception {
        int port = Receiver.freePort();
        JobClient first = start(port, null);
        await().atMost(LONG).until(() -> PASSED.get() > 5);
        String savepoint =
                first.stopWithSavepoint(
                                false,
                                folder.resolve("savepoint").toUri().toString(),
                                SavepointFormatType.CANONICAL)
                        .get(60, TimeUnit.SECONDS);

        try (Receiver receiver = new Receiver(port)) {
            JobClient second = start(port, savepoint);
            try {
                await().atMost(LONG).until(() -> receiver.bodies().size() >= 2);
                long now = PASSED.get();
                await().atMost(LONG).until(() -> PASSED.get() > now + 50);
                assertThat(receiver.bodies()).containsExactly("firing", "resolved");
            } finally {
                second.cancel().get(60, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void bringsABoundedInputToItsEndAndBuriesWhatCannotBeDelivered() throws Exception {
        try (Receiver oncall = new Receiver(0);
                Receiver gone = new Receiver(0)) {
            gone.behave(Receiver.answering(410));
            WebhookSink<String> sink =
                    WebhookSink.<String>builder()
                            .mapper(WebhookSinkITCase::parse)
                            .destination(destination("oncall", oncall.port()))
                            .destination(destination("gone", gone.port()))
                            .destination(destination("down", Receiver.freePort()))
                            .limits(DeliveryLimits.DEFAULT.withDrainTimeout(Duration.ofSeconds(2)))
                            .deadLetters(new FileDeadLetters(folder.toString()))
                            .build();
            StreamExecutionEnvironment env =
                    StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
            env.fromData(
                            "down 1",
                            "oncall 1",
                            "gone 1",
                            "nobody 1",
                            "broken",
                            "incomplete null",
                            "oncall 2")
                    .sinkTo(sink)
                    .setParallelism(1)
                    .setMaxParallelism(1);
            env.executeAsync().getJobExecutionResult().get(60, TimeUnit.SECONDS);

            assertThat(oncall.bodies()).containsExactly("1", "2");
            assertThat(Files.readAllLines(folder.resolve(FileDeadLetters.FILE_NAME)))
                    .hasSize(5)
                    .anySatisfy(
                            line ->
                                    assertThat(line)
                                            .contains("\"origin\":\"gone\"")
                                            .contains("HTTP 410")
                                            .contains("\"raw\":\"1\""))
                    .anySatisfy(
                            line ->
                                    assertThat(line)
                                            .contains("\"origin\":\"down\"")
                                            .contains("the input ended"))
                    .anySatisfy(
                            line ->
                                    assertThat(line)
                                            .contains("\"origin\":\"nobody\"")
                                            .contains("configured are [oncall, gone, down]"))
                    .anySatisfy(
                            line ->
                                    assertThat(line)
                                            .contains("cannot be turned into a request")
                                            .contains("\"raw\":\"broken\""))
                    .anySatisfy(line -> assertThat(line).contains("the request has no order key"))
                    .noneSatisfy(line -> assertThat(line).contains("s3cret"));
        }
    }

    @Test
    void aHangingReceiverDelaysNeitherAnotherNorACheckpoint() throws Exception {
        try (Receiver oncall = new Receiver(0);
                Receiver hanging = new Receiver(0)) {
            hanging.behave(hanging.hanging());
            WebhookSink<Long> sink =
                    WebhookSink.<Long>builder()
                            .mapper(
                                    index ->
                                            Requests.request(
                                                    index % 2 == 0 ? "hanging" : "oncall",
                                                    "k" + index,
                                                    "" + index))
                            .destination(destination("oncall", oncall.port()))
                            .destination(destination("hanging", hanging.port()))
                            .build();
            StreamExecutionEnvironment env =
                    StreamExecutionEnvironment.createLocalEnvironment(1, configuration());
            numbers(env).sinkTo(sink).setParallelism(1).setMaxParallelism(1);
            JobClient job = env.executeAsync();
            try {
                await().atMost(LONG).until(() -> oncall.bodies().size() > 20);
                awaitTwoCheckpoints(job);
                assertThat(hanging.bodies()).isNotEmpty();
            } finally {
                job.cancel().get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static WebhookDestination destination(String name, int port) {
        return WebhookDestination.generic(name, Secret.inline(Receiver.url(port)));
    }

    private static WebhookRequest parse(String line) {
        String[] parts = line.split(" ");
        String key = parts[1].equals("null") ? null : parts[0];
        return Requests.request(parts[0], key, parts[1]);
    }

    private void awaitCheckpointAfterBoth(JobClient job) {
        await().atMost(LONG).until(() -> PASSED.get() > 5);
        awaitTwoCheckpoints(job);
    }

    /** The second one has certainly begun after this call. */
    private void awaitTwoCheckpoints(JobClient job) {
        Path checkpoints = folder.resolve("checkpoints").resolve(job.getJobID().toHexString());
        long before = newestCheckpoint(checkpoints);
        await().atMost(LONG).until(() -> newestCheckpoint(checkpoints) > before + 1);
    }

    private static long newestCheckpoint(Path checkpoints) {
        String[] names = checkpoints.toFile().list((dir, name) -> name.startsWith("chk-"));
        long newest = 0;
        for (String name : names == null ? new String[0] : names) {
            newest = Math.max(newest, Long.parseLong(name.substring("chk-".length())));
        }
        return newest;
    }

    /** Element 0 fires alert a, element 1 resolves it, and the stream goes on without end. */
    private JobClient start(int port, String savepoint) throws Exception {
        Configuration configuration = configuration();
        if (savepoint != null) {
            configuration.setString("execution.state-recovery.path", savepoint);
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        WebhookSink<Long> sink =
                WebhookSink.<Long>builder()
                        .mapper(WebhookSinkITCase::request)
                        .destination(destination("oncall", port))
                        .limits(
                                DeliveryLimits.DEFAULT.withBackoff(
                                        Duration.ofMillis(50), Duration.ofMillis(200)))
                        .build();
        numbers(env)
                .map(
                        index -> {
                            PASSED.incrementAndGet();
                            if (FAIL_ONCE.compareAndSet(true, false)) {
                                throw new IllegalStateException("failing, as the test wants");
                            }
                            return index;
                        })
                .returns(Types.LONG)
                .uid("failing")
                .sinkTo(sink)
                .uid("webhook")
                .setParallelism(1)
                .setMaxParallelism(1);
        return env.executeAsync();
    }

    private Configuration configuration() {
        Configuration configuration = new Configuration();
        configuration.setString("execution.checkpointing.interval", "100 ms");
        configuration.setString(
                "execution.checkpointing.dir", folder.resolve("checkpoints").toUri().toString());
        configuration.setString(
                "execution.checkpointing.externalized-checkpoint-retention",
                "RETAIN_ON_CANCELLATION");
        configuration.setString("restart-strategy.type", "fixed-delay");
        configuration.setString("restart-strategy.fixed-delay.delay", "100 ms");
        configuration.setString("restart-strategy.fixed-delay.attempts", "3");
        return configuration;
    }

    private static SingleOutputStreamOperator<Long> numbers(StreamExecutionEnvironment env) {
        return env.fromSource(
                        new DataGeneratorSource<>(
                                index -> index,
                                Long.MAX_VALUE,
                                RateLimiterStrategy.perSecond(50),
                                Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .uid("numbers");
    }

    private static WebhookRequest request(long index) {
        if (index == 0) {
            return Requests.request("oncall", "a", "firing");
        }
        return index == 1 ? Requests.request("oncall", "a", "resolved") : null;
    }
}
