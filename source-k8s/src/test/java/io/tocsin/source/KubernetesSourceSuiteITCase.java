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
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.PodEvent;
import java.net.URL;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.testframe.TestResource;
import org.apache.flink.connector.testframe.environment.MiniClusterTestEnvironment;
import org.apache.flink.connector.testframe.external.ExternalContextFactory;
import org.apache.flink.connector.testframe.external.ExternalSystemSplitDataWriter;
import org.apache.flink.connector.testframe.external.source.DataStreamSourceExternalContext;
import org.apache.flink.connector.testframe.external.source.TestingSourceSettings;
import org.apache.flink.connector.testframe.junit.annotations.TestContext;
import org.apache.flink.connector.testframe.junit.annotations.TestEnv;
import org.apache.flink.connector.testframe.junit.annotations.TestExternalSystem;
import org.apache.flink.connector.testframe.junit.annotations.TestSemantics;
import org.apache.flink.connector.testframe.testsuites.SourceTestSuiteBase;
import org.apache.flink.core.execution.CheckpointingMode;

/**
 * Flink's own suite of what a source has to do, on a real kube-apiserver: a split is a namespace.
 */
class KubernetesSourceSuiteITCase extends SourceTestSuiteBase<String> {

    /** As many as a case writes to at most. */
    private static final int SPLITS = 4;

    private static final AtomicInteger NAMESPACES = new AtomicInteger();

    @TestEnv final MiniClusterTestEnvironment environment = new MiniClusterTestEnvironment();

    @TestExternalSystem final ControlPlane controlPlane = new ControlPlane();

    @TestSemantics final CheckpointingMode[] semantics = {CheckpointingMode.EXACTLY_ONCE};

    @TestContext
    final ExternalContextFactory<Namespaces> context = name -> new Namespaces(controlPlane.plane);

    /** Started once for all cases. */
    static final class ControlPlane implements TestResource {
        private KubeControlPlane plane;

        @Override
        public void startUp() {
            plane = KubeControlPlane.start();
        }

        @Override
        public void tearDown() {
            plane.close();
        }
    }

    /** What one case reads. */
    static final class Namespaces implements DataStreamSourceExternalContext<String> {
        private final KubeControlPlane plane;
        private final List<String> names = new ArrayList<>();
        private int written;

        /** Some cases make the source before its splits, so all are there from the beginning. */
        Namespaces(KubeControlPlane plane) {
            this.plane = plane;
            for (int i = 0; i < SPLITS; i++) {
                String namespace = "split-" + NAMESPACES.incrementAndGet();
                plane.rest().createNamespace(namespace);
                names.add(namespace);
            }
        }

        @Override
        public Source<String, ?, ?> createSource(TestingSourceSettings settings) {
            Configuration options = new Configuration();
            options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofSeconds(1));
            options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofSeconds(1));
            KubernetesSourceBuilder<String> builder =
                    KubernetesSource.<String>builder()
                            .cluster("c")
                            .access(new ClusterAccess(plane.kubeconfig().toString(), null, false))
                            .namespaces(names)
                            .deserializer(new NameDeserializer())
                            .options(options);
            return (settings.getBoundedness() == Boundedness.BOUNDED ? builder.bounded() : builder)
                    .build();
        }

        @Override
        public ExternalSystemSplitDataWriter<String> createSourceSplitDataWriter(
                TestingSourceSettings settings) {
            String namespace = names.get(written++);
            return new ExternalSystemSplitDataWriter<>() {
                @Override
                public void writeRecords(List<String> records) {
                    ClusterFixtures cluster = new ClusterFixtures(plane.rest());
                    records.forEach(
                            name ->
                                    cluster.create(
                                            PodEvent.backOff(namespace, name, "cart", "pod-uid")));
                }

                @Override
                public void close() {
                    // holds nothing
                }
            };
        }

        /** A list tells objects in the order of their names. */
        @Override
        public List<String> generateTestData(
                TestingSourceSettings settings, int splitIndex, long seed) {
            return IntStream.range(0, 30)
                    .mapToObj(i -> "s%d-%s-%03d".formatted(splitIndex, Long.toHexString(seed), i))
                    .toList();
        }

        @Override
        public TypeInformation<String> getProducedType() {
            return Types.STRING;
        }

        @Override
        public List<URL> getConnectorJarPaths() {
            return List.of();
        }

        @Override
        public void close() {
            // The control plane goes with the suite.
        }
    }

    /** Names of objects, and nothing else. */
    private static final class NameDeserializer implements RecordDeserializer<String> {
        private static final long serialVersionUID = 1L;

        @Override
        public String deserialize(KubernetesRecord told) {
            return told.kind() == KubernetesRecord.Kind.UPSERTED ? told.name() : null;
        }

        @Override
        public long timestampMillis(String element) {
            return NO_TIMESTAMP;
        }

        @Override
        public TypeInformation<String> getProducedType() {
            return Types.STRING;
        }
    }
}
