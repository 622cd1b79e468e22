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
import java.util.Map;
import java.util.Objects;

/**
 * A receiver of notifications. Its URL and header values are looked up at sending time.
 *
 * @param name as configured; the only thing about it that logs, metrics and checkpoints name
 * @param url http or https
 * @param headers sent with every request, beside {@code Content-Type} and {@code Idempotency-Key}
 * @param timeoutMillis for one attempt, from connecting to the end of the answer
 * @param dialect how its answers are read
 */
public record WebhookDestination(
        String name, Secret url, Map<String, Secret> headers, long timeoutMillis, Dialect dialect)
        implements Serializable {

    /** How long one attempt may take when nothing else is said: 5 s. */
    public static final long DEFAULT_TIMEOUT_MILLIS = 5_000;

    public WebhookDestination {
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException("a webhook destination needs a name");
        }
        Objects.requireNonNull(url, () -> "destination " + name + " needs a URL");
        Objects.requireNonNull(dialect, () -> "destination " + name + " needs a dialect");
        if (timeoutMillis <= 0) {
            throw new IllegalArgumentException(
                    "destination "
                            + name
                            + ": the timeout must be above 0 ms, got "
                            + timeoutMillis);
        }
        headers = Map.copyOf(headers);
    }

    /** A generic JSON webhook without further headers and with the default timeout. */
    public static WebhookDestination generic(String name, Secret url) {
        return new WebhookDestination(name, url, Map.of(), DEFAULT_TIMEOUT_MILLIS, Dialect.GENERIC);
    }

    /** The same with another timeout for one attempt. */
    public WebhookDestination withTimeoutMillis(long millis) {
        return new WebhookDestination(name, url, headers, millis, dialect);
    }
}
