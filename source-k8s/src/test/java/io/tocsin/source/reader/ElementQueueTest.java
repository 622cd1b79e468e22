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
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tocsin.source.reader.ElementQueue.Batch;
import io.tocsin.source.split.Position;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ElementQueueTest {

    private final ElementQueue queue = new ElementQueue(64, 2_000);
    private Thread thread;

    @AfterEach
    void endThread() throws Exception {
        if (thread != null) {
            thread.interrupt();
            thread.join();
        }
    }

    /** An element of 200 bytes and more. */
    private static Element element(int bytes) {
        return new Element.DeadLetter(new byte[bytes - 200], "", Position.initial());
    }

    private interface Task<T> {
        T call() throws Exception;
    }

    /** Runs a task that is expected to wait, and returns once it does. */
    private <T> CompletableFuture<T> waiting(Task<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        thread =
                new Thread(
                        () -> {
                            try {
                                result.complete(task.call());
                            } catch (Exception e) {
                                result.completeExceptionally(e);
                            }
                        });
        thread.start();
        await().until(() -> thread.getState() == Thread.State.WAITING || result.isDone());
        assertThat(result).isNotDone();
        return result;
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    @Test
    void aPutWaitsWhileTheBytesAreUsedUp() throws Exception {
        queue.open("a");
        queue.put("a", element(1_500));
        CompletableFuture<Boolean> put = waiting(() -> queue.put("a", element(600)));
        assertThat(queue.take().elements()).hasSize(1);
        assertThat(get(put)).isTrue();
        assertThat(queue.take().elements()).hasSize(1);
    }

    @Test
    void aPutWaitsWhileTheElementsAreTooMany() throws Exception {
        ElementQueue few = new ElementQueue(20, 1 << 20);
        few.open("a");
        for (int i = 0; i < 20; i++) {
            few.put("a", element(200));
        }
        CompletableFuture<Boolean> put = waiting(() -> few.put("a", element(200)));
        assertThat(few.take().elements()).hasSize(20);
        assertThat(get(put)).isTrue();
    }

    @Test
    void anElementAboveTheBoundPassesAlone() throws Exception {
        queue.open("a");
        queue.put("a", element(5_000));
        CompletableFuture<Boolean> put = waiting(() -> queue.put("a", element(200)));
        assertThat(queue.take().elements()).hasSize(1);
        assertThat(get(put)).isTrue();
    }

    @Test
    void aFullSplitDoesNotHoldUpAnother() throws Exception {
        queue.open("a");
        queue.open("b");
        queue.put("a", element(900));
        CompletableFuture<Boolean> put = waiting(() -> queue.put("a", element(900)));
        assertThat(queue.put("b", element(900))).isTrue();
        assertThat(put).isNotDone();
        queue.pause(Set.of("a"), Set.of());
        assertThat(queue.take().splitId()).isEqualTo("b");
    }

    @Test
    void servesSplitsInTurn() throws Exception {
        queue.open("a");
        queue.open("b");
        queue.put("a", element(200));
        queue.put("b", element(200));
        assertThat(queue.take().splitId()).isEqualTo("a");
        queue.put("a", element(200));
        assertThat(queue.take().splitId()).isEqualTo("b");
        assertThat(queue.take().splitId()).isEqualTo("a");
    }

    @Test
    void aPausedSplitKeepsWhatItHasUntilItIsResumed() throws Exception {
        queue.open("a");
        queue.put("a", element(200));
        queue.pause(Set.of("a", "unknown"), Set.of());
        CompletableFuture<Batch> taken = waiting(queue::take);
        assertThat(queue.size()).isOne();
        queue.pause(Set.of(), Set.of("a"));
        assertThat(get(taken).elements()).hasSize(1);
    }

    @Test
    void wakesAWaitingTakeAndTheNextOneOnce() throws Exception {
        queue.open("a");
        CompletableFuture<Batch> taken = waiting(queue::take);
        queue.wakeUp();
        assertThat(get(taken)).isNull();

        queue.put("a", element(200));
        queue.wakeUp();
        assertThat(queue.take()).isNull();
        assertThat(queue.take().elements()).hasSize(1);
    }

    @Test
    void aDroppedSplitLetsItsDriverGo() throws Exception {
        queue.open("a");
        queue.put("a", element(1_900));
        CompletableFuture<Boolean> put = waiting(() -> queue.put("a", element(600)));
        queue.drop("a");
        assertThat(get(put)).isFalse();
        assertThat(queue.size()).isZero();
    }

    @Test
    void aFailureComesBeforeAnythingElseAndStays() throws Exception {
        queue.open("a");
        queue.put("a", element(200));
        RuntimeException first = new IllegalStateException("first");
        queue.fail(first);
        queue.fail(new IllegalStateException("second"));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(queue::take)
                    .isInstanceOf(ElementQueue.DriverFailedException.class)
                    .hasCause(first);
        }
    }

    @Test
    void aFailureWakesAWaitingTake() throws Exception {
        queue.open("a");
        AtomicReference<Throwable> seen = new AtomicReference<>();
        CompletableFuture<Batch> taken = waiting(queue::take);
        taken.whenComplete((batch, failure) -> seen.set(failure));
        queue.fail(new IllegalStateException("no"));
        await().until(() -> seen.get() != null);
        assertThat(seen.get()).isInstanceOf(ElementQueue.DriverFailedException.class);
    }

    @Test
    void tellsTheEndOfASplitWithItsLastElements() throws Exception {
        queue.open("a");
        queue.put("a", element(200));
        queue.finish("a");
        Batch batch = queue.take();
        assertThat(batch.elements()).hasSize(1);
        assertThat(batch.finished()).isTrue();
        assertThat(queue.put("a", element(200))).isFalse();
    }
}
