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
import io.tocsin.job.model.Candidate;
import io.tocsin.job.rule.Subject;

/**
 * What came too late to open an alert and was added to none, as JSON: which rules it would have
 * concerned, and for which subject.
 */
@Pure
public final class LateDocument {
    private LateDocument() {}

    /** The document, without a line end; {@code roles} are {@code rule/role}. */
    public static String of(Candidate late) {
        return JsonDocument.of(
                "late",
                json -> {
                    json.writeStringField("cluster", late.cluster());
                    json.writeStringField("subject", Subject.of(late));
                    json.writeArrayFieldStart("roles");
                    for (String role : late.roles()) {
                        json.writeString(role);
                    }
                    json.writeEndArray();
                    json.writeStringField("uid", late.eventUid());
                    json.writeStringField("resourceVersion", late.resourceVersion());
                    json.writeStringField("reason", late.told().reason());
                    json.writeStringField("type", late.told().type());
                    JsonDocument.time(json, "time", late.toMillis());
                    json.writeNumberField("weight", late.weight());
                });
    }
}
