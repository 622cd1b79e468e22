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

import java.io.Serializable;
import java.time.Duration;

/**
 * How hard and how long delivery is tried; the same for every destination of a sink.
 *
 * @param maxPending requests kept per destination; beyond it the oldest becomes a dead letter
 * @param maxInFlight requests under way at once per destination
 * @param failuresToOpen failures in a row after which a destination counts as down and is only
 *     probed, one request at a time
 * @param backoffBaseMillis the first failure waits a random time up to this, doubling from there
 * @param backoffCapMillis the longest such wait
 * @param retryAfterMaxMillis the longest wait a receiver may ask for
 * @param maxAgeMillis a request that fails when it is older than this becomes a dead letter
 * @param drainTimeoutMillis how long the end of a bounded input waits for deliveries; what is left
 *     becomes dead letters
 */
public record DeliveryLimits(
        int maxPending,
        int maxInFlight,
        int failuresToOpen,
        long backoffBaseMillis,
        long backoffCapMillis,
        long retryAfterMaxMillis,
        long maxAgeMillis,
        long drainTimeoutMillis)
        implements Serializable {

    /** 10,000 pending, 8 in flight, 1 s to 60 s of backoff, 1 h of Retry-After, 24 h of age. */
    public static final DeliveryLimits DEFAULT =
            new DeliveryLimits(10_000, 8, 3, 1_000, 60_000, 3_600_000, 24 * 3_600_000L, 30_000);

    public DeliveryLimits {
        atLeastOne("maxPending", maxPending);
        atLeastOne("maxInFlight", maxInFlight);
        atLeastOne("failuresToOpen", failuresToOpen);
        atLeastOne("backoffBaseMillis", backoffBaseMillis);
        atLeastOne("retryAfterMaxMillis", retryAfterMaxMillis);
        atLeastOne("maxAgeMillis", maxAgeMillis);
        if (backoffCapMillis < backoffBaseMillis) {
            throw new IllegalArgumentException(
                    "backoffCapMillis must be at least backoffBaseMillis ("
                            + backoffBaseMillis
                            + "), got "
                            + backoffCapMillis);
        }
        if (drainTimeoutMillis < 0) {
            throw new IllegalArgumentException(
                    "drainTimeoutMillis must not be negative, got " + drainTimeoutMillis);
        }
    }

    private static void atLeastOne(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1, got " + value);
        }
    }

    /** The same with another backoff. */
    public DeliveryLimits withBackoff(Duration base, Duration cap) {
        return new DeliveryLimits(
                maxPending,
                maxInFlight,
                failuresToOpen,
                base.toMillis(),
                cap.toMillis(),
                retryAfterMaxMillis,
                maxAgeMillis,
                drainTimeoutMillis);
    }

    /** The same with another bound on what is kept per destination. */
    public DeliveryLimits withMaxPending(int requests) {
        return new DeliveryLimits(
                requests,
                maxInFlight,
                failuresToOpen,
                backoffBaseMillis,
                backoffCapMillis,
                retryAfterMaxMillis,
                maxAgeMillis,
                drainTimeoutMillis);
    }

    /** The same with another age at which a failing request is given up. */
    public DeliveryLimits withMaxAge(Duration age) {
        return new DeliveryLimits(
                maxPending,
                maxInFlight,
                failuresToOpen,
                backoffBaseMillis,
                backoffCapMillis,
                retryAfterMaxMillis,
                age.toMillis(),
                drainTimeoutMillis);
    }

    /** The same with another wait at the end of a bounded input. */
    public DeliveryLimits withDrainTimeout(Duration timeout) {
        return new DeliveryLimits(
                maxPending,
                maxInFlight,
                failuresToOpen,
                backoffBaseMillis,
                backoffCapMillis,
                retryAfterMaxMillis,
                maxAgeMillis,
                timeout.toMillis());
    }
}
