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
package io.tocsin.source;

import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.api.ResourceApi;
import io.tocsin.source.api.ResourceApiFactory;
import io.tocsin.source.api.Signal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An API server in memory, found by name, so that its factory may travel. One page per list; the
 * server's time is what the test says.
 */
final class MemoryApi {

    private static final Map<String, MemoryApi> SERVERS = new ConcurrentHashMap<>();

    private final List<ObjectVersion> writes = new ArrayList<>();
    private final Set<String> deletions = new HashSet<>();
    private long version = 100;
    private long nowMillis;
    private boolean forbidden;
    private final List<String> watched = new ArrayList<>();
    private final Map<String, String> namespaces = new TreeMap<>();
    private long namespaceVersion;

    static MemoryApi named(String name) {
        return SERVERS.computeIfAbsent(name, unused -> new MemoryApi());
    }

    static ResourceApiFactory factory(String name) {
        return new Factory(name);
    }

    private record Factory(String name) implements ResourceApiFactory {
        @Override
        public ResourceApi open(ClusterAccess access, String resource, String scope) {
            return named(name).new Connection(scope);
        }

        @Override
        public ResourceApi openSelected(ClusterAccess access, String resource, String selector) {
            return named(name).new Namespaces();
        }
    }

    /** A namespace has the labels that are selected. */
    synchronized void select(String namespace, String uid) {
        namespaces.put(namespace, uid);
        namespaceVersion++;
        notifyAll();
    }

    /** A namespace is gone, or has lost its labels. */
    synchronized void deselect(String namespace) {
        namespaces.remove(namespace);
        namespaceVersion++;
        notifyAll();
    }

    /** Which namespaces there are; a watch ends when that changes. */
    private final class Namespaces implements ResourceApi {
        private boolean cancelled;

        @Override
        public void list(int limit, String continueToken, String exactVersion, Handler handler)
                throws InterruptedException {
            Map<String, String> now;
            long at;
            synchronized (MemoryApi.this) {
                now = new TreeMap<>(namespaces);
                at = namespaceVersion;
            }
            for (Map.Entry<String, String> each : now.entrySet()) {
                handler.on(
                        new Signal.Upserted(
                                new ObjectVersion(
                                        null, each.getKey(), each.getValue(), "1", new byte[0])));
            }
            handler.on(new Signal.Page("" + at, null, 0, now.size(), true, null, null));
        }

        @Override
        public void watch(String resourceVersion, Duration timeout, Handler handler)
                throws InterruptedException {
            synchronized (MemoryApi.this) {
                while (!cancelled && namespaceVersion == Long.parseLong(resourceVersion)) {
                    MemoryApi.this.wait(1_000);
                }
            }
            handler.on(new Signal.Closed(Signal.Closed.Cause.CLEAN, 0, 0, "end"));
        }

        @Override
        public void probe(String resourceVersion, Handler handler) {
            throw new UnsupportedOperationException("Namespaces are not probed");
        }

        @Override
        public void look(String namespace, String name, Handler handler) {
            throw new UnsupportedOperationException("Namespaces are not looked for");
        }

        @Override
        public void cancel() {
            synchronized (MemoryApi.this) {
                cancelled = true;
                MemoryApi.this.notifyAll();
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

    /** Scopes that have a watch open. */
    synchronized Set<String> watched() {
        return Set.copyOf(watched);
    }

    synchronized void now(long millis) {
        nowMillis = millis;
        notifyAll();
    }

    synchronized void forbid(boolean nowForbidden) {
        forbidden = nowForbidden;
        notifyAll();
    }

    /** Deletes an object, listed or not; its last state bears this time. */
    synchronized void delete(String namespace, String name, long timeMillis) {
        write(namespace, name, timeMillis);
        deletions.add(Long.toString(version));
    }

    synchronized void write(String namespace, String name, long timeMillis) {
        version++;
        writes.add(
                new ObjectVersion(
                        namespace,
                        name,
                        "uid-" + name,
                        Long.toString(version),
                        Long.toString(timeMillis).getBytes(StandardCharsets.UTF_8)));
        notifyAll();
    }

    private final class Connection implements ResourceApi {
        private final String scope;
        private boolean cancelled;
        private boolean busy;

        Connection(String scope) {
            this.scope = scope;
        }

        @Override
        public void list(int limit, String continueToken, String exactVersion, Handler handler)
                throws InterruptedException {
            List<ObjectVersion> items;
            Signal end;
            synchronized (MemoryApi.this) {
                items =
                        writes.stream()
                                .filter(each -> !deletions.contains(each.resourceVersion()))
                                .toList();
                end =
                        forbidden
                                ? new Signal.Refused(403, 0, false, false, "forbidden")
                                : new Signal.Page(
                                        "" + version,
                                        null,
                                        nowMillis,
                                        items.size(),
                                        true,
                                        null,
                                        null);
            }
            if (end instanceof Signal.Page page) {
                handler.on(new Signal.Opened(page.serverTimeMillis()));
                for (ObjectVersion item : items) {
                    tell(item, handler);
                }
            }
            handler.on(end);
        }

        @Override
        public void watch(String resourceVersion, Duration timeout, Handler handler)
                throws InterruptedException {
            if (isForbidden()) {
                handler.on(new Signal.Refused(403, 0, false, false, "forbidden"));
                return;
            }
            begin();
            try {
                watch(resourceVersion, handler);
            } finally {
                synchronized (MemoryApi.this) {
                    watched.remove(scope);
                }
            }
            end(handler);
        }

        private void watch(String resourceVersion, Handler handler) throws InterruptedException {
            handler.on(new Signal.Opened(now()));
            int next = 0;
            while (true) {
                ObjectVersion write = null;
                synchronized (MemoryApi.this) {
                    while (!cancelled && !forbidden && next == writes.size()) {
                        MemoryApi.this.wait(1_000);
                    }
                    if (cancelled || forbidden) {
                        break;
                    }
                    write = writes.get(next++);
                }
                if (Long.parseLong(write.resourceVersion()) > Long.parseLong(resourceVersion)) {
                    tell(write, handler);
                }
            }
        }

        private boolean isForbidden() {
            synchronized (MemoryApi.this) {
                return forbidden;
            }
        }

        private long now() {
            synchronized (MemoryApi.this) {
                return nowMillis;
            }
        }

        private void begin() {
            synchronized (MemoryApi.this) {
                busy = true;
                cancelled = false;
                watched.add(scope);
            }
        }

        private void end(Handler handler) throws InterruptedException {
            Signal.Closed.Cause cause;
            synchronized (MemoryApi.this) {
                busy = false;
                cause = cancelled ? Signal.Closed.Cause.CANCELLED : Signal.Closed.Cause.BROKEN;
            }
            handler.on(new Signal.Closed(cause, 0, 0, "end"));
        }

        private void tell(ObjectVersion object, Handler handler) throws InterruptedException {
            boolean inScope = scope.equals("*") || scope.equals(object.namespace());
            if (inScope
                    && handler.wants(object.namespace(), object.name(), object.resourceVersion())) {
                handler.on(
                        isDeletion(object)
                                ? new Signal.Deleted(object)
                                : new Signal.Upserted(object));
            }
        }

        private boolean isDeletion(ObjectVersion object) {
            synchronized (MemoryApi.this) {
                return deletions.contains(object.resourceVersion());
            }
        }

        @Override
        public void probe(String resourceVersion, Handler handler) throws InterruptedException {
            list(1, null, null, new ProbeHandler(handler));
        }

        @Override
        public void look(String namespace, String name, Handler handler)
                throws InterruptedException {
            list(0, null, null, new LookHandler(namespace, name, handler));
        }

        @Override
        public void cancel() {
            synchronized (MemoryApi.this) {
                cancelled = busy;
                MemoryApi.this.notifyAll();
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

    /** A look tells one object. */
    private record LookHandler(String namespace, String name, ResourceApi.Handler handler)
            implements ResourceApi.Handler {
        @Override
        public boolean wants(String itemNamespace, String itemName, String resourceVersion) {
            return itemNamespace.equals(namespace) && itemName.equals(name);
        }

        @Override
        public void on(Signal signal) throws InterruptedException {
            handler.on(signal);
        }
    }

    /** A probe tells no objects. */
    private record ProbeHandler(ResourceApi.Handler handler) implements ResourceApi.Handler {
        @Override
        public boolean wants(String namespace, String name, String resourceVersion) {
            return false;
        }

        @Override
        public void on(Signal signal) throws InterruptedException {
            handler.on(signal);
        }
    }
}
