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
import io.tocsin.source.split.Position;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * What a Kubernetes API server promises about versions, in memory: writes, history, compaction,
 * pages at a version, watches. Time stands still unless told; chance comes from outside.
 */
final class ModelApiServer {

    private record Write(long version, String key, boolean deletion) {}

    private final Random random;
    private final List<Write> history = new ArrayList<>();
    private long version = 1;
    private long compacted;
    long nowMillis = 1_760_000_000_000L;

    ModelApiServer(Random random) {
        this.random = random;
    }

    void write(String key, boolean deletion) {
        boolean exists = at(version).containsKey(key);
        if (deletion && !exists) {
            return;
        }
        version++;
        history.add(new Write(version, key, deletion));
    }

    void compact() {
        compacted = version;
    }

    Map<String, Long> latest() {
        return at(version);
    }

    private Map<String, Long> at(long limit) {
        Map<String, Long> state = new TreeMap<>(Position::compareKeys);
        for (Write write : history) {
            if (write.version() > limit) {
                break;
            }
            if (write.deletion()) {
                state.remove(write.key());
            } else {
                state.put(write.key(), write.version());
            }
        }
        return state;
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
        String key = Position.key(call.namespace(), call.name());
        Long found = at(version).get(key);
        if (found != null) {
            tell(key, found, false, handler);
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
            handler.on(new Signal.Refused(504, 0, false, true, "Too large resource version"));
            return;
        }
        if (at < compacted) {
            handler.on(new Signal.Expired(false, "rest", "too old"));
            return;
        }
        handler.on(new Signal.Opened(nowMillis));
        int items = 0;
        String last = null;
        boolean more = false;
        for (Map.Entry<String, Long> item : at(at).entrySet()) {
            if (Position.compareKeys(item.getKey(), after) <= 0) {
                continue;
            }
            if (call.limit() > 0 && items == call.limit()) {
                more = true;
                break;
            }
            items++;
            last = item.getKey();
            tell(item.getKey(), item.getValue(), false, handler);
            if (random.nextInt(20) == 0) {
                meanwhile.run();
            }
            if (breaks(handler, 100)) {
                return;
            }
        }
        handler.on(
                new Signal.Page(
                        Long.toString(at),
                        more ? at + "|" + last : null,
                        nowMillis,
                        items,
                        true,
                        last == null ? null : last.split("/")[0],
                        last == null ? null : last.split("/")[1]));
    }

    /**
     * Watches until chance ends it.
     *
     * @return whether the driver's quiet time passed
     */
    boolean watch(String from, Handler handler, Runnable meanwhile) throws InterruptedException {
        if (breaks(handler, 10)) {
            return false;
        }
        long next = Long.parseLong(from);
        handler.on(new Signal.Opened(nowMillis));
        if (random.nextInt(30) == 0) {
            handler.on(new Signal.Closed(Signal.Closed.Cause.CLEAN, 0, 5, "instant"));
            return false;
        }
        long lines = 0;
        while (random.nextInt(12) != 0) {
            if (next < compacted) {
                handler.on(new Signal.Expired(true, null, "too old"));
                return false;
            }
            for (Write write : List.copyOf(history)) {
                if (write.version() > next && random.nextInt(4) != 0) {
                    next = write.version();
                    lines++;
                    tell(write.key(), write.version(), write.deletion(), handler);
                } else if (write.version() > next) {
                    break;
                }
            }
            meanwhile.run();
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

    private static void tell(String key, long at, boolean deletion, Handler handler)
            throws InterruptedException {
        String[] parts = key.split("/");
        String told = Long.toString(at);
        if (!handler.wants(parts[0], parts[1], told)) {
            return;
        }
        byte[] json = ("{\"at\":" + at + "}").getBytes(StandardCharsets.UTF_8);
        ObjectVersion object = new ObjectVersion(parts[0], parts[1], "uid-" + key, told, json);
        handler.on(deletion ? new Signal.Deleted(object) : new Signal.Upserted(object));
    }

    private boolean breaks(Handler handler, int oneIn) throws InterruptedException {
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
