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
package io.tocsin.source.api;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where a resource is found below the API server's address.
 *
 * @param path path of the collection, such as {@code apis/events.k8s.io/v1/events}
 * @param fallback the same objects in an older API, or null
 * @param selector label selector of the objects that matter, or null for all
 * @param fields field selector of the objects that matter, or null for all
 */
record ResourcePath(String path, String fallback, String selector, String fields) {

    private static final String CLUSTER_SCOPED = "cluster-scoped";

    /** Resource to API group paths, preferred first; then whether it is cluster-scoped. */
    private static final Map<String, String[]> RESOURCES =
            new TreeMap<>(
                    Map.of(
                            "events", new String[] {"apis/events.k8s.io/v1", "api/v1"},
                            "pods", new String[] {"api/v1"},
                            "nodes", new String[] {"api/v1", CLUSTER_SCOPED},
                            "namespaces", new String[] {"api/v1", CLUSTER_SCOPED},
                            "deployments", new String[] {"apis/apps/v1"},
                            "replicasets", new String[] {"apis/apps/v1"},
                            "statefulsets", new String[] {"apis/apps/v1"},
                            "daemonsets", new String[] {"apis/apps/v1"},
                            "jobs", new String[] {"apis/batch/v1"},
                            "cronjobs", new String[] {"apis/batch/v1"}));

    /**
     * @param scope {@code *} or a namespace; cluster-scoped resources know {@code *} only
     * @throws IllegalArgumentException if there is no such resource or scope
     */
    static ResourcePath of(String resource, String scope) {
        String[] groups = RESOURCES.get(resource);
        if (groups == null) {
            throw new IllegalArgumentException(
                    "Resource '"
                            + resource
                            + "' is unknown; expected one of "
                            + RESOURCES.keySet());
        }
        boolean second = groups.length > 1;
        boolean clusterScoped = isClusterScoped(resource);
        if (clusterScoped && !scope.equals("*")) {
            throw new IllegalArgumentException(
                    "Resource '"
                            + resource
                            + "' belongs to no namespace: its scope is '*', not '"
                            + scope
                            + "'");
        }
        return new ResourcePath(
                collection(groups[0], resource, scope),
                second && !clusterScoped ? collection(groups[1], resource, scope) : null,
                null,
                null);
    }

    /** Whether there is one collection of it only, and none per namespace. */
    static boolean isClusterScoped(String resource) {
        return Arrays.asList(RESOURCES.getOrDefault(resource, new String[0]))
                .contains(CLUSTER_SCOPED);
    }

    /** Only what a label selector selects. */
    ResourcePath selecting(String labelSelector) {
        return new ResourcePath(path, fallback, labelSelector, fields);
    }

    /** Only those with fields that a selector selects; null for all. */
    ResourcePath withFields(String fieldSelector) {
        return new ResourcePath(path, fallback, selector, fieldSelector);
    }

    /**
     * What a list's or a watch's query says of fields; empty if nothing.
     *
     * @param old whether the older API is asked, where events regard nothing but involve it
     */
    String fieldQuery(boolean old) {
        if (fields == null) {
            return "";
        }
        String named = old ? fields.replaceAll("(^|,)regarding\\.", "$1involvedObject.") : fields;
        return "&fieldSelector=" + encode(named);
    }

    /** What a request's query says of labels; empty if nothing. */
    String labelQuery() {
        return selector == null ? "" : "&labelSelector=" + encode(selector);
    }

    /** The same collection within one namespace; null leaves it as it is. */
    ResourcePath in(String namespace) {
        return namespace == null
                ? this
                : new ResourcePath(
                        narrow(path, namespace),
                        fallback == null ? null : narrow(fallback, namespace),
                        selector,
                        fields);
    }

    private static String narrow(String collection, String namespace) {
        if (collection.contains("/namespaces/")) {
            return collection;
        }
        int resource = collection.lastIndexOf('/');
        return collection.substring(0, resource)
                + "/namespaces/"
                + encode(namespace)
                + collection.substring(resource);
    }

    private static String collection(String group, String resource, String scope) {
        return scope.equals("*")
                ? group + "/" + resource
                : group + "/namespaces/" + encode(scope) + "/" + resource;
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
