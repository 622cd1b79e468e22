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
package io.tocsin.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/**
 * An event about a pod as a reporter would write it: first in a style, then changed by {@code
 * with…}.
 *
 * <p>Semantics: the kubelet and all controllers write core/v1 fields (count, first and last
 * timestamp in whole seconds); only the scheduler writes events.k8s.io fields (eventTime in
 * microseconds, a series from the second repetition on).
 *
 * @param count repetitions; for the scheduler the series count, where 1 means no series
 * @param fieldPath part of the pod, such as {@code spec.containers{app}}, or null
 * @param scheduler whether it is in the scheduler's style
 */
public record PodEvent(
        String namespace,
        String name,
        String type,
        String reason,
        String note,
        String pod,
        String podUid,
        String fieldPath,
        int count,
        Instant first,
        Instant last,
        boolean scheduler) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /** The kubelet's Warning BackOff about container app: seen once, now. */
    public static PodEvent backOff(String namespace, String name, String pod, String podUid) {
        Instant now = Instant.now();
        return new PodEvent(
                namespace,
                name,
                "Warning",
                "BackOff",
                "Back-off restarting failed container app in pod " + pod,
                pod,
                podUid,
                "spec.containers{app}",
                1,
                now,
                now,
                false);
    }

    /** The scheduler's Warning FailedScheduling: seen once, now. */
    public static PodEvent failedScheduling(
            String namespace, String name, String pod, String podUid) {
        Instant now = Instant.now();
        return new PodEvent(
                namespace,
                name,
                "Warning",
                "FailedScheduling",
                "0/1 nodes are available: 1 Insufficient cpu.",
                pod,
                podUid,
                null,
                1,
                now,
                now,
                true);
    }

    /** The same with another type, reason and note. */
    public PodEvent withReason(String newType, String newReason, String newNote) {
        return new PodEvent(
                namespace, name, newType, newReason, newNote, pod, podUid, fieldPath, count, first,
                last, scheduler);
    }

    /** The same, repeated this often in all, the last time at this time. */
    public PodEvent withCount(int newCount, Instant newLast) {
        return new PodEvent(
                namespace, name, type, reason, note, pod, podUid, fieldPath, newCount, first,
                newLast, scheduler);
    }

    /** The same, seen for the first and for the last time at this time. */
    public PodEvent at(Instant time) {
        return new PodEvent(
                namespace, name, type, reason, note, pod, podUid, fieldPath, count, time, time,
                scheduler);
    }

    /** Path of the collection to create it in. */
    String collection() {
        return (scheduler ? "/apis/events.k8s.io/v1" : "/api/v1")
                + "/namespaces/"
                + namespace
                + "/events";
    }

    /** The whole object. */
    ObjectNode object() {
        ObjectNode event = JSON.createObjectNode();
        event.putObject("metadata").put("namespace", namespace).put("name", name);
        event.put("type", type).put("reason", reason).put(scheduler ? "note" : "message", note);
        ObjectNode regarding =
                event.putObject(scheduler ? "regarding" : "involvedObject")
                        .put("apiVersion", "v1")
                        .put("kind", "Pod")
                        .put("namespace", namespace)
                        .put("name", pod)
                        .put("uid", podUid);
        if (fieldPath != null) {
            regarding.put("fieldPath", fieldPath);
        }
        if (scheduler) {
            event.put("eventTime", MICROS.format(first))
                    .put("action", "Scheduling")
                    .put("reportingController", "default-scheduler")
                    .put("reportingInstance", "default-scheduler-control-plane");
        } else {
            event.put("firstTimestamp", seconds(first))
                    .put("reportingComponent", "kubelet")
                    .put("reportingInstance", "node-1");
            event.putObject("source").put("component", "kubelet").put("host", "node-1");
        }
        event.setAll(repetition());
        return event;
    }

    /** The fields that a repetition changes. */
    ObjectNode repetition() {
        ObjectNode fields = JSON.createObjectNode();
        if (!scheduler) {
            fields.put("count", count).put("lastTimestamp", seconds(last));
        } else if (count > 1) {
            fields.putObject("series")
                    .put("count", count)
                    .put("lastObservedTime", MICROS.format(last));
        }
        return fields;
    }

    private static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
