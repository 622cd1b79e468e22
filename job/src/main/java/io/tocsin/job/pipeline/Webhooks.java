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
package io.tocsin.job.pipeline;

import io.tocsin.job.config.PipelineConfig;
import io.tocsin.job.config.PipelineConfig.Receiver;
import io.tocsin.job.model.Alert;
import io.tocsin.job.output.AlertWebhook;
import io.tocsin.job.output.Notification;
import io.tocsin.sink.deadletter.DeadLetterHandler;
import io.tocsin.sink.webhook.Dialect;
import io.tocsin.sink.webhook.Secret;
import io.tocsin.sink.webhook.WebhookDestination;
import io.tocsin.sink.webhook.WebhookSink;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.streaming.api.datastream.DataStream;

/** The configured receivers behind one webhook sink. */
public final class Webhooks implements TocsinPipeline.AlertReceivers {
    private final List<Receiver> receivers;
    private final DeadLetterHandler deadLetters;

    /**
     * @param receivers may be empty: the sink is there all the same, and turns what it still owes
     *     to receivers that are gone into dead letters
     * @param deadLetters keeps what cannot be delivered
     */
    public Webhooks(List<Receiver> receivers, DeadLetterHandler deadLetters) {
        this.receivers = List.copyOf(receivers);
        this.deadLetters = deadLetters;
    }

    @Override
    public void attach(DataStream<Alert> alerts) {
        WebhookSink.Builder<Notification> sink =
                WebhookSink.<Notification>builder()
                        .mapper(new AlertWebhook())
                        .deadLetters(deadLetters);
        for (Receiver receiver : receivers) {
            sink.destination(
                    new WebhookDestination(
                            receiver.name(),
                            secret(receiver.url()),
                            headers(receiver),
                            WebhookDestination.DEFAULT_TIMEOUT_MILLIS,
                            Dialect.GENERIC));
        }
        alerts.flatMap(new NotifyReceivers(receivers.stream().map(Receiver::name).toList()))
                .name("notifications")
                .uid(OutputUids.NOTIFICATIONS)
                .setParallelism(1)
                .sinkTo(sink.build())
                .name("webhooks")
                .uid(OutputUids.WEBHOOKS)
                .setParallelism(1)
                .setMaxParallelism(1);
    }

    private static Map<String, Secret> headers(Receiver receiver) {
        return receiver.headers().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, header -> secret(header.getValue())));
    }

    private static Secret secret(PipelineConfig.Secret secret) {
        return switch (secret.kind()) {
            case ENV -> Secret.env(secret.value());
            case FILE -> Secret.file(secret.value());
            case INLINE -> Secret.inline(secret.value());
        };
    }
}
