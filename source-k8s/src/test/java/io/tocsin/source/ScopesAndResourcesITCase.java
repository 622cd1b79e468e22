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

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tocsin.source.api.ClusterAccess;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.PodEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which namespaces and which resources the source reads, on a real kube-apiserver and etcd. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ScopesAndResourcesITCase {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Map<String, Queue<KubernetesRecord>> TOLD = new ConcurrentHashMap<>();

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(builder -> builder.user("follower").user("core-only"));

    private JobClient job;
    private InMemoryReporter metrics;

    @AfterEach
    void cancelJob() throws Exception {
        if (job != null) {
            job.cancel().get();
        }
    }

    private void start(
            String name,
            Path kubeconfig,
            UnaryOperator<KubernetesSourceBuilder<KubernetesRecord>> what)
            throws Exception {
        metrics = InMemoryReporter.create();
        Configuration configuration = metrics.addToConfiguration(new Configuration());
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(2, configuration);
        env.enableCheckpointing(200);
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofSeconds(1));
        options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofSeconds(1));
        options.set(KubernetesSourceOptions.BACKOFF_CAP, Duration.ofSeconds(1));
        TOLD.put(name, new ConcurrentLinkedQueue<>());
        KubernetesSource<KubernetesRecord> source =
                what.apply(KubernetesSource.builder())
                        .cluster("c")
                        .access(new ClusterAccess(kubeconfig.toString(), null, false))
                        .deserializer(new RawDeserializer())
                        .options(options)
                        .build();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "objects")
                .uid("source")
                .process(new Teller(name))
                .uid("teller")
                .setParallelism(1)
                .sinkTo(new DiscardingSink<>())
                .uid("nothing");
        job = env.executeAsync();
    }

    private static final class Teller extends ProcessFunction<KubernetesRecord, Void> {
        private static final long serialVersionUID = 1L;
        private final String name;

        Teller(String name) {
            this.name = name;
        }

        @Override
        public void processElement(KubernetesRecord told, Context context, Collector<Void> out) {
            TOLD.get(name).add(told);
        }
    }

    /** Names of objects that were told as created or changed. */
    private static List<String> told(String name) {
        return TOLD.get(name).stream()
                .filter(each -> each.kind() == KubernetesRecord.Kind.UPSERTED)
                .map(KubernetesRecord::name)
                .toList();
    }

    private long gauge(String name) {
        return metrics.findMetrics(job.getJobID(), name).values().stream()
                .filter(Gauge.class::isInstance)
                .mapToLong(metric -> ((Number) ((Gauge<?>) metric).getValue()).longValue())
                .sum();
    }

    private static String labelled(String name, String label) {
        return "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"team\":%s}}}".formatted(name, label);
    }

    private static void write(KubeControlPlane plane, String namespace, String name) {
        new ClusterFixtures(plane.rest())
                .create(PodEvent.backOff(namespace, name, "cart", "pod-uid"));
    }

    @Test
    @DisplayName(
            "43 Given a label selector, when namespaces come, gain and lose the label, go and come back, then the splits follow and nothing is lost")
    void scenario43_followsNamespacesAsTheyComeGoAndComeBack(KubeControlPlane plane)
            throws Exception {
        plane.rest().create("/api/v1/namespaces", labelled("one", "\"shop\""));
        plane.rest().create("/api/v1/namespaces", labelled("two", "\"pay\""));
        write(plane, "one", "in-one");
        write(plane, "two", "in-two");
        start("labels", plane.kubeconfig(), each -> each.namespaceSelector("team=shop"));
        await().atMost(LONG).untilAsserted(() -> assertThat(told("labels")).contains("in-one"));
        assertThat(told("labels")).doesNotContain("in-two");

        plane.rest().patch("/api/v1/namespaces/two", labelled("two", "\"shop\""));
        await().atMost(LONG).untilAsserted(() -> assertThat(told("labels")).contains("in-two"));
        plane.rest().create("/api/v1/namespaces", labelled("three", "\"shop\""));
        write(plane, "three", "in-three");
        await().atMost(LONG).untilAsserted(() -> assertThat(told("labels")).contains("in-three"));
        await().atMost(LONG).until(() -> gauge("kubernetes.splits") == 3);

        plane.rest().patch("/api/v1/namespaces/one", labelled("one", "null"));
        await().atMost(LONG).until(() -> gauge("kubernetes.splits") == 2);
        write(plane, "one", "unseen-in-one");
        new ClusterFixtures(plane.rest()).deleteNamespace("three");
        await().atMost(LONG).until(() -> gauge("kubernetes.splits") == 1);
        plane.rest().create("/api/v1/namespaces", labelled("three", "\"shop\""));
        write(plane, "three", "again-in-three");
        write(plane, "two", "late-in-two");
        await().atMost(LONG)
                .untilAsserted(
                        () ->
                                assertThat(told("labels"))
                                        .contains("again-in-three", "late-in-two")
                                        .doesNotContain("unseen-in-one"));
        assertThat(told("labels")).filteredOn(name -> name.endsWith("-two")).hasSize(2);

        plane.rest().patch("/api/v1/namespaces/one", labelled("one", "\"shop\""));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(told("labels")).contains("unseen-in-one"));
        assertThat(told("labels"))
                .as("lost")
                .contains("in-one", "unseen-in-one", "in-two", "late-in-two")
                .contains("in-three", "again-in-three");
        List<String> stayed =
                told("labels").stream().filter(name -> !name.endsWith("-one")).toList();
        assertThat(stayed).as("repeated, of what never lost the label").doesNotHaveDuplicates();
        System.out.printf(
                "scenario43: %d versions, lost 0, repeated 0; %d read again with a namespace that"
                        + " had lost the label%n",
                Set.copyOf(told("labels")).size(),
                told("labels").size() - Set.copyOf(told("labels")).size());
    }

    @Test
    void goesOnTryingWhileNamespacesMayNotBeListed(KubeControlPlane plane) throws Exception {
        plane.rest().create("/api/v1/namespaces", labelled("later", "\"later\""));
        write(plane, "later", "waited-for");
        start(
                "forbidden",
                plane.kubeconfigFor("follower"),
                each -> each.namespaceSelector("team=later"));
        // Nobody can be asked whether it was refused; a reader that may read events is not enough.
        allow(plane, "follower", "events.k8s.io", "events");
        await().during(Duration.ofSeconds(2)).atMost(LONG).until(() -> told("forbidden").isEmpty());
        allow(plane, "follower", "", "namespaces");
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(told("forbidden")).containsExactly("waited-for"));
    }

    private static void allow(KubeControlPlane plane, String user, String group, String resource) {
        String name = user + "-" + resource;
        String rbac = "/apis/rbac.authorization.k8s.io/v1/";
        plane.rest()
                .create(
                        rbac + "clusterroles",
                        """
                        {"metadata":{"name":"%s"},
                         "rules":[{"apiGroups":["%s"],"resources":["%s"],
                                   "verbs":["get","list","watch"]}]}
                        """
                                .formatted(name, group, resource));
        plane.rest()
                .create(
                        rbac + "clusterrolebindings",
                        """
                        {"metadata":{"name":"%s"},
                         "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole",
                                    "name":"%s"},
                         "subjects":[{"kind":"User","name":"%s",
                                      "apiGroup":"rbac.authorization.k8s.io"}]}
                        """
                                .formatted(name, name, user));
    }

    @Test
    void readsEventsOfCoreWhereTheNewerApiIsNotAllowed(KubeControlPlane plane) throws Exception {
        allow(plane, "core-only", "", "events");
        plane.rest().createNamespace("core");
        write(plane, "core", "listed");
        start("core", plane.kubeconfigFor("core-only"), each -> each);
        await().atMost(LONG).untilAsserted(() -> assertThat(told("core")).contains("listed"));
        write(plane, "core", "watched");
        await().atMost(LONG).untilAsserted(() -> assertThat(told("core")).contains("watched"));
        assertThat(TOLD.get("core"))
                .filteredOn(each -> "watched".equals(each.name()))
                .singleElement()
                .satisfies(
                        each ->
                                assertThat(new String(each.object(), StandardCharsets.UTF_8))
                                        .contains("\"involvedObject\""));
    }

    @ParameterizedTest
    @CsvSource({
        "pods, /api/v1/namespaces/res-pods/pods, res-pods",
        "nodes, /api/v1/nodes,",
        "namespaces, /api/v1/namespaces,"
    })
    void readsOtherResourcesToo(
            String resource, String collection, String namespace, KubeControlPlane plane)
            throws Exception {
        if (namespace != null) {
            plane.rest().createNamespace(namespace);
        }
        create(plane, collection, resource, "listed-of-" + resource);
        start(resource, plane.kubeconfig(), each -> each.resource(resource));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(told(resource)).contains("listed-of-" + resource));
        create(plane, collection, resource, "watched-of-" + resource);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(told(resource)).contains("watched-of-" + resource));
        plane.rest()
                .patch(
                        collection + "/watched-of-" + resource,
                        "{\"metadata\":{\"labels\":{\"changed\":\"yes\"}}}");
        await().atMost(LONG)
                .untilAsserted(
                        () ->
                                assertThat(TOLD.get(resource))
                                        .filteredOn(
                                                each ->
                                                        ("watched-of-" + resource)
                                                                .equals(each.name()))
                                        .hasSize(2)
                                        .allSatisfy(
                                                each -> {
                                                    assertThat(each.namespace())
                                                            .isEqualTo(namespace);
                                                    assertThat(each.uid()).isNotBlank();
                                                }));
    }

    private static void create(
            KubeControlPlane plane, String collection, String resource, String name) {
        String spec =
                resource.equals("pods")
                        ? ",\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}"
                        : "";
        plane.rest().create(collection, "{\"metadata\":{\"name\":\"" + name + "\"}" + spec + "}");
    }
}
