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

import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.api.ResourceApi;
import io.tocsin.source.api.Signal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A connection that tells what a script says. */
final class ScriptedApi implements ResourceApi {

    /** Tells the signals of one call. */
    @FunctionalInterface
    interface Script {
        /**
         * @param call {@code list}, {@code watch}, {@code probe} or {@code look}, with its version
         *     or token
         */
        void run(String call, Handler handler, ScriptedApi api) throws InterruptedException;
    }

    static final long DATE = 1_760_000_000_000L;

    final List<String> calls = new CopyOnWriteArrayList<>();
    final CountDownLatch closed = new CountDownLatch(1);
    volatile Thread caller;
    private final Script script;
    private boolean inCall;
    private boolean cancelled;

    ScriptedApi(Script script) {
        this.script = script;
    }

    static Signal page(String version) {
        return new Signal.Page(version, null, DATE, 1, true, null, null);
    }

    static Signal object(String name, String version, int bytes) {
        byte[] json = " ".repeat(bytes).getBytes(StandardCharsets.US_ASCII);
        return new Signal.Upserted(new ObjectVersion("ns", name, "u-" + name, version, json));
    }

    static Signal closed(Signal.Closed.Cause cause) {
        return new Signal.Closed(cause, 0, 1, "scripted");
    }

    private void call(String call, Handler handler) throws InterruptedException {
        synchronized (this) {
            inCall = true;
            cancelled = false;
            caller = Thread.currentThread();
        }
        calls.add(call);
        try {
            script.run(call, handler, this);
        } finally {
            synchronized (this) {
                inCall = false;
            }
        }
    }

    @Override
    public void list(int limit, String continueToken, String exactVersion, Handler handler)
            throws InterruptedException {
        call("list " + continueToken, handler);
    }

    @Override
    public void watch(String resourceVersion, Duration timeout, Handler handler)
            throws InterruptedException {
        call("watch " + resourceVersion, handler);
    }

    @Override
    public void probe(String resourceVersion, Handler handler) throws InterruptedException {
        call("probe " + resourceVersion, handler);
    }

    @Override
    public void look(String namespace, String name, Handler handler) throws InterruptedException {
        call("look " + namespace + "/" + name, handler);
    }

    /** Says nothing until the call is cancelled. */
    synchronized void hang(Handler handler) throws InterruptedException {
        while (!cancelled) {
            wait();
        }
        handler.on(closed(Signal.Closed.Cause.CANCELLED));
    }

    @Override
    public synchronized void cancel() {
        cancelled = inCall;
        notifyAll();
    }

    @Override
    public void reloadCredentials() {
        calls.add("reload");
    }

    @Override
    public void close() {
        cancel();
        closed.countDown();
    }
}
