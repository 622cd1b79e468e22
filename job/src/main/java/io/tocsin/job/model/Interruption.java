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

import io.tocsin.annotation.StateType;
import io.tocsin.source.KubernetesRecord;

/**
 * A time in which silence says nothing: nothing rings or ends merely because nothing was seen.
 *
 * @param kind why
 * @param resource what could not be watched, such as {@code events}; {@code nodes} for {@link
 *     Kind#NODE_DOWN}
 * @param scope the namespace that could not be seen, or {@code *} for all; null for {@link
 *     Kind#NODE_DOWN}
 * @param node the node that says nothing; null for all other kinds
 * @param fromMillis its begin, epoch milliseconds of the cluster's clock
 * @param toMillis its end; 0 while it lasts
 */
@StateType
public record Interruption(
        Kind kind, String resource, String scope, String node, long fromMillis, long toMillis) {

    private static final String NODES = "nodes";

    /** Why silence says nothing. Constants may be added, never removed or renamed. */
    public enum Kind {
        /** Contact to the cluster was lost. */
        BLIND,
        /** Objects may have come and gone unseen. Always told when it is over. */
        POSSIBLE_LOSS,
        /** A node is not ready: its kubelet reports nothing of its pods. */
        NODE_DOWN
    }

    /** Whether a record of the source tells one. */
    public static boolean isTold(KubernetesRecord record) {
        return record.kind() == KubernetesRecord.Kind.BLIND
                || record.kind() == KubernetesRecord.Kind.POSSIBLE_LOSS;
    }

    /** What such a record tells. */
    public static Interruption of(KubernetesRecord record) {
        return new Interruption(
                record.kind() == KubernetesRecord.Kind.BLIND ? Kind.BLIND : Kind.POSSIBLE_LOSS,
                record.resource(),
                record.scope(),
                null,
                record.fromMillis(),
                record.toMillis());
    }

    /** That a node said nothing from a time on; {@code toMillis} is 0 while that lasts. */
    public static Interruption ofNode(String node, long fromMillis, long toMillis) {
        return new Interruption(Kind.NODE_DOWN, NODES, null, node, fromMillis, toMillis);
    }

    /** Whether its scope is one of the namespaces that are watched: nodes have none. */
    public boolean isOfNamespaces() {
        return scope != null && !NODES.equals(resource);
    }

    /** Identity: one outage may be told as several kinds, from the same moment on. */
    public String key() {
        return kind + "/" + resource + "/" + (node == null ? scope : node) + "/" + fromMillis;
    }

    /** Whether it is about the same thing, so that it says what became of the other. */
    public boolean isOfSame(Interruption other) {
        return kind == other.kind
                && same(resource, other.resource)
                && same(scope, other.scope)
                && same(node, other.node);
    }

    private static boolean same(String one, String other) {
        return one == null ? other == null : one.equals(other);
    }
}
