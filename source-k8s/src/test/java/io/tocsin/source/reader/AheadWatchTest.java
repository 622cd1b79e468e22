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

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a watch ahead ends; what it keeps is shown by {@link ResourceSplitReaderTest}. */
@Timeout(60)
class AheadWatchTest {

    /** A reader that closes interrupts the threads of its splits more than once. */
    @Test
    void waitsForItsThreadThoughItIsInterruptedMeanwhile() throws Exception {
        CountDownLatch watching = new CountDownLatch(1);
        CountDownLatch ends = new CountDownLatch(1);
        ScriptedApi api =
                new ScriptedApi(
                        (call, handler, self) -> {
                            watching.countDown();
                            awaitWhateverHappens(ends);
                        });
        AheadWatch watch =
                new AheadWatch(
                                api,
                                "a",
                                new Action.WatchAhead("7", 60_000),
                                1_000,
                                DateServerClock.ofProcess())
                        .start();
        watching.await();
        Thread closing = new Thread(watch::close);
        closing.start();
        awaitWaiting(closing);

        closing.interrupt();
        await().until(() -> !closing.isInterrupted());
        awaitWaiting(closing);
        ends.countDown();
        closing.join();

        assertThat(api.caller.isAlive()).isFalse();
        assertThat(api.closed.getCount()).isZero();
    }

    private static void awaitWaiting(Thread thread) {
        await().until(
                        () ->
                                Set.of(Thread.State.TIMED_WAITING, Thread.State.TERMINATED)
                                        .contains(thread.getState()));
    }

    private static void awaitWhateverHappens(CountDownLatch latch) {
        boolean over = false;
        while (!over) {
            try {
                latch.await();
                over = true;
            } catch (InterruptedException e) {
                // Slow to end: that is the case.
            }
        }
    }
}
