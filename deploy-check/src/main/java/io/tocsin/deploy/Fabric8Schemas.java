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

import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Schemas of Kubernetes' own kinds, out of the types of the client's model. */
final class Fabric8Schemas {
    private static final List<Class<? extends HasMetadata>> KINDS =
            List.of(
                    ClusterRole.class,
                    ClusterRoleBinding.class,
                    ConfigMap.class,
                    Namespace.class,
                    NetworkPolicy.class,
                    PersistentVolumeClaim.class,
                    Role.class,
                    RoleBinding.class,
                    Secret.class,
                    Service.class,
                    ServiceAccount.class);

    private final ObjectMapper mapper = new ObjectMapper();
    private final Map<Class<?>, ObjectNode> known = new HashMap<>();

    private Fabric8Schemas() {}

    /** A schema for each kind, by its name. */
    static Map<String, JsonNode> ofKinds() {
        Fabric8Schemas schemas = new Fabric8Schemas();
        Map<String, JsonNode> byKind = new HashMap<>();
        for (Class<? extends HasMetadata> kind : KINDS) {
            byKind.put(kind.getSimpleName(), schemas.of(schemas.mapper.constructType(kind)));
        }
        return byKind;
    }

    /** The apiVersion of each kind, by its name. */
    static Map<String, String> versions() {
        return KINDS.stream()
                .collect(
                        Collectors.toMap(
                                Class::getSimpleName,
                                // The core group has no name.
                                kind -> HasMetadata.getApiVersion(kind).replaceFirst("^/", "")));
    }

    private ObjectNode of(JavaType type) {
        Class<?> raw = type.getRawClass();
        ObjectNode schema = JsonNodeFactory.instance.objectNode();
        if (raw == IntOrString.class || raw == Quantity.class) {
            return schema.put("x-kubernetes-int-or-string", true);
        }
        if (type.isMapLikeType()) {
            schema.put("type", "object").set("additionalProperties", of(type.getContentType()));
            return schema;
        }
        if (type.isCollectionLikeType()) {
            schema.put("type", "array").set("items", of(type.getContentType()));
            return schema;
        }
        if (raw == String.class) {
            return schema.put("type", "string");
        }
        if (raw == Boolean.class || raw == boolean.class) {
            return schema.put("type", "boolean");
        }
        if (raw == Integer.class || raw == Long.class) {
            return schema.put("type", "integer");
        }
        return raw.getName().startsWith("io.fabric8") ? bean(type) : schema;
    }

    private ObjectNode bean(JavaType type) {
        ObjectNode schema = known.get(type.getRawClass());
        if (schema == null) {
            schema = JsonNodeFactory.instance.objectNode().put("type", "object");
            // Before its properties: some types hold themselves.
            known.put(type.getRawClass(), schema);
            ObjectNode properties = schema.putObject("properties");
            BeanDescription bean = mapper.getDeserializationConfig().introspect(type);
            for (BeanPropertyDefinition property : bean.findProperties()) {
                if (property.hasField()) {
                    properties.set(property.getName(), of(property.getPrimaryType()));
                }
            }
        }
        return schema;
    }
}
