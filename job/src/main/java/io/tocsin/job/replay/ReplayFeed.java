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
package io.tocsin.job.replay;

import io.tocsin.job.replay.Recording.Entry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a recording as its clock goes on, and brings the replayed resources up to date. Holds one
 * line at a time. On a busy machine it falls behind its clock; who tells the time has to {@link
 * #catchUp} first, or clients take what is not there yet for what never was.
 *
 * <p>Threads: a daemon of its own; {@link #lock} guards the resources and the line ahead, and is
 * notified of changes.
 */
final class ReplayFeed implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplayFeed.class);

    private static final long LONGEST_LOOK_MILLIS = 100;

    /** So many lines that are due at once are told together. */
    private static final int MOST_UNTOLD = 100;

    /** A list is over when nothing was received for so long, whatever comes next. */
    private static final Duration LIST_PAUSE = Duration.ofSeconds(1);

    private final RecordingReader reader;
    private final ReplayClock clock;
    private final long shiftSeconds;
    private final Map<String, ReplayedCluster> clusters = new LinkedHashMap<>();
    private final Object lock = new Object();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private volatile boolean closed;
    private Entry ahead;
    private int untold;

    private ReplayFeed(
            RecordingOverview recording, ReplayClock clock, long shiftSeconds, long historyBytes)
            throws IOException {
        this.clock = clock;
        this.shiftSeconds = shiftSeconds;
        for (String cluster : recording.clusters()) {
            clusters.put(
                    cluster,
                    new ReplayedCluster(
                            cluster.isEmpty() ? RecordingOverview.UNNAMED : cluster,
                            recording.resources().keySet(),
                            recording.coreEvents(),
                            historyBytes));
        }
        reader = new RecordingReader(recording.file());
        ahead = reader.next();
        while (ahead != null && !ahead.received().isAfter(recording.begin())) {
            take(ahead);
            ahead = reader.next();
        }
        endLists();
    }

    /** Opens a recording, and takes in what it listed at first. */
    static ReplayFeed open(
            RecordingOverview recording, ReplayClock clock, long shiftSeconds, long historyBytes)
            throws IOException {
        ReplayFeed feed = new ReplayFeed(recording, clock, shiftSeconds, historyBytes);
        Thread thread = new Thread(feed::run, "replay feed");
        thread.setDaemon(true);
        thread.start();
        return feed;
    }

    List<ReplayedCluster> clusters() {
        return new ArrayList<>(clusters.values());
    }

    Object lock() {
        return lock;
    }

    boolean isClosed() {
        return closed;
    }

    Exception failure() {
        return failure.get();
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
    }

    private void run() {
        try (reader) {
            while (ahead != null && await(ahead.received())) {
                Entry now = ahead;
                synchronized (lock) {
                    take(now);
                }
                Entry next = reader.next();
                synchronized (lock) {
                    if (next == null || next.received().isAfter(now.received().plus(LIST_PAUSE))) {
                        endLists();
                    }
                    ahead = next;
                    if (next == null || !isDue(next) || ++untold == MOST_UNTOLD) {
                        untold = 0;
                        lock.notifyAll();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.error("The replay ends here", e);
            failure.set(e);
        }
    }

    /**
     * Waits until everything that was received up to the clock's now has been taken in. Needs the
     * lock, and holds it afterwards.
     */
    void catchUp() throws InterruptedException {
        long now = clock.nowMillis();
        while (!closed
                && failure.get() == null
                && ahead != null
                && ahead.received().toEpochMilli() <= now) {
            lock.wait(LONGEST_LOOK_MILLIS);
        }
    }

    private boolean isDue(Entry entry) {
        return entry.received().toEpochMilli() <= clock.nowMillis();
    }

    /** Waits until the recorded clock shows a moment; false if closed before. */
    private boolean await(Instant moment) throws InterruptedException {
        long millis = moment.toEpochMilli();
        synchronized (lock) {
            while (!closed && clock.nowMillis() < millis) {
                lock.wait(Math.max(1, Math.min(1000, clock.machineMillisUntil(millis))));
            }
            return !closed;
        }
    }

    private void take(Entry entry) throws IOException {
        if (entry.type().equals("ERROR")) {
            return; // the recorder's own trouble, not the cluster's
        }
        clusters.get(RecordingOverview.cluster(entry))
                .resource(entry.resource())
                .take(
                        entry.type(),
                        entry.list(),
                        RecordedObject.of(entry.object()).shifted(shiftSeconds));
    }

    private void endLists() throws IOException {
        for (ReplayedCluster cluster : clusters.values()) {
            for (ReplayedResource resource : cluster.resources()) {
                resource.endList();
            }
        }
    }
}
