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
package io.tocsin.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes what a kubelet, a controller or an administrator would write. Threads may share it. */
public final class ClusterFixtures {

    private final KubeRest rest;

    public ClusterFixtures(KubeRest rest) {
        this.rest = rest;
    }

    /** Creates an event and returns it as stored. */
    public JsonNode create(PodEvent event) {
        return rest.create(event.collection(), event.object());
    }

    /** Raises the count of a stored event by patch, as recorders do, and returns it as stored. */
    public JsonNode raise(PodEvent event) {
        return rest.patch(event.collection() + "/" + event.name(), event.repetition().toString());
    }

    /** Deletes a stored event, as its time to live does. */
    public void delete(PodEvent event) {
        rest.delete(event.collection() + "/" + event.name());
    }

    /**
     * Deletes a stored event and creates it again under the same name, with a new uid: what a
     * recorder does that goes on counting after the time to live.
     */
    public JsonNode recreate(PodEvent event) {
        delete(event);
        return create(event);
    }

    /**
     * Deletes a namespace and the events and pods in it, and waits until it is gone: what the
     * namespace controller does, which does not run here.
     */
    public void deleteNamespace(String name) {
        String path = "/api/v1/namespaces/" + name;
        rest.delete(path);
        rest.delete(path + "/events");
        rest.delete(path + "/pods");
        ObjectNode namespace = (ObjectNode) rest.get(path);
        ((ObjectNode) namespace.path("spec")).putArray("finalizers");
        rest.replace(path + "/finalize", namespace);
        rest.awaitStatus(path, 404, Duration.ofSeconds(30));
    }

    /** Creates a pod with one container, app, that asks for so many CPUs; nothing runs it. */
    public JsonNode createPod(String namespace, String name, int cpus) {
        return rest.create(
                "/api/v1/namespaces/" + namespace + "/pods",
                """
                {"metadata": {"name": "%s"}, "spec": {"containers": [{"name": "app", "image": "none",
                 "resources": {"requests": {"cpu": "%d"}}}]}}"""
                        .formatted(name, cpus));
    }

    /**
     * Registers a node that says it is ready, without a kubelet: the scheduler binds pods to it,
     * and they never start.
     */
    public void createReadyNode(String name, int cpus) {
        rest.create("/api/v1/nodes", "{\"metadata\": {\"name\": \"" + name + "\"}}");
        String resources =
                "{\"cpu\": \"%d\", \"memory\": \"16Gi\", \"pods\": \"110\"}".formatted(cpus);
        rest.patch(
                "/api/v1/nodes/" + name + "/status",
                """
                {"status": {"capacity": %s, "allocatable": %s, "conditions": [
                 {"type": "Ready", "status": "True", "reason": "KubeletReady",
                  "lastHeartbeatTime": "%s", "lastTransitionTime": "%s"}]}}"""
                        .formatted(resources, resources, Instant.now(), Instant.now()));
        // Admission taints every new node as not ready.
        rest.patch("/api/v1/nodes/" + name, "{\"spec\": {\"taints\": null}}");
    }

    /**
     * Allows a user something, by a role of that namespace or, without one, of the cluster.
     *
     * @param namespace or null for all namespaces
     * @param apiGroup such as {@code events.k8s.io}; empty for core
     * @return name of the role and its binding, for {@link #revoke}
     */
    public String allow(
            String user, String namespace, String apiGroup, String resource, String... verbs) {
        String name =
                String.join("-", user, resource, verbs[0], apiGroup.isEmpty() ? "core" : apiGroup);
        String kind = namespace == null ? "ClusterRole" : "Role";
        String metadata = "\"metadata\": {\"name\": \"" + name + "\"}";
        rest.create(
                rbac(namespace, kind),
                "{%s, \"rules\": [{\"apiGroups\": [\"%s\"], \"resources\": [\"%s\"], \"verbs\": [%s]}]}"
                        .formatted(
                                metadata,
                                apiGroup,
                                resource,
                                Arrays.stream(verbs)
                                        .map(verb -> "\"" + verb + "\"")
                                        .collect(Collectors.joining(", "))));
        rest.create(
                rbac(namespace, kind + "Binding"),
                """
                {%s, "subjects": [{"kind": "User", "name": "%s", "apiGroup": "rbac.authorization.k8s.io"}],
                 "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "%s", "name": "%s"}}"""
                        .formatted(metadata, user, kind, name));
        return name;
    }

    /** Takes back what {@link #allow} allowed. */
    public void revoke(String namespace, String name) {
        String kind = namespace == null ? "ClusterRole" : "Role";
        rest.delete(rbac(namespace, kind + "Binding") + "/" + name);
        rest.delete(rbac(namespace, kind) + "/" + name);
    }

    private static String rbac(String namespace, String kind) {
        return "/apis/rbac.authorization.k8s.io/v1"
                + (namespace == null ? "" : "/namespaces/" + namespace)
                + "/"
                + kind.toLowerCase(Locale.ROOT)
                + "s";
    }

    /** What tells the versions of objects apart: {@code uid@resourceVersion} of a stored object. */
    public static String version(JsonNode stored) {
        return stored.at("/metadata/uid").asText()
                + "@"
                + stored.at("/metadata/resourceVersion").asText();
    }
}
