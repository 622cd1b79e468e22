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
package io.tocsin.source.scenario;

import static org.assertj.core.api.Assertions.fail;

import io.tocsin.source.KubernetesSource;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.Startup;
import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceSplitSerializer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.io.InputStatus;

/**
 * A reader of the real source, polled by the test's own thread: between two calls it stands under
 * backpressure, and it can be stopped after any record. Checkpoints go through the serializer; a
 * crash loses what was told since the last one, as a job's state does.
 *
 * <p>Threads: the test's only, except what the reader starts.
 */
final class SourceRun implements AutoCloseable {

    /** For whatever is awaited. */
    static final Duration LONG = Duration.ofSeconds(90);

    private static final String CLUSTER = "c";

    private final KubernetesSource<EventRecord> source;
    private final List<ResourceSplit> unread;
    private final Timeline timeline = new Timeline();
    private final RunMetrics metrics = new RunMetrics();
    private SourceReader<EventRecord, ResourceSplit> reader;
    private List<byte[]> checkpoint;
    private int checkpointSize;
    private int crashes;

    private SourceRun(KubernetesSource<EventRecord> source, List<ResourceSplit> unread) {
        this.source = source;
        this.unread = unread;
    }

    /** Starts reading events, impatiently: by default a quiet watch is listed after a second. */
    static SourceRun start(
            Path kubeconfig,
            List<String> scopes,
            Startup startup,
            UnaryOperator<Configuration> more) {
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofSeconds(1));
        options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofSeconds(1));
        options.set(KubernetesSourceOptions.BACKOFF_BASE, Duration.ofMillis(100));
        options.set(KubernetesSourceOptions.BACKOFF_CAP, Duration.ofSeconds(1));
        KubernetesSource<EventRecord> source =
                KubernetesSource.<EventRecord>builder()
                        .cluster(CLUSTER)
                        .access(new ClusterAccess(kubeconfig.toString(), null, false))
                        .namespaces(scopes)
                        .startup(startup)
                        .deserializer(new EventDeserializer())
                        .options(more.apply(options))
                        .build();
        List<ResourceSplit> unread =
                scopes.stream()
                        .map(scope -> ResourceSplit.unread(CLUSTER, "events", scope))
                        .toList();
        SourceRun run = new SourceRun(source, unread);
        run.open(unread);
        return run;
    }

    /** With these options no list is read for want of lines. */
    static Configuration neverQuiet(Configuration options) {
        return options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofMinutes(30))
                .set(KubernetesSourceOptions.QUIET_MAX, Duration.ofMinutes(30));
    }

    /** With these options watches end by their time after a second or two, and in no other way. */
    static Configuration shortWatches(Configuration options) {
        return neverQuiet(options)
                .set(KubernetesSourceOptions.WATCH_TIMEOUT, Duration.ofSeconds(1));
    }

    private void open(List<ResourceSplit> splits) {
        reader = source.createReader(new RunContext(metrics));
        reader.start();
        reader.addSplits(splits);
    }

    // ------------------------------------------------------------------ reading

    /** Reads until something is so. */
    void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail(
                        "Not within %s: %s; told so far: %s; counted: %s",
                        LONG, what, timeline, metrics);
            }
            poll();
        }
    }

    /** Reads until so many object versions more were told, and not one record further. */
    void take(int versions) {
        int wanted = timeline.versions().size() + versions;
        until(versions + " versions more", () -> timeline.versions().size() >= wanted);
    }

    /** Reads all that comes for a time in which nothing is expected to go wrong. */
    void readFor(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            poll();
        }
    }

    private void poll() {
        try {
            InputStatus status = reader.pollNext(timeline);
            if (status == InputStatus.NOTHING_AVAILABLE) {
                CompletableFuture<Void> more = reader.isAvailable();
                more.get(20, TimeUnit.MILLISECONDS);
            }
        } catch (TimeoutException nothingYet) {
            // The caller looks whether it waits any longer.
        } catch (Exception e) {
            throw new AssertionError("The reader failed; told so far: " + timeline, e);
        }
    }

    // ------------------------------------------------------------------ checkpoints

    /** Takes a checkpoint of positions and of what was told. */
    void checkpoint() {
        ResourceSplitSerializer serializer = new ResourceSplitSerializer();
        List<byte[]> bytes = new ArrayList<>();
        try {
            for (ResourceSplit split : reader.snapshotState(checkpointSize)) {
                bytes.add(serializer.serialize(split));
            }
        } catch (IOException e) {
            throw new AssertionError("Cannot write a split", e);
        }
        checkpoint = bytes;
        checkpointSize = timeline.size();
    }

    /** Takes a checkpoint, and forgets what was told before it. */
    void checkpointAndForget() {
        checkpoint();
        timeline.forgetAll();
        checkpointSize = 0;
    }

    /** Ends the reader without a word; what was told since the last checkpoint is forgotten. */
    void crash() {
        stop();
        restart();
    }

    /** Ends the reader, as a crash does; {@link #restart} goes on. */
    void stop() {
        close();
        timeline.forgetAfter(checkpointSize);
        crashes++;
    }

    /** Starts a reader from the last checkpoint. */
    void restart() {
        open(checkpoint == null ? unread : restored());
    }

    private List<ResourceSplit> restored() {
        ResourceSplitSerializer serializer = new ResourceSplitSerializer();
        List<ResourceSplit> splits = new ArrayList<>();
        try {
            for (byte[] bytes : checkpoint) {
                splits.add(serializer.deserialize(serializer.getVersion(), bytes));
            }
        } catch (IOException e) {
            throw new AssertionError("Cannot read a split", e);
        }
        return splits;
    }

    // ------------------------------------------------------------------ what there is to see

    Timeline timeline() {
        return timeline;
    }

    /** Where the one split stands now. */
    Position position() {
        return reader.snapshotState(-1).get(0).position();
    }

    RunMetrics metrics() {
        return metrics;
    }

    int crashes() {
        return crashes;
    }

    @Override
    public void close() {
        if (reader == null) {
            return;
        }
        try {
            reader.close();
        } catch (Exception e) {
            throw new AssertionError("Cannot close the reader", e);
        } finally {
            reader = null;
        }
    }
}
