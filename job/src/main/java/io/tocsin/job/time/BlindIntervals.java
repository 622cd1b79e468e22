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

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.rule.Matcher;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * When the cluster, or a node of it, could not be seen. Nothing fires or ends merely because
 * nothing was seen: a waiting that overlaps an interruption of what it waits for begins anew at its
 * end.
 */
@Pure
public final class BlindIntervals {

    /** Nothing was ever missed. */
    public static final BlindIntervals NONE = new BlindIntervals(List.of());

    private static final List<Interruption> NEVER = List.of();

    private final List<Interruption> unseen = new ArrayList<>();
    private final Map<String, List<Interruption>> byNode = new HashMap<>();

    /** Takes interruptions in any order. */
    public BlindIntervals(Collection<Interruption> interruptions) {
        interruptions.stream()
                .sorted(Comparator.comparingLong(Interruption::fromMillis))
                .forEach(
                        each -> {
                            if (each.kind() == Interruption.Kind.NODE_DOWN) {
                                byNode.computeIfAbsent(each.node(), n -> new ArrayList<>())
                                        .add(each);
                            } else {
                                unseen.add(each);
                            }
                        });
    }

    /**
     * Where a waiting really began.
     *
     * @param baseMillis its begin, or the end of the last interval that overlapped it
     * @param lasts whether it overlaps blindness that is not over, and so cannot end yet
     */
    public record Waiting(long baseMillis, boolean lasts) {

        /** When it ends, or {@code Long.MAX_VALUE}. */
        public long deadline(long durationMillis) {
            return lasts ? Long.MAX_VALUE : baseMillis + durationMillis;
        }

        /** Of two waitings for the same, the one that ends later. */
        public Waiting or(Waiting other) {
            return new Waiting(Math.max(baseMillis, other.baseMillis), lasts || other.lasts);
        }
    }

    /** Whether nothing was missed, so that it does not matter what is asked. */
    public boolean isNone() {
        return unseen.isEmpty() && byNode.isEmpty();
    }

    /**
     * Moves a waiting behind the interruptions that it overlaps.
     *
     * @param of where the reports come from that are waited for
     * @param base its begin
     * @param durationMillis its length
     */
    public Waiting restart(Bearing of, long base, long durationMillis) {
        List<Interruption> ofNode =
                of.node() == null ? NEVER : byNode.getOrDefault(of.node(), NEVER);
        Waiting now = new Waiting(base, false);
        Waiting before = null;
        while (!now.equals(before)) {
            before = now;
            for (Interruption each : unseen) {
                if (concerns(each, of)) {
                    now = behind(each, now, durationMillis);
                }
            }
            for (Interruption each : ofNode) {
                now = behind(each, now, durationMillis);
            }
        }
        return now;
    }

    /**
     * Whether something could have happened between two times without being told, ever: what
     * happened while contact was lost has been told when it is over.
     *
     * @param what what it would be
     * @param like something else of its subject
     * @param node the node that would tell of it, if its kubelet does; or null
     */
    public boolean hide(Matcher what, Candidate like, String node, long fromMillis, long toMillis) {
        if (isNone()) {
            return false;
        }
        Bearing of = new Bearing(like.namespace(), null, what.resource());
        for (Interruption each : unseen) {
            boolean madeUp = each.kind() == Interruption.Kind.BLIND && each.toMillis() != 0;
            if (!madeUp && concerns(each, of) && overlaps(each, fromMillis, toMillis)) {
                return true;
            }
        }
        if (node != null && Bearing.isOfKubelets(what)) {
            for (Interruption each : byNode.getOrDefault(node, NEVER)) {
                if (overlaps(each, fromMillis, toMillis)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The node of which nothing is heard of a candidate's subject while it is down, or null. */
    public static String nodeOf(Candidate candidate) {
        return Bearing.of(candidate).node();
    }

    private static boolean overlaps(Interruption each, long fromMillis, long toMillis) {
        boolean over = each.toMillis() != 0 && each.toMillis() <= fromMillis;
        return each.fromMillis() < toMillis && !over;
    }

    private static Waiting behind(Interruption each, Waiting waiting, long durationMillis) {
        if (each.fromMillis() >= waiting.baseMillis() + durationMillis) {
            return waiting;
        }
        return new Waiting(
                Math.max(waiting.baseMillis(), each.toMillis()),
                waiting.lasts() || each.toMillis() == 0);
    }

    /**
     * The API server takes events about what has no namespace, such as a node, in {@code default}
     * and {@code kube-system} only.
     */
    private static boolean concerns(Interruption each, Bearing of) {
        if (each.resource() != null && !each.resource().equals(of.watched())) {
            return false;
        }
        String scope = each.scope();
        if (scope.equals("*")) {
            return true;
        }
        if (of.namespace() == null || of.namespace().isEmpty()) {
            boolean events = of.watched().equals(Occurrence.EVENTS);
            return events && (scope.equals("default") || scope.equals("kube-system"));
        }
        return scope.equals(of.namespace());
    }
}
