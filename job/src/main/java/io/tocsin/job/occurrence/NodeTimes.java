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
package io.tocsin.job.occurrence;

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.WatchedKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Finds out when nothing was heard of a node's kubelet, by what is told of it in any order.
 *
 * <p>Down: the node controller says so by an event, or the watched node's condition is unknown. Up
 * again: it is ready, or its kubelet says itself that it is not (it can speak of its pods, too), or
 * it is being removed, or gone. What is told of one second at once counts as up. At most {@link
 * #MOST} signs are remembered: what was told of an interval that is forgotten stays as it is. A
 * node of which nothing was heard for {@link #LONGEST_MILLIS} is down no longer: by then its pods
 * have long been moved to other nodes, or it has gone unseen, and what rings about them must be
 * able to end.
 *
 * <p>Semantics: controller nodelifecycle (Ready becomes Unknown by NodeStatusUnknown or
 * NodeStatusNeverUpdated), 1.34.
 */
@Pure
final class NodeTimes {

    /** More signs of one node are not remembered. */
    static final int MOST = 32;

    /** Longer than this no node is down without another word of it. */
    static final long LONGEST_MILLIS = 3_600_000;

    /** What the note of a node begins with that is not ready because nothing is heard of it. */
    static final String SILENT = "NodeStatus";

    private static final String CONTROLLER = "node-controller";
    private static final String NOT_READY = "NodeNotReady";
    private static final Set<String> READY = Set.of("NodeReady", "RemovingNode", "DeletingNode");
    private static final Set<String> STATE_READY = Set.of("Ready", "Gone");

    private NodeTimes() {}

    /** Whether an occurrence tells something of a node's readiness. */
    static boolean isSign(Occurrence occurrence) {
        return occurrence.weight() > 0 && (isDown(occurrence) || isUp(occurrence));
    }

    /** Whether the node's kubelet can speak, or there is none to wait for. */
    static boolean isUp(Occurrence occurrence) {
        if (!isAboutNode(occurrence)) {
            return false;
        }
        if (isState(occurrence)) {
            return STATE_READY.contains(occurrence.reason())
                    || isStateNotReady(occurrence) && !isSilent(occurrence);
        }
        return READY.contains(occurrence.reason());
    }

    private static boolean isDown(Occurrence occurrence) {
        if (!isAboutNode(occurrence)) {
            return false;
        }
        if (isState(occurrence)) {
            return isStateNotReady(occurrence) && isSilent(occurrence);
        }
        return NOT_READY.equals(occurrence.reason())
                && CONTROLLER.equals(occurrence.reportingController());
    }

    private static boolean isStateNotReady(Occurrence occurrence) {
        return "NotReady".equals(occurrence.reason());
    }

    private static boolean isSilent(Occurrence occurrence) {
        return occurrence.note() != null && occurrence.note().startsWith(SILENT);
    }

    private static boolean isState(Occurrence occurrence) {
        return WatchedKind.NODE.isResource(occurrence.resource());
    }

    private static boolean isAboutNode(Occurrence occurrence) {
        return WatchedKind.NODE.isKind(occurrence.regarding().kind())
                && occurrence.regarding().name() != null
                && occurrence.reason() != null;
    }

    /** With one sign more. */
    static NodeSigns with(NodeSigns signs, long millis, boolean ready) {
        int size = signs.size();
        int at = size;
        // Of one time, being ready comes last.
        while (at > 0
                && (signs.millis()[at - 1] > millis
                        || signs.millis()[at - 1] == millis && signs.ready()[at - 1] && !ready)) {
            at--;
        }
        if (at > 0 && signs.millis()[at - 1] == millis && signs.ready()[at - 1] == ready) {
            return signs;
        }
        long[] times = new long[size + 1];
        boolean[] readies = new boolean[size + 1];
        System.arraycopy(signs.millis(), 0, times, 0, at);
        System.arraycopy(signs.ready(), 0, readies, 0, at);
        times[at] = millis;
        readies[at] = ready;
        System.arraycopy(signs.millis(), at, times, at + 1, size - at);
        System.arraycopy(signs.ready(), at, readies, at + 1, size - at);
        NodeSigns all = new NodeSigns(times, readies);
        return size < MOST ? all : withLess(all);
    }

    /** Without what tells nothing if possible, else without the first interval. */
    private static NodeSigns withLess(NodeSigns signs) {
        boolean[] ready = signs.ready();
        for (int i = 0; i < ready.length; i++) {
            if (ready[i] == (i == 0 || ready[i - 1])) {
                return without(signs, i, 1);
            }
        }
        return without(signs, 0, 2);
    }

    private static NodeSigns without(NodeSigns signs, int from, int count) {
        int size = signs.size() - count;
        long[] millis = Arrays.copyOf(signs.millis(), size);
        boolean[] ready = Arrays.copyOf(signs.ready(), size);
        System.arraycopy(signs.millis(), from + count, millis, from, size - from);
        System.arraycopy(signs.ready(), from + count, ready, from, size - from);
        return new NodeSigns(millis, ready);
    }

    /** When the node was down, in order; the last interval may last. */
    static List<Interruption> intervals(String node, NodeSigns signs) {
        List<Interruption> intervals = new ArrayList<>();
        long since = 0;
        boolean down = false;
        for (int i = 0; i < signs.size(); i++) {
            long millis = signs.millis()[i];
            if (!signs.ready()[i] && !down) {
                since = millis;
            } else if (signs.ready()[i] && down && millis > since) {
                intervals.add(Interruption.ofNode(node, since, millis));
            }
            down = !signs.ready()[i];
        }
        if (down) {
            intervals.add(Interruption.ofNode(node, since, 0));
        }
        return intervals;
    }

    /**
     * What is to be told of a change: first what has proved wrong, as over at once; then what is
     * new; and last what lasts, because a word of a node ends what lasted before. What is forgotten
     * has not proved wrong.
     */
    static List<Interruption> told(String node, NodeSigns before, NodeSigns now) {
        List<Interruption> known = intervals(node, before);
        List<Interruption> all = intervals(node, now);
        List<Interruption> told = new ArrayList<>();
        long remembered = now.size() == 0 ? Long.MAX_VALUE : now.millis()[0];
        for (Interruption each : known) {
            if (each.fromMillis() >= remembered
                    && all.stream().noneMatch(other -> other.key().equals(each.key()))) {
                told.add(Interruption.ofNode(node, each.fromMillis(), each.fromMillis()));
            }
        }
        for (Interruption each : all) {
            if (!known.contains(each)) {
                told.add(each);
            }
        }
        Interruption last = all.isEmpty() ? null : all.get(all.size() - 1);
        boolean lasts = last != null && last.toMillis() == 0;
        if (lasts && !told.isEmpty() && !told.contains(last)) {
            told.add(last);
        }
        return told;
    }

    /** What is told of a node of which nothing was heard for too long; null if it is not down. */
    static Interruption givenUp(String node, NodeSigns signs) {
        List<Interruption> all = intervals(node, signs);
        Interruption last = all.isEmpty() ? null : all.get(all.size() - 1);
        return last == null || last.toMillis() != 0
                ? null
                : Interruption.ofNode(node, last.fromMillis(), signs.newest() + LONGEST_MILLIS);
    }
}
