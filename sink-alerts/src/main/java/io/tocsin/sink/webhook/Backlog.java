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
package io.tocsin.sink.webhook;

import io.tocsin.annotation.Pure;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The requests of a lane in the order of their acceptance, and which of them may go next: of each
 * order key the first one only.
 */
@Pure
final class Backlog {
    private static final long NOT_IN_FLIGHT = -1;

    /** A request not yet delivered. */
    static final class Entry {
        final long id;
        final WebhookRequest request;
        final long acceptedMillis;
        int attempts;
        long notBeforeMillis;

        /** The breaker's round in which it was sent, or {@link #NOT_IN_FLIGHT}. */
        long sentInRound = NOT_IN_FLIGHT;

        Entry(long id, WebhookRequest request, long acceptedMillis, int attempts) {
            this.id = id;
            this.request = request;
            this.acceptedMillis = acceptedMillis;
            this.attempts = attempts;
        }

        boolean inFlight() {
            return sentInRound != NOT_IN_FLIGHT;
        }
    }

    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    private final Map<String, ArrayDeque<Entry>> byKey = new HashMap<>();
    private long nextId;
    private int inFlight;

    int size() {
        return entries.size();
    }

    int inFlight() {
        return inFlight;
    }

    /** Oldest first; not a copy. */
    Collection<Entry> all() {
        return entries.values();
    }

    /** Null if it is there no more. */
    Entry get(long id) {
        return entries.get(id);
    }

    /** {@link Long#MAX_VALUE} when there is none. */
    long oldestAcceptedMillis() {
        return entries.isEmpty() ? Long.MAX_VALUE : entries.firstEntry().getValue().acceptedMillis;
    }

    void send(Entry entry, long round) {
        entry.sentInRound = round;
        entry.attempts++;
        inFlight++;
    }

    /** An attempt is over, whatever became of it. */
    void comeBack(Entry entry) {
        entry.sentInRound = NOT_IN_FLIGHT;
        inFlight--;
    }

    void add(WebhookRequest request, long acceptedMillis, int attempts) {
        Entry entry = new Entry(nextId++, request, acceptedMillis, attempts);
        entries.put(entry.id, entry);
        byKey.computeIfAbsent(request.orderKey(), key -> new ArrayDeque<>()).addLast(entry);
    }

    /** For good. */
    void remove(Entry entry) {
        entries.remove(entry.id);
        if (entry.inFlight()) {
            inFlight--;
            entry.sentInRound = NOT_IN_FLIGHT;
        }
        ArrayDeque<Entry> queue = byKey.get(entry.request.orderKey());
        queue.remove(entry);
        if (queue.isEmpty()) {
            byKey.remove(entry.request.orderKey());
        }
    }

    boolean isNextOfItsKey(Entry entry) {
        return !entry.inFlight() && byKey.get(entry.request.orderKey()).peekFirst() == entry;
    }

    Entry oldestWaiting() {
        for (Entry entry : entries.values()) {
            if (!entry.inFlight()) {
                return entry;
            }
        }
        return null;
    }

    Entry oldestReady(long nowMillis) {
        for (Entry entry : entries.values()) {
            if (entry.notBeforeMillis <= nowMillis && isNextOfItsKey(entry)) {
                return entry;
            }
        }
        return null;
    }

    Entry leastTried() {
        Entry best = null;
        for (Entry entry : entries.values()) {
            if (isNextOfItsKey(entry) && (best == null || entry.attempts < best.attempts)) {
                best = entry;
            }
        }
        return best;
    }
}
