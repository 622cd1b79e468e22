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
 * Why a resource that is to be watched besides events cannot be listed or watched. No message
 * carries a credential.
 *
 * @param resource plural name, such as {@code pods}
 * @param scope {@code *} for all namespaces, or the name of one
 * @param cause whose turn it is to mend what
 * @param message names verb, resource and scope, and what the server told, without a full stop
 */
public record Refusal(String resource, String scope, Cause cause, String message) {

    /** Whose turn it is to mend what. */
    public enum Cause {
        /** HTTP 403: a right is missing. */
        FORBIDDEN,
        /** HTTP 401: the server does not know who asks. */
        UNAUTHORIZED,
        /** HTTP 404 and the like: the server offers no such API, or none that can be watched. */
        NOT_SERVED,
        /** No answer, HTTP 429 or above: the server, or the way to it, is ill; may pass. */
        TROUBLE
    }

    static Refusal of(String resource, String scope, ClusterContact problem) {
        if (problem instanceof ClusterContact.Forbidden forbidden) {
            return new Refusal(resource, scope, Cause.FORBIDDEN, forbidden.message());
        }
        if (problem instanceof ClusterContact.Unauthorized unauthorized) {
            return new Refusal(resource, scope, Cause.UNAUTHORIZED, unauthorized.message());
        }
        if (problem instanceof ClusterContact.NotKubernetes other) {
            return new Refusal(resource, scope, Cause.NOT_SERVED, other.message());
        }
        if (problem instanceof ClusterContact.Unreachable unreachable) {
            return new Refusal(resource, scope, Cause.TROUBLE, unreachable.message());
        }
        throw new IllegalArgumentException("No problem of a list or a watch: " + problem);
    }
}
