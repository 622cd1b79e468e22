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

import io.tocsin.annotation.Pure;

/**
 * What the policy may know of time and chance when something happens.
 *
 * @param elapsedMillis monotonic time of this process
 * @param serverMillis the server's now, epoch milliseconds; 0 while unknown
 * @param random a fresh number from 0 (inclusive) to 1
 */
@Pure
public record Moment(long elapsedMillis, long serverMillis, double random) {

    /**
     * A server time not after the moment at which the server began to read for a call.
     *
     * @param start when the call began
     * @param answeredMillis what the server told as its time in the answer; 0 for nothing
     * @return epoch milliseconds; 0 if unknown
     */
    long startOfCall(Moment start, long answeredMillis) {
        long told = answeredMillis > 0 ? answeredMillis : serverMillis;
        return told == 0 ? 0 : told - (elapsedMillis - start.elapsedMillis());
    }
}
