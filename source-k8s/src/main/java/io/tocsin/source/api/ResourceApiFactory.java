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

import java.io.Serializable;

/** Opens the seam to the network, on the machine and in the thread that will use it. */
@FunctionalInterface
public interface ResourceApiFactory extends Serializable {

    /**
     * Opens the API of one resource in one scope. Must not wait for the server: an unreachable one
     * is told by the calls.
     *
     * @param access where the cluster is
     * @param resource plural name of the resource, such as {@code events}
     * @param scope {@code *} for all namespaces, or the name of one namespace
     * @throws IllegalArgumentException if the access cannot be used at all, such as a kubeconfig
     *     that does not exist; fatal
     */
    ResourceApi open(ClusterAccess access, String resource, String scope);

    /**
     * Opens the API of those objects of one resource, of all namespaces, that a label selector
     * selects. As {@link #open} otherwise.
     *
     * @param selector a label selector, as kubectl takes it
     * @throws UnsupportedOperationException where labels are not known
     */
    default ResourceApi openSelected(ClusterAccess access, String resource, String selector) {
        throw new UnsupportedOperationException(
                "Cannot select " + resource + " by labels: " + getClass().getName() + " has none.");
    }

    /**
     * The same factory, whose {@link #open} opens what lists and watches no other objects than
     * those that a field selector selects. What was seen of an object before is still found.
     *
     * @param selector a field selector, as kubectl takes it
     * @throws UnsupportedOperationException where fields are not known
     */
    default ResourceApiFactory selectingFields(String selector) {
        throw new UnsupportedOperationException(
                "Cannot select by fields: " + getClass().getName() + " has none.");
    }
}
