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
import io.tocsin.source.object.ContainerEnd;
import io.tocsin.source.object.ContainerState;
import io.tocsin.source.object.WatchedObject;
import java.util.Set;

/**
 * What changed of a pod's containers: how often they ended, and why they wait.
 *
 * <p>A container whose restartCount is k and that runs has ended k times before; one that does not
 * run, and of which an end is known, has ended once more. So each end counts once, whether it is
 * seen as the state, as the last state, or only by the restartCount. Why it ended is known of the
 * last one only: the others are told without a reason.
 *
 * <p>Of a pod that is found by a list only the last end of each container is told, at its own time:
 * why it ended before is not known. A restartCount that goes back (the kubelet has forgotten old
 * containers) adds nothing; after a restore of etcd it comes again, and was told before.
 */
@Pure
final class ContainerChanges {

    private static final Set<String> USUAL_WAITS = Set.of("ContainerCreating", "PodInitializing");
    private static final String OOM_KILLED = "OOMKilled";
    private static final String COMPLETED = "Completed";

    private final ObjectSeen before;
    private final WatchedObject now;
    private final Sight sight;
    private final boolean found;

    /**
     * @param before what was known of this pod, by its uid, or null
     * @param found whether it may have been there long before it was seen
     */
    ContainerChanges(ObjectSeen before, WatchedObject now, Sight sight, boolean found) {
        this.before = before;
        this.now = now;
        this.sight = sight;
        this.found = found;
    }

    /** Tells of all containers; returns what to remember. */
    ObjectSeen tell(StateTeller teller) {
        ContainerState[] containers = now.containers();
        long[] ends = new long[containers.length];
        long[] endMillis = new long[containers.length];
        for (int i = 0; i < ends.length; i++) {
            tell(containers[i], i, ends, endMillis, teller);
        }
        return new ObjectSeen(sight.epoch(), now, ends, endMillis);
    }

    private void tell(
            ContainerState container, int at, long[] ends, long[] endMillis, StateTeller teller) {
        int index = before == null ? -1 : before.container(container.name(), container.init());
        ContainerState last = index < 0 ? null : before.object().containers()[index];
        long told = index < 0 ? 0 : before.ends()[index];
        long lastEnd = index < 0 ? 0 : before.endMillis()[index];
        ContainerEnd end = end(container);
        long all = ends(container);
        boolean newer = finished(end) > lastEnd;
        boolean wentBack = last != null && container.restarts() < last.restarts();
        long weight;
        if (last == null) {
            weight = found ? Math.min(1, all) : all;
        } else if (all > told && !wentBack) {
            weight = all - told;
        } else {
            weight = newer ? 1 : 0;
        }
        if (weight > 0) {
            ended(container, lastEnd, end, weight, teller);
        }
        waits(container, last, weight > 0, teller);
        boolean forgotten = wentBack && sight.epoch() == before.epoch();
        ends[at] = forgotten ? all : Math.max(all, told);
        endMillis[at] = Math.max(lastEnd, finished(end));
    }

    /** Tells the end that is known, and that there were others of which only their number is. */
    private void ended(
            ContainerState container,
            long lastEnd,
            ContainerEnd end,
            long weight,
            StateTeller teller) {
        String reason = end == null ? null : end.reason();
        if (end != null && reason == null) {
            reason = end.exitCode() == 0 ? COMPLETED : "Error";
        }
        boolean bad = end == null || end.exitCode() != 0 || !COMPLETED.equals(reason);
        if (now.deletionMillis() > 0 && !OOM_KILLED.equals(reason)) {
            // It was told to end.
            bad = false;
        }
        long to = finished(end) > 0 ? finished(end) : now.timeMillis();
        long unseen = end == null ? weight : weight - 1;
        if (unseen > 0) {
            long since = lastEnd > 0 ? lastEnd : now.creationMillis();
            long from = weight > 1 ? since : to;
            teller.endedUnseen(container.name(), container.init(), bad, unseen, from, to);
        }
        if (end != null) {
            teller.ended(container.name(), container.init(), bad, reason, end.exitCode(), to);
        }
    }

    private void waits(
            ContainerState container, ContainerState last, boolean ended, StateTeller teller) {
        String reason = container.waiting();
        if (reason == null || USUAL_WAITS.contains(reason) || now.deletionMillis() > 0) {
            return;
        }
        boolean same = last != null && reason.equals(last.waiting());
        if (!same || ended) {
            long since = ended ? finished(end(container)) : now.timeMillis();
            teller.waits(container.name(), container.init(), reason, container.message(), since);
        }
    }

    private static long ends(ContainerState container) {
        boolean down = container.runningMillis() == 0 && end(container) != null;
        return container.restarts() + (down ? 1 : 0);
    }

    private static ContainerEnd end(ContainerState container) {
        return container.end() != null ? container.end() : container.lastEnd();
    }

    private static long finished(ContainerEnd end) {
        return end == null ? 0 : end.finishedMillis();
    }
}
