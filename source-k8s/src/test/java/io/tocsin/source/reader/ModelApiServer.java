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
package io.tocsin.source.reader;

import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.api.ResourceApi.Handler;
import io.tocsin.source.api.Signal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a Kubernetes API server promises about versions, in memory: writes, history, leases that
 * expire, compaction, pages at a version, watches, and an etcd that is restored to an older state.
 * Time stands still unless told; chance comes from outside.
 *
 * <p>Keys are ASCII, so that the order of strings is that of their bytes.
 */
final class ModelApiServer {

    /** What a key holds. */
    record Stored(long version, String uid, long writtenMillis) {}

    /** A write; {@code stored} is the last state where it is a deletion. */
    private record Write(long version, String key, Stored stored, boolean deletion) {}

    /** What etcd was at a moment. */
    record Snapshot(long version, int writes) {}

    private final Random random;
    private final List<Write> history = new ArrayList<>();
    private final TreeMap<String, Stored> state = new TreeMap<>();
    private long version = 1;
    private long compacted;
    private long uids;
    private boolean restarted;

    /** Answers nothing but this status; 0 if all is well. */
    int refuses;

    /** Refuses watches only. */
    boolean refusesWatches;

    /** Uids of what expired. */
    final Set<String> expired = new HashSet<>();

    long nowMillis = 1_760_000_000_000L;

    ModelApiServer(Random random) {
        this.random = random;
    }

    void write(String key, boolean deletion) {
        Stored before = state.get(key);
        if (deletion && before == null) {
            return;
        }
        version++;
        put(key, deletion ? before : stored(before), deletion);
    }

    private Stored stored(Stored before) {
        return new Stored(version, before == null ? "uid-" + ++uids : before.uid(), nowMillis);
    }

    private void put(String key, Stored stored, boolean deletion) {
        history.add(new Write(version, key, stored, deletion));
        if (deletion) {
            state.remove(key);
        } else {
            state.put(key, stored);
        }
    }

    /** Deletes what is older than that, all at one version. */
    void expire(long ttlMillis) {
        List<Map.Entry<String, Stored>> old =
                state.entrySet().stream()
                        .filter(each -> nowMillis - each.getValue().writtenMillis() >= ttlMillis)
                        .map(each -> Map.entry(each.getKey(), each.getValue()))
                        .toList();
        if (!old.isEmpty()) {
            version++;
            for (Map.Entry<String, Stored> each : old) {
                put(each.getKey(), each.getValue(), true);
                expired.add(each.getValue().uid());
            }
        }
    }

    void compact() {
        compacted = version;
    }

    Snapshot snapshot() {
        return new Snapshot(version, history.size());
    }

    /** Becomes what it was; whatever call is under way breaks. */
    void restore(Snapshot snapshot) {
        history.subList(snapshot.writes(), history.size()).clear();
        version = snapshot.version();
        compacted = Math.min(compacted, version);
        state.clear();
        for (Write write : history) {
            if (write.deletion()) {
                state.remove(write.key());
            } else {
                state.put(write.key(), write.stored());
            }
        }
        state.values().forEach(each -> expired.remove(each.uid()));
        restarted = true;
    }

    /** As {@code etcdutl snapshot restore --bump-revision --mark-compacted} does. */
    void bump() {
        version += 100_000;
        compacted = version;
    }

    long version() {
        return version;
    }

    Map<String, Stored> latest() {
        return state;
    }

    private TreeMap<String, Stored> at(long limit) {
        if (limit == version) {
            return new TreeMap<>(state);
        }
        TreeMap<String, Stored> then = new TreeMap<>();
        for (Write write : history) {
            if (write.version() > limit) {
                break;
            }
            if (write.deletion()) {
                then.remove(write.key());
            } else {
                then.put(write.key(), write.stored());
            }
        }
        return then;
    }

    /** Whether it was restored since this was last asked: then connections are gone. */
    private boolean wasRestarted() {
        boolean was = restarted;
        restarted = false;
        return was;
    }

    void probe(String asked, Handler handler) throws InterruptedException {
        if (breaks(handler, 10)) {
            return;
        }
        if (Long.parseLong(asked) > version) {
            handler.on(new Signal.Refused(504, 0, false, true, "Too large resource version"));
        } else {
            handler.on(new Signal.Page(Long.toString(version), "t", nowMillis, 1, true, "ns", "x"));
        }
    }

    /** Looks for one object. */
    void look(Call.Look call, Handler handler) throws InterruptedException {
        if (breaks(handler, 10)) {
            return;
        }
        String key = call.namespace() + "/" + call.name();
        Stored found = state.get(key);
        if (found != null) {
            tell(key, found.version(), found.uid(), false, handler);
        }
        handler.on(new Signal.Page(Long.toString(version), null, nowMillis, 1, true, "ns", "x"));
    }

    /** Lists a page, while {@code meanwhile} happens at random. */
    void list(Call.List call, Handler handler, Runnable meanwhile) throws InterruptedException {
        if (breaks(handler, 10)) {
            return;
        }
        long at = version;
        String after = "";
        if (call.continueToken() != null) {
            String[] parts = call.continueToken().split("\\|", 2);
            at = Long.parseLong(parts[0]);
            after = parts[1];
        } else if (call.exactVersion() != null) {
            at = Long.parseLong(call.exactVersion());
        }
        if (at > version) {
            // Not every release knows what is wrong.
            handler.on(
                    random.nextBoolean()
                            ? new Signal.Refused(504, 0, false, true, "Too large resource version")
                            : new Signal.Refused(500, 0, false, false, "a future revision"));
            return;
        }
        if (at < compacted) {
            // The rest at another version, which is of no use here, is on offer.
            handler.on(new Signal.Expired(false, version + "|" + after, "too old"));
            return;
        }
        long readMillis = nowMillis;
        handler.on(new Signal.Opened(readMillis));
        wasRestarted();
        int items = 0;
        String last = null;
        boolean more = false;
        for (Map.Entry<String, Stored> item : at(at).tailMap(after, false).entrySet()) {
            if (call.limit() > 0 && items == call.limit()) {
                more = true;
                break;
            }
            items++;
            last = item.getKey();
            tell(last, item.getValue().version(), item.getValue().uid(), false, handler);
            if (random.nextInt(20) == 0) {
                meanwhile.run();
            }
            if (wasRestarted()) {
                handler.on(new Signal.Closed(Signal.Closed.Cause.BROKEN, 0, 1, "restart"));
                return;
            }
            if (breaks(handler, 100)) {
                return;
            }
        }
        handler.on(
                new Signal.Page(
                        Long.toString(at),
                        more ? at + "|" + last : null,
                        readMillis,
                        items,
                        true,
                        last == null ? null : last.split("/")[0],
                        last == null ? null : last.split("/")[1]));
    }

    /** Where a watch stands in the history. */
    final class Cursor {
        private final long from;
        private int next;

        private Cursor(long from) {
            this.from = from;
        }

        /** A version of the future is waited for, in silence. */
        private boolean hasNext() {
            while (next < history.size() && history.get(next).version() <= from) {
                next++;
            }
            return next < history.size();
        }

        /** Tells the next line; false if there is none. */
        boolean tellNext(Handler handler) throws InterruptedException {
            if (!hasNext()) {
                return false;
            }
            Write write = history.get(next++);
            tell(write.key(), write.version(), write.stored().uid(), write.deletion(), handler);
            return true;
        }

        private boolean isBefore(long limit) {
            return hasNext() && history.get(next).version() <= limit;
        }
    }

    Cursor cursor(String from) {
        return new Cursor(Long.parseLong(from));
    }

    /**
     * Watches until chance ends it.
     *
     * @param open a watch that is open already; null to open one
     * @return whether the driver's quiet time passed
     */
    boolean watch(String from, Cursor open, Handler handler, Runnable meanwhile)
            throws InterruptedException {
        if (open == null) {
            if (refusesWatches) {
                handler.on(new Signal.Refused(403, 0, false, false, "no watch"));
                return false;
            }
            if (breaks(handler, 10)) {
                return false;
            }
            handler.on(new Signal.Opened(nowMillis));
            if (random.nextInt(30) == 0) {
                handler.on(new Signal.Closed(Signal.Closed.Cause.CLEAN, 0, 5, "instant"));
                return false;
            }
            if (Long.parseLong(from) < compacted) {
                handler.on(new Signal.Expired(true, null, "too old"));
                return false;
            }
        }
        Cursor cursor = open == null ? cursor(from) : open;
        wasRestarted();
        long lines = 0;
        while (random.nextInt(12) != 0) {
            if (cursor.isBefore(compacted) && random.nextBoolean()) {
                // It fell behind.
                handler.on(new Signal.Expired(true, null, "too old"));
                return false;
            }
            while (random.nextInt(4) != 0 && cursor.tellNext(handler)) {
                lines++;
            }
            meanwhile.run();
            if (wasRestarted()) {
                handler.on(new Signal.Closed(Signal.Closed.Cause.BROKEN, lines, 1, "restart"));
                return false;
            }
        }
        if (random.nextBoolean()) {
            handler.on(new Signal.Closed(Signal.Closed.Cause.BROKEN, lines, 3_000, "reset"));
        } else if (random.nextBoolean()) {
            handler.on(new Signal.Closed(Signal.Closed.Cause.CLEAN, lines, 3_000, "end"));
        } else {
            handler.on(new Signal.Closed(Signal.Closed.Cause.CANCELLED, lines, 3_000, "quiet"));
            return true;
        }
        return false;
    }

    private static void tell(String key, long at, String uid, boolean deletion, Handler handler)
            throws InterruptedException {
        String[] parts = key.split("/");
        String told = Long.toString(at);
        if (!deletion && !handler.wants(parts[0], parts[1], told)) {
            handler.on(new Signal.Bookmark(told));
            return;
        }
        byte[] json = ("{\"at\":" + at + "}").getBytes(StandardCharsets.UTF_8);
        ObjectVersion object = new ObjectVersion(parts[0], parts[1], uid, told, json);
        handler.on(deletion ? new Signal.Deleted(object) : new Signal.Upserted(object));
    }

    private boolean breaks(Handler handler, int oneIn) throws InterruptedException {
        if (refuses > 0) {
            handler.on(new Signal.Refused(refuses, 0, false, false, "refused"));
            return true;
        }
        if (random.nextInt(oneIn) != 0) {
            return false;
        }
        switch (random.nextInt(4)) {
            case 0 -> handler.on(new Signal.Refused(503, 1_000, false, false, "unavailable"));
            case 1 -> handler.on(new Signal.Refused(403, 0, false, false, "forbidden"));
            case 2 -> handler.on(new Signal.Refused(401, 0, false, false, "who"));
            default -> handler.on(new Signal.Closed(Signal.Closed.Cause.BROKEN, 0, 1, "reset"));
        }
        return true;
    }
}
