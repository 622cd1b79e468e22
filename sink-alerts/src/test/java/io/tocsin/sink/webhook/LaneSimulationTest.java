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

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.testing.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A lane against a receiver that answers at random, with crashes that throw the lane back to its
 * last snapshot, and the input with it. Whatever happens: nothing is lost, the order of a key
 * holds, no more is in flight than allowed, and the lane always says when to go on.
 */
class LaneSimulationTest {
    private static final DeliveryLimits LIMITS =
            DeliveryLimits.DEFAULT.withMaxAge(Duration.ofDays(365)).withMaxPending(1_000);

    @Test
    void losesNothingAndKeepsOrderThroughFailuresAndCrashes() {
        Simulation.run("lane", 500, (random, seed) -> new Run(random).go());
    }

    private static final class Run {
        private static final int REQUESTS = 60;
        private static final int KEYS = 7;

        private final Random random;
        private final List<WebhookRequest> input = new ArrayList<>();
        private final List<Lane.Sending> inFlight = new ArrayList<>();

        /** Per key: how many of its requests the receiver or the dead letters have, in order. */
        private final Map<String, Integer> reached = new HashMap<>();

        private Lane lane = new Lane("oncall", LIMITS);
        private int offered;
        private LaneState saved = lane.snapshot();
        private int savedOffered;
        private long now;
        private boolean down;

        Run(Random random) {
            this.random = random;
            int[] perKey = new int[KEYS];
            for (int i = 0; i < REQUESTS; i++) {
                int key = random.nextInt(KEYS);
                input.add(Requests.request("oncall", "k" + key, "" + perKey[key]++));
            }
        }

        void go() {
            int troubled = 2_000;
            for (int step = 0; offered < REQUESTS || lane.pending() > 0; step++) {
                assertThat(step).as("steps until all is delivered").isLessThan(20_000);
                step(step < troubled);
            }
            Map<String, Integer> expected = new HashMap<>();
            input.forEach(request -> expected.merge(request.orderKey(), 1, Integer::sum));
            assertThat(reached).isEqualTo(expected);
        }

        private void step(boolean trouble) {
            int dice = random.nextInt(100);
            if (trouble && dice < 2) {
                crash();
            } else if (trouble && dice < 4) {
                down = !down;
            } else if (dice < 10) {
                saved = lane.snapshot();
                savedOffered = offered;
            } else if (dice < 30 && offered < REQUESTS) {
                lane.offer(input.get(offered++), now);
            } else if (dice < 65 && !inFlight.isEmpty()) {
                answer(inFlight.remove(random.nextInt(inFlight.size())), trouble);
            } else {
                advance();
            }
            List<Lane.Sending> sendings = lane.poll(now);
            inFlight.addAll(sendings);
            assertThat(inFlight.size()).isLessThanOrEqualTo(LIMITS.maxInFlight());
            assertThat(inFlight)
                    .extracting(sending -> sending.request().orderKey())
                    .as("one in flight per key")
                    .doesNotHaveDuplicates();
            if (lane.pending() > 0 && inFlight.isEmpty()) {
                assertThat(lane.wakeAtMillis()).as("the lane goes on").isLessThan(Long.MAX_VALUE);
            }
            assertThat(lane.wakeAtMillis()).as("nothing ready was left").isGreaterThan(now);
        }

        private void advance() {
            long wake = lane.wakeAtMillis();
            if (wake != Long.MAX_VALUE && random.nextBoolean()) {
                now = Math.max(now, wake);
            } else {
                now += random.nextInt(1_000);
            }
        }

        private void crash() {
            lane = Lane.restore(saved, LIMITS, now);
            offered = savedOffered;
            inFlight.clear();
        }

        private void answer(Lane.Sending sending, boolean trouble) {
            DeliveryOutcome outcome = outcome(trouble);
            boolean arrived =
                    outcome instanceof DeliveryOutcome.Delivered
                            || (outcome instanceof DeliveryOutcome.Ambiguous
                                    && random.nextBoolean());
            if (arrived || outcome instanceof DeliveryOutcome.Rejected) {
                arrive(sending.request());
            }
            List<Lane.GivenUp> givenUp =
                    lane.settle(sending.id(), outcome, now, random.nextDouble());
            assertThat(givenUp).hasSize(outcome instanceof DeliveryOutcome.Rejected ? 1 : 0);
        }

        private void arrive(WebhookRequest request) {
            int number = Integer.parseInt(Requests.body(request));
            int known = reached.getOrDefault(request.orderKey(), 0);
            assertThat(number)
                    .as("%s: repeated perhaps, but never ahead of one before", request.orderKey())
                    .isLessThanOrEqualTo(known);
            reached.put(request.orderKey(), Math.max(known, number + 1));
        }

        private DeliveryOutcome outcome(boolean trouble) {
            if (!trouble) {
                return new DeliveryOutcome.Delivered("");
            }
            if (down) {
                return new DeliveryOutcome.Retry("refused");
            }
            return switch (random.nextInt(12)) {
                case 0, 1 -> new DeliveryOutcome.Retry("HTTP 503");
                case 2, 3 -> new DeliveryOutcome.Ambiguous("timeout");
                case 4 -> new DeliveryOutcome.Throttled(random.nextInt(20_000), "HTTP 429");
                case 5 -> new DeliveryOutcome.Throttled(0, "HTTP 429");
                case 6 -> new DeliveryOutcome.Rejected("HTTP 400");
                default -> new DeliveryOutcome.Delivered("");
            };
        }
    }
}
