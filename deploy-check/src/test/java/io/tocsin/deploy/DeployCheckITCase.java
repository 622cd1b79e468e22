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

/** The manifest of this repository, as it is and with one mistake each; needs the job jar. */
class DeployCheckITCase extends ManifestChecks {
    @Test
    void findsNothingWrongWithTheManifestAndTheDockerfile() throws IOException {
        assertThat(check.problems(MANIFEST)).isEmpty();
    }

    /** Text of the manifest, what a slip makes of it, and words of the one line that tells. */
    static Stream<Arguments> mistakes() {
        return Stream.of(
                // The schema: what the API server would drop without a word, or refuse.
                mistake("  taskManager:", "  taskManagers:", "taskManagers", "did you mean task"),
                mistake("upgradeMode:", "upgradmode:", "spec.job.upgradmode", "upgradeMode?"),
                mistake(
                        "resource: {memory: 1024m",
                        "resources: {memory: 1024m",
                        "spec.jobManager.resources",
                        "did you mean resource?"),
                mistake("runAsNonRoot", "runAsNonRoots", "securityContext.runAsNonRoots", "drop"),
                mistake("volumeMounts:", "volumesMounts:", "volumesMounts", "volumeMounts?"),
                mistake("containerPort: 9249", "containerPort: metrics", "an integer"),
                mistake(
                        "pipeline.max-parallelism: \"360\"",
                        "pipeline.max-parallelism: 360",
                        "quotes"),
                mistake(
                        "flinkVersion: v1_20",
                        "flinkVersion: v1.20",
                        "spec.flinkVersion",
                        "v1_20?"),
                mistake("ipFamilyPolicy", "ipFamilyPolicies", "spec.ipFamilyPolicies", "drop"),
                mistake("verbs: [list, watch]", "verb: [list, watch]", "rules[0].verb", "verbs?"),
                mistake("mode: native", "mode: Native", "spec.mode", "native, standalone"),
                mistake("    state: running", "    state: running\n    state: suspended", "twice"),
                // The operator's validator.
                mistake("memory: 1024m", "memory: plenty", "jobManager.resource", "parse error"),
                mistake("    parallelism: 1", "    parallelism: 0", "Job parallelism must be"),
                mistake(
                        "  name: tocsin\n  namespace: tocsin\nspec:\n  image",
                        "  name: Tocsin\n  namespace: tocsin\nspec:\n  image",
                        "metadata.name",
                        "it says"),
                mistake(
                        "    state.savepoints.dir: file:///flink-data/savepoints\n",
                        "",
                        "savepoint"),
                mistake("  serviceAccount: tocsin\n", "", "spec.serviceAccount must be defined"),
                mistake("jobManager:\n    replicas: 1", "jobManager:\n    replicas: 0", "replicas"),
                // Names in two places.
                mistake(
                        "- name: flink-main-container",
                        "- name: flink-main",
                        "flink-main-container"),
                mistake("{name: pipeline, mountPath", "{name: pipelines, mountPath", "pipeline?"),
                mistake(
                        "configMap: {name: tocsin-pipeline}",
                        "configMap: {name: tocsin-pipelines}",
                        "a ConfigMap of this file"),
                mistake(
                        "serviceAccount: tocsin\n",
                        "serviceAccount: toscin\n",
                        "did you mean tocsin?"),
                mistake(
                        "kind: ClusterRole, name: tocsin-events",
                        "kind: ClusterRole, name: tocsin-event",
                        "a ClusterRole of this file"),
                mistake("targetPort: metrics", "targetPort: metric", "the service leads nowhere"),
                mistake("reporter.prom.port: \"9249\"", "reporter.prom.port: \"9250\"", "\"9249\""),
                mistake(
                        "selector: {app.kubernetes.io/name: tocsin}",
                        "selector: {app.kubernetes.io/name: toscin}",
                        "no endpoints"),
                mistake(
                        "  name: tocsin-pipeline\n  namespace: tocsin",
                        "  name: tocsin-pipeline\n  namespace: default",
                        "the FlinkDeployment's"),
                mistake(
                        "--dead-letters, /flink-data/dead-letters",
                        "--dead-letters, /tmp/dead-letters",
                        "a volume that outlives the pod"),
                // Rights.
                mistake(
                        "verbs: [list, watch]",
                        "verbs: [list]",
                        "to watch events of events.k8s.io"),
                mistake("verbs: [list, watch]", "verbs: [list, watch, delete]", "only reads"),
                mistake("verbs: [list, watch]", "verbs: [\"*\"]", "list what is needed"),
                mistake(
                        "resources: [pods, configmaps]",
                        "resources: [configmaps]",
                        "create, delete pods"),
                // Locked down.
                mistake("runAsUser: 9999", "runAsUser: 0", "a number that is not 0"),
                mistake("            capabilities: {drop: [ALL]}\n", "", "[ALL]"),
                mistake(
                        "            - {name: tmp, mountPath: /tmp}\n",
                        "            - {name: tmp, mountPath: /var/tmp}\n",
                        "no volume at /tmp"),
                // State.
                mistake(
                        "persistentVolumeClaim: {claimName: tocsin-data}",
                        "emptyDir: {}",
                        "state ends with the pod"),
                mistake("file:///flink-data/ha", "file:///data/ha", "where no volume is"),
                mistake("upgradeMode: savepoint", "upgradeMode: stateless", "an upgrade loses"),
                mistake(
                        "allowNonRestoredState: true",
                        "allowNonRestoredState: false",
                        "sequence rule"),
                mistake(
                        "    state.checkpoints.dir:",
                        "    execution.checkpointing.dir:",
                        "the newer name"),
                mistake("generic-types: \"false\"", "generic-types: \"true\"", "Kryo"),
                mistake(
                        "max-parallelism: \"360\"",
                        "max-parallelism: \"128\"",
                        "part of the state"),
                mistake("    high-availability.type: kubernetes\n", "", "forgets the job"),
                mistake(
                        "    execution.checkpointing.interval:",
                        "    execution.checkpointing.intervall:",
                        "unknown option",
                        "did you mean execution.checkpointing.interval?"),
                mistake(
                        "    kubernetes.operator.deployment.rollback.enabled:",
                        "    kubernetes.operator.deployment.rollbacks.enabled:",
                        "did you mean kubernetes.operator.deployment.rollback.enabled?"),
                // The job.
                mistake("jobs/tocsin.jar", "usrlib/tocsin.jar", "where the Dockerfile copies"),
                mistake("io.tocsin.job.Main", "io.tocsin.Main", "with a main method"),
                mistake("/etc/tocsin/pipeline.yaml,", "/etc/tocsin/pipelines.yaml,", "is no key"),
                mistake("[--config, ", "[--conf, ", "--config FILE"),
                mistake("image: tocsin:0.1.0", "image: tocsin:latest", "pin it"),
                mistake(
                        "        inCluster: true",
                        "        inClutser: true",
                        "inClutser",
                        "inCluster"),
                mistake("rules: [default]", "rules: [./rules.yaml]", "rules.yaml"),
                mistake(
                        "    # receivers:\n",
                        "    receivers: [{name: a, webhook: {url: {env: ONCALL_URL}}}]\n",
                        "a variable of flink-main-container"),
                mistake(
                        "    # receivers:\n",
                        "    receivers: [{name: a, webhook: {url: {file: /etc/secrets/url}}}]\n",
                        "a file below a mount"));
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @MethodSource("mistakes")
    void tellsAMistakeByItsLine(String right, String wrong, List<String> words) throws IOException {
        Path file = changed(right, wrong);

        List<String> problems = check.problems(file).stream().map(Problem::toString).toList();

        assertThat(problems).anySatisfy(line -> assertThat(line).contains(words));
        assertThat(problems).allSatisfy(line -> assertThat(line).startsWith(file + ":"));
    }

    @Test
    void namesTheLineOfAMistakeWithinTheConfigMap() throws IOException {
        List<String> lines = Files.readAllLines(MANIFEST);
        int line = lines.indexOf("        inCluster: true") + 1;
        Path file = folder.resolve("k8s.yaml");
        Files.writeString(
                file, Files.readString(MANIFEST).replace("inCluster: true", "inCluster: perhaps"));

        assertThat(check.problems(file))
                .singleElement()
                .satisfies(problem -> assertThat(problem.line()).isEqualTo(line))
                .satisfies(problem -> assertThat(problem.path()).contains("data[pipeline.yaml]"));
    }

    @Test
    void tellsSeveralMistakesTogetherInTheOrderOfTheFile() throws IOException {
        Path file = folder.resolve("k8s.yaml");
        Files.writeString(
                file,
                Files.readString(MANIFEST)
                        .replace("verbs: [list, watch]", "verbs: [list]")
                        .replace("runAsUser: 9999", "runAsUser: 0")
                        .replace("entryClass: io.tocsin.job.Main", "entryClass: Main"));

        assertThat(check.problems(file))
                .extracting(Problem::path)
                .containsExactly(
                        "ClusterRole/tocsin-events rules[0].verbs",
                        "FlinkDeployment/tocsin spec.podTemplate.spec.securityContext.runAsUser",
                        "FlinkDeployment/tocsin spec.job.entryClass");
    }

    @Test
    void saysWhereTheTextIsNoYaml() throws IOException {
        Path file = folder.resolve("k8s.yaml");
        Files.writeString(file, "kind: [\n");

        assertThat(check.problems(file).toString()).contains("is not YAML");
    }
}
