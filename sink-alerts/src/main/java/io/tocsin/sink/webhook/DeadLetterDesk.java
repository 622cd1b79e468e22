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

import io.tocsin.sink.deadletter.DeadLetter;
import io.tocsin.sink.deadletter.DeadLetterOutbox;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.Counter;

/**
 * Turns what a writer gives up into dead letters: counted, cut at a bound. The task thread only.
 */
final class DeadLetterDesk {
    private static final String STAGE = "webhook";
    private static final int MAX_RAW_BYTES = 256 * 1024;

    private final DeadLetterOutbox outbox;
    private final Counter errors;
    private final LongSupplier clock;

    DeadLetterDesk(DeadLetterOutbox outbox, Counter errors, LongSupplier clock) {
        this.outbox = outbox;
        this.errors = errors;
        this.clock = clock;
    }

    void bury(String destination, Lane.GivenUp given) {
        bury(
                destination,
                given.reason()
                        + " (after "
                        + given.attempts()
                        + " attempts, idempotency key "
                        + given.request().idempotencyKey()
                        + ")",
                given.request().body());
    }

    void bury(String origin, String reason, byte[] raw) {
        errors.inc();
        byte[] kept = raw.length <= MAX_RAW_BYTES ? raw : Arrays.copyOf(raw, MAX_RAW_BYTES);
        outbox.add(new DeadLetter(STAGE, origin, reason, clock.getAsLong(), kept));
    }
}
