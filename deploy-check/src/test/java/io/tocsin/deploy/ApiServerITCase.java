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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.KubeRest;
import io.tocsin.testing.KubeRest.Answer;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a real API server says to the manifest, with the operator's definition installed. */
class ApiServerITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER = new KubeControlPlaneExtension();

    @BeforeAll
    static void aNamespaceThatTakesOnlyRestrictedPods() {
        KubeRest rest = CLUSTER.controlPlane().rest();
        rest.create(
                "/api/v1/namespaces",
                """
                {"metadata": {"name": "tocsin",
                  "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
                """);
        rest.create(
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Schemas.definition());
        rest.awaitStatus(
                "/apis/flink.apache.org/v1beta1/namespaces/tocsin/flinkdeployments",
                200,
                Duration.ofSeconds(30));
    }

    @Test
    void takesEveryObjectWithStrictValidation() throws IOException {
        for (JsonNode object : ManifestObjects.ofManifest()) {
            Answer answer = ManifestObjects.dryRun(CLUSTER.controlPlane().rest(), object);
            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        }
    }

    @Test
    void refusesUnknownFieldsOfTheDeploymentAndOfItsPodTemplate() throws IOException {
        ObjectNode deployment = ManifestObjects.ofManifest("FlinkDeployment");
        ((ObjectNode) deployment.get("spec")).put("taskManagers", 1);
        ((ObjectNode) deployment.at("/spec/podTemplate/spec/containers/0"))
                .put("imagePullPolcy", "");

        Answer answer = ManifestObjects.dryRun(CLUSTER.controlPlane().rest(), deployment);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body())
                .contains("unknown field \\\"spec.taskManagers\\\"")
                .contains(
                        "unknown field \\\"spec.podTemplate.spec.containers[0].imagePullPolcy\\\"");
    }

    @Test
    void takesThePodTemplateAsAPodOfARestrictedNamespace() throws IOException {
        Answer answer = ManifestObjects.dryRun(CLUSTER.controlPlane().rest(), pod());
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }

    @Test
    void wouldNotTakeItWithRoot() throws IOException {
        ObjectNode pod = pod();
        ((ObjectNode) pod.at("/spec/securityContext")).put("runAsNonRoot", false);

        Answer answer = ManifestObjects.dryRun(CLUSTER.controlPlane().rest(), pod);

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body()).contains("restricted", "runAsNonRoot");
    }

    /** The pod template with what Flink adds to it. */
    private static ObjectNode pod() throws IOException {
        ObjectNode deployment = ManifestObjects.ofManifest("FlinkDeployment");
        ObjectNode pod = (ObjectNode) deployment.at("/spec/podTemplate");
        ((ObjectNode) pod.get("metadata")).put("name", "tocsin-taskmanager-1-1");
        ((ObjectNode) pod.get("spec"))
                .set("serviceAccountName", deployment.at("/spec/serviceAccount"));
        ObjectNode main = (ObjectNode) pod.at("/spec/containers/0");
        main.set("image", deployment.at("/spec/image"));
        main.set("resources", new ObjectMapper().readTree("{\"requests\": {\"cpu\": \"0.5\"}}"));
        return pod;
    }
}
