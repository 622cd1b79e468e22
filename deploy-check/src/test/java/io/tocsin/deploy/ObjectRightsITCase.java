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
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rights that rules about states need, which the manifest does not grant by itself. */
class ObjectRightsITCase extends ManifestChecks {
    private static final String EVENTS =
            "  - apiGroups: [events.k8s.io]\n    resources: [events]\n    verbs: [list, watch]\n";
    private static final String CORE =
            "  - apiGroups: [\"\"]\n    resources: [pods, nodes]\n    verbs: [list, watch]\n";
    private static final String APPS =
            "  - apiGroups: [apps]\n    resources: [deployments]\n    verbs: [list, watch]\n";

    @Test
    void thoseThatAreMissingAreToldWithResourceVerbAndRemedy() throws IOException {
        String account =
                "FlinkDeployment/tocsin spec.serviceAccount: got no right of ServiceAccount";

        assertThat(told(EVENTS, EVENTS))
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).contains("k8s.yaml:", account))
                .satisfiesExactly(
                        line ->
                                assertThat(line)
                                        .contains("tocsin to list, watch deployments of apps")
                                        .contains("expected those verbs in a ClusterRole bound")
                                        .contains("rules with state: deployments see nothing"),
                        line -> assertThat(line).contains("tocsin to list, watch nodes, expected"),
                        line -> assertThat(line).contains("tocsin to list, watch pods, expected"));
    }

    @Test
    void oneVerbThatIsMissingIsToldWhereItBelongs() throws IOException {
        assertThat(told(EVENTS, EVENTS + APPS + CORE.replace("list, watch", "list")))
                .hasSize(2)
                .allSatisfy(
                        line ->
                                assertThat(line)
                                        .contains("ClusterRole/tocsin-events rules[2].verbs")
                                        .contains("expected that verb in a ClusterRole"))
                .satisfiesExactly(
                        line -> assertThat(line).contains("to watch nodes"),
                        line -> assertThat(line).contains("to watch pods"));
    }

    @Test
    void allThatAreNeededAreEnough() throws IOException {
        assertThat(told(EVENTS, EVENTS + CORE + APPS)).isEmpty();
    }

    @Test
    void aRoleInTheNamespaceIsEnoughForAllButNodes() throws IOException {
        assertThat(
                        told(
                                "        inCluster: true",
                                "        inCluster: true\n        namespaces: [shop]",
                                "kind: ClusterRole\nmetadata:\n  name: tocsin-events\n",
                                "kind: Role\nmetadata:\n  name: tocsin-events\n  namespace: shop\n",
                                "kind: ClusterRoleBinding\nmetadata:\n  name: tocsin-events\n",
                                "kind: RoleBinding\nmetadata:\n  name: tocsin-events\n"
                                        + "  namespace: shop\n",
                                "kind: ClusterRole, name",
                                "kind: Role, name",
                                EVENTS,
                                EVENTS + CORE + APPS))
                .singleElement()
                .asString()
                .contains("to list, watch nodes, expected those verbs in a ClusterRole");
    }

    @Test
    void namespacesThatLabelsSelectMustBeWatchedThemselves() throws IOException {
        assertThat(
                        told(
                                "        inCluster: true",
                                "        inCluster: true\n        namespaces: {selector: a=b}"))
                .satisfiesExactly(
                        line ->
                                assertThat(line)
                                        .contains("to list, watch namespaces, expected")
                                        .contains("no namespace can be selected without it"),
                        line -> assertThat(line).contains("to list, watch nodes, expected"));
    }

    @Test
    void anotherClusterNeedsNoneHere() throws IOException {
        assertThat(told("inCluster: true", "kubeconfig: /etc/tocsin-secrets/prod")).isEmpty();
    }

    /** Of the manifest with rules about states, and with these changes in pairs. */
    private List<String> told(String... changes) throws IOException {
        String text =
                Files.readString(MANIFEST)
                        .replace("    rules: [default]\n", "    rules: [default, ./own.yaml]\n")
                        .replace(
                                "    # route: {receiver: oncall}\n",
                                "    # route: {receiver: oncall}\n"
                                        + "  own.yaml: |\n"
                                        + "    - {name: Oom, match: {reason: OOMKilled}, when: {state: pods}}\n"
                                        + "    - {name: Down, match: {reason: NotReady}, when: {state: nodes}}\n"
                                        + "    - {name: Stuck, match: {reason: ReplicaFailure}, when: {state: deployments}}\n");
        for (int i = 0; i < changes.length; i += 2) {
            assertThat(text).contains(changes[i]);
            text = text.replace(changes[i], changes[i + 1]);
        }
        return check.problems(Files.writeString(folder.resolve("k8s.yaml"), text)).stream()
                .map(Problem::toString)
                .toList();
    }
}
