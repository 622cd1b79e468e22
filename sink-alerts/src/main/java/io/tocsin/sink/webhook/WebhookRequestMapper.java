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

import java.io.Serializable;

/**
 * Turns an element into the request to send. Must be deterministic in the idempotency key: an
 * element replayed after a crash has to get the same one.
 */
@FunctionalInterface
public interface WebhookRequestMapper<IN> extends Serializable {

    /** The request, or null when the element is not for a webhook. */
    WebhookRequest map(IN element);
}
