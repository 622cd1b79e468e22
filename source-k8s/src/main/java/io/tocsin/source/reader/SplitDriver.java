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
import io.tocsin.source.api.Signal;
import io.tocsin.source.split.ResourceSplit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Drives one split: a thread that makes the calls its policy asks for, and puts what the policy
 * emits into the queue. Holds no policy.
 *
 * <p>Threads: {@link #run} in the driver's own; {@link #checkQuiet} in the timer's; {@link #stop}
 * in any.
 */
final class SplitDriver implements Runnable, ResourceApi.Handler {

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final ResourceSplit split;
    private final ResourceApi api;
    private final Function<Action.WatchAhead, AheadWatch> aheads;
    private final ListWatch policy;
    private final ElementQueue queue;
    private final ServerClock clock;
    private final NoticeLog log;
    private final EventTimeProgress progress;
    private final Random random = new Random();
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** Written by the driver's thread only. Null if there is none. */
    private volatile AheadWatch ahead;

    /** Guards the fields that the timer reads. */
    private final Object quietLock = new Object();

    private boolean watching;
    private boolean accepted;
    private boolean handling;
    private boolean quietReached;
    private final QuietTime quietTime = new QuietTime(System.nanoTime());

    /**
     * @param api connection of this driver, closed by {@link #closeApi}
     * @param aheads starts a watch ahead on another connection
     */
    SplitDriver(
            ResourceSplit split,
            ResourceApi api,
            Function<Action.WatchAhead, AheadWatch> aheads,
            ListWatch policy,
            ElementQueue queue,
            ServerClock clock,
            NoticeLog log,
            EventTimeProgress progress) {
        this.split = split;
        this.api = api;
        this.aheads = aheads;
        this.policy = policy;
        this.queue = queue;
        this.clock = clock;
        this.log = log;
        this.progress = progress;
    }

    @Override
    public void run() {
        try {
            while (!isStopped() && step()) {
                // the step did it
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            if (!isStopped()) {
                queue.fail(new IllegalStateException("Interrupted by a stranger: " + split, e));
            }
        } catch (RuntimeException | Error e) {
            if (!isStopped()) {
                queue.fail(e);
            }
        } finally {
            dropAhead();
        }
    }

    private boolean step() throws InterruptedException {
        List<Action> actions = new ArrayList<>(2);
        Call call = policy.next(moment(), actions);
        execute(actions);
        if (call instanceof Call.Finish) {
            queue.finish(split.splitId());
            return false;
        }
        if (call instanceof Call.Wait wait) {
            if (stopped.await(wait.millis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
            if (wait.reloadCredentials()) {
                api.reloadCredentials();
            }
        } else if (call instanceof Call.Probe probe) {
            api.probe(probe.version(), this);
        } else if (call instanceof Call.Look look) {
            api.look(look.namespace(), look.name(), this);
        } else if (call instanceof Call.List list) {
            restartQuiet();
            if (list.continueToken() == null) {
                // A list that begins again has another version.
                dropAhead();
            }
            api.list(list.limit(), list.continueToken(), list.exactVersion(), this);
        } else if (call instanceof Call.Watch watch) {
            watch(watch);
        }
        return true;
    }

    private void watch(Call.Watch watch) throws InterruptedException {
        synchronized (quietLock) {
            watching = true;
            accepted = false;
            quietReached = false;
            quietTime.begin(watch.quietMillis() * NANOS_PER_MILLI);
        }
        boolean quiet;
        try {
            if (ahead == null || !ahead.adopt(watch.version(), this)) {
                dropAhead();
                api.watch(watch.version(), Duration.ofMillis(watch.timeoutMillis()), this);
            }
        } finally {
            dropAhead();
            synchronized (quietLock) {
                watching = false;
                quiet = quietReached;
            }
        }
        if (quiet) {
            restartQuiet();
            List<Action> actions = new ArrayList<>(2);
            policy.quiet(moment(), actions);
            execute(actions);
        }
    }

    private void restartQuiet() {
        synchronized (quietLock) {
            quietTime.restart();
        }
    }

    /** Ends a watch that moved no event time for its quiet time. */
    void checkQuiet() {
        long advances = progress.advances(split.splitId());
        synchronized (quietLock) {
            boolean idle = watching && accepted && !handling && !quietReached;
            if (quietTime.check(System.nanoTime(), advances, idle)) {
                quietReached = true;
                cancel();
            }
        }
    }

    @Override
    public boolean wants(String namespace, String name, String resourceVersion) {
        return policy.wants(namespace, name, resourceVersion);
    }

    @Override
    public void on(Signal signal) throws InterruptedException {
        synchronized (quietLock) {
            handling = true;
        }
        try {
            observeDate(signal);
            List<Action> actions = new ArrayList<>(2);
            policy.on(signal, moment(), actions);
            execute(actions);
        } finally {
            synchronized (quietLock) {
                handling = false;
                accepted |= signal instanceof Signal.Opened;
                if (isTrouble(signal)) {
                    quietTime.restart();
                }
            }
        }
    }

    private static boolean isTrouble(Signal signal) {
        return signal instanceof Signal.Refused
                || signal instanceof Signal.Closed closed
                        && closed.cause() != Signal.Closed.Cause.CLEAN;
    }

    private void observeDate(Signal signal) {
        if (signal instanceof Signal.Opened opened) {
            clock.observe(opened.serverTimeMillis());
        } else if (signal instanceof Signal.Page page && clock.nowMillis() == 0) {
            // Its body took time: only better than nothing.
            clock.observe(page.serverTimeMillis());
        }
    }

    private void execute(List<Action> actions) throws InterruptedException {
        for (Action action : actions) {
            if (action instanceof Action.Emit emit) {
                // Before it may have to wait for room.
                Element element = emit.element().readAt(clock.nowMillis());
                if (!queue.put(split.splitId(), element)) {
                    throw new InterruptedException("The split was removed");
                }
            } else if (action instanceof Action.Report report) {
                log.report(report.notice(), report.message());
            } else if (action instanceof Action.Cancel) {
                cancel();
            } else if (action instanceof Action.WatchAhead watchAhead) {
                dropAhead();
                ahead = aheads.apply(watchAhead);
            } else if (action instanceof Action.Fail fail) {
                throw new IllegalStateException(
                        "Cannot watch " + split.splitId() + ": " + fail.message());
            }
        }
    }

    private Moment moment() {
        return new Moment(
                System.nanoTime() / NANOS_PER_MILLI, clock.nowMillis(), random.nextDouble());
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    /** Ends the driver soon, whatever it does; its thread must be interrupted too. */
    void stop() {
        stopped.countDown();
        cancel();
    }

    /** Ends the call that is under way, on whichever connection. */
    private void cancel() {
        api.cancel();
        AheadWatch beside = ahead;
        if (beside != null) {
            beside.cancel();
        }
    }

    private void dropAhead() {
        AheadWatch dropped = ahead;
        if (dropped != null) {
            ahead = null;
            dropped.close();
        }
    }

    /** Frees the connection. Called after {@link #stop}. */
    void closeApi() {
        api.close();
    }
}
