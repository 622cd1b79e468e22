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
package io.tocsin.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Writes events as kubelets and schedulers do, several at the same time, and knows what a reader
 * must have seen in the end: every acknowledged version, and how often each failure took place.
 *
 * <p>Choices are made by chance from a seed; a writer's choices do not depend on the others. The
 * time by which recorders decide runs fast, so that spam filters, series and combined messages come
 * to bear within seconds; the times that they write are real.
 *
 * <p>A write whose answer is lost, or says 5xx, is repeated until it is clear what became of it,
 * for at most two minutes: servers may be killed in between. Any thread may ask; one at a time
 * writes.
 */
public final class ClusterOracle implements AutoCloseable {

    /** What writers do. */
    public enum Act {
        /** Wrote an event for the first time. */
        CREATE,
        /** Raised a count. */
        PATCH,
        /** Wrote a combined event, or raised its count. */
        COMBINE,
        /** Counted an event that the spam filter left out. */
        FILTER,
        /** Wrote the beginning of a series. */
        BEGIN_SERIES,
        /** Counted an event of a series without writing it. */
        COUNT_SERIES,
        /** Wrote the total of a series that was idle. */
        FINISH_SERIES,
        /** Wrote a series again, lest it expire. */
        REFRESH_SERIES,
        /** Deleted an event, as its time to live does. */
        DELETE,
        /** Wrote a deleted event again: same name, another uid, the count goes on. */
        RECREATE,
        /** Began all counts anew, under new names. */
        RESTART,
        /** Had no clear answer to a write and tried again. */
        AMBIGUOUS
    }

    /**
     * A version that the server acknowledged.
     *
     * @param event {@code namespace/name}
     * @param count repetitions that this version tells in all
     */
    public record Version(String event, String uid, String resourceVersion, long count) {

        /** Identifies the version: {@code uid@resourceVersion}. */
        public String id() {
            return uid + "@" + resourceVersion;
        }
    }

    private final List<OracleWriter> writers = new ArrayList<>();
    private final ExecutorService threads;
    private final Set<Version> versions = new LinkedHashSet<>();
    private final Map<String, Long> counts = new TreeMap<>();
    private final Map<Act, Long> acts = new EnumMap<>(Act.class);
    private final List<Future<?>> running = new ArrayList<>();
    private volatile boolean stopping;

    private ClusterOracle(KubeRest rest, String namespace, int writerCount, int pods, long seed) {
        for (int i = 0; i < writerCount; i++) {
            writers.add(
                    new OracleWriter(
                            this, rest, namespace, "node-" + i, pods, new Random(seed + i)));
        }
        threads =
                Executors.newFixedThreadPool(
                        writerCount,
                        task -> {
                            Thread thread = new Thread(task, "cluster oracle");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /**
     * An oracle that has written nothing yet.
     *
     * @param namespace where to write; it must exist, and nobody else may write events there
     * @param writers how many write at the same time
     * @param pods per writer and recorder
     */
    public static ClusterOracle on(
            KubeRest rest, String namespace, int writers, int pods, long seed) {
        return new ClusterOracle(rest, namespace, writers, pods, seed);
    }

    /** Lets each writer do so many things by chance, and waits for them. */
    public void write(int steps) {
        begin(
                writer -> {
                    for (int i = 0; i < steps; i++) {
                        writer.step();
                    }
                });
        await();
    }

    /** Lets the writers go on until {@link #stop}. */
    public void start() {
        start(Duration.ZERO);
    }

    /** Lets the writers go on until {@link #stop}, each resting after everything it does. */
    public void start(Duration rest) {
        stopping = false;
        begin(
                writer -> {
                    while (!stopping) {
                        writer.step();
                        LockSupport.parkNanos(rest.toNanos());
                    }
                });
    }

    /** Ends what {@link #start} began; throws what a writer threw. */
    public void stop() {
        stopping = true;
        await();
    }

    /**
     * Repeats every event once more, so that each exists and tells its whole count: then even a
     * reader who was away while one was deleted can know all that happened. Ends all writing.
     */
    public void settle() {
        begin(OracleWriter::settle);
        await();
        threads.shutdown();
    }

    /** Versions that were acknowledged, in the order of the answers. */
    public List<Version> versions() {
        synchronized (versions) {
            return List.copyOf(versions);
        }
    }

    /** By {@code namespace/name}, the sum of weights that a reader of everything must have. */
    public Map<String, Long> weights() {
        synchronized (versions) {
            return new TreeMap<>(counts);
        }
    }

    /** How often the writers did this. */
    public long count(Act act) {
        synchronized (versions) {
            return acts.getOrDefault(act, 0L);
        }
    }

    /** What was done how often. */
    @Override
    public String toString() {
        synchronized (versions) {
            return "%d versions of %d events, %s".formatted(versions.size(), counts.size(), acts);
        }
    }

    /** Stops writing; what is written stays. */
    @Override
    public void close() {
        stopping = true;
        threads.shutdownNow();
    }

    void acknowledged(String event, String uid, String resourceVersion, long count) {
        synchronized (versions) {
            // A patch that changes nothing makes no version.
            versions.add(new Version(event, uid, resourceVersion, count));
            counts.merge(event, count, Math::max);
        }
    }

    void did(Act act) {
        synchronized (versions) {
            acts.merge(act, 1L, Long::sum);
        }
    }

    private void begin(Consumer<OracleWriter> task) {
        if (!running.isEmpty() || threads.isShutdown()) {
            throw new IllegalStateException(
                    running.isEmpty()
                            ? "The oracle is settled: what it would write next, no recorder would"
                            : "The oracle is writing already; stop it first");
        }
        for (OracleWriter writer : writers) {
            running.add(threads.submit(() -> task.accept(writer)));
        }
    }

    private void await() {
        try {
            for (Future<?> writer : running) {
                writer.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("A writer failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while events are written", e);
        } finally {
            running.clear();
        }
    }
}
