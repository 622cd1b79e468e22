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
import io.tocsin.job.model.Occurrence;
import io.tocsin.source.event.ObjectReference;

/**
 * A version of an event object as JSON: once per (cluster, epoch, uid, resourceVersion), with the
 * number of repetitions that this version told.
 */
@Pure
public final class EventDocument {
    private EventDocument() {}

    /** The document, without a line end. */
    public static String of(Occurrence event) {
        return JsonDocument.of(
                "event",
                json -> {
                    json.writeStringField("cluster", event.cluster());
                    json.writeNumberField("epoch", event.epoch());
                    json.writeStringField("namespace", event.namespace());
                    json.writeStringField("name", event.name());
                    json.writeStringField("uid", event.uid());
                    json.writeStringField("resourceVersion", event.resourceVersion());
                    json.writeStringField("reason", event.reason());
                    json.writeStringField("type", event.type());
                    ObjectReference regarding = event.regarding();
                    json.writeObjectFieldStart("regarding");
                    json.writeStringField("kind", regarding == null ? null : regarding.kind());
                    json.writeStringField(
                            "namespace", regarding == null ? null : regarding.namespace());
                    json.writeStringField("name", regarding == null ? null : regarding.name());
                    json.writeStringField("uid", regarding == null ? null : regarding.uid());
                    json.writeEndObject();
                    JsonDocument.time(json, "time", event.toMillis());
                    json.writeNumberField("weight", event.weight());
                });
    }
}
