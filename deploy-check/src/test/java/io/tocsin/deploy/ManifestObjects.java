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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tocsin.testing.KubeRest;
import io.tocsin.testing.KubeRest.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The manifest's objects as JSON, and where the API server takes them. */
final class ManifestObjects {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1/";
    private static final Map<String, String> COLLECTIONS =
            Map.of(
                    "ServiceAccount", "/api/v1/namespaces/tocsin/serviceaccounts",
                    "ConfigMap", "/api/v1/namespaces/tocsin/configmaps",
                    "Service", "/api/v1/namespaces/tocsin/services",
                    "Role", RBAC + "namespaces/tocsin/roles",
                    "RoleBinding", RBAC + "namespaces/tocsin/rolebindings",
                    "ClusterRole", RBAC + "clusterroles",
                    "ClusterRoleBinding", RBAC + "clusterrolebindings",
                    "Pod", "/api/v1/namespaces/tocsin/pods",
                    "FlinkDeployment",
                            "/apis/flink.apache.org/v1beta1/namespaces/tocsin/flinkdeployments");

    private ManifestObjects() {}

    /** All of them, in the order of the file. */
    static List<ObjectNode> ofManifest() throws IOException {
        String text = Files.readString(Path.of("..", "k8s-flinkdeployment.yaml"));
        List<ObjectNode> objects = new ArrayList<>();
        for (Object object : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(text)) {
            objects.add(JSON.valueToTree(object));
        }
        return objects;
    }

    /** The only one of a kind. */
    static ObjectNode ofManifest(String kind) throws IOException {
        return ofManifest().stream()
                .filter(object -> object.path("kind").asText().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    /** Sends it as kubectl apply --validate=strict --dry-run=server would. */
    static Answer dryRun(KubeRest rest, JsonNode object) {
        return rest.call(
                "POST",
                collection(object) + "?dryRun=All&fieldValidation=Strict",
                "application/json",
                object.toString());
    }

    static void create(KubeRest rest, JsonNode object) {
        rest.create(collection(object) + "?fieldValidation=Strict", object);
    }

    private static String collection(JsonNode object) {
        return COLLECTIONS.get(object.path("kind").asText());
    }
}
