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
import java.util.Locale;
import java.util.Map;

/**
 * An alert as JSON: the line of the {@code json} and {@code file} outputs and the body of the
 * generic webhook. {@code firedAt} is null while the alert is pending, {@code endsAt} until it is
 * resolved.
 */
@Pure
public final class AlertDocument {
    private AlertDocument() {}

    /** The document, without a line end. */
    public static String of(Alert alert) {
        return JsonDocument.of(
                "alert",
                json -> {
                    json.writeStringField("id", alert.id());
                    json.writeStringField("cluster", alert.cluster());
                    json.writeStringField("rule", alert.rule());
                    json.writeStringField("subject", alert.subject());
                    json.writeObjectFieldStart("labels");
                    for (Map.Entry<String, String> label : alert.labels().asMap().entrySet()) {
                        json.writeStringField(label.getKey(), label.getValue());
                    }
                    json.writeEndObject();
                    json.writeStringField("status", lower(alert.status()));
                    json.writeStringField("severity", lower(alert.severity()));
                    JsonDocument.time(json, "startsAt", alert.startsAtMillis());
                    JsonDocument.time(json, "firedAt", alert.firedAtMillis());
                    JsonDocument.time(json, "endsAt", alert.endsAtMillis());
                    json.writeNumberField("occurrences", alert.occurrences());
                    JsonDocument.time(json, "first", alert.firstMillis());
                    JsonDocument.time(json, "last", alert.lastMillis());
                    json.writeStringField("summary", alert.summary());
                    json.writeStringField("description", alert.description());
                    json.writeStringField("runbook", alert.runbook());
                    json.writeBooleanField("notice", alert.notice());
                });
    }

    /** A constant as it is written in documents: in lower case. */
    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
