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
package io.tocsin.job.model;

import io.tocsin.annotation.Pure;

/**
 * The kinds of objects that rules may watch besides events, as Kubernetes names them.
 *
 * <p>Semantics: core/v1 Pod and Node, apps/v1 Deployment.
 */
@Pure
public enum WatchedKind {
    /** Pods. */
    POD("pods", "Pod", ""),
    /** Nodes: they belong to no namespace. */
    NODE("nodes", "Node", ""),
    /** Deployments. */
    DEPLOYMENT("deployments", "Deployment", "apps");

    private final String resource;
    private final String kind;
    private final String group;

    WatchedKind(String resource, String kind, String group) {
        this.resource = resource;
        this.kind = kind;
        this.group = group;
    }

    /** Whether a resource, by its plural name, is of this kind. */
    public boolean isResource(String name) {
        return resource.equals(name);
    }

    /** Whether an object's kind is this one; null is none. */
    public boolean isKind(String name) {
        return kind.equals(name);
    }

    /** Its kind, such as {@code Pod}. */
    public String kind() {
        return kind;
    }

    /** The API group of a resource, by its plural name; empty for the core group. */
    public static String groupOf(String resource) {
        for (WatchedKind each : values()) {
            if (each.isResource(resource)) {
                return each.group;
            }
        }
        return "";
    }

    /** The API version of an object's kind. */
    public static String apiVersionOf(String kind) {
        for (WatchedKind each : values()) {
            if (each.isKind(kind) && !each.group.isEmpty()) {
                return each.group + "/v1";
            }
        }
        return "v1";
    }
}
