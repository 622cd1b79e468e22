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
import io.tocsin.source.split.ResourceVersion;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * A watch that is opened while a list is still read, so that the version of the list is not too old
 * when the list ends. Keeps what it is told, up to a bound of bytes, until it is adopted; then
 * hands it on, and lets the connection wait while it is full. Before that, a watch that is full or
 * ends is given up: another one will be opened.
 *
 * <p>Threads: one of its own, which makes the call; {@link #adopt} in the driver's; {@link #cancel}
 * in any. Whoever starts one closes it.
 */
final class AheadWatch implements Runnable, ResourceApi.Handler, AutoCloseable {

    private static final long JOIN_MILLIS = 5_000;
    private static final long SIGNAL_BYTES = 100;
    private static final long OBJECT_BYTES = 300;

    private final ResourceApi api;
    private final ResourceVersion version;
    private final Duration timeout;
    private final long maxBytes;
    private final ServerClock clock;
    private final Thread thread;

    /** Guards what follows. */
    private final Object lock = new Object();

    private final ArrayDeque<Signal> buffer = new ArrayDeque<>();
    private long bytes;
    private boolean adopted;
    private boolean lost;
    private boolean over;
    private RuntimeException failure;

    /**
     * @param api a connection of its own, which it closes
     * @param maxBytes bound of what it keeps
     */
    AheadWatch(
            ResourceApi api,
            String name,
            Action.WatchAhead action,
            long maxBytes,
            ServerClock clock) {
        this.api = api;
        this.version = new ResourceVersion(action.version());
        this.timeout = Duration.ofMillis(action.timeoutMillis());
        this.maxBytes = maxBytes;
        this.clock = clock;
        this.thread = new Thread(this, "tocsin watch ahead " + name);
        thread.setDaemon(true);
    }

    AheadWatch start() {
        thread.start();
        return this;
    }

    @Override
    public void run() {
        RuntimeException thrown = null;
        try {
            api.watch(version.value(), timeout, this);
        } catch (InterruptedException e) {
            // Closed: nobody waits for more.
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            thrown = e;
        } finally {
            synchronized (lock) {
                failure = thrown;
                lost |= !adopted;
                over = true;
                lock.notifyAll();
            }
        }
    }

    /** In the thread of the watch, beside the policy: what the list told meanwhile is not known. */
    @Override
    public boolean wants(String namespace, String name, String resourceVersion) {
        return !ResourceVersion.isValid(resourceVersion)
                || new ResourceVersion(resourceVersion).isAfter(version);
    }

    @Override
    public void on(Signal signal) throws InterruptedException {
        Signal kept = signal;
        if (signal instanceof Signal.Opened opened) {
            // Now, not when it is handed on: by then it would set the clock back.
            clock.observe(opened.serverTimeMillis());
            kept = new Signal.Opened(0);
        }
        long size = sizeOf(kept);
        boolean giveUp;
        synchronized (lock) {
            while (adopted && bytes > 0 && bytes + size > maxBytes) {
                lock.wait();
            }
            giveUp = !adopted && (lost || isEnd(kept) || bytes + size > maxBytes);
            if (giveUp) {
                lost = true;
                buffer.clear();
                bytes = 0;
            } else {
                buffer.add(kept);
                bytes += size;
                lock.notifyAll();
            }
        }
        if (giveUp) {
            api.cancel();
        }
    }

    private static boolean isEnd(Signal signal) {
        return signal instanceof Signal.Closed
                || signal instanceof Signal.Expired
                || signal instanceof Signal.Refused;
    }

    private static long sizeOf(Signal signal) {
        if (signal instanceof Signal.Upserted upserted) {
            return OBJECT_BYTES + upserted.object().json().length;
        }
        if (signal instanceof Signal.Deleted deleted) {
            return OBJECT_BYTES + deleted.object().json().length;
        }
        return signal instanceof Signal.Malformed line
                ? SIGNAL_BYTES + line.raw().length
                : SIGNAL_BYTES;
    }

    /**
     * Hands what it kept to the handler, and then what comes, in the calling thread until the watch
     * ends, as {@link ResourceApi#watch} does.
     *
     * @return false if it is not at this version or no longer good: then nothing was told
     */
    boolean adopt(String wanted, ResourceApi.Handler handler) throws InterruptedException {
        synchronized (lock) {
            if (lost || !version.value().equals(wanted)) {
                return false;
            }
            adopted = true;
        }
        for (Signal signal = take(); signal != null; signal = take()) {
            handler.on(signal);
        }
        return true;
    }

    /** Null at the end. */
    private Signal take() throws InterruptedException {
        synchronized (lock) {
            while (buffer.isEmpty() && !over) {
                lock.wait();
            }
            if (buffer.isEmpty() && failure != null) {
                throw failure;
            }
            Signal signal = buffer.poll();
            if (signal != null) {
                bytes -= sizeOf(signal);
                lock.notifyAll();
            }
            return signal;
        }
    }

    /** Ends the watch: one that was adopted tells Closed(CANCELLED). */
    void cancel() {
        api.cancel();
    }

    /** Ends the watch and its thread, and frees the connection. */
    @Override
    public void close() {
        synchronized (lock) {
            lost = true;
        }
        api.cancel();
        thread.interrupt();
        try {
            join();
        } finally {
            api.close();
        }
    }

    /** However often its owner, which is being stopped, is interrupted meanwhile. */
    private void join() {
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(JOIN_MILLIS);
        long left = JOIN_MILLIS;
        while (thread.isAlive() && left > 0) {
            try {
                thread.join(left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
