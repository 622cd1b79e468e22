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
package io.tocsin.source.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tocsin.source.Startup;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.ClusterOracle;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeRest;
import io.tocsin.testing.PodEvent;
import io.tocsin.testing.fault.FaultProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.TestInfo;

/**
 * Where one scenario plays: a namespace of its own on a real control plane, a proxy before it that
 * the source goes through and writers do not, and all versions that were written there.
 */
final class Stage implements AutoCloseable {

    private final KubeControlPlane plane;
    private final String name;
    private final String namespace;
    private final FaultProxy proxy;
    private final Path kubeconfig;
    private final Queue<String> written = new ConcurrentLinkedQueue<>();
    private final List<ClusterOracle> oracles = new ArrayList<>();
    private SourceRun run;

    /**
     * @param name of the scenario; its namespace is called so
     */
    Stage(KubeControlPlane plane, String name) {
        this.plane = plane;
        this.name = name;
        this.namespace = name.toLowerCase(Locale.ROOT) + "-" + System.nanoTime() % 100_000;
        plane.rest().createNamespace(namespace);
        proxy = FaultProxy.before(plane);
        try {
            kubeconfig = Files.createTempFile("tocsin-scenario", ".kubeconfig");
            Files.writeString(kubeconfig, proxy.kubeconfig(KubeControlPlane.ADMIN, plane.token()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write a kubeconfig", e);
        }
    }

    /** Name of a scenario: that of its method up to the underscore. */
    static String nameOf(TestInfo test) {
        String method = test.getTestMethod().orElseThrow().getName();
        return method.substring(0, (method + "_").indexOf('_'));
    }

    KubeControlPlane plane() {
        return plane;
    }

    KubeRest rest() {
        return plane.rest();
    }

    FaultProxy proxy() {
        return proxy;
    }

    String namespace() {
        return namespace;
    }

    /** Path of the collection that the source reads. */
    String eventsPath() {
        return "/apis/events.k8s.io/v1/namespaces/" + namespace + "/events";
    }

    /** Leads through the proxy, as administrator. */
    Path kubeconfig() {
        return kubeconfig;
    }

    // ------------------------------------------------------------------ reading

    /** Starts reading the namespace. */
    SourceRun start() {
        return start(Startup.EARLIEST, options -> options);
    }

    /** Starts reading the namespace with other options than the impatient ones. */
    SourceRun start(Startup startup, UnaryOperator<Configuration> options) {
        return start(kubeconfig, startup, options);
    }

    /** Starts reading the namespace as somebody else. */
    SourceRun start(Path otherKubeconfig, Startup startup, UnaryOperator<Configuration> options) {
        run = SourceRun.start(otherKubeconfig, List.of(namespace), startup, options);
        return run;
    }

    /** Starts reading all namespaces. */
    SourceRun startEverywhere(UnaryOperator<Configuration> options) {
        run = SourceRun.start(kubeconfig, List.of("*"), Startup.EARLIEST, options);
        return run;
    }

    SourceRun run() {
        return run;
    }

    // ------------------------------------------------------------------ writing

    /** A back-off of a pod, not written yet. */
    PodEvent event(String event) {
        return PodEvent.backOff(namespace, event, "cart", "pod-uid");
    }

    /** Writes an event; its {@code uid@resourceVersion}. */
    String create(String event) {
        return create(event(event));
    }

    String create(PodEvent event) {
        return wrote(new ClusterFixtures(rest()).create(event));
    }

    /** Writes many, several at a time. */
    void createAll(String prefix, int count) {
        IntStream.range(0, count).parallel().forEach(i -> create(prefix + "-" + i));
    }

    /** Raises the count of an event. */
    String raise(String event, int count) {
        return wrote(
                new ClusterFixtures(rest()).raise(event(event).withCount(count, Instant.now())));
    }

    void delete(String event) {
        new ClusterFixtures(rest()).delete(event(event));
    }

    /** Notes a version that was written. */
    String wrote(JsonNode stored) {
        String id = ClusterFixtures.version(stored);
        written.add(id);
        return id;
    }

    /** Recorders that write here by chance; what they write counts as written. */
    ClusterOracle recorders(int writers, int pods, long seed) {
        ClusterOracle oracle = ClusterOracle.on(rest(), namespace, writers, pods, seed);
        oracles.add(oracle);
        return oracle;
    }

    /** Every version that was acknowledged. */
    List<String> written() {
        List<String> all = new ArrayList<>(written);
        for (ClusterOracle oracle : oracles) {
            oracle.versions().forEach(version -> all.add(version.id()));
        }
        return all;
    }

    /** The versions that exist on the server now. */
    List<String> present() {
        List<String> present = new ArrayList<>();
        String token = "";
        do {
            JsonNode page =
                    rest().get(
                                    "/api/v1/namespaces/"
                                            + namespace
                                            + "/events?limit=500"
                                            + (token.isEmpty() ? "" : "&continue=" + token));
            page.get("items").forEach(item -> present.add(ClusterFixtures.version(item)));
            token = page.at("/metadata/continue").asText("");
        } while (!token.isEmpty());
        return present;
    }

    /** Makes what is written so far history that the server has forgotten. */
    void compact() {
        String now = rest().currentVersion();
        // The version itself is forgotten once another follows it.
        beat();
        rest().awaitExpired(now, SourceRun.LONG);
    }

    /** The same by a word to etcd, without waiting until the API server says it. */
    void compactAtOnce() {
        beat();
        beat();
        plane.etcdCluster().compact(plane.etcdCluster().revision());
    }

    /** Writes something that is not in the namespace; its version. */
    String beat() {
        PodEvent beat = PodEvent.backOff("default", "beat-" + System.nanoTime(), "beat", "beat");
        return new ClusterFixtures(rest()).create(beat).at("/metadata/resourceVersion").asText();
    }

    // ------------------------------------------------------------------ verdicts

    /** Reads until every version that was written is told, and asserts that none is twice. */
    void assertAllTold() {
        assertTold(written());
    }

    /**
     * Reads until every version that exists is told: what a source can know after a gap in which
     * changes of one object collapsed.
     */
    void assertPresentTold() {
        assertTold(present());
    }

    private void assertTold(Collection<String> ids) {
        awaitTold(ids);
        report(Set.copyOf(ids));
        assertThat(run.timeline().repeated()).as("repeated").isEmpty();
    }

    /** Reads until all of these are told. */
    void awaitTold(Collection<String> ids) {
        Set<String> expected = Set.copyOf(ids);
        run.until(
                "all " + expected.size() + " versions told",
                () ->
                        run.timeline().versions().size() >= expected.size()
                                && run.timeline().lost(expected).isEmpty());
    }

    private void report(Set<String> expected) {
        System.out.printf(
                "%s: %d versions, lost %d, repeated %d, 410s %d, relists %d, crashes %d; %s%n",
                name,
                expected.size(),
                run.timeline().lost(expected).size(),
                run.timeline().repeated().size(),
                run.metrics().expired(),
                run.metrics().relists(),
                run.crashes(),
                run.metrics());
    }

    @Override
    public void close() throws IOException {
        oracles.forEach(ClusterOracle::close);
        if (run != null) {
            run.close();
        }
        proxy.close();
        Files.deleteIfExists(kubeconfig);
    }
}
