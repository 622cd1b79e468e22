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
package io.tocsin.source.object;

import static io.tocsin.source.json.VersionReader.isArray;
import static io.tocsin.source.json.VersionReader.isObject;
import static io.tocsin.source.json.VersionReader.known;
import static io.tocsin.source.json.VersionReader.text;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.EventTimes;
import io.tocsin.source.event.ObjectLabels;
import io.tocsin.source.json.FieldNames;
import io.tocsin.source.json.JsonCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of one pod, node or deployment while it is read. What is not needed is skipped; texts
 * are cut at {@value #TEXT_CHARS} chars, messages at {@value #MESSAGE_CHARS}; of conditions the
 * first {@value #MOST_CONDITIONS} count, of containers the first {@value #MOST_CONTAINERS}. One
 * instance per object.
 */
final class ObjectFields {

    static final int TEXT_CHARS = 512;
    static final int MESSAGE_CHARS = 1024;
    static final int MOST_CONDITIONS = 32;
    static final int MOST_CONTAINERS = 64;

    private static final FieldNames OBJECT = FieldNames.of("metadata", "spec", "status");
    private static final FieldNames METADATA =
            FieldNames.of(
                    "namespace",
                    "name",
                    "uid",
                    "resourceVersion",
                    "creationTimestamp",
                    "deletionTimestamp",
                    "deletionGracePeriodSeconds",
                    "labels",
                    "ownerReferences",
                    "managedFields");
    private static final FieldNames MANAGED = FieldNames.of("time");
    private static final FieldNames OWNER = FieldNames.of("kind", "name", "uid", "controller");
    private static final FieldNames SPEC = FieldNames.of("nodeName");
    private static final FieldNames STATUS =
            FieldNames.of(
                    "phase",
                    "reason",
                    "message",
                    "startTime",
                    "conditions",
                    "containerStatuses",
                    "initContainerStatuses");
    private static final FieldNames CONDITION =
            FieldNames.of(
                    "type",
                    "status",
                    "reason",
                    "message",
                    "lastTransitionTime",
                    "lastHeartbeatTime",
                    "lastUpdateTime",
                    "lastProbeTime");

    private final KubernetesRecord record;
    private final Containers containers = new Containers(this);
    private final List<ObjectCondition> conditions = new ArrayList<>();

    private String namespace;
    private String name;
    private String uid;
    private String resourceVersion;
    private long creation;
    private long deletion;
    private long graceSeconds;
    private long latest;
    private ObjectLabels labels = ObjectLabels.NONE;
    private String ownerKind;
    private String ownerName;
    private String ownerUid;
    private String node;
    private String phase;
    private String reason;
    private String message;

    /** Of the object that this record holds. */
    ObjectFields(KubernetesRecord record) {
        this.record = record;
        this.namespace = record.namespace();
        this.name = record.name();
        this.uid = record.uid();
        this.resourceVersion = record.resourceVersion();
    }

    /** From the object's root on. */
    WatchedObject read(JsonCursor json) throws IOException {
        for (String field = json.nextField(OBJECT); field != null; field = json.nextField(OBJECT)) {
            switch (field) {
                case "metadata" -> metadata(json);
                case "spec" -> spec(json);
                case "status" -> status(json);
                default -> json.skip();
            }
        }
        return toObject();
    }

    private WatchedObject toObject() {
        long asked = deletion == 0 ? 0 : deletion - graceSeconds * 1000;
        return new WatchedObject(
                kind(),
                namespace,
                name,
                uid,
                resourceVersion,
                creation,
                asked,
                Math.max(latest, asked),
                labels,
                ownerKind,
                ownerName,
                ownerUid,
                node,
                phase,
                reason,
                message,
                conditions.toArray(ObjectCondition[]::new),
                containers.all());
    }

    /** Items of a list carry no kind of their own. */
    private String kind() {
        return switch (record.resource()) {
            case "pods" -> "Pod";
            case "nodes" -> "Node";
            case "deployments" -> "Deployment";
            default -> record.resource();
        };
    }

    private void metadata(JsonCursor json) throws IOException {
        if (!isObject(json)) {
            return;
        }
        for (String field = json.nextField(METADATA);
                field != null;
                field = json.nextField(METADATA)) {
            switch (field) {
                case "namespace" -> namespace = known(record.namespace(), json, TEXT_CHARS);
                case "name" -> name = known(record.name(), json, TEXT_CHARS);
                case "uid" -> uid = known(record.uid(), json, TEXT_CHARS);
                case "resourceVersion" ->
                        resourceVersion = known(record.resourceVersion(), json, TEXT_CHARS);
                case "creationTimestamp" -> creation = time(json);
                // lies ahead by the grace period
                case "deletionTimestamp" -> deletion = timeOf(text(json, TEXT_CHARS));
                case "deletionGracePeriodSeconds" -> graceSeconds = json.count();
                case "labels" -> labels = ObjectLabels.read(json);
                case "ownerReferences" -> owners(json);
                case "managedFields" -> managed(json);
                default -> json.skip();
            }
        }
    }

    private void owners(JsonCursor json) throws IOException {
        if (!isArray(json)) {
            return;
        }
        while (json.nextElement()) {
            if (isObject(json)) {
                owner(json);
            }
        }
    }

    private void owner(JsonCursor json) throws IOException {
        String kind = null;
        String ofName = null;
        String ofUid = null;
        boolean controller = false;
        for (String field = json.nextField(OWNER); field != null; field = json.nextField(OWNER)) {
            switch (field) {
                case "kind" -> kind = text(json, TEXT_CHARS);
                case "name" -> ofName = text(json, TEXT_CHARS);
                case "uid" -> ofUid = text(json, TEXT_CHARS);
                case "controller" -> controller = json.isTrue();
                default -> json.skip();
            }
        }
        if (controller) {
            ownerKind = kind;
            ownerName = ofName;
            ownerUid = ofUid;
        }
    }

    /** Of who manages what only the time of the last change matters. */
    private void managed(JsonCursor json) throws IOException {
        if (!isArray(json)) {
            return;
        }
        while (json.nextElement()) {
            if (!isObject(json)) {
                continue;
            }
            for (String field = json.nextField(MANAGED);
                    field != null;
                    field = json.nextField(MANAGED)) {
                if (field.equals("time")) {
                    time(json);
                } else {
                    json.skip();
                }
            }
        }
    }

    private void spec(JsonCursor json) throws IOException {
        if (!isObject(json)) {
            return;
        }
        for (String field = json.nextField(SPEC); field != null; field = json.nextField(SPEC)) {
            if (field.equals("nodeName")) {
                node = text(json, TEXT_CHARS);
            } else {
                json.skip();
            }
        }
    }

    private void status(JsonCursor json) throws IOException {
        if (!isObject(json)) {
            return;
        }
        for (String field = json.nextField(STATUS); field != null; field = json.nextField(STATUS)) {
            switch (field) {
                case "phase" -> phase = text(json, TEXT_CHARS);
                case "reason" -> reason = text(json, TEXT_CHARS);
                case "message" -> message = text(json, MESSAGE_CHARS);
                case "startTime" -> time(json);
                case "conditions" -> conditions(json);
                case "containerStatuses" -> containers.read(json, false);
                case "initContainerStatuses" -> containers.read(json, true);
                default -> json.skip();
            }
        }
    }

    private void conditions(JsonCursor json) throws IOException {
        if (!isArray(json)) {
            return;
        }
        while (json.nextElement()) {
            if (conditions.size() == MOST_CONDITIONS) {
                json.skip();
            } else if (isObject(json)) {
                condition(json);
            }
        }
    }

    private void condition(JsonCursor json) throws IOException {
        String type = null;
        String status = null;
        String why = null;
        String words = null;
        long transition = 0;
        for (String field = json.nextField(CONDITION);
                field != null;
                field = json.nextField(CONDITION)) {
            switch (field) {
                case "type" -> type = text(json, TEXT_CHARS);
                case "status" -> status = text(json, TEXT_CHARS);
                case "reason" -> why = text(json, TEXT_CHARS);
                case "message" -> words = text(json, MESSAGE_CHARS);
                case "lastTransitionTime" -> transition = time(json);
                case "lastHeartbeatTime", "lastUpdateTime", "lastProbeTime" -> time(json);
                default -> json.skip();
            }
        }
        if (type != null) {
            conditions.add(new ObjectCondition(type, status, why, words, transition));
        }
    }

    /** A time that the object tells of its past; 0 if it is none. */
    long time(JsonCursor json) throws IOException {
        long time = timeOf(text(json, TEXT_CHARS));
        latest = Math.max(latest, time);
        return time;
    }

    private static long timeOf(String text) {
        Long time = EventTimes.parse(text);
        return time == null ? 0 : Math.max(0, time);
    }
}
