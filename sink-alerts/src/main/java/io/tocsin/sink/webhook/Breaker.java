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

/**
 * Whether one destination counts as down, and when it may be tried again. Knows no request, clock
 * or randomness: time and jitter are arguments.
 *
 * <pre>
 *            failuresToOpen failures in a row, or throttled
 *   CLOSED ------------------------------------------------> OPEN (one probe per backoff)
 *     ^                                                        |
 *     +------------- any request delivered or rejected --------+
 * </pre>
 *
 * <p>Backoff has full jitter: a random part of min(cap, base × 2^(n-1)).
 */
@Pure
final class Breaker {
    private final DeliveryLimits limits;
    private boolean open;
    private int failuresInRow;
    private int openFailures;
    private long probeAtMillis;
    private long throttledUntilMillis;

    /** Moves with every lane-wide failure, so that requests sent before it do not count again. */
    private long round;

    /**
     * @param throttledUntilMillis until when the destination asked for silence; 0 if it did not
     */
    Breaker(DeliveryLimits limits, long throttledUntilMillis) {
        this.limits = limits;
        this.throttledUntilMillis = throttledUntilMillis;
    }

    boolean isOpen() {
        return open;
    }

    long round() {
        return round;
    }

    long throttledUntilMillis() {
        return throttledUntilMillis;
    }

    /** How many requests may be in flight. */
    int capacity() {
        return open ? 1 : limits.maxInFlight();
    }

    /** Before this nothing is sent. */
    long gateMillis() {
        return open ? Math.max(probeAtMillis, throttledUntilMillis) : throttledUntilMillis;
    }

    /**
     * The destination took or judged a request: it is there.
     *
     * @return whether it was down before
     */
    boolean answered() {
        boolean wasOpen = open;
        failuresInRow = 0;
        if (open) {
            open = false;
            openFailures = 0;
            round++;
        }
        return wasOpen;
    }

    /** A request of the current round failed. */
    void failed(long nowMillis, double jitter) {
        failuresInRow++;
        if (open || failuresInRow >= limits.failuresToOpen()) {
            openFor(nowMillis, jitter);
        }
    }

    /** Nothing is sent for a while; afterwards one request at a time. */
    void openFor(long nowMillis, double jitter) {
        open = true;
        openFailures++;
        round++;
        probeAtMillis = nowMillis + backoffMillis(openFailures, jitter);
    }

    /** The destination asked for silence. */
    void keepSilent(long waitMillis, long nowMillis, double jitter) {
        if (waitMillis > 0) {
            long wait = Math.min(waitMillis, limits.retryAfterMaxMillis());
            // Jitter on top: nobody comes back earlier than asked, nor all at once.
            long until = nowMillis + wait + (long) (jitter * limits.backoffBaseMillis());
            throttledUntilMillis = Math.max(throttledUntilMillis, until);
        }
    }

    /** How long to wait after so many failures. */
    long backoffMillis(int failures, double jitter) {
        int doublings = Math.min(Math.max(0, failures - 1), 30);
        // Compared the other way round, since doubling the base could overflow.
        boolean capped = limits.backoffBaseMillis() > limits.backoffCapMillis() >> doublings;
        long ceiling = capped ? limits.backoffCapMillis() : limits.backoffBaseMillis() << doublings;
        return (long) (jitter * ceiling);
    }
}
