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
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

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

    private final String destination;
    private final DeliveryLimits limits;
    private final Breaker breaker;
    private final Backlog backlog = new Backlog();
    private final LinkedHashSet<String> brokenKeys = new LinkedHashSet<>();

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
            lane.backlog.add(pending.request(), pending.acceptedMillis(), pending.attempts());
        }
        lane.brokenKeys.addAll(state.brokenKeys());
        return lane;
    }

    LaneState snapshot() {
        List<LaneState.Pending> pending = new ArrayList<>(backlog.size());
        for (Backlog.Entry entry : backlog.all()) {
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
        backlog.add(request, nowMillis, 0);
        while (backlog.size() > limits.maxPending()) {
            Backlog.Entry oldest = backlog.oldestWaiting();
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
        while (backlog.inFlight() < breaker.capacity() && nowMillis >= breaker.gateMillis()) {
            Backlog.Entry next =
                    breaker.isOpen() ? backlog.leastTried() : backlog.oldestReady(nowMillis);
            if (next == null) {
                break;
            }
            backlog.send(next, breaker.round());
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
        if (backlog.inFlight() >= breaker.capacity()) {
            return Long.MAX_VALUE;
        }
        long gate = breaker.gateMillis();
        long earliest = Long.MAX_VALUE;
        for (Backlog.Entry entry : backlog.all()) {
            if (backlog.isNextOfItsKey(entry)) {
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
        Backlog.Entry entry = backlog.get(id);
        if (entry == null || !entry.inFlight()) {
            return givenUp;
        }
        boolean firstOfRound = entry.sentInRound == breaker.round();
        backlog.comeBack(entry);
        if (outcome instanceof DeliveryOutcome.Delivered) {
            backlog.remove(entry);
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
        for (Backlog.Entry entry : List.copyOf(backlog.all())) {
            giveUp(entry, reason, givenUp);
        }
        return givenUp;
    }

    int pending() {
        return backlog.size();
    }

    /** When the oldest pending request was taken over; {@link Long#MAX_VALUE} when none is. */
    long oldestAcceptedMillis() {
        return backlog.oldestAcceptedMillis();
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

    private void giveUp(Backlog.Entry entry, String reason, List<GivenUp> givenUp) {
        backlog.remove(entry);
        brokenKeys.remove(entry.request.orderKey());
        brokenKeys.add(entry.request.orderKey());
        if (brokenKeys.size() > MAX_BROKEN_KEYS) {
            brokenKeys.remove(brokenKeys.iterator().next());
        }
        givenUp.add(new GivenUp(entry.request, entry.attempts, reason));
    }

    /** Age is judged on failure only, so that after a long stop everything gets its chance. */
    private void giveUpAged(
            Backlog.Entry failed, long nowMillis, String reason, List<GivenUp> givenUp) {
        String why = "older than " + limits.maxAgeMillis() + " ms and still failing: " + reason;
        for (Backlog.Entry entry :
                breaker.isOpen() ? List.copyOf(backlog.all()) : List.of(failed)) {
            if (!entry.inFlight() && nowMillis - entry.acceptedMillis >= limits.maxAgeMillis()) {
                giveUp(entry, why, givenUp);
            }
        }
    }

    private void answered() {
        if (breaker.answered()) {
            // The receiver is back: whoever waited because of its absence need not wait longer.
            for (Backlog.Entry entry : backlog.all()) {
                entry.notBeforeMillis = 0;
            }
        }
    }
}
