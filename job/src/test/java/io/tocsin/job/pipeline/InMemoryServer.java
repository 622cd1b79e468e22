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
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An API server in memory, found by name so that its factory may travel. It has events and pods, of
 * which none is ever deleted. Its time is what the test says; a list is one page.
 */
final class InMemoryServer {

    private static final Map<String, InMemoryServer> SERVERS = new ConcurrentHashMap<>();

    private final List<Stored> versions = new ArrayList<>();
    private long version = 100;
    private long nowMillis;
    private boolean reachable = true;
    private int refused;
    private int watches;
    private final Map<String, Long> told = new HashMap<>();

    /** What a write has left. */
    private record Stored(String resource, ObjectVersion version) {}

    static InMemoryServer named(String name) {
        return SERVERS.computeIfAbsent(name, unused -> new InMemoryServer());
    }

    static ResourceApiFactory factory(String name) {
        return new Factory(name);
    }

    private record Factory(String name) implements ResourceApiFactory {
        @Override
        public ResourceApi open(ClusterAccess access, String resource, String scope) {
            return named(name).new Connection(resource);
        }
    }

    synchronized void now(long millis) {
        nowMillis = millis;
        notifyAll();
    }

    /** Whether anybody can connect; ends what is open if not. */
    synchronized void reachable(boolean now) {
        reachable = now;
        notifyAll();
    }

    /** How many calls have ended because it was not reachable. */
    synchronized int refused() {
        return refused;
    }

    /** How many watches are open. */
    synchronized int watches() {
        return watches;
    }

    /** Whether a list or a watch has handed out all that was written of a resource. */
    synchronized boolean hasTold(String resource) {
        long newest =
                versions.stream()
                        .filter(each -> each.resource().equals(resource))
                        .mapToLong(each -> Long.parseLong(each.version().resourceVersion()))
                        .max()
                        .orElse(0);
        return told.getOrDefault(resource, 0L) >= newest;
    }

    private synchronized void hasTold(String resource, ObjectVersion item) {
        told.merge(resource, Long.parseLong(item.resourceVersion()), Math::max);
    }

    /** The scheduler tells something about a pod, once. */
    void scheduler(String type, String reason, String pod, long millis) {
        event(type, reason, "default-scheduler", "s", "Pod", pod, millis);
    }

    /** The kubelet of a node tells something about one of its pods, once. */
    void kubelet(String node, String reason, String pod, long millis) {
        event("Warning", reason, "kubelet", node, "Pod", pod, millis);
    }

    /** The controller of nodes tells something about one, once. */
    void nodeController(String reason, String node, long millis) {
        event("Normal", reason, "node-controller", "", "Node", node, millis);
    }

    private synchronized void event(
            String type,
            String reason,
            String controller,
            String instance,
            String kind,
            String object,
            long millis) {
        String namespace = kind.equals("Node") ? "default" : "shop";
        String name = object + "." + (version + 1);
        write(
                "events",
                namespace,
                name,
                """
                {"kind":"Event","apiVersion":"events.k8s.io/v1",
                 "metadata":{"name":"%1$s","namespace":"%2$s","uid":"uid-%1$s",
                  "resourceVersion":"%3$d","creationTimestamp":"%4$s"},
                 "eventTime":"%4$s","type":"%5$s","reason":"%6$s","note":"0/1 nodes",
                 "reportingController":"%7$s","reportingInstance":"%8$s",
                 "action":"Scheduling",
                 "regarding":{"kind":"%9$s","apiVersion":"v1","namespace":"%10$s","name":"%11$s",
                  "uid":"%12$s-%11$s"}}
                """
                        .formatted(
                                name,
                                namespace,
                                version + 1,
                                Instant.ofEpochMilli(millis),
                                type,
                                reason,
                                controller,
                                instance,
                                kind,
                                kind.equals("Node") ? "" : namespace,
                                object,
                                kind.toLowerCase(Locale.ROOT)));
    }

    /** A pod whose container has ended for a reason, so often. */
    synchronized void pod(String name, String reason, int restarts, long millis) {
        write(
                "pods",
                "shop",
                name,
                """
                {"kind":"Pod","apiVersion":"v1",
                 "metadata":{"name":"%1$s","namespace":"shop","uid":"pod-%1$s",
                  "resourceVersion":"%2$d","creationTimestamp":"2027-01-15T08:00:00Z"},
                 "spec":{"nodeName":"n1"},
                 "status":{"phase":"Running","containerStatuses":[{"name":"app","ready":true,
                  "restartCount":%3$d,"state":{"running":{"startedAt":"%4$s"}},
                  "lastState":{"terminated":{"exitCode":137,"reason":"%5$s",
                   "startedAt":"2027-01-15T08:00:00Z","finishedAt":"%4$s"}}}]}}
                """
                        .formatted(
                                name, version + 1, restarts, Instant.ofEpochMilli(millis), reason));
    }

    private void write(String resource, String namespace, String name, String json) {
        version++;
        // As of a real one: the uid of an event is its own, that of a pod stays.
        String uid = (resource.equals("events") ? "uid-" : "pod-") + name;
        versions.add(
                new Stored(
                        resource,
                        new ObjectVersion(
                                namespace,
                                name,
                                uid,
                                Long.toString(version),
                                json.getBytes(StandardCharsets.UTF_8))));
        notifyAll();
    }

    private final class Connection implements ResourceApi {
        private final String resource;
        private boolean cancelled;
        private boolean watching;

        Connection(String resource) {
            this.resource = resource;
        }

        @Override
        public void list(int limit, String continueToken, String exactVersion, Handler handler)
                throws InterruptedException {
            Map<String, ObjectVersion> items = new TreeMap<>();
            Signal end;
            synchronized (InMemoryServer.this) {
                for (Stored each : versions) {
                    if (each.resource().equals(resource)) {
                        ObjectVersion item = each.version();
                        items.put(item.namespace() + "/" + item.name(), item);
                    }
                }
                end = page(items.size(), null, null);
            }
            answer(items.values(), end, handler);
        }

        @Override
        public void watch(String resourceVersion, Duration timeout, Handler handler)
                throws InterruptedException {
            Signal.Opened opened;
            synchronized (InMemoryServer.this) {
                watching = true;
                cancelled = false;
                opened = reachable ? new Signal.Opened(nowMillis) : null;
                watches++;
            }
            if (opened != null) {
                handler.on(opened);
            }
            long told = Long.parseLong(resourceVersion);
            Signal.Closed closed = null;
            for (int next = 0; closed == null; next++) {
                Stored item = null;
                synchronized (InMemoryServer.this) {
                    while (!cancelled && reachable && next == versions.size()) {
                        InMemoryServer.this.wait(1_000);
                    }
                    if (cancelled) {
                        closed = new Signal.Closed(Signal.Closed.Cause.CANCELLED, 0, 0, "end");
                    } else if (!reachable) {
                        closed = broken();
                    } else {
                        item = versions.get(next);
                    }
                    if (closed != null) {
                        watching = false;
                        watches--;
                    }
                }
                if (item != null
                        && item.resource().equals(resource)
                        && Long.parseLong(item.version().resourceVersion()) > told) {
                    tell(item.version(), handler);
                }
            }
            handler.on(closed);
        }

        @Override
        public void probe(String resourceVersion, Handler handler) throws InterruptedException {
            Signal end;
            synchronized (InMemoryServer.this) {
                end = page(0, null, null);
            }
            answer(List.of(), end, handler);
        }

        @Override
        public void look(String namespace, String name, Handler handler)
                throws InterruptedException {
            List<ObjectVersion> found = List.of();
            Signal end;
            synchronized (InMemoryServer.this) {
                for (Stored each : versions) {
                    ObjectVersion item = each.version();
                    if (each.resource().equals(resource)
                            && item.name().equals(name)
                            && item.namespace().equals(namespace)) {
                        found = List.of(item);
                    }
                }
                end = page(1, namespace, name);
            }
            answer(found, end, handler);
        }

        /** What ends an answer. */
        private Signal page(int items, String lastNamespace, String lastName) {
            return reachable
                    ? new Signal.Page(
                            Long.toString(version),
                            null,
                            nowMillis,
                            items,
                            true,
                            lastNamespace,
                            lastName)
                    : broken();
        }

        private Signal.Closed broken() {
            refused++;
            return new Signal.Closed(Signal.Closed.Cause.BROKEN, 0, 0, "not reachable");
        }

        private void answer(Collection<ObjectVersion> items, Signal end, Handler handler)
                throws InterruptedException {
            if (end instanceof Signal.Page page) {
                handler.on(new Signal.Opened(page.serverTimeMillis()));
                for (ObjectVersion item : items) {
                    tell(item, handler);
                }
            }
            handler.on(end);
        }

        private void tell(ObjectVersion item, Handler handler) throws InterruptedException {
            if (handler.wants(item.namespace(), item.name(), item.resourceVersion())) {
                handler.on(new Signal.Upserted(item));
            }
            hasTold(resource, item);
        }

        @Override
        public void cancel() {
            synchronized (InMemoryServer.this) {
                cancelled = watching;
                InMemoryServer.this.notifyAll();
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
