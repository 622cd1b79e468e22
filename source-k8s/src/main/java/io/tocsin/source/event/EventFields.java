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
package io.tocsin.source.event;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.json.FieldNames;
import io.tocsin.source.json.JsonCursor;
import io.tocsin.source.json.VersionReader;
import java.io.IOException;

/**
 * The fields of one event while it is read, in the names of both API groups. Fields that are not
 * needed are skipped; text is cut at a bound. One instance per event.
 */
final class EventFields {

    private static final FieldNames EVENT =
            FieldNames.of(
                    "metadata",
                    "type",
                    "reason",
                    "note",
                    "message",
                    "action",
                    "reportingController",
                    "reportingComponent",
                    "reportingInstance",
                    "regarding",
                    "involvedObject",
                    "related",
                    "eventTime",
                    "series",
                    "deprecatedSource",
                    "source",
                    "deprecatedCount",
                    "count",
                    "deprecatedFirstTimestamp",
                    "firstTimestamp",
                    "deprecatedLastTimestamp",
                    "lastTimestamp");
    private static final FieldNames METADATA =
            FieldNames.of(
                    "namespace", "name", "uid", "resourceVersion", "creationTimestamp", "labels");
    private static final FieldNames SERIES = FieldNames.of("count", "lastObservedTime");
    private static final FieldNames SOURCE = FieldNames.of("component", "host");
    private static final FieldNames REFERENCE =
            FieldNames.of(
                    "apiVersion",
                    "kind",
                    "namespace",
                    "name",
                    "uid",
                    "resourceVersion",
                    "fieldPath");

    private static final int TEXT_CHARS = EventDeserializer.TEXT_CHARS;

    private final KubernetesRecord record;

    private String namespace;
    private String name;
    private String uid;
    private String resourceVersion;
    private Long creation;
    private String type;
    private String reason;
    private String note;
    private String action;
    private String controller;
    private String instance;
    private String sourceComponent;
    private String sourceHost;
    private ObjectReference regarding;
    private ObjectReference related;
    private Long eventTime;
    private long seriesCount;
    private Long seriesLast;
    private long count;
    private Long first;
    private Long last;
    private ObjectLabels labels = ObjectLabels.NONE;

    /** Of the event that this record holds. */
    EventFields(KubernetesRecord record) {
        this.record = record;
        this.namespace = record.namespace();
        this.name = record.name();
        this.uid = record.uid();
        this.resourceVersion = record.resourceVersion();
    }

    /** From the object's root on. */
    KubernetesEvent read(JsonCursor json) throws IOException {
        for (String field = json.nextField(EVENT); field != null; field = json.nextField(EVENT)) {
            switch (field) {
                case "metadata" -> metadata(json);
                case "type" -> type = text(json);
                case "reason" -> reason = text(json);
                case "note", "message" ->
                        note = VersionReader.text(json, EventDeserializer.NOTE_CHARS);
                case "action" -> action = text(json);
                case "reportingController", "reportingComponent" -> controller = text(json);
                case "reportingInstance" -> instance = text(json);
                case "regarding", "involvedObject" -> regarding = reference(json);
                case "related" -> related = reference(json);
                case "eventTime" -> eventTime = time(json);
                case "series" -> series(json);
                case "deprecatedSource", "source" -> source(json);
                case "deprecatedCount", "count" -> count = json.count();
                case "deprecatedFirstTimestamp", "firstTimestamp" -> first = time(json);
                case "deprecatedLastTimestamp", "lastTimestamp" -> last = time(json);
                default -> json.skip();
            }
        }
        return toEvent();
    }

    private KubernetesEvent toEvent() {
        return new KubernetesEvent(
                namespace,
                name,
                uid,
                resourceVersion,
                creation,
                type,
                reason,
                note,
                action,
                either(controller, sourceComponent),
                either(instance, sourceHost),
                regarding,
                related,
                eventTime,
                seriesCount,
                seriesLast,
                count,
                first,
                last,
                labels);
    }

    private static String either(String preferred, String otherwise) {
        return preferred != null ? preferred : otherwise;
    }

    private void metadata(JsonCursor json) throws IOException {
        if (!VersionReader.isObject(json)) {
            return;
        }
        for (String field = json.nextField(METADATA);
                field != null;
                field = json.nextField(METADATA)) {
            switch (field) {
                case "namespace" ->
                        namespace = VersionReader.known(record.namespace(), json, TEXT_CHARS);
                case "name" -> name = VersionReader.known(record.name(), json, TEXT_CHARS);
                case "uid" -> uid = VersionReader.known(record.uid(), json, TEXT_CHARS);
                case "resourceVersion" ->
                        resourceVersion =
                                VersionReader.known(record.resourceVersion(), json, TEXT_CHARS);
                case "creationTimestamp" -> creation = time(json);
                case "labels" -> labels = ObjectLabels.read(json);
                default -> json.skip();
            }
        }
    }

    private void series(JsonCursor json) throws IOException {
        if (!VersionReader.isObject(json)) {
            return;
        }
        for (String field = json.nextField(SERIES); field != null; field = json.nextField(SERIES)) {
            switch (field) {
                case "count" -> seriesCount = json.count();
                case "lastObservedTime" -> seriesLast = time(json);
                default -> json.skip();
            }
        }
    }

    private void source(JsonCursor json) throws IOException {
        if (!VersionReader.isObject(json)) {
            return;
        }
        for (String field = json.nextField(SOURCE); field != null; field = json.nextField(SOURCE)) {
            switch (field) {
                case "component" -> sourceComponent = text(json);
                case "host" -> sourceHost = text(json);
                default -> json.skip();
            }
        }
    }

    private static ObjectReference reference(JsonCursor json) throws IOException {
        if (!VersionReader.isObject(json)) {
            return null;
        }
        String apiVersion = null;
        String kind = null;
        String namespace = null;
        String name = null;
        String uid = null;
        String resourceVersion = null;
        String fieldPath = null;
        boolean any = false;
        for (String field = json.nextField(REFERENCE);
                field != null;
                field = json.nextField(REFERENCE)) {
            switch (field) {
                case "apiVersion" -> any |= (apiVersion = text(json)) != null;
                case "kind" -> any |= (kind = text(json)) != null;
                case "namespace" -> any |= (namespace = text(json)) != null;
                case "name" -> any |= (name = text(json)) != null;
                case "uid" -> any |= (uid = text(json)) != null;
                case "resourceVersion" -> any |= (resourceVersion = text(json)) != null;
                case "fieldPath" -> any |= (fieldPath = text(json)) != null;
                default -> json.skip();
            }
        }
        return any
                ? new ObjectReference(
                        apiVersion, kind, namespace, name, uid, resourceVersion, fieldPath)
                : null;
    }

    private static String text(JsonCursor json) throws IOException {
        return VersionReader.text(json, TEXT_CHARS);
    }

    private static Long time(JsonCursor json) throws IOException {
        return EventTimes.parse(text(json));
    }
}
