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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The queue of one destination: what to send now, and what an outcome means for the rest. Knows no
 * clock, no randomness and no network: time and jitter are arguments.
 *
 * <p>Order: requests of one order key are sent strictly one after the other, each only after its
 * predecessor was delivered or became a dead letter; different keys do not wait for each other. A
 * request whose predecessor became a dead letter is still sent, marked as {@code afterDeadLetter},
 * so that a receiver can tell a resolve without its firing.
 *
 * <p>While the {@link Breaker} is closed, up to {@code maxInFlight} at once, oldest first, each
 * failed one after its own backoff. Open: one request at a time, the least tried first, so that one
 * that always fails cannot keep the lane open.
 */
@Pure
final class Lane {
    /** How many broken keys are remembered; the oldest are forgotten first. */
    static final int MAX_BROKEN_KEYS = 1_000;

    private static final long NOT_IN_FLIGHT = -1;

    /**
     * A request to send now.
     *
     * @param id to be given to {@link #settle}
     * @param attempts including this one
     * @param afterDeadLetter an earlier request of its key was never delivered
     */
    record Sending(long id, WebhookRequest request, int attempts, boolean afterDeadLetter) {}

    /** A request that is not tried any more, and why. */
    record GivenUp(WebhookRequest request, int attempts, String reason) {}

    private static final class Entry {
        final long id;
        final WebhookRequest request;
        final long acceptedMillis;
        int attempts;
        long notBeforeMillis;

        /** The lane's round in which it was sent, or {@link #NOT_IN_FLIGHT}. */
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

    private final String destination;
    private final DeliveryLimits limits;
    private final Breaker breaker;
    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    private final Map<String, ArrayDeque<Entry>> byKey = new HashMap<>();
    private final LinkedHashSet<String> brokenKeys = new LinkedHashSet<>();
    private long nextId;
    private int inFlight;

    Lane(String destination, DeliveryLimits limits) {
        this(destination, limits, 0);
    }

    private Lane(String destination, DeliveryLimits limits, long throttledUntilMillis) {
        this.destination = destination;
        this.limits = limits;
        this.breaker = new Breaker(limits, throttledUntilMillis);
    }

    /** A lane as a checkpoint left it; what was in flight then is sent again, in its old place. */
    static Lane restore(LaneState state, DeliveryLimits limits, long nowMillis) {
        // A clock that went backwards must not park the lane for years.
        long throttledUntil =
                Math.min(state.throttledUntilMillis(), nowMillis + limits.retryAfterMaxMillis());
        Lane lane = new Lane(state.destination(), limits, throttledUntil);
        for (LaneState.Pending pending : state.pending()) {
            lane.add(pending.request(), pending.acceptedMillis(), pending.attempts());
        }
        lane.brokenKeys.addAll(state.brokenKeys());
        return lane;
    }

    LaneState snapshot() {
        List<LaneState.Pending> pending = new ArrayList<>(entries.size());
        for (Entry entry : entries.values()) {
            pending.add(new LaneState.Pending(entry.request, entry.acceptedMillis, entry.attempts));
        }
        return new LaneState(
                destination,
                breaker.throttledUntilMillis(),
                List.copyOf(brokenKeys),
                List.copyOf(pending));
    }

    /**
     * Takes a request over.
     *
     * <p>Here a firing and a resolve that are both unsent could cancel each other out. They do not:
     * whoever reads the receiver's history shall see that the alarm rang.
     *
     * @return what had to go to make room: the oldest that is not in flight
     */
    List<GivenUp> offer(WebhookRequest request, long nowMillis) {
        List<GivenUp> givenUp = new ArrayList<>();
        add(request, nowMillis, 0);
        while (entries.size() > limits.maxPending()) {
            Entry oldest = oldestWaiting();
            if (oldest == null) {
                break;
            }
            giveUp(
                    oldest,
                    "more than " + limits.maxPending() + " requests are pending for it",
                    givenUp);
        }
        return givenUp;
    }

    /** What to send now; each counts as in flight until {@link #settle}. */
    List<Sending> poll(long nowMillis) {
        List<Sending> sendings = new ArrayList<>();
        while (inFlight < breaker.capacity() && nowMillis >= breaker.gateMillis()) {
            Entry next = breaker.isOpen() ? leastTried() : oldestReady(nowMillis);
            if (next == null) {
                break;
            }
            next.sentInRound = breaker.round();
            next.attempts++;
            inFlight++;
            sendings.add(
                    new Sending(
                            next.id,
                            next.request,
                            next.attempts,
                            brokenKeys.contains(next.request.orderKey())));
        }
        return sendings;
    }

    /**
     * When {@link #poll} has something again if nothing is offered or settled before; {@link
     * Long#MAX_VALUE} when only that can bring something.
     */
    long wakeAtMillis() {
        if (inFlight >= breaker.capacity()) {
            return Long.MAX_VALUE;
        }
        long gate = breaker.gateMillis();
        long earliest = Long.MAX_VALUE;
        for (Entry entry : entries.values()) {
            if (isNextOfItsKey(entry)) {
                earliest = Math.min(earliest, breaker.isOpen() ? gate : entry.notBeforeMillis);
                if (earliest <= gate) {
                    return gate;
                }
            }
        }
        return earliest;
    }

    /**
     * Judges an attempt.
     *
     * @param jitter in [0, 1)
     * @return what is not tried any more
     */
    List<GivenUp> settle(long id, DeliveryOutcome outcome, long nowMillis, double jitter) {
        List<GivenUp> givenUp = new ArrayList<>();
        Entry entry = entries.get(id);
        if (entry == null || !entry.inFlight()) {
            return givenUp;
        }
        boolean firstOfRound = entry.sentInRound == breaker.round();
        entry.sentInRound = NOT_IN_FLIGHT;
        inFlight--;
        if (outcome instanceof DeliveryOutcome.Delivered) {
            remove(entry);
            brokenKeys.remove(entry.request.orderKey());
            answered();
        } else if (outcome instanceof DeliveryOutcome.Rejected rejected) {
            giveUp(entry, rejected.reason(), givenUp);
            answered();
        } else if (outcome instanceof DeliveryOutcome.Throttled throttled) {
            entry.notBeforeMillis = nowMillis + breaker.backoffMillis(entry.attempts, jitter);
            if (firstOfRound) {
                breaker.openFor(nowMillis, jitter);
            }
            breaker.keepSilent(throttled.waitMillis(), nowMillis, jitter);
            giveUpAged(entry, nowMillis, throttled.reason(), givenUp);
        } else {
            entry.notBeforeMillis = nowMillis + breaker.backoffMillis(entry.attempts, jitter);
            if (firstOfRound) {
                breaker.failed(nowMillis, jitter);
            }
            giveUpAged(entry, nowMillis, reason(outcome), givenUp);
        }
        return givenUp;
    }

    /** Empties the lane, in order. */
    List<GivenUp> giveUpAll(String reason) {
        List<GivenUp> givenUp = new ArrayList<>();
        for (Entry entry : List.copyOf(entries.values())) {
            giveUp(entry, reason, givenUp);
        }
        return givenUp;
    }

    int pending() {
        return entries.size();
    }

    /** When the oldest pending request was taken over; {@link Long#MAX_VALUE} when none is. */
    long oldestAcceptedMillis() {
        return entries.isEmpty() ? Long.MAX_VALUE : entries.firstEntry().getValue().acceptedMillis;
    }

    /** Whether the destination counts as down or throttled. */
    boolean isOpen() {
        return breaker.isOpen();
    }

    private static String reason(DeliveryOutcome outcome) {
        if (outcome instanceof DeliveryOutcome.Retry retry) {
            return retry.reason();
        }
        return ((DeliveryOutcome.Ambiguous) outcome).reason();
    }

    private void add(WebhookRequest request, long acceptedMillis, int attempts) {
        Entry entry = new Entry(nextId++, request, acceptedMillis, attempts);
        entries.put(entry.id, entry);
        byKey.computeIfAbsent(request.orderKey(), key -> new ArrayDeque<>()).addLast(entry);
    }

    private void remove(Entry entry) {
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

    private void giveUp(Entry entry, String reason, List<GivenUp> givenUp) {
        remove(entry);
        brokenKeys.remove(entry.request.orderKey());
        brokenKeys.add(entry.request.orderKey());
        if (brokenKeys.size() > MAX_BROKEN_KEYS) {
            brokenKeys.remove(brokenKeys.iterator().next());
        }
        givenUp.add(new GivenUp(entry.request, entry.attempts, reason));
    }

    /** Age is judged on failure only, so that after a long stop everything gets its chance. */
    private void giveUpAged(Entry failed, long nowMillis, String reason, List<GivenUp> givenUp) {
        String why = "older than " + limits.maxAgeMillis() + " ms and still failing: " + reason;
        for (Entry entry : breaker.isOpen() ? List.copyOf(entries.values()) : List.of(failed)) {
            if (!entry.inFlight() && nowMillis - entry.acceptedMillis >= limits.maxAgeMillis()) {
                giveUp(entry, why, givenUp);
            }
        }
    }

    private boolean isNextOfItsKey(Entry entry) {
        return !entry.inFlight() && byKey.get(entry.request.orderKey()).peekFirst() == entry;
    }

    private Entry oldestWaiting() {
        for (Entry entry : entries.values()) {
            if (!entry.inFlight()) {
                return entry;
            }
        }
        return null;
    }

    private Entry oldestReady(long nowMillis) {
        for (Entry entry : entries.values()) {
            if (entry.notBeforeMillis <= nowMillis && isNextOfItsKey(entry)) {
                return entry;
            }
        }
        return null;
    }

    private Entry leastTried() {
        Entry best = null;
        for (Entry entry : entries.values()) {
            if (isNextOfItsKey(entry) && (best == null || entry.attempts < best.attempts)) {
                best = entry;
            }
        }
        return best;
    }

    private void answered() {
        if (breaker.answered()) {
            // The receiver is back: whoever waited because of its absence need not wait longer.
            for (Entry entry : entries.values()) {
                entry.notBeforeMillis = 0;
            }
        }
    }
}
