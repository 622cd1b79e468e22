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
package io.tocsin.job.pipeline;

/**
 * The uids of all operators. They name state in savepoints: never renamed, never reused. Each is
 * followed by the name of the cluster where there is one pipeline per cluster.
 */
public final class OperatorUids {

    public static final String EVENTS = "events";
    public static final String OCCURRENCES = "occurrences";
    public static final String CANDIDATES = "candidates";
    public static final String BLIND = "blind";
    public static final String ALERTS = "alerts";

    /** States of watched objects: only where rules need them. */
    public static final String OBJECTS = "objects";

    public static final String OBJECTS_BLIND = "objects-blind";

    public static final String NODE_EVENTS = "node-events";

    /** Which nodes are not ready. */
    public static final String NODES = "node-readiness";

    /** Filter before a sequence; followed by the rule's name and a hash of its stages. */
    public static final String SEQUENCE_INPUT = "sequence-input";

    /** What bounds what a sequence remembers; followed by the same. */
    public static final String SEQUENCE_RATION = "sequence-ration";

    /** What says where a sequence may begin; followed by the same. */
    public static final String SEQUENCE_GUARD = "sequence-guard";

    /** A sequence; followed by the rule's name and a hash of its stages. */
    public static final String SEQUENCE = "sequence";

    private OperatorUids() {}

    /**
     * The uid of an operator of a cluster's pipeline. What is before the slash never holds one, so
     * that no name of a cluster makes two alike.
     */
    public static String of(String operator, String cluster) {
        return operator + "/" + cluster;
    }
}
