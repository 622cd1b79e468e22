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
package io.tocsin.job.replay;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One cluster of a recording: its resources, and where an API server has them. Thread-safe only as
 * far as its resources are.
 */
final class ReplayedCluster {
    private static final Map<String, String> KINDS =
            Map.of("events", "EventList", "pods", "PodList", "nodes", "NodeList");

    private final String name;
    private final boolean coreEvents;
    private final Map<String, ReplayedResource> resources = new TreeMap<>();

    /**
     * A collection that was asked for.
     *
     * @param resource its resource
     * @param namespace its namespace, or null for all
     * @param apiVersion group and version, such as {@code events.k8s.io/v1}
     * @param listKind kind of its lists
     */
    record Collection(
            ReplayedResource resource, String namespace, String apiVersion, String listKind) {}

    /**
     * @param coreEvents whether events were recorded in core/v1 terms, and are found there
     */
    ReplayedCluster(String name, Set<String> resourceNames, boolean coreEvents, long historyBytes) {
        this.name = name;
        this.coreEvents = coreEvents;
        resourceNames.forEach(
                resource -> resources.put(resource, new ReplayedResource(historyBytes)));
    }

    String name() {
        return name;
    }

    ReplayedResource resource(String plural) {
        return resources.get(plural);
    }

    Iterable<ReplayedResource> resources() {
        return resources.values();
    }

    /**
     * Finds a collection by its path below the cluster's address; null if it was not recorded: what
     * nobody recorded is unknown, not empty.
     */
    Collection collection(String path) {
        String[] parts = path.split("/");
        int group = parts[0].equals("api") ? 2 : 3;
        int rest = parts.length - group;
        boolean known = parts[0].equals("api") || parts[0].equals("apis");
        if (!known || rest != 1 && (rest != 3 || !parts[group].equals("namespaces"))) {
            return null;
        }
        String plural = parts[parts.length - 1];
        String apiVersion = parts[0].equals("api") ? parts[1] : parts[1] + "/" + parts[2];
        ReplayedResource resource = resources.get(plural);
        if (resource == null
                || plural.equals("events")
                        && !apiVersion.equals(coreEvents ? "v1" : "events.k8s.io/v1")) {
            return null;
        }
        return new Collection(
                resource,
                rest == 1 ? null : parts[group + 1],
                apiVersion,
                KINDS.getOrDefault(plural, "List"));
    }
}
