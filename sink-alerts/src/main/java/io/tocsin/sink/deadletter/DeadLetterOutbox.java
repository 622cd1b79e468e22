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
package io.tocsin.sink.deadletter;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs dead letters (without their bytes) and hands them on; what cannot be handed on stays here,
 * and in the checkpoint, until it can. Used by one thread.
 */
public final class DeadLetterOutbox {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterOutbox.class);

    private final DeadLetterHandler handler;
    private final Queue<DeadLetter> waiting = new ArrayDeque<>();

    public DeadLetterOutbox(DeadLetterHandler handler) {
        this.handler = handler;
    }

    /** Letters of a checkpoint, already logged. */
    public void restore(Collection<DeadLetter> letters) {
        waiting.addAll(letters);
    }

    /** Takes a letter over; {@link #handOn} moves it further. */
    public void add(DeadLetter letter) {
        LOG.error("{}", DeadLetterJson.lineWithoutRaw(letter));
        waiting.add(letter);
    }

    /**
     * Hands on what is waiting, in order, up to the first failure.
     *
     * @return whether nothing is left
     */
    public boolean handOn() {
        while (!waiting.isEmpty()) {
            try {
                handler.accept(waiting.peek());
            } catch (IOException | RuntimeException e) {
                LOG.error(
                        "{} dead letters cannot be handed on and are kept in the checkpoint; trying again",
                        waiting.size(),
                        e);
                return false;
            }
            waiting.remove();
        }
        return true;
    }

    /** What a checkpoint has to keep. */
    public List<DeadLetter> waiting() {
        return List.copyOf(waiting);
    }
}
