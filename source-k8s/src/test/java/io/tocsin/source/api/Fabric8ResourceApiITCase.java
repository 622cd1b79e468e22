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
package io.tocsin.source.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.api.Signal.Closed;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.KubernetesEvent;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The network edge against a real kube-apiserver and etcd. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class Fabric8ResourceApiITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder ->
                            builder.compactionInterval(Duration.ofSeconds(3))
                                    .user("nobody-special"));

    @TempDir Path directory;

    @Test
    void listsByPagesWatchesOnAndDeserializes(KubeControlPlane plane) throws Exception {
        plane.rest().createNamespace("pages");
        for (int i = 0; i < 5; i++) {
            event(plane, "pages", "e" + i, "note " + i);
        }
        Signals signals = new Signals();
        try (ResourceApi api = open(plane, "events", "pages")) {
            api.list(2, null, null, signals);
            Signal.Page first = (Signal.Page) signals.last();
            assertThat(first.items()).isEqualTo(2);
            assertThat(first.sorted()).isTrue();
            assertThat(first.lastName()).isEqualTo("e1");
            assertThat(first.serverTimeMillis())
                    .isCloseTo(
                            System.currentTimeMillis(),
                            org.assertj.core.api.Assertions.within(60_000L));
            api.list(2, first.continueToken(), null, signals);
            api.list(2, ((Signal.Page) signals.last()).continueToken(), null, signals);
            assertThat(((Signal.Page) signals.last()).continueToken()).isNull();
            assertThat(signals.of(Signal.Upserted.class))
                    .extracting(u -> u.object().name())
                    .containsExactly("e0", "e1", "e2", "e3", "e4");

            Signals watched = new Signals();
            Thread watcher = watch(api, first.resourceVersion(), watched);
            String version = event(plane, "pages", "e5", "ö 🔔 \u2028");
            Awaitility.await().until(() -> watched.of(Signal.Upserted.class).size() == 1);
            ObjectVersion object = watched.of(Signal.Upserted.class).get(0).object();
            assertThat(object.resourceVersion()).isEqualTo(version);
            KubernetesEvent event = deserialize(object);
            assertThat(event.note()).isEqualTo("ö 🔔 \u2028");
            assertThat(event.regarding().name()).isEqualTo("cart");
            assertThat(event.reportingController()).isEqualTo("kubelet");
            assertThat(event.occurrences()).isEqualTo(3);
            plane.rest().delete("/api/v1/namespaces/pages/events/e5");
            Awaitility.await().until(() -> watched.of(Signal.Deleted.class).size() == 1);
            api.cancel();
            watcher.join();
            assertThat(((Closed) watched.last()).cause()).isEqualTo(Closed.Cause.CANCELLED);
        }
    }

    @Test
    void listsAndWatchesOnlyWhatAFieldSelectorSelects(KubeControlPlane plane) throws Exception {
        plane.rest().createNamespace("fields");
        event(plane, "fields", "w0", "a", "Warning");
        event(plane, "fields", "n0", "a", "Normal");
        for (String selector : List.of("type=Warning,regarding.kind=Pod", "type=Warning")) {
            Signals signals = new Signals();
            Signals watched = new Signals();
            try (ResourceApi api =
                    new Fabric8ResourceApiFactory()
                            .selectingFields(selector)
                            .open(access(plane), "events", "fields")) {
                api.list(100, null, null, signals);
                api.look("fields", "n0", signals);
                Signal.Page page = signals.of(Signal.Page.class).get(0);
                Thread watcher = watch(api, page.resourceVersion(), watched);
                event(plane, "fields", "n1" + selector.length(), "a", "Normal");
                event(plane, "fields", "w1" + selector.length(), "a", "Warning");
                Awaitility.await().until(() -> !watched.of(Signal.Upserted.class).isEmpty());
                api.cancel();
                watcher.join();
            }
            assertThat(signals.of(Signal.Upserted.class))
                    .extracting(u -> u.object().name())
                    .contains("w0")
                    // Looked for by its name, it is still found.
                    .endsWith("n0")
                    .doesNotContain("n1" + selector.length());
            assertThat(watched.of(Signal.Upserted.class))
                    .extracting(u -> u.object().name())
                    .containsExactly("w1" + selector.length());
        }
    }

    @Test
    void theServerEndsAWatchInTime(KubeControlPlane plane) throws Exception {
        Signals signals = new Signals();
        try (ResourceApi api = open(plane, "events", "*")) {
            api.watch(plane.rest().currentVersion(), Duration.ofSeconds(1), signals);
        }
        Closed closed = (Closed) signals.last();
        assertThat(closed.cause()).isEqualTo(Closed.Cause.CLEAN);
        assertThat(closed.openMillis()).isBetween(500L, 6_000L);
    }

    @Test
    void anOldVersionAndAnOldTokenAreExpired(KubeControlPlane plane) throws Exception {
        plane.rest().createNamespace("old");
        event(plane, "old", "a", "a");
        event(plane, "old", "b", "b");
        event(plane, "old", "c", "c");
        Signals signals = new Signals();
        try (ResourceApi api = open(plane, "events", "old")) {
            api.list(1, null, null, signals);
            Signal.Page page = (Signal.Page) signals.last();
            event(plane, "old", "d", "d");
            event(plane, "old", "e", "e");
            plane.rest().awaitExpired(page.resourceVersion(), Duration.ofSeconds(60));

            api.watch(page.resourceVersion(), Duration.ofSeconds(30), signals);
            assertThat(signals.last())
                    .isInstanceOfSatisfying(
                            Signal.Expired.class, e -> assertThat(e.inStream()).isTrue());
            api.list(1, null, page.resourceVersion(), signals);
            assertThat(signals.last())
                    .isInstanceOfSatisfying(
                            Signal.Expired.class, e -> assertThat(e.inStream()).isFalse());
            api.list(1, page.continueToken(), null, signals);
            assertThat(signals.last())
                    .isInstanceOfSatisfying(
                            Signal.Expired.class, e -> assertThat(e.continueToken()).isNotBlank());
        }
    }

    @Test
    void aProbeKnowsTheFuture(KubeControlPlane plane) throws Exception {
        String now = plane.rest().currentVersion();
        Signals signals = new Signals();
        try (ResourceApi api = open(plane, "events", "*")) {
            api.probe(now, signals);
            assertThat(signals.last()).isInstanceOf(Signal.Page.class);
            api.probe(new BigInteger(now).add(BigInteger.valueOf(1_000_000)).toString(), signals);
        }
        assertThat(signals.last())
                .isInstanceOfSatisfying(
                        Signal.Refused.class,
                        r -> {
                            assertThat(r.status()).isEqualTo(504);
                            assertThat(r.resourceVersionTooLarge()).isTrue();
                        });
    }

    @Test
    void readsACompressedList(KubeControlPlane plane) throws Exception {
        plane.rest().createNamespace("large");
        for (int i = 0; i < 200; i++) {
            event(plane, "large", "e" + i, "x".repeat(1000));
        }
        Signals signals = new Signals();
        try (ResourceApi api = open(plane, "events", "large")) {
            api.list(0, null, null, signals);
        }
        assertThat(signals.of(Signal.Upserted.class)).hasSize(200);
        assertThat(((Signal.Page) signals.last()).items()).isEqualTo(200);
    }

    @Test
    void whoMayNotIsToldSo(KubeControlPlane plane) throws Exception {
        ClusterAccess access =
                new ClusterAccess(plane.kubeconfigFor("nobody-special").toString(), null, false);
        Signals signals = new Signals();
        try (ResourceApi api = new Fabric8ResourceApiFactory().open(access, "events", "*")) {
            api.list(1, null, null, signals);
        }
        assertThat(signals.last())
                .isInstanceOfSatisfying(
                        Signal.Refused.class,
                        r -> {
                            assertThat(r.status()).isEqualTo(403);
                            assertThat(r.message()).contains("nobody-special", "cannot list");
                        });
        assertThat(Fabric8ClusterContact.check(access, List.of("*")))
                .isInstanceOfSatisfying(
                        ClusterContact.Forbidden.class,
                        f ->
                                assertThat(f.message())
                                        .contains(
                                                "list events in all namespaces", "nobody-special"));
    }

    @Test
    void firstContact(KubeControlPlane plane) throws Exception {
        assertThat(Fabric8ClusterContact.check(access(plane), List.of("*")))
                .isInstanceOfSatisfying(
                        ClusterContact.Ready.class,
                        r -> {
                            assertThat(r.serverVersion()).startsWith("v");
                            assertThat(r.server()).isEqualTo(plane.server().toString());
                        });
        String untrusting =
                Files.readString(plane.kubeconfig())
                        .replaceAll("(?m)^\\s*\"?certificate-authority.*$", "");
        Path file = Files.writeString(directory.resolve("untrusting"), untrusting);
        assertThat(
                        Fabric8ClusterContact.check(
                                new ClusterAccess(file.toString(), null, false), List.of("*")))
                .isInstanceOfSatisfying(
                        ClusterContact.Unreachable.class,
                        u -> assertThat(u.message()).contains("certificate"));
    }

    @Test
    void aKilledServerBreaksTheWatchAndANewOneIsFound() throws Exception {
        try (KubeControlPlane plane = KubeControlPlane.start();
                ResourceApi api = open(plane, "events", "*")) {
            Signals watched = new Signals();
            Thread watcher = watch(api, plane.rest().currentVersion(), watched);
            plane.apiServer().kill();
            watcher.join();
            assertThat(((Closed) watched.last()).cause()).isEqualTo(Closed.Cause.BROKEN);

            Signals signals = new Signals();
            api.list(1, null, null, signals);
            assertThat(((Closed) signals.last()).cause()).isEqualTo(Closed.Cause.BROKEN);
            plane.apiServer().start();
            api.list(1, null, null, signals);
            assertThat(signals.last()).isInstanceOf(Signal.Page.class);
        }
    }

    private static ClusterAccess access(KubeControlPlane plane) {
        return new ClusterAccess(plane.kubeconfig().toString(), null, false);
    }

    private static ResourceApi open(KubeControlPlane plane, String resource, String scope) {
        return new Fabric8ResourceApiFactory().open(access(plane), resource, scope);
    }

    /** Returns when the watch is open. */
    private static Thread watch(ResourceApi api, String version, Signals signals) {
        Thread watcher =
                new Thread(
                        () -> {
                            try {
                                api.watch(version, Duration.ofSeconds(60), signals);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "watcher");
        watcher.start();
        Awaitility.await().until(() -> signals.all.contains(first(signals)));
        return watcher;
    }

    private static Signal first(Signals signals) {
        return signals.of(Signal.Opened.class).stream().findFirst().orElse(null);
    }

    private static String event(
            KubeControlPlane plane, String namespace, String name, String note) {
        return event(plane, namespace, name, note, "Warning");
    }

    private static String event(
            KubeControlPlane plane, String namespace, String name, String note, String type) {
        return plane.rest()
                .create(
                        "/api/v1/namespaces/" + namespace + "/events",
                        """
                        {"metadata":{"name":"%s"},"involvedObject":{"kind":"Pod","namespace":"%s","name":"cart"},
                         "reason":"BackOff","message":"%s","type":"%s","source":{"component":"kubelet"},
                         "firstTimestamp":"2026-11-21T02:00:00Z","lastTimestamp":"2026-11-21T02:10:00Z","count":3}
                        """
                                .formatted(name, namespace, note, type))
                .at("/metadata/resourceVersion")
                .asText();
    }

    private static KubernetesEvent deserialize(ObjectVersion object) throws Exception {
        return new EventDeserializer()
                .deserialize(
                        new KubernetesRecord(
                                KubernetesRecord.Kind.UPSERTED,
                                KubernetesRecord.Origin.WATCH,
                                "c",
                                "events",
                                "*",
                                0,
                                object.namespace(),
                                object.name(),
                                object.uid(),
                                object.resourceVersion(),
                                object.json(),
                                0,
                                0,
                                null))
                .event();
    }
}
