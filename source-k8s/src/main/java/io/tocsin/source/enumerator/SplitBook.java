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
package io.tocsin.source.enumerator;

import io.tocsin.annotation.Pure;
import io.tocsin.source.Startup;
import io.tocsin.source.split.Handover;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.Scopes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * Who reads what: each scope that is wanted has one split, which one reader has or which waits for
 * one; no scope is given to a second reader while a first may still have it.
 *
 * <pre>
 *   PENDING ──assigned──► ASSIGNED ──no longer wanted──► RETIRING ──reader is done──► RELEASED
 *      ▲                      │                              ▲                           │
 *      └── reader failed ─────┘                              └─── reader restored it ────┤
 *                                                             a checkpoint without it ──► forgotten
 * </pre>
 *
 * <p>A reader owns what it was assigned, over restarts and rescales, and tells once after each
 * start what it has. A split is forgotten only when no checkpoint that could be restored still has
 * it at a reader; until then no other split of its scope is made.
 *
 * <p>Splits of a scope that is no longer configured so wait unread at their readers, until the new
 * splits have taken over their positions ({@link Handover}); then they are retired too.
 *
 * <p>Deterministic, from one thread.
 */
@Pure
final class SplitBook {

    private enum Stage {
        PENDING,
        ASSIGNED,
        RETIRING,
        RELEASED
    }

    private static final int NOBODY = -1;

    private static final class Entry {
        private Stage stage;

        /** Where it stands; null while a reader has it. */
        private ResourceSplit split;

        private int holder = NOBODY;
        private boolean told;
        private long releasedAfter;
    }

    /** What is to be done. */
    sealed interface Order {
        /** Gives a split to a reader. */
        record Assign(ResourceSplit split, int subtask) implements Order {}

        /** Has a reader give up a split. */
        record Retire(String splitId, int subtask, boolean unwatched) implements Order {}

        /** Tells a reader that it has, for now, all that is meant for it. */
        record Settle(int subtask) implements Order {}
    }

    private final ResourceSplit like;
    private final Scopes scopes;
    private final boolean latest;
    private final boolean bounded;
    private int parallelism;

    /** By id, in the order in which they came. */
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** Wanted scopes with their lives; null while that is not known. */
    private Map<String, String> wanted;

    /** Positions of splits that wait unread at their readers. */
    private final Map<String, ResourceSplit> handed = new LinkedHashMap<>();

    private final Set<Integer> ready = new TreeSet<>();
    private final Set<Integer> reported = new HashSet<>();
    private final Set<Integer> settled = new HashSet<>();
    private final boolean restored;
    private long lastSnapshot = -1;
    private boolean snapshotTaken;

    /**
     * @param like any split of this cluster and resource
     * @param startup where what was never read starts
     * @param bounded whether splits end of themselves
     * @param before what a checkpoint knows; null at the first start
     */
    SplitBook(
            ResourceSplit like,
            Scopes scopes,
            Startup startup,
            boolean bounded,
            EnumeratorState before) {
        this.like = like;
        this.scopes = scopes;
        this.latest = startup == Startup.LATEST;
        this.bounded = bounded;
        this.restored = before != null;
        if (before != null) {
            new TreeSet<>(before.assigned()).forEach(id -> entry(id, Stage.ASSIGNED));
            new TreeSet<>(before.retiring()).forEach(id -> entry(id, Stage.RETIRING));
            before.pending().forEach(split -> entry(split.splitId(), Stage.PENDING).split = split);
        }
    }

    private Entry entry(String id, Stage stage) {
        Entry entry = entries.computeIfAbsent(id, unused -> new Entry());
        entry.stage = stage;
        return entry;
    }

    // ------------------------------------------------------------------ what happened

    /**
     * What is to be read from now on.
     *
     * @param lives scope to the life of its namespace, or to null where scopes are configured
     */
    void want(Map<String, String> lives) {
        wanted = new LinkedHashMap<>(lives);
    }

    /** A reader has started, and this is what it found in its state. */
    void holds(int subtask, Collection<String> reading, Collection<ResourceSplit> waiting) {
        ready.add(subtask);
        reported.add(subtask);
        settled.remove(subtask);
        Set<String> ids = new LinkedHashSet<>(reading);
        for (ResourceSplit split : waiting) {
            ids.add(split.splitId());
            handed.put(split.splitId(), split);
        }
        entries.entrySet()
                .removeIf(
                        each ->
                                each.getValue().holder == subtask
                                        && !ids.contains(each.getKey())
                                        && isGivenUp(each.getValue()));
        for (String id : ids) {
            Entry entry = entries.get(id);
            if (entry == null || entry.stage == Stage.PENDING) {
                entry = entry(id, Stage.ASSIGNED);
            } else if (entry.stage == Stage.RELEASED) {
                entry.stage = Stage.RETIRING;
            }
            entry.split = null;
            entry.holder = subtask;
            entry.told = false;
        }
    }

    private static boolean isGivenUp(Entry entry) {
        return entry.stage == Stage.RETIRING || entry.stage == Stage.RELEASED;
    }

    /** A reader is gone; it gets nothing before it has started again. */
    void gone(int subtask) {
        ready.remove(subtask);
        settled.remove(subtask);
    }

    /** Splits come back whose reader failed before a checkpoint knew that it had them. */
    void back(int subtask, Collection<ResourceSplit> splits) {
        for (ResourceSplit split : splits) {
            Entry entry = entries.get(split.splitId());
            if (entry != null && entry.holder != subtask) {
                // It gave it up before, and somebody else has it now.
                continue;
            }
            if (entry == null || isGivenUp(entry) || !isWanted(split.splitId())) {
                entries.remove(split.splitId());
                continue;
            }
            entry.stage = Stage.PENDING;
            entry.split = split;
            entry.holder = NOBODY;
        }
    }

    /** A reader has no such split any more. */
    void retired(int subtask, String id) {
        Entry entry = entries.get(id);
        if (entry == null || entry.stage != Stage.RETIRING || entry.holder != subtask) {
            return;
        }
        if (!restored && !snapshotTaken) {
            entries.remove(id);
            return;
        }
        entry.stage = Stage.RELEASED;
        entry.releasedAfter = lastSnapshot;
    }

    /** A checkpoint has begun: what it knows. */
    EnumeratorState snapshot(long checkpointId, Map<String, String> namespaces) {
        lastSnapshot = Math.max(lastSnapshot, checkpointId);
        snapshotTaken = true;
        Set<String> assigned = new TreeSet<>();
        Set<String> retiring = new TreeSet<>();
        List<ResourceSplit> pending = new ArrayList<>();
        entries.forEach(
                (id, entry) -> {
                    switch (entry.stage) {
                        case PENDING -> pending.add(entry.split);
                        case ASSIGNED -> assigned.add(id);
                        default -> retiring.add(id);
                    }
                });
        return new EnumeratorState(assigned, pending, retiring, namespaces);
    }

    /** A checkpoint has completed: what was given up before it began cannot come back. */
    void completed(long checkpointId) {
        entries.values()
                .removeIf(
                        entry ->
                                entry.stage == Stage.RELEASED
                                        && checkpointId > entry.releasedAfter);
    }

    // ------------------------------------------------------------------ what follows

    /**
     * What is to be done now.
     *
     * @param readers their number
     * @param registered whether a reader can be spoken to
     */
    List<Order> decide(int readers, IntPredicate registered) {
        parallelism = readers;
        List<Order> orders = new ArrayList<>();
        if (wanted == null) {
            return orders;
        }
        forgetWhatNobodyHas();
        keepWhatIsWantedAgain();
        boolean waits = makeNew();
        giveUp(waits);
        entries.forEach(
                (id, entry) -> {
                    if (entry.stage == Stage.RETIRING
                            && !entry.told
                            && canHear(entry.holder, registered)) {
                        entry.told = true;
                        orders.add(new Order.Retire(id, entry.holder, isUnwatched(id)));
                    }
                });
        assign(registered, orders);
        for (int subtask : ready) {
            if (!waits && registered.test(subtask) && settled.add(subtask)) {
                orders.add(new Order.Settle(subtask));
            }
        }
        return orders;
    }

    private boolean canHear(int subtask, IntPredicate registered) {
        return ready.contains(subtask) && registered.test(subtask);
    }

    /** What readers should have by the checkpoint, and none found in its state. */
    private void forgetWhatNobodyHas() {
        if (reported.size() >= parallelism) {
            entries.values()
                    .removeIf(
                            entry ->
                                    entry.holder == NOBODY
                                            && (entry.stage == Stage.RETIRING
                                                    || entry.stage == Stage.ASSIGNED && !bounded));
        }
    }

    /** As long as its reader was not told, a split that is wanted again just stays. */
    private void keepWhatIsWantedAgain() {
        entries.forEach(
                (id, entry) -> {
                    if (entry.stage == Stage.RETIRING
                            && !entry.told
                            && entry.holder != NOBODY
                            && isWanted(id)) {
                        entry.stage = Stage.ASSIGNED;
                    }
                });
    }

    /** Whether no split reads its scope when it is given up. */
    private boolean isUnwatched(String id) {
        String scope = ResourceSplit.scopeOf(id);
        return wanted.keySet().stream().noneMatch(each -> Handover.concerns(each, scope));
    }

    private boolean isWanted(String id) {
        String scope = ResourceSplit.scopeOf(id);
        if (wanted == null || !wanted.containsKey(scope)) {
            return false;
        }
        String life = wanted.get(scope);
        return life == null
                ? ResourceSplit.lifeOf(id) == null
                : life.equals(ResourceSplit.lifeOf(id));
    }

    /**
     * Makes the splits of wanted scopes that have none.
     *
     * @return whether some cannot be made yet, since somebody may still read their scope, or what
     *     they take over from was not told
     */
    private boolean makeNew() {
        boolean waits = false;
        Set<String> done = new HashSet<>();
        Set<String> occupied = new HashSet<>();
        entries.forEach(
                (id, entry) -> {
                    if (isWanted(id) && !isGivenUp(entry)) {
                        done.add(ResourceSplit.scopeOf(id));
                    } else if (entry.stage != Stage.PENDING && scopes.reads(id)) {
                        occupied.add(ResourceSplit.scopeOf(id));
                    }
                });
        for (Map.Entry<String, String> want : wanted.entrySet()) {
            String scope = want.getKey();
            if (done.contains(scope)) {
                continue;
            }
            if (occupied.contains(scope) || isUntold(scope)) {
                waits = true;
                continue;
            }
            ResourceSplit unread =
                    ResourceSplit.unread(like.cluster(), like.resource(), scope, want.getValue());
            ResourceSplit split = Handover.take(unread, leftOvers(), latest);
            entry(split.splitId(), Stage.PENDING).split = split;
        }
        return waits;
    }

    /** Whether a reader that has not told yet has what a scope takes over from. */
    private boolean isUntold(String scope) {
        if (reported.size() >= parallelism) {
            return false;
        }
        return entries.entrySet().stream()
                .anyMatch(
                        each ->
                                each.getValue().stage == Stage.ASSIGNED
                                        && !scopes.reads(each.getKey())
                                        && !handed.containsKey(each.getKey())
                                        && Handover.concerns(
                                                scope, ResourceSplit.scopeOf(each.getKey())));
    }

    /** Splits that are no longer configured so and were not taken over from yet. */
    private List<ResourceSplit> leftOvers() {
        List<ResourceSplit> splits = new ArrayList<>();
        entries.forEach(
                (id, entry) -> {
                    if (scopes.reads(id)) {
                        return;
                    }
                    if (entry.stage == Stage.PENDING) {
                        splits.add(entry.split);
                    } else if (entry.stage == Stage.ASSIGNED && handed.containsKey(id)) {
                        splits.add(handed.get(id));
                    }
                });
        return splits;
    }

    /** Begins to give up what is not wanted; what waits unread, once all was taken over from it. */
    private void giveUp(boolean waits) {
        entries.entrySet()
                .removeIf(
                        each ->
                                each.getValue().stage == Stage.PENDING
                                        && !isWanted(each.getKey())
                                        && (!waits || scopes.reads(each.getKey())));
        entries.forEach(
                (id, entry) -> {
                    if (entry.stage == Stage.ASSIGNED
                            && !isWanted(id)
                            && (!waits || scopes.reads(id))) {
                        entry.stage = Stage.RETIRING;
                        entry.told = false;
                    }
                });
        if (!waits) {
            handed.clear();
        }
    }

    private void assign(IntPredicate registered, List<Order> orders) {
        int[] load = new int[parallelism];
        List<Map.Entry<String, Entry>> pending = new ArrayList<>();
        for (Map.Entry<String, Entry> each : entries.entrySet()) {
            Entry entry = each.getValue();
            if (entry.stage == Stage.PENDING && isWanted(each.getKey())) {
                pending.add(each);
            } else if (entry.stage == Stage.ASSIGNED
                    && entry.holder >= 0
                    && entry.holder < parallelism) {
                load[entry.holder]++;
            }
        }
        for (Map.Entry<String, Entry> each : pending) {
            int subtask = leastLoaded(load);
            load[subtask]++;
            if (!canHear(subtask, registered)) {
                // It has not started yet; the others have enough to do.
                continue;
            }
            Entry entry = each.getValue();
            orders.add(new Order.Assign(entry.split, subtask));
            entry.stage = Stage.ASSIGNED;
            entry.split = null;
            entry.holder = subtask;
            entry.told = false;
        }
    }

    private static int leastLoaded(int[] load) {
        int least = 0;
        for (int i = 1; i < load.length; i++) {
            if (load[i] < load[least]) {
                least = i;
            }
        }
        return least;
    }

    // ------------------------------------------------------------------ what metrics tell

    /** Splits that readers have and are to keep. */
    long assignedCount() {
        return count(Stage.ASSIGNED);
    }

    /** Splits that no reader has. */
    long pendingCount() {
        return count(Stage.PENDING);
    }

    /** Splits that are being given up. */
    long retiringCount() {
        return count(Stage.RETIRING) + count(Stage.RELEASED);
    }

    private long count(Stage stage) {
        return entries.values().stream().filter(entry -> entry.stage == stage).count();
    }
}
