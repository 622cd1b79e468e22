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
 * @param life uid of the namespace, where namespaces are followed as they come and go: one that was
 *     deleted and made anew is another; null where the scope is configured by name
 */
public record ResourceSplit(
        String cluster, String resource, String scope, Position position, boolean lost, String life)
        implements SourceSplit {

    /** The scope of all namespaces. */
    public static final String ALL_NAMESPACES = "*";

    /** A split of a scope that is configured by name. */
    public ResourceSplit(
            String cluster, String resource, String scope, Position position, boolean lost) {
        this(cluster, resource, scope, position, lost, null);
    }

    /** A split that was never read. */
    public static ResourceSplit unread(String cluster, String resource, String scope) {
        return unread(cluster, resource, scope, null);
    }

    /** A split of one life of a namespace that was never read. */
    public static ResourceSplit unread(String cluster, String resource, String scope, String life) {
        return new ResourceSplit(cluster, resource, scope, Position.initial(), false, life);
    }

    /** The scope in the id of a split. No part of an id but the last may hold a slash. */
    public static String scopeOf(String splitId) {
        String last = splitId.substring(splitId.lastIndexOf('/') + 1);
        int life = last.indexOf('@');
        return life < 0 ? last : last.substring(0, life);
    }

    /** The life in the id of a split; null if it has none. */
    public static String lifeOf(String splitId) {
        int life = splitId.lastIndexOf('@');
        return life < splitId.lastIndexOf('/') ? null : splitId.substring(life + 1);
    }

    @Override
    public String splitId() {
        String id = cluster + "/" + resource + "/" + scope;
        return life == null ? id : id + "@" + life;
    }

    /** The same split elsewhere. */
    public ResourceSplit at(Position next) {
        return new ResourceSplit(cluster, resource, scope, next, lost, life);
    }

    /** The same split, lost or not. */
    public ResourceSplit withLost(boolean nowLost) {
        return new ResourceSplit(cluster, resource, scope, position, nowLost, life);
    }
}
