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

/** The verdict on one attempt. */
public sealed interface DeliveryOutcome {

    /**
     * Taken.
     *
     * @param remark what an operator should know nevertheless, or empty
     */
    record Delivered(String remark) implements DeliveryOutcome {}

    /**
     * Not taken, the receiver wants fewer requests.
     *
     * @param waitMillis how long it asked for; 0 when it did not say
     * @param reason for people
     */
    record Throttled(long waitMillis, String reason) implements DeliveryOutcome {}

    /** Not taken, later may be better. */
    record Retry(String reason) implements DeliveryOutcome {}

    /** Never to be taken: a dead letter. */
    record Rejected(String reason) implements DeliveryOutcome {}

    /**
     * Perhaps taken: sent again under the same idempotency key, so the receiver may see it twice.
     */
    record Ambiguous(String reason) implements DeliveryOutcome {}
}
