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
package io.tocsin.job.pipeline;

import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.api.ResourceApi;
import io.tocsin.source.api.ResourceApiFactory;
import io.tocsin.source.api.Signal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An API server in memory that has events only, found by name so that its factory may travel. Its
 * time is what the test says; a list is one page.
 */
final class EventServer {

    private static final Map<String, EventServer> SERVERS = new ConcurrentHashMap<>();

    private final List<ObjectVersion> versions = new ArrayList<>();
    private long version = 100;
    private long nowMillis;

    static EventServer named(String name) {
        return SERVERS.computeIfAbsent(name, unused -> new EventServer());
    }

    static ResourceApiFactory factory(String name) {
        return new Factory(name);
    }

    private record Factory(String name) implements ResourceApiFactory {
        @Override
        public ResourceApi open(ClusterAccess access, String resource, String scope) {
            return named(name).new Connection();
        }
    }

    synchronized void now(long millis) {
        nowMillis = millis;
        notifyAll();
    }

    /** The scheduler tells something about a pod, once. */
    synchronized void scheduler(String type, String reason, String pod, long millis) {
        version++;
        String name = pod + "." + version;
        String json =
                """
                {"kind":"Event","apiVersion":"events.k8s.io/v1",
                 "metadata":{"name":"%1$s","namespace":"shop","uid":"uid-%1$s",
                  "resourceVersion":"%2$d","creationTimestamp":"%3$s"},
                 "eventTime":"%3$s","type":"%4$s","reason":"%5$s","note":"0/1 nodes",
                 "reportingController":"default-scheduler","reportingInstance":"s",
                 "action":"Scheduling",
                 "regarding":{"kind":"Pod","apiVersion":"v1","namespace":"shop","name":"%6$s",
                  "uid":"pod-%6$s"}}
                """
                        .formatted(name, version, Instant.ofEpochMilli(millis), type, reason, pod);
        versions.add(
                new ObjectVersion(
                        "shop",
                        name,
                        "uid-" + name,
                        Long.toString(version),
                        json.getBytes(StandardCharsets.UTF_8)));
        notifyAll();
    }

    private final class Connection implements ResourceApi {
        private boolean cancelled;
        private boolean watching;

        @Override
        public void list(int limit, String continueToken, String exactVersion, Handler handler)
                throws InterruptedException {
            List<ObjectVersion> items;
            Signal.Page page;
            synchronized (EventServer.this) {
                items = List.copyOf(versions);
                String at = Long.toString(version);
                page = new Signal.Page(at, null, nowMillis, items.size(), true, null, null);
            }
            handler.on(new Signal.Opened(page.serverTimeMillis()));
            for (ObjectVersion item : items) {
                tell(item, handler);
            }
            handler.on(page);
        }

        @Override
        public void watch(String resourceVersion, Duration timeout, Handler handler)
                throws InterruptedException {
            long openedAt;
            synchronized (EventServer.this) {
                watching = true;
                cancelled = false;
                openedAt = nowMillis;
            }
            handler.on(new Signal.Opened(openedAt));
            long told = Long.parseLong(resourceVersion);
            for (int next = 0; ; next++) {
                ObjectVersion item;
                synchronized (EventServer.this) {
                    while (!cancelled && next == versions.size()) {
                        EventServer.this.wait(1_000);
                    }
                    if (cancelled) {
                        watching = false;
                        break;
                    }
                    item = versions.get(next);
                }
                if (Long.parseLong(item.resourceVersion()) > told) {
                    tell(item, handler);
                }
            }
            handler.on(new Signal.Closed(Signal.Closed.Cause.CANCELLED, 0, 0, "end"));
        }

        private static void tell(ObjectVersion item, Handler handler) throws InterruptedException {
            if (handler.wants(item.namespace(), item.name(), item.resourceVersion())) {
                handler.on(new Signal.Upserted(item));
            }
        }

        @Override
        public void probe(String resourceVersion, Handler handler) throws InterruptedException {
            Signal.Page page;
            synchronized (EventServer.this) {
                String at = Long.toString(version);
                page = new Signal.Page(at, null, nowMillis, 0, true, null, null);
            }
            handler.on(new Signal.Opened(page.serverTimeMillis()));
            handler.on(page);
        }

        @Override
        public void look(String namespace, String name, Handler handler)
                throws InterruptedException {
            ObjectVersion found = null;
            Signal.Page page;
            synchronized (EventServer.this) {
                for (ObjectVersion item : versions) {
                    if (item.name().equals(name) && item.namespace().equals(namespace)) {
                        found = item;
                    }
                }
                String at = Long.toString(version);
                page = new Signal.Page(at, null, nowMillis, 1, true, namespace, name);
            }
            if (found != null) {
                handler.on(new Signal.Upserted(found));
            }
            handler.on(page);
        }

        @Override
        public void cancel() {
            synchronized (EventServer.this) {
                cancelled = watching;
                EventServer.this.notifyAll();
            }
        }

        @Override
        public void reloadCredentials() {
            // has none
        }

        @Override
        public void close() {
            cancel();
        }
    }
}
