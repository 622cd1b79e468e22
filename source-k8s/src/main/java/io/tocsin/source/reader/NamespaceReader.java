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
import io.tocsin.source.enumerator.NamespaceFeed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Follows the namespaces that a label selector selects: makes the calls that {@link NamespaceWatch}
 * asks for, in a thread of its own. Holds no policy.
 */
public final class NamespaceReader implements NamespaceFeed, ResourceApi.Handler {

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long JOIN_MILLIS = 5_000;

    private final String cluster;
    private final Supplier<ResourceApi> apis;
    private final NamespaceWatch policy;
    private final NoticeLog log;
    private final Random random = new Random();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;
    private volatile ResourceApi api;
    private Consumer<Map<String, String>> consumer;
    private Consumer<RuntimeException> fatal;
    private Map<String, String> before;

    /**
     * Makes one that does nothing yet.
     *
     * @param apis opens the API of the selected namespaces
     */
    public NamespaceReader(
            String cluster,
            String selector,
            ListWatchSettings settings,
            Supplier<ResourceApi> apis) {
        this.cluster = cluster;
        this.apis = apis;
        this.policy = new NamespaceWatch(settings);
        this.log = NoticeLog.ofNamespaces(cluster, selector);
        this.thread = new Thread(this::run, "tocsin namespaces of " + cluster);
        thread.setDaemon(true);
    }

    @Override
    public void start(
            Consumer<Map<String, String>> namespaces, Consumer<RuntimeException> failure) {
        consumer = namespaces;
        fatal = failure;
        thread.start();
    }

    private void run() {
        try (ResourceApi opened = apis.get()) {
            api = opened;
            while (!isStopped()) {
                step(opened);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            if (!isStopped()) {
                fatal.accept(
                        new IllegalStateException(
                                "Cannot follow the namespaces of cluster "
                                        + cluster
                                        + ": "
                                        + e.getMessage(),
                                e));
            }
        }
    }

    private void step(ResourceApi opened) throws InterruptedException {
        Call call = policy.next(moment());
        if (call instanceof Call.Wait wait) {
            if (stopped.await(wait.millis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            if (wait.reloadCredentials()) {
                opened.reloadCredentials();
            }
        } else if (call instanceof Call.List list) {
            opened.list(list.limit(), list.continueToken(), list.exactVersion(), this);
        } else if (call instanceof Call.Watch watch) {
            opened.watch(watch.version(), Duration.ofMillis(watch.timeoutMillis()), this);
        }
    }

    @Override
    public boolean wants(String namespace, String name, String resourceVersion) {
        return true;
    }

    @Override
    public void on(Signal signal) {
        if (isStopped()) {
            return;
        }
        List<NamespaceWatch.Outcome> outcomes = new ArrayList<>(2);
        policy.on(signal, moment(), outcomes);
        for (NamespaceWatch.Outcome outcome : outcomes) {
            if (outcome instanceof NamespaceWatch.Outcome.Report report) {
                log.report(report.notice(), report.message());
            } else if (outcome instanceof NamespaceWatch.Outcome.Known known
                    && !known.namespaces().equals(before)) {
                before = known.namespaces();
                consumer.accept(before);
            }
        }
    }

    private Moment moment() {
        return new Moment(System.nanoTime() / NANOS_PER_MILLI, 0, random.nextDouble());
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    @Override
    public void close() {
        stopped.countDown();
        ResourceApi opened = api;
        if (opened != null) {
            opened.cancel();
        }
        thread.interrupt();
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
