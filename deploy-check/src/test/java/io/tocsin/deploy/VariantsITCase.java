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
package io.tocsin.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What users rightly change in the manifest, with no word about it; needs the job jar. */
class VariantsITCase extends ManifestChecks {
    static Stream<Arguments> variants() {
        return Stream.of(
                Arguments.of(
                        "another namespace", List.of("namespace: tocsin", "namespace: monitoring")),
                Arguments.of("other names", List.of("tocsin-", "bell-")),
                Arguments.of(
                        "variables out of a Secret",
                        List.of(
                                "          # env:\n",
                                "          envFrom: [{secretRef: {name: tocsin-secrets}}]\n",
                                "    # receivers:\n",
                                "    receivers: [{name: a, webhook: {url: {env: ONCALL_URL}}}]\n")),
                Arguments.of(
                        "labels and annotations",
                        List.of(
                                "      labels: {app.kubernetes.io/name: tocsin}",
                                "      labels: {app.kubernetes.io/name: tocsin, team: sre}\n      annotations: {a/b: c}")),
                Arguments.of(
                        "an image by digest",
                        List.of(
                                "tocsin:0.1.0",
                                "registry:5000/ops/tocsin@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
                Arguments.of(
                        "an ingress",
                        List.of(
                                "  jobManager:\n",
                                "  ingress: {template: \"{{name}}.example.com\", className: nginx}\n  jobManager:\n")),
                Arguments.of("two JobManagers", List.of("replicas: 1", "replicas: 2")),
                Arguments.of(
                        "a place to run",
                        List.of(
                                "      volumes:\n",
                                "      nodeSelector: {disk: ssd}\n      tolerations: [{key: a, operator: Exists}]\n      topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]\n      volumes:\n")),
                Arguments.of(
                        "another ConfigMap",
                        List.of(
                                "---\napiVersion: v1\nkind: Service",
                                "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: tocsin}\n---\napiVersion: v1\nkind: Service")),
                Arguments.of(
                        "a kind of its own",
                        List.of(
                                "---\napiVersion: v1\nkind: Service\n",
                                "---\napiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {name: t, namespace: tocsin}\n---\napiVersion: v1\nkind: Service\n")),
                Arguments.of(
                        "a template of TaskManagers",
                        List.of(
                                "memory: 1536m, cpu: 0.5}",
                                "memory: 2Gi, cpu: 1}\n    podTemplate: {spec: {nodeSelector: {disk: ssd}}}")),
                Arguments.of(
                        "rights in one namespace",
                        List.of(
                                "        inCluster: true",
                                "        inCluster: true\n        namespaces: [shop]",
                                "kind: ClusterRole\nmetadata:\n  name: tocsin-events\n",
                                "kind: Role\nmetadata:\n  name: tocsin-events\n  namespace: shop\n",
                                "kind: ClusterRoleBinding\nmetadata:\n  name: tocsin-events\n",
                                "kind: RoleBinding\nmetadata:\n  name: tocsin-events\n  namespace: shop\n",
                                "kind: ClusterRole, name",
                                "kind: Role, name")),
                Arguments.of(
                        "a Service of the web UI",
                        List.of(
                                "---\napiVersion: v1\nkind: Service\n",
                                "---\napiVersion: v1\nkind: Service\nmetadata: {name: ui, namespace: tocsin}\nspec: {selector: {app: tocsin, component: jobmanager}, ports: [{port: 80, targetPort: rest}]}\n---\napiVersion: v1\nkind: Service\n")),
                Arguments.of(
                        "options of newer operators",
                        List.of(
                                "    taskmanager.numberOfTaskSlots",
                                "    kubernetes.operator.snapshot.resource.enabled: \"false\"\n    web.timeout: 10min\n    job.autoscaler.enabled: \"true\"\n    taskmanager.numberOfTaskSlots")),
                Arguments.of(
                        "one file of the ConfigMap",
                        List.of(
                                "mountPath: /etc/tocsin,",
                                "mountPath: /etc/tocsin/pipeline.yaml, subPath: pipeline.yaml,")),
                Arguments.of(
                        "a merge key",
                        List.of("          emptyDir: {}\n", "          <<: {emptyDir: {}}\n")),
                Arguments.of(
                        "anchors",
                        List.of(
                                "runAsUser: 9999\n        runAsGroup: 9999",
                                "runAsUser: &u 9999\n        runAsGroup: *u")),
                Arguments.of(
                        "the cluster it runs in, unsaid", List.of("        inCluster: true\n", "")),
                Arguments.of(
                        "a kubeconfig out of a Secret",
                        List.of("inCluster: true", "kubeconfig: /etc/tocsin-secrets/prod")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("variants")
    void arePassedOver(String name, List<String> changes) throws IOException {
        String text = Files.readString(MANIFEST);
        for (int i = 0; i < changes.size(); i += 2) {
            assertThat(text).contains(changes.get(i));
            text = text.replace(changes.get(i), changes.get(i + 1));
        }
        assertThat(check.problems(Files.writeString(folder.resolve("k8s.yaml"), text))).isEmpty();
    }

    @Test
    void anObjectStoreIsOneWithItsPluginInTheImage() throws IOException {
        Path root = Files.createDirectory(folder.resolve("root"));
        for (String name : List.of("job", "flink-conf")) {
            Files.createSymbolicLink(root.resolve(name), ROOT.resolve(name).toRealPath());
        }
        Path image = Files.copy(ROOT.resolve("Dockerfile"), root.resolve("Dockerfile"));
        Path file =
                Files.writeString(
                        folder.resolve("k8s.yaml"),
                        Files.readString(MANIFEST)
                                .replace("file:///flink-data/", "s3://bucket/tocsin/"));
        try (DeployCheck other = new DeployCheck(root)) {
            assertThat(other.problems(file))
                    .hasSize(3)
                    .allSatisfy(problem -> assertThat(problem.text()).contains("/plugins/"));
            Files.writeString(
                    image,
                    Files.readString(image)
                            .replace(
                                    "USER",
                                    "COPY --from=flink:1.20.3-java17"
                                            + " /opt/flink/opt/flink-s3-fs-hadoop-1.20.3.jar"
                                            + " /opt/flink/plugins/s3/\nUSER"));
            assertThat(other.problems(file)).isEmpty();
        }
    }
}
