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
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The schemas of the kinds of objects that a deployment may hold. */
final class Schemas {
    private static final String DEPLOYMENT_CRD =
            "META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml";

    private final Map<String, JsonNode> schemas = new HashMap<>(Fabric8Schemas.ofKinds());

    private final Map<String, String> versions = new HashMap<>(Fabric8Schemas.versions());

    Schemas() {
        versions.put("FlinkDeployment", "flink.apache.org/v1beta1");
        ObjectNode schema =
                (ObjectNode) definition().at("/spec/versions/0/schema/openAPIV3Schema").deepCopy();
        ObjectNode properties = (ObjectNode) schema.get("properties");
        // What every object has: the API server knows it without the definition.
        JsonNode common = schemas.get("ConfigMap").get("properties");
        for (String field : new String[] {"apiVersion", "kind", "metadata"}) {
            properties.set(field, common.get(field));
        }
        schemas.put("FlinkDeployment", schema);
    }

    /** The operator's definition of FlinkDeployment. */
    static JsonNode definition() {
        try (InputStream in = Schemas.class.getClassLoader().getResourceAsStream(DEPLOYMENT_CRD)) {
            return new ObjectMapper(new YAMLFactory()).readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The apiVersion of each kind. */
    Map<String, String> versions() {
        return versions;
    }

    Optional<JsonNode> of(String kind) {
        return Optional.ofNullable(schemas.get(kind));
    }
}
