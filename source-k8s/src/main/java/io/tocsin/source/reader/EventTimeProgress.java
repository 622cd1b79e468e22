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

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells the drivers of a reader's splits that event time moves: only the emitter, which reads the
 * times of the objects, knows. Thread-safe.
 */
public final class EventTimeProgress {

    private final Map<String, AtomicLong> advances = new ConcurrentHashMap<>();

    /** The event time of a split moved on. */
    void advanced(String splitId) {
        counter(splitId).incrementAndGet();
    }

    /** How often the event time of a split moved on. */
    long advances(String splitId) {
        return counter(splitId).get();
    }

    /** A split is no longer read. */
    void forget(String splitId) {
        advances.remove(splitId);
    }

    private AtomicLong counter(String splitId) {
        return advances.computeIfAbsent(splitId, unused -> new AtomicLong());
    }
}
