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
import java.io.Serializable;

/**
 * Where dead letters go when they cannot travel in a stream: a sink's writer has no side output.
 * Called by one thread, the task's; may be called again with the same letter after a crash.
 */
@FunctionalInterface
public interface DeadLetterHandler extends Serializable {

    /**
     * Keeps a letter durably before returning.
     *
     * @throws IOException it could not; the caller keeps the letter and tries again later
     */
    void accept(DeadLetter letter) throws IOException;

    /** Keeps nothing: for pipelines that are content with the log line. */
    static DeadLetterHandler logOnly() {
        return letter -> {};
    }
}
