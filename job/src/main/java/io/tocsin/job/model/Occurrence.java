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
package io.tocsin.job.model;

import io.tocsin.annotation.StateType;
import io.tocsin.source.event.ObjectReference;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * That something happened {@code weight} times between two times: what detection counts, instead of
 * notifications.
 *
 * <p>Kubernetes tells a repeated failure by raising a count on one object, by more than one at a
 * time, and re-creates that object; occurrences are the differences.
 *
 * @param cluster name of the cluster
 * @param epoch epoch of the source
 * @param origin how it was learned
 * @param namespace namespace of the event object
 * @param name name of the event object
 * @param uid uid of the event object
 * @param resourceVersion version of the event object
 * @param type {@code Normal} or {@code Warning}
 * @param reason reason
 * @param note note
 * @param action action, or null
 * @param reportingController reporting controller
 * @param reportingInstance reporting instance
 * @param regarding what it is about; never null, its components may be
 * @param related secondary object, or null
 * @param weight number of repetitions; 0 where a version told none (a baseline, or a change that
 *     raised no count)
 * @param fromMillis earliest time of these repetitions
 * @param toMillis latest time of these repetitions: their event time
 * @param resource what was watched to learn it, such as {@code events}
 * @param labels labels of the object that it is about, as far as they are known; never null
 * @param owner what owns that object, such as {@code Deployment/checkout}; null if not known
 * @param node node of that object; null if not known
 * @param exitCode how its container ended; null where none did
 */
@TypeInfo(OccurrenceSerializer.Factory.class)
@StateType
public record Occurrence(
        String cluster,
        int epoch,
        Origin origin,
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        String type,
        String reason,
        String note,
        String action,
        String reportingController,
        String reportingInstance,
        ObjectReference regarding,
        ObjectReference related,
        long weight,
        long fromMillis,
        long toMillis,
        String resource,
        Labels labels,
        String owner,
        String node,
        String exitCode) {

    /** The resource whose objects are events. */
    public static final String EVENTS = "events";

    /** How an occurrence was learned. Constants may be added, never removed or renamed. */
    public enum Origin {
        /** As it happened, by a watch. */
        LIVE,
        /** Found in a list: decided in event-time order when the list ends. */
        LISTED,
        /** Found in the first list of a source that starts at the latest state: weight 0. */
        BASELINE
    }

    /** The number of an origin in packed bytes. */
    static int code(Origin origin) {
        return switch (origin) {
            case LIVE -> 1;
            case LISTED -> 2;
            case BASELINE -> 3;
        };
    }

    /** The origin of a number in packed bytes. */
    static Origin origin(int code) {
        return switch (code) {
            case 1 -> Origin.LIVE;
            case 2 -> Origin.LISTED;
            case 3 -> Origin.BASELINE;
            default -> throw OccurrenceSerializer.unknownOrigin(code);
        };
    }
}
