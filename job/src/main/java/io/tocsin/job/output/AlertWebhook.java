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
package io.tocsin.job.output;

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.sink.webhook.WebhookRequest;
import io.tocsin.sink.webhook.WebhookRequestMapper;
import java.nio.charset.StandardCharsets;

/**
 * The message of the generic JSON webhook: the alert document. In order per alert; the idempotency
 * key is the alert's id and status, the same again when it is repeated after a crash.
 */
@Pure
public final class AlertWebhook implements WebhookRequestMapper<Notification> {
    private static final long serialVersionUID = 1L;

    @Override
    public WebhookRequest map(Notification notification) {
        Alert alert = notification.alert();
        boolean over = alert.status() == AlertStatus.RESOLVED;
        return new WebhookRequest(
                notification.receiver(),
                alert.id(),
                alert.id() + "-" + AlertDocument.lower(alert.status()),
                "application/json",
                AlertDocument.of(alert).getBytes(StandardCharsets.UTF_8),
                over ? alert.endsAtMillis() : alert.firedAtMillis());
    }
}
