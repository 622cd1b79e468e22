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

import java.io.Serializable;

/**
 * The API server's now. Everything that compares event times with the present asks this clock,
 * never the machine's. Thread-safe.
 */
public interface ServerClock {

    /** The server's now in epoch milliseconds; 0 while nothing is known of it. */
    long nowMillis();

    /** Takes the Date header of an answer that has just come; 0 is ignored. */
    void observe(long dateMillis);

    /** Makes the clock of a reader. */
    @FunctionalInterface
    interface Factory extends Serializable {
        /** Makes a clock that knows nothing yet. */
        ServerClock create();
    }
}
