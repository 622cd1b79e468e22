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
import io.tocsin.job.model.Occurrence;
import io.tocsin.source.object.ContainerState;
import io.tocsin.source.object.ObjectCondition;
import io.tocsin.source.object.WatchedObject;
import java.util.List;
import java.util.Objects;

/**
 * Turns the states of watched objects into occurrences: what happened between two versions that
 * were seen.
 *
 * <table>
 * <caption>What is told</caption>
 * <tr><td>pods<td>how containers end: {@code OOMKilled}, {@code Error}, {@code Completed}, …; why
 *     they wait: {@code CrashLoopBackOff}, {@code ImagePullBackOff}, …; {@code Ready}, {@code
 *     NotReady}, {@code Failed}, {@code Gone}
 * <tr><td>nodes<td>{@code Ready}, {@code NotReady}; {@code MemoryPressure}, {@code DiskPressure},
 *     {@code PIDPressure}, and {@code No} before them when they are over; {@code Gone}
 * <tr><td>deployments<td>{@code ProgressDeadlineExceeded}, {@code Progressing}, {@code Available},
 *     {@code Unavailable}, {@code ReplicaFailure}, {@code NoReplicaFailure}, {@code Gone}
 * </table>
 *
 * <p>Their times are the states' own, and never later than they were seen. An object that is found
 * by a list tells the bad states that it is in, and no good ones: nothing changed. A pod that was
 * never ready, or is to be deleted, or has ended, is not told as not ready; nor is a new node
 * before it was ready, or a new deployment as not available.
 *
 * <p>Semantics: core/v1 PodStatus, NodeStatus, apps/v1 DeploymentStatus; kubelet status manager
 * (all conditions at first sight of a pod), deployment controller (a condition keeps its transition
 * time when only its reason changes), 1.34.
 */
@Pure
public final class ObjectStates {

    private static final String TRUE = "True";
    private static final String FALSE = "False";
    private static final String UNKNOWN = "Unknown";
    private static final String READY = "Ready";
    private static final String NOT_READY = "NotReady";
    private static final String FAILED = "Failed";
    private static final List<String> PRESSURES =
            List.of("MemoryPressure", "DiskPressure", "PIDPressure");
    private static final String REPLICA_FAILURE = "ReplicaFailure";
    private static final String PROGRESSING = "Progressing";
    private static final String PROGRESS_DEADLINE = "ProgressDeadlineExceeded";
    private static final String AVAILABLE = "Available";
    private static final String UNAVAILABLE = "Unavailable";

    /** So much two times may differ that a kubelet takes one after the other. */
    private static final long APART_MILLIS = 1000;

    /** Conditions that are as old as their object, but for this, are those that it began with. */
    private static final long NEW_MILLIS = 10_000;

    private ObjectStates() {}

    /**
     * What a version told.
     *
     * @param next what to remember
     * @param occurrences what happened since the last version
     */
    public record Changes(ObjectSeen next, List<Occurrence> occurrences) {}

    /**
     * Compares a version with what is known.
     *
     * @param before what is remembered of this name, or null
     * @param now the version
     * @param sight how it was seen
     */
    public static Changes changes(ObjectSeen before, WatchedObject now, Sight sight) {
        boolean known = before != null && Objects.equals(before.object().uid(), now.uid());
        ObjectSeen last = known ? before : null;
        // Where another of that name was known, this one came after it.
        boolean found = before == null && sight.first();
        StateTeller teller = new StateTeller(now, sight);
        ObjectSeen next = new ObjectSeen(sight.epoch(), now, new long[0], new long[0]);
        switch (now.kind()) {
            case "Pod" -> {
                next = new ContainerChanges(last, now, sight, found).tell(teller);
                pod(last == null ? null : last.object(), now, found, teller);
            }
            case "Node" -> node(last == null ? null : last.object(), now, found, teller);
            case "Deployment" ->
                    deployment(last == null ? null : last.object(), now, found, teller);
            default -> {
                // of others nothing is known
            }
        }
        return new Changes(next, teller.told());
    }

    /** That an object is gone: at the time at which that was seen. */
    public static Occurrence gone(WatchedObject object, Sight sight) {
        return gone(object, sight, sight.serverMillis());
    }

    /**
     * That an object was deleted. A pod that was told to end and has ended is gone with its last
     * version; of others nothing tells how long after it that was.
     *
     * @param object its last version
     */
    static Occurrence deleted(WatchedObject object, Sight sight) {
        boolean ended = object.deletionMillis() > 0 && object.containers().length > 0;
        for (ContainerState each : object.containers()) {
            ended &= each.end() != null;
        }
        return gone(object, sight, ended ? object.timeMillis() : sight.serverMillis());
    }

    /**
     * That an object is gone whose name another one bears now: a name is free before it is given
     * again. Both tell whole seconds: what the old one told of the second in which the new one was
     * made was before.
     */
    static Occurrence replaced(WatchedObject object, WatchedObject successor, Sight sight) {
        long made = successor.creationMillis();
        long last = Math.min(object.timeMillis(), made);
        return gone(object, sight, made > 0 ? Math.max(made - 1, last) : sight.serverMillis());
    }

    private static Occurrence gone(WatchedObject object, Sight sight, long millis) {
        StateTeller teller = new StateTeller(object, sight);
        teller.good("Gone", object.kind() + " is gone", millis);
        return teller.told().get(0);
    }

    private static void pod(
            WatchedObject last, WatchedObject now, boolean found, StateTeller teller) {
        ObjectCondition ready = now.condition(READY);
        ObjectCondition before = last == null ? null : last.condition(READY);
        if (moved(before, ready)) {
            if (is(ready, TRUE)) {
                if (!found) {
                    teller.good(READY, ready.message(), ready.transitionMillis());
                }
            } else if (wasReady(before, now, found) && isToRun(now)) {
                teller.bad(NOT_READY, ready.message(), ready.transitionMillis());
            }
        }
        boolean failedBefore = last != null && FAILED.equals(last.phase());
        if (FAILED.equals(now.phase()) && !failedBefore && now.deletionMillis() == 0) {
            teller.bad(FAILED, note(now.reason(), now.message()), now.timeMillis());
        }
    }

    private static boolean isToRun(WatchedObject pod) {
        boolean over = FAILED.equals(pod.phase()) || "Succeeded".equals(pod.phase());
        return !over && pod.deletionMillis() == 0;
    }

    /**
     * Whether a pod that is not ready was so before. Where that was not seen its conditions tell: a
     * kubelet dates this one when it sees the pod first, as it does the one that it is initialized,
     * each by a clock of its own of whole seconds; later than both it was ready in between.
     */
    private static boolean wasReady(ObjectCondition before, WatchedObject now, boolean found) {
        ObjectCondition ready = now.condition(READY);
        if (before != null) {
            return is(before, TRUE) || flapped(before, ready);
        }
        ObjectCondition initialized = now.condition("Initialized");
        return initialized == null
                ? found && "Running".equals(now.phase())
                : ready.transitionMillis() > initialized.transitionMillis() + APART_MILLIS;
    }

    private static void node(
            WatchedObject last, WatchedObject now, boolean found, StateTeller teller) {
        ObjectCondition ready = now.condition(READY);
        if (moved(last == null ? null : last.condition(READY), ready)) {
            if (is(ready, UNKNOWN)) {
                ready = silent(ready);
            }
            if (is(ready, TRUE) || found || wasGood(last, READY, now)) {
                tell(ready, is(ready, TRUE) ? READY : NOT_READY, found, teller);
            }
        }
        for (String pressure : PRESSURES) {
            over(pressure, last, now, teller);
        }
    }

    /** That nobody hears of the node is told in one way, whoever found it out. */
    private static ObjectCondition silent(ObjectCondition ready) {
        if (ready.reason() != null && ready.reason().startsWith(NodeTimes.SILENT)) {
            return ready;
        }
        return new ObjectCondition(
                ready.type(),
                ready.status(),
                NodeTimes.SILENT + "Unknown",
                note(ready.reason(), ready.message()),
                ready.transitionMillis());
    }

    private static void deployment(
            WatchedObject last, WatchedObject now, boolean found, StateTeller teller) {
        ObjectCondition progressing = now.condition(PROGRESSING);
        ObjectCondition before = last == null ? null : last.condition(PROGRESSING);
        if (is(progressing, TRUE) && moved(before, progressing)) {
            tell(progressing, PROGRESSING, found, teller);
        } else if (is(progressing, FALSE)) {
            String why = progressing.reason() == null ? PROGRESS_DEADLINE : progressing.reason();
            if (moved(before, progressing)) {
                tell(progressing, why, found, teller);
            } else if (!Objects.equals(before.reason(), progressing.reason())) {
                // Its transition time is that of the reason before.
                teller.bad(why, note(progressing), now.timeMillis());
            }
        }
        ObjectCondition available = now.condition(AVAILABLE);
        if (moved(last == null ? null : last.condition(AVAILABLE), available)
                && (is(available, TRUE) || found || wasGood(last, AVAILABLE, now))) {
            tell(available, is(available, TRUE) ? AVAILABLE : UNAVAILABLE, found, teller);
        }
        over(REPLICA_FAILURE, last, now, teller);
    }

    /**
     * Whether a condition that is not true was so before, or another one that was told: what is new
     * begins with it.
     */
    private static boolean wasGood(WatchedObject last, String type, WatchedObject now) {
        return last == null
                ? now.condition(type).transitionMillis() > now.creationMillis() + NEW_MILLIS
                : last.condition(type) != null;
    }

    /** A condition that should be true. */
    private static void tell(
            ObjectCondition condition, String as, boolean found, StateTeller teller) {
        String note = note(condition);
        if (!is(condition, TRUE)) {
            teller.bad(as, note, condition.transitionMillis());
        } else if (!found) {
            teller.good(as, note, condition.transitionMillis());
        }
    }

    /** A condition that should not be true, or not be there. */
    private static void over(
            String type, WatchedObject last, WatchedObject now, StateTeller teller) {
        ObjectCondition condition = now.condition(type);
        ObjectCondition before = last == null ? null : last.condition(type);
        if (is(condition, TRUE)) {
            if (moved(before, condition)) {
                String note = note(condition);
                teller.bad(type, note, condition.transitionMillis());
            }
        } else if (condition == null
                ? is(before, TRUE)
                : is(condition, FALSE) && before != null && !is(before, FALSE)) {
            teller.good(
                    "No" + type,
                    condition == null ? null : note(condition),
                    condition == null ? now.timeMillis() : condition.transitionMillis());
        }
    }

    /** Whether a condition is another one than it was, or was another one meanwhile. */
    private static boolean moved(ObjectCondition before, ObjectCondition now) {
        return now != null
                && now.status() != null
                && (before == null
                        || !now.status().equals(before.status())
                        || flapped(before, now));
    }

    /** Whether it is what it was, but not all the time. */
    private static boolean flapped(ObjectCondition before, ObjectCondition now) {
        return before != null
                && now.status().equals(before.status())
                && now.transitionMillis() > before.transitionMillis();
    }

    private static boolean is(ObjectCondition condition, String status) {
        return condition != null && status.equals(condition.status());
    }

    private static String note(ObjectCondition condition) {
        return note(condition.reason(), condition.message());
    }

    private static String note(String reason, String message) {
        if (reason == null || message == null) {
            return message == null ? reason : message;
        }
        return reason + ": " + message;
    }
}
