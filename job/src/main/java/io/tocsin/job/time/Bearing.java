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
package io.tocsin.job.time;

import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.rule.Field;
import io.tocsin.job.rule.Matcher;
import java.util.Collections;
import java.util.Set;

/**
 * Where the reports of something come from, and so which interruptions concern it.
 *
 * @param namespace namespace of its subject; null or empty for what has none, such as a node
 * @param node the node whose kubelet reports it; null if no kubelet does, if those of several may,
 *     or of a node itself: a node that is not ready is no reason to be silent about that node
 * @param resource what is watched to learn it; null is {@code events}
 */
public record Bearing(String namespace, String node, String resource) {

    private static final String KUBELET = "kubelet";
    private static final String POD = "Pod";
    private static final String PODS = "pods";

    /** A subject with one of these fields is of one object, or of one node. */
    private static final Set<Field> OF_ONE_NODE =
            Set.of(Field.REGARDING_UID, Field.REGARDING_NAME, Field.REPORTING_INSTANCE, Field.NODE);

    /** Where what is told of a candidate comes from. */
    public static Bearing of(Candidate candidate) {
        return new Bearing(candidate.namespace(), node(candidate), candidate.resource());
    }

    /** Pods of one owner are on many nodes: that one of them is down says nothing of the others. */
    private static String node(Candidate candidate) {
        if (Collections.disjoint(OF_ONE_NODE, Field.ofLetters(candidate.per()))) {
            return null;
        }
        if (PODS.equals(candidate.resource())) {
            return candidate.node();
        }
        if (!KUBELET.equals(candidate.reportingController())
                || !POD.equals(candidate.told().kind())) {
            return null;
        }
        String node = candidate.node();
        return node != null ? node : candidate.told().reportingInstance();
    }

    /** Whether a kubelet may tell what a matcher means: some state of a pod, or an event of one. */
    static boolean isOfKubelets(Matcher matcher) {
        if (PODS.equals(matcher.resource())) {
            return true;
        }
        return Occurrence.EVENTS.equals(matcher.resource())
                && matcher.allows(Field.REPORTING_CONTROLLER, KUBELET)
                && matcher.allows(Field.REGARDING_KIND, POD);
    }

    /** The same, learned by watching something else. */
    public Bearing by(String otherResource) {
        return new Bearing(namespace, node, otherResource);
    }

    /** What is watched to learn it. */
    public String watched() {
        return resource == null ? Occurrence.EVENTS : resource;
    }
}
