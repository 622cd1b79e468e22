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

/**
 * One notification on its way to one destination. Part of the writer's checkpointed state, through
 * its own serializer.
 *
 * @param destination name of the receiver, as configured; its URL and secrets are looked up at
 *     sending time and never stored
 * @param orderKey requests with the same key are delivered in order, one at a time: the alert's id
 * @param idempotencyKey the same for every attempt, sent as the header {@code Idempotency-Key}
 * @param contentType media type of the body
 * @param body the body
 * @param createdMillis when the notification was made, epoch milliseconds
 */
public record WebhookRequest(
        String destination,
        String orderKey,
        String idempotencyKey,
        String contentType,
        byte[] body,
        long createdMillis) {}
