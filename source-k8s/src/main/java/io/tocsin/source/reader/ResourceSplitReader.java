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
package io.tocsin.source.reader;

import io.tocsin.source.api.ResourceApi;
import io.tocsin.source.split.ResourceSplit;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.connector.base.source.reader.RecordsBySplits;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsRemoval;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads splits, each by a driver thread of its own, and gives Flink's fetcher what they queued.
 * Knows threads and queues, no policy.
 *
 * <p>Threads: all methods but {@link #wakeUp} in the fetcher's thread.
 */
public final class ResourceSplitReader implements SplitReader<Element, ResourceSplit> {

    private static final Logger LOG = LoggerFactory.getLogger(ResourceSplitReader.class);
    private static final long QUIET_CHECK_MILLIS = 200;
    private static final long JOIN_MILLIS = 5_000;

    /** How long a split that is given up may take to prove that it told everything. */
    private static final long RETIREMENT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final ListWatchSettings settings;
    private final Function<ResourceSplit, ResourceApi> apis;
    private final ServerClock clock;
    private final Consumer<Notice> counters;
    private final EventTimeProgress progress;
    private final ElementQueue queue;
    private final Map<String, Running> drivers = new LinkedHashMap<>();
    private final ScheduledExecutorService timer;

    /** Splits that are being given up. */
    private final Map<String, Retirement> retirements = new ConcurrentHashMap<>();

    /**
     * @param provenMillis server time up to which everything is to be told; 0 if nothing is
     * @param deadlineNanos until when at most
     * @param last what is put behind all that the split told; null for nothing
     */
    private record Retirement(long provenMillis, long deadlineNanos, Element.Regained last) {
        boolean isOver(long nowNanos) {
            return provenMillis == 0 || nowNanos - deadlineNanos >= 0;
        }
    }

    private record Running(SplitDriver driver, Thread thread, Future<?> quietChecks) {}

    /**
     * Makes a reader without splits.
     *
     * @param apis opens the API of a split
     * @param counters counts notices; called from driver threads
     * @param progress told by the emitter of what this reader reads
     * @param queueElements bound of the elements between the network and Flink
     * @param queueBytes bound of their bytes
     */
    public ResourceSplitReader(
            ListWatchSettings settings,
            Function<ResourceSplit, ResourceApi> apis,
            ServerClock clock,
            Consumer<Notice> counters,
            EventTimeProgress progress,
            int queueElements,
            long queueBytes) {
        this.settings = settings;
        this.apis = apis;
        this.clock = clock;
        this.counters = counters;
        this.progress = progress;
        this.queue = new ElementQueue(queueElements, queueBytes);
        this.timer =
                Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "quiet-timer"));
        timer.scheduleWithFixedDelay(
                this::checkRetirements,
                QUIET_CHECK_MILLIS,
                QUIET_CHECK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    @Override
    public RecordsWithSplitIds<Element> fetch() throws IOException {
        RecordsBySplits.Builder<Element> records = new RecordsBySplits.Builder<>();
        try {
            endRetirements();
            ElementQueue.Batch batch = queue.take();
            if (batch != null) {
                noteProof(batch);
                records.addAll(batch.splitId(), batch.elements());
                if (batch.finished()) {
                    records.addFinishedSplit(batch.splitId());
                    forget(batch.splitId());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while waiting for the API server", e);
        } catch (ElementQueue.DriverFailedException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
        return records.build();
    }

    /**
     * Gives up a split: it is read on until a list proves that everything that was written before
     * now is told, or for half a minute, and is then finished. From any thread.
     *
     * @param last what to emit at the end, and then the split is not in contact and ends at once;
     *     null for nothing
     */
    void retire(String splitId, Element.Regained last) {
        long proven = last == null ? clock.nowMillis() : 0;
        retirements.put(
                splitId, new Retirement(proven, System.nanoTime() + RETIREMENT_NANOS, last));
        checkRetirements();
    }

    /** Has the fetcher end what is over. In the timer's thread, or that of {@link #retire}. */
    private void checkRetirements() {
        long now = System.nanoTime();
        if (retirements.values().stream().anyMatch(each -> each.isOver(now))) {
            queue.wakeUp();
        }
    }

    private void noteProof(ElementQueue.Batch batch) {
        Retirement retirement = retirements.get(batch.splitId());
        if (retirement == null) {
            return;
        }
        for (Element element : batch.elements()) {
            if (element instanceof Element.Listed listed
                    && listed.provenMillis() >= retirement.provenMillis()) {
                end(batch.splitId(), retirement);
                return;
            }
        }
    }

    private void endRetirements() {
        long now = System.nanoTime();
        for (Map.Entry<String, Retirement> each : Map.copyOf(retirements).entrySet()) {
            if (each.getValue().isOver(now)) {
                end(each.getKey(), each.getValue());
            }
        }
    }

    /** Nothing more comes for the split but what is queued. */
    private void end(String splitId, Retirement retirement) {
        Running running = drivers.remove(splitId);
        if (running != null) {
            // Else it was not begun yet: then a little later.
            retirements.remove(splitId);
            stop(running);
            queue.finish(splitId, retirement.last());
        }
    }

    private void forget(String splitId) {
        retirements.remove(splitId);
        stop(drivers.remove(splitId));
    }

    @Override
    public void handleSplitsChanges(SplitsChange<ResourceSplit> change) {
        if (change instanceof SplitsAddition) {
            change.splits().forEach(this::start);
        } else if (change instanceof SplitsRemoval) {
            for (ResourceSplit split : change.splits()) {
                remove(split.splitId());
            }
        } else {
            throw new UnsupportedOperationException(
                    "Cannot handle "
                            + change.getClass().getName()
                            + ": expected an addition or removal of splits.");
        }
    }

    private void start(ResourceSplit split) {
        String id = split.splitId();
        if (drivers.containsKey(id)) {
            throw new IllegalStateException("Split " + id + " is read already");
        }
        queue.open(id);
        SplitDriver driver =
                new SplitDriver(
                        split,
                        apis.apply(split),
                        action -> watchAhead(split, action),
                        new ListWatch(settings, split.position()),
                        queue,
                        clock,
                        new NoticeLog(split, counters),
                        progress);
        Thread thread = daemon(driver, "watch " + id);
        Future<?> quietChecks =
                timer.scheduleWithFixedDelay(
                        driver::checkQuiet,
                        QUIET_CHECK_MILLIS,
                        QUIET_CHECK_MILLIS,
                        TimeUnit.MILLISECONDS);
        drivers.put(id, new Running(driver, thread, quietChecks));
        thread.start();
    }

    /** Null where there is no second connection: the list goes on without. */
    private AheadWatch watchAhead(ResourceSplit split, Action.WatchAhead action) {
        ResourceApi second;
        try {
            second = apis.apply(split);
        } catch (RuntimeException e) {
            LOG.info("Cannot watch {} while it is listed: {}", split.splitId(), e.getMessage());
            return null;
        }
        return new AheadWatch(second, split.splitId(), action, settings.aheadBufferBytes(), clock)
                .start();
    }

    private void remove(String splitId) {
        Running running = drivers.remove(splitId);
        if (running != null) {
            // Told first: a driver that finds its lane gone before would count it as an error.
            running.driver().stop();
            queue.drop(splitId);
            stop(running);
        }
    }

    /** Elements that wait for Flink. */
    public long pendingElements() {
        return queue.size();
    }

    /** Their bytes, roughly. */
    public long queuedBytes() {
        return queue.bytes();
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, "tocsin " + name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void wakeUp() {
        queue.wakeUp();
    }

    @Override
    public void pauseOrResumeSplits(
            Collection<ResourceSplit> pause, Collection<ResourceSplit> resume) {
        queue.pause(ids(pause), ids(resume));
    }

    private static Set<String> ids(Collection<ResourceSplit> splits) {
        return splits.stream().map(ResourceSplit::splitId).collect(Collectors.toSet());
    }

    @Override
    public void close() {
        timer.shutdownNow();
        List<Running> running = List.copyOf(drivers.values());
        drivers.clear();
        running.forEach(
                each -> {
                    each.driver().stop();
                    each.thread().interrupt();
                });
        running.forEach(ResourceSplitReader::stop);
    }

    /** Ends a driver and waits for its thread, so that it has no successor beside it. */
    private static void stop(Running running) {
        if (running == null) {
            return;
        }
        running.quietChecks().cancel(false);
        running.driver().stop();
        running.thread().interrupt();
        try {
            running.thread().join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running.driver().closeApi();
        }
    }
}
