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

import io.tocsin.annotation.StateType;

/**
 * A Kubernetes Event in terms of events.k8s.io/v1, whichever of the two APIs it was read from.
 *
 * <p>Times are epoch milliseconds; null means that the event does not have that time. Counts are 0
 * where absent.
 *
 * <p>Semantics: events.k8s.io/v1 Event (KEP-383). {@code deprecated*} fields are what core/v1 calls
 * {@code count}, {@code firstTimestamp}, {@code lastTimestamp} and {@code source}.
 *
 * @param namespace namespace of the event object
 * @param name name of the event object
 * @param uid uid of the event object; a re-created event has a new one under the same name
 * @param resourceVersion version of the event object
 * @param creationMillis creationTimestamp
 * @param type {@code Normal} or {@code Warning}; other values are passed on
 * @param reason machine-readable reason such as {@code BackOff}
 * @param note human-readable description
 * @param action what was done, or null
 * @param reportingController reporting controller; where absent, the component of {@code
 *     deprecatedSource}
 * @param reportingInstance reporting instance; where absent, the host of {@code deprecatedSource}
 * @param regarding the object the event is about; null if the event names none
 * @param related a secondary object, or null
 * @param eventMillis eventTime, set by events.k8s.io recorders
 * @param seriesCount series.count
 * @param seriesLastMillis series.lastObservedTime
 * @param deprecatedCount count of the core/v1 recorder
 * @param deprecatedFirstMillis first timestamp of the core/v1 recorder
 * @param deprecatedLastMillis last timestamp of the core/v1 recorder
 * @param labels labels of the event object, which few have; never null
 */
@StateType
public record KubernetesEvent(
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        Long creationMillis,
        String type,
        String reason,
        String note,
        String action,
        String reportingController,
        String reportingInstance,
        ObjectReference regarding,
        ObjectReference related,
        Long eventMillis,
        long seriesCount,
        Long seriesLastMillis,
        long deprecatedCount,
        Long deprecatedFirstMillis,
        Long deprecatedLastMillis,
        ObjectLabels labels) {

    /** Without labels. */
    public KubernetesEvent(
            String namespace,
            String name,
            String uid,
            String resourceVersion,
            Long creationMillis,
            String type,
            String reason,
            String note,
            String action,
            String reportingController,
            String reportingInstance,
            ObjectReference regarding,
            ObjectReference related,
            Long eventMillis,
            long seriesCount,
            Long seriesLastMillis,
            long deprecatedCount,
            Long deprecatedFirstMillis,
            Long deprecatedLastMillis) {
        this(
                namespace,
                name,
                uid,
                resourceVersion,
                creationMillis,
                type,
                reason,
                note,
                action,
                reportingController,
                reportingInstance,
                regarding,
                related,
                eventMillis,
                seriesCount,
                seriesLastMillis,
                deprecatedCount,
                deprecatedFirstMillis,
                deprecatedLastMillis,
                ObjectLabels.NONE);
    }

    /**
     * Event time: the latest of the series', the last and the event's own time; else the first
     * time; else the creation; else 0.
     */
    public long timeMillis() {
        if (seriesLastMillis == null && deprecatedLastMillis == null && eventMillis == null) {
            return firstMillis();
        }
        return Math.max(or(seriesLastMillis), Math.max(or(deprecatedLastMillis), or(eventMillis)));
    }

    private static long or(Long time) {
        return time == null ? Long.MIN_VALUE : time;
    }

    /**
     * When the failure that this event tells was first seen: a part of the event's lineage, kept by
     * re-creations. 0 if the event has no time.
     */
    public long firstMillis() {
        if (deprecatedFirstMillis != null) {
            return deprecatedFirstMillis;
        }
        if (eventMillis != null) {
            return eventMillis;
        }
        return creationMillis == null ? 0 : creationMillis;
    }

    /** How often the failure was seen according to this version: at least 1. */
    public long occurrences() {
        return Math.max(1, Math.max(deprecatedCount, seriesCount));
    }
}
