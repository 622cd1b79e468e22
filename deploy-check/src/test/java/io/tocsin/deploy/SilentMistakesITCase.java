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

/**
 * Mistakes that the API server, the operator's validator and the schema take without a word, and
 * that stop the job, lose its state or open a hole once applied; needs the job jar.
 */
class SilentMistakesITCase extends ManifestChecks {
    static Stream<Arguments> mistakes() {
        return Stream.of(
                // Kinds and versions that no API server has.
                mistake(
                        "kind: Service\n",
                        "kind: Servce\n",
                        "unknown kind",
                        "did you mean Service?"),
                mistake(
                        "flink.apache.org/v1beta1",
                        "flink.apache.org/v1beta2",
                        "apiVersion",
                        "flink.apache.org/v1beta1"),
                mistake(
                        "apiVersion: v1\nkind: ConfigMap",
                        "apiVersion: apps/v1\nkind: ConfigMap",
                        "apiVersion",
                        "expected \"v1\""),
                mistake(
                        "rbac.authorization.k8s.io/v1\nkind: ClusterRole\n",
                        "rbac.authorization.k8s.io/v1beta1\nkind: ClusterRole\n",
                        "rbac.authorization.k8s.io/v1\""),
                mistake("name: tocsin-metrics", "name: Tocsin_Metrics", "lower case"),
                mistake(
                        "imagePullPolicy: IfNotPresent",
                        "imagePullPolicy: IfNotPresnt",
                        "one of [Always"),
                // Namespaces.
                mistake(
                        "  name: tocsin-flink\n  namespace: tocsin\nroleRef",
                        "  name: tocsin-flink\nroleRef",
                        "RoleBinding/tocsin-flink metadata.namespace",
                        "kubectl"),
                mistake(
                        "  name: tocsin-flink\n  namespace: tocsin\nroleRef",
                        "  name: tocsin-flink\n  namespace: default\nroleRef",
                        "roleRef.name",
                        "and namespace"),
                mistake(
                        "  name: tocsin-pipeline\n  namespace: tocsin\n",
                        "  name: tocsin-pipeline\n",
                        "ConfigMap/tocsin-pipeline metadata.namespace"),
                mistake(
                        "  name: tocsin\n  namespace: tocsin\nspec:\n  image",
                        "  name: tocsin\nspec:\n  image",
                        "FlinkDeployment/tocsin metadata.namespace"),
                // Values of options: Flink would end at its start.
                mistake(
                        "execution.checkpointing.interval: 10s",
                        "execution.checkpointing.interval: 10 sec onds",
                        "checkpointing.interval",
                        "Could not parse"),
                mistake("RETAIN_ON_CANCELLATION", "RETAIN_ON_CANCELATION", "Could not parse"),
                mistake(
                        "numberOfTaskSlots: \"1\"",
                        "numberOfTaskSlots: \"one\"",
                        "Could not parse"),
                mistake(
                        "rollback.enabled: \"true\"",
                        "rollback.enabled: \"yes\"",
                        "Could not parse"),
                mistake(
                        "memory: 1536m",
                        "memory: 128m",
                        "taskManager.resource.memory",
                        "that Flink can divide"),
                mistake(
                        "memory: 1024m",
                        "memory: 256m",
                        "jobManager.resource.memory",
                        "that Flink can divide"),
                mistake(
                        "env.java.opts.all: --add-exports",
                        "env.java.opts.all: --add-exprots",
                        "without --add-exports=java.base/sun.net.util"),
                // Options that the state depends on.
                mistake(
                        "    execution.checkpointing.interval: 10s\n",
                        "",
                        "execution.checkpointing.interval",
                        "nothing"),
                mistake(
                        "restart-strategy.type: exponential-delay",
                        "restart-strategy.type: none",
                        "the first failure ends the job"),
                mistake(
                        "state.backend.incremental: \"true\"",
                        "state.backend.incremental: \"false\"",
                        "whole state"),
                mistake(
                        "file:///flink-data/checkpoints",
                        "/tmp/checkpoints",
                        "begin it with file://"),
                mistake(
                        "file:///flink-data/checkpoints",
                        "fiel:///flink-data/checkpoints",
                        "did you mean file?"),
                mistake(
                        "file:///flink-data/checkpoints",
                        "file://flink-data/checkpoints",
                        "three slashes"),
                mistake(
                        "{name: data, mountPath: /flink-data}",
                        "{name: data, mountPath: /flink-data, readOnly: true}",
                        "remove readOnly"),
                // Rights.
                mistake(
                        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tocsin-events}\nsubjects:\n  - {kind: ServiceAccount, name: tocsin, namespace: tocsin}",
                        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tocsin-events}\nsubjects:\n  - {kind: User, name: tocsin}",
                        "to list, watch events"),
                mistake(
                        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tocsin-events}\nsubjects:\n  - {kind: ServiceAccount, name: tocsin, namespace: tocsin}",
                        "roleRef: {apiGroup: rbac.authorization.k8s.io/v1, kind: ClusterRole, name: tocsin-events}\nsubjects:\n  - {kind: ServiceAccount, name: tocsin, namespace: tocsin}",
                        "roleRef.apiGroup"),
                mistake(
                        "resources: [events]",
                        "resources: [events, secrets]",
                        "resources[1]",
                        "more rights"),
                mistake(
                        "resources: [pods, configmaps]",
                        "resources: [pods, configmaps, pods/exec]",
                        "more rights"),
                mistake(
                        "update, patch, delete]\n",
                        "update, patch, delete, escalate]\n",
                        "more rights"),
                mistake(
                        "resources: [deployments, deployments/finalizers]",
                        "resources: [deployments/finalizers]",
                        "to get deployments of apps"),
                // Locked down.
                mistake(
                        "            allowPrivilegeEscalation: false\n",
                        "            allowPrivilegeEscalation: false\n            runAsUser: 0\n",
                        "containers[0].securityContext.runAsUser",
                        "not 0"),
                mistake(
                        "            allowPrivilegeEscalation: false\n",
                        "            allowPrivilegeEscalation: false\n            runAsNonRoot: false\n",
                        "containers[0].securityContext.runAsNonRoot"),
                mistake(
                        "capabilities: {drop: [ALL]}",
                        "capabilities: {drop: [ALL], add: [NET_ADMIN]}",
                        "capabilities.add"),
                mistake(
                        "resource: {memory: 1536m, cpu: 0.5}",
                        "resource: {memory: 1536m, cpu: 0.5}\n    podTemplate: {spec: {securityContext: {runAsUser: 0}}}",
                        "taskManager.podTemplate.spec.securityContext.runAsUser"),
                mistake(
                        "      volumes:\n",
                        "        - {name: debug, image: busybox, securityContext: {privileged: true}}\n      volumes:\n",
                        "containers[1].securityContext.privileged"),
                mistake(
                        "      volumes:\n",
                        "      initContainers:\n        - {name: own, image: busybox, securityContext: {runAsUser: 0}}\n      volumes:\n",
                        "initContainers[0].securityContext.runAsUser"),
                // What is mounted, served and started.
                mistake(
                        "        - name: tmp\n          emptyDir: {}\n",
                        "        - name: tmp\n",
                        "a volume of 0 sources"),
                mistake(
                        "        - name: tmp\n          emptyDir: {}\n",
                        "        - name: tmp\n          emptyDir: {}\n          hostPath: {path: /tmp}\n",
                        "a volume of 2 sources"),
                mistake(
                        "configMap: {name: tocsin-pipeline}",
                        "configMap: {name: tocsin-pipeline, items: [{key: pipeline.yaml, path: p.yaml}]}",
                        "is no key but [p.yaml]"),
                mistake(
                        "{name: pipeline, mountPath: /etc/tocsin,",
                        "{name: pipeline, mountPath: /etc/tocsin/pipeline.yaml, subPath: other.yaml,",
                        "other.yaml is no key"),
                mistake("        fsGroup: 9999\n", "", "fsGroup", "as root"),
                mistake(
                        "persistentVolumeClaim: {claimName: tocsin-data}",
                        "hostPath: {path: /var/lib/tocsin}",
                        "spec.volumes[0].hostPath",
                        "restricted"),
                mistake("defaultMode: 0440", "defaultMode: 440", "0670", "0440 with a leading 0"),
                mistake("defaultMode: 0440", "defaultMode: 0o440", "defaultMode"),
                mistake("defaultMode: 0440", "defaultMode: 640", "0 to 0777"),
                mistake("containerPort: 9249", "containerPort: 92490", "1 to 65535"),
                mistake("port: 9249", "port: 0", "1 to 65535"),
                mistake(
                        "kind: Service\n",
                        """
                        kind: Secret
                        metadata: {name: tocsin-secrets, namespace: tocsin}
                        data: {oncall-url: "https://hunter2"}
                        ---
                        apiVersion: v1
                        kind: Service
                        """,
                        "Secret/tocsin-secrets data.oncall-url",
                        "stringData"),
                mistake(
                        "  selector: {app.kubernetes.io/name: tocsin}\n",
                        "",
                        "spec.selector",
                        "no endpoints"),
                mistake(
                        "PrometheusReporterFactory",
                        "PrometheusReporter",
                        "PrometheusReporterFactory"),
                mistake("    metrics.reporter.prom.port: \"9249\"\n", "", "\"9249\""),
                mistake(
                        "--dead-letters, /flink-data/dead-letters",
                        "--output, yaml",
                        "console, json or file:URI"),
                mistake(
                        "--dead-letters, /flink-data/dead-letters",
                        "--output, \"file:/tmp/out\"",
                        "outlives the pod"),
                mistake("inCluster: true", "kubeconfig: /etc/kube/config", "where no volume is"),
                mistake(
                        "inCluster: true",
                        "context: prod",
                        "a kubeconfig that the pods do not have"));
    }

    @Test
    void showNothingOfASecret() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("k8s.yaml"),
                        Files.readString(MANIFEST)
                                + """
                                ---
                                apiVersion: v1
                                kind: Secret
                                metadata: {name: tocsin-secrets, namespace: tocsin}
                                data: {oncall-url: "https://hunter2"}
                                """);

        assertThat(check.problems(file)).singleElement().asString().doesNotContain("hunter2");
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @MethodSource("mistakes")
    void areTold(String right, String wrong, List<String> words) throws IOException {
        assertThat(check.problems(changed(right, wrong)))
                .extracting(Problem::toString)
                .anySatisfy(line -> assertThat(line).contains(words));
    }
}
