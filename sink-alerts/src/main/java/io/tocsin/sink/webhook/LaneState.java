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

import java.util.List;

/**
 * What a checkpoint keeps of one lane.
 *
 * @param destination its name
 * @param throttledUntilMillis until when the receiver asked for silence, epoch milliseconds; 0 when
 *     it did not
 * @param brokenKeys order keys with a request in the dead letters whose next one has not been
 *     delivered
 * @param pending in the order in which they were accepted, those in flight included
 */
record LaneState(
        String destination,
        long throttledUntilMillis,
        List<String> brokenKeys,
        List<Pending> pending) {

    /**
     * A request not yet delivered.
     *
     * @param acceptedMillis when the sink took it over, epoch milliseconds
     * @param attempts how often it was sent
     */
    record Pending(WebhookRequest request, long acceptedMillis, int attempts) {}
}
