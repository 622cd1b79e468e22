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

/**
 * What came of a first contact with a cluster: whether a run can begin, or whose turn it is to fix
 * what. No message carries a credential.
 */
public sealed interface ClusterContact {

    /**
     * The server answered, and events can be listed and watched in at least one of the namespaces.
     *
     * @param serverVersion such as {@code v1.34.4}; {@code unknown} where it may not be asked
     * @param contextName name of the kubeconfig's context, or {@code in-cluster}
     * @param server scheme, host and port of the API server
     */
    record Ready(String serverVersion, String contextName, String server)
            implements ClusterContact {}

    /** The kubeconfig cannot be used; trying again is of no use. */
    record BadConfig(String message, String remedy) implements ClusterContact {}

    /** Nobody answered, or TLS failed; may pass. */
    record Unreachable(String message) implements ClusterContact {}

    /**
     * The server does not know who asks: it answered 401.
     *
     * @param message names server and context
     */
    record Unauthorized(String message) implements ClusterContact {}

    /**
     * The server answered 403 in every namespace asked for.
     *
     * @param message names verb, resource, scope and, where the server tells it, the user
     */
    record Forbidden(String message) implements ClusterContact {}

    /** Something answered that is no Kubernetes API server, or none that can be watched. */
    record NotKubernetes(String message) implements ClusterContact {}
}
