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
package io.tocsin.source.split;

import org.apache.flink.api.connector.source.SourceSplit;

/**
 * One resource of one cluster in one scope, and how far it was read. Immutable; never divided.
 *
 * @param cluster name of the cluster, as configured
 * @param resource plural name of the resource
 * @param scope {@code *} for all namespaces, or the name of one
 * @param position how far it was emitted
 * @param lost blindness of this scope was told and its end was not yet: the first contact after a
 *     restore has to tell it
 */
public record ResourceSplit(
        String cluster, String resource, String scope, Position position, boolean lost)
        implements SourceSplit {

    /** The scope of all namespaces. */
    public static final String ALL_NAMESPACES = "*";

    /** A split that was never read. */
    public static ResourceSplit unread(String cluster, String resource, String scope) {
        return new ResourceSplit(cluster, resource, scope, Position.initial(), false);
    }

    @Override
    public String splitId() {
        return cluster + "/" + resource + "/" + scope;
    }

    /** The same split elsewhere. */
    public ResourceSplit at(Position next) {
        return new ResourceSplit(cluster, resource, scope, next, lost);
    }

    /** The same split, lost or not. */
    public ResourceSplit withLost(boolean nowLost) {
        return new ResourceSplit(cluster, resource, scope, position, nowLost);
    }
}
