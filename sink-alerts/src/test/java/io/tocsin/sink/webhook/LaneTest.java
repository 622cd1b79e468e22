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

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LaneTest {
    private static final DeliveryOutcome OK = new DeliveryOutcome.Delivered("");
    private static final DeliveryOutcome DOWN = new DeliveryOutcome.Retry("refused");
    private static final DeliveryOutcome NO = new DeliveryOutcome.Rejected("HTTP 404");
    private static final double HALF = 0.5;

    private final Lane lane = new Lane("oncall", DeliveryLimits.DEFAULT);

    @Test
    void sendsDifferentKeysAtOnceUpToTheBound() {
        IntStream.range(0, 20).forEach(i -> offer("k" + i, "b" + i));

        assertThat(bodies(lane.poll(0))).hasSize(8).startsWith("b0", "b1");
        assertThat(lane.poll(0)).isEmpty();
        assertThat(lane.wakeAtMillis()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void holdsAResolveBackUntilItsFiringIsDelivered() {
        offer("a", "firing");
        offer("a", "resolved");

        Lane.Sending firing = only(lane.poll(0));
        assertThat(Requests.body(firing.request())).isEqualTo("firing");
        lane.settle(firing.id(), DOWN, 0, HALF);
        assertThat(lane.poll(499)).isEmpty();
        Lane.Sending again = only(lane.poll(500));
        assertThat(Requests.body(again.request())).isEqualTo("firing");
        assertThat(again.attempts()).isEqualTo(2);
        lane.settle(again.id(), OK, 500, HALF);

        assertThat(bodies(lane.poll(500))).containsExactly("resolved");
    }

    @Test
    void sendsAResolveMarkedWhenItsFiringBecameADeadLetter() {
        offer("a", "firing");
        offer("a", "resolved");

        List<Lane.GivenUp> givenUp = lane.settle(only(lane.poll(0)).id(), NO, 0, HALF);
        Lane.Sending resolve = only(lane.poll(0));

        assertThat(givenUp).singleElement().extracting(Lane.GivenUp::reason).isEqualTo("HTTP 404");
        assertThat(resolve.afterDeadLetter()).isTrue();
        lane.settle(resolve.id(), OK, 0, HALF);
        offer("a", "next episode");
        assertThat(only(lane.poll(0)).afterDeadLetter()).isFalse();
    }

    @Test
    void doublesTheBackoffUpToItsCap() {
        offer("a", "x");
        long now = 0;
        long[] waits = new long[9];
        for (int i = 0; i < waits.length; i++) {
            lane.settle(only(lane.poll(now)).id(), DOWN, now, 0.999999);
            waits[i] = lane.wakeAtMillis() - now;
            now = lane.wakeAtMillis();
        }

        // The third failure opens the lane, which then backs off on its own.
        assertThat(waits).containsExactly(999, 1999, 999, 1999, 3999, 7999, 15999, 31999, 59999);
    }

    @Test
    void probesADownDestinationWithOneRequestAndReleasesAllWhenItIsBack() {
        IntStream.range(0, 10).forEach(i -> offer("k" + i, "b" + i));
        lane.poll(0).forEach(sending -> lane.settle(sending.id(), DOWN, 0, HALF));
        assertThat(lane.isOpen()).isTrue();
        assertThat(lane.wakeAtMillis()).as("eight failures at once count as one").isEqualTo(500);

        Lane.Sending probe = only(lane.poll(500));
        assertThat(Requests.body(probe.request())).as("the least tried").isEqualTo("b8");
        lane.settle(probe.id(), OK, 500, HALF);

        assertThat(lane.isOpen()).isFalse();
        assertThat(bodies(lane.poll(500)))
                .containsExactly("b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7");
    }

    @Test
    void staysSilentForAsLongAsTheReceiverAsks() {
        offer("a", "x");
        offer("b", "y");
        List<Lane.Sending> both = lane.poll(0);
        lane.settle(both.get(0).id(), new DeliveryOutcome.Throttled(30_000, "HTTP 429"), 0, HALF);
        lane.settle(both.get(1).id(), OK, 10, HALF);

        assertThat(lane.poll(30_499)).isEmpty();
        assertThat(lane.wakeAtMillis()).isEqualTo(30_500);
        assertThat(bodies(lane.poll(30_500))).containsExactly("x");
    }

    @Test
    void clampsAnAbsurdWait() {
        offer("a", "x");
        lane.settle(
                only(lane.poll(0)).id(),
                new DeliveryOutcome.Throttled(Long.MAX_VALUE, "HTTP 429"),
                0,
                0);

        assertThat(lane.wakeAtMillis()).isEqualTo(Duration.ofHours(1).toMillis());
    }

    @Test
    void oneRequestThatAlwaysFailsDoesNotBlockTheOthers() {
        offer("poison", "poison");
        long now = 0;
        for (int i = 0; i < 5; i++) {
            now = Math.max(now, lane.wakeAtMillis());
            lane.settle(only(lane.poll(now)).id(), DOWN, now, HALF);
        }
        assertThat(lane.isOpen()).isTrue();
        offer("good", "good");

        now = lane.wakeAtMillis();
        assertThat(bodies(lane.poll(now))).containsExactly("good");
    }

    @Test
    void theOldestGoesToTheDeadLettersWhenTooManyArePending() {
        Lane small = new Lane("oncall", DeliveryLimits.DEFAULT.withMaxPending(2));
        small.offer(Requests.request("oncall", "a", "first"), 0);
        small.poll(0);
        small.offer(Requests.request("oncall", "b", "second"), 0);

        List<Lane.GivenUp> givenUp = small.offer(Requests.request("oncall", "c", "third"), 0);

        assertThat(givenUp)
                .as("what is in flight cannot be called back")
                .singleElement()
                .satisfies(
                        given -> {
                            assertThat(Requests.body(given.request())).isEqualTo("second");
                            assertThat(given.reason()).contains("more than 2");
                        });
    }

    @Test
    void givesUpWhatFailsAndIsTooOldButTriesItOnceAfterALongStop() {
        offer("a", "old");
        Lane restored =
                Lane.restore(
                        lane.snapshot(), DeliveryLimits.DEFAULT, Duration.ofDays(3).toMillis());
        long now = Duration.ofDays(3).toMillis();

        Lane.Sending attempt = only(restored.poll(now));
        List<Lane.GivenUp> givenUp = restored.settle(attempt.id(), DOWN, now, HALF);

        assertThat(givenUp)
                .singleElement()
                .extracting(Lane.GivenUp::reason)
                .asString()
                .contains("older than")
                .contains("refused");
        assertThat(restored.pending()).isZero();
    }

    @Test
    void restoresInOrderWithWhatWasInFlight() {
        offer("a", "firing");
        offer("b", "other");
        offer("a", "resolved");
        lane.poll(0);

        Lane restored = Lane.restore(lane.snapshot(), DeliveryLimits.DEFAULT, 0);
        List<Lane.Sending> first = restored.poll(0);

        assertThat(bodies(first)).containsExactly("firing", "other");
        assertThat(first).extracting(Lane.Sending::attempts).containsExactly(2, 2);
    }

    @Test
    void keepsAThrottleAcrossARestartButNotAnAbsurdOne() {
        long hour = Duration.ofHours(1).toMillis();
        offer("a", "x");
        lane.settle(
                only(lane.poll(7 * hour)).id(),
                new DeliveryOutcome.Throttled(hour, "HTTP 429"),
                7 * hour,
                0);

        assertThat(Lane.restore(lane.snapshot(), DeliveryLimits.DEFAULT, 7 * hour).wakeAtMillis())
                .isEqualTo(8 * hour);
        assertThat(Lane.restore(lane.snapshot(), DeliveryLimits.DEFAULT, 0).wakeAtMillis())
                .as("the clock went back by seven hours")
                .isEqualTo(hour);
    }

    @Test
    void ignoresAnAnswerToARequestThatIsGone() {
        offer("a", "x");
        long id = only(lane.poll(0)).id();
        lane.giveUpAll("over");

        assertThat(lane.settle(id, OK, 0, HALF)).isEmpty();
        assertThat(lane.pending()).isZero();
    }

    private void offer(String key, String body) {
        assertThat(lane.offer(Requests.request("oncall", key, body), 0)).isEmpty();
    }

    private static Lane.Sending only(List<Lane.Sending> sendings) {
        assertThat(sendings).hasSize(1);
        return sendings.get(0);
    }

    private static List<String> bodies(List<Lane.Sending> sendings) {
        return sendings.stream().map(sending -> Requests.body(sending.request())).toList();
    }
}
