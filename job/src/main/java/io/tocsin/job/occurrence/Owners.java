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
package io.tocsin.job.occurrence;

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.WatchedKind;
import io.tocsin.source.object.WatchedObject;

/**
 * What owns an object, as {@code Kind/name}: the workload whose replicas or runs come and go. A
 * workload owns itself, so that what is told of it and of its pods has one owner. Null where none
 * is known.
 *
 * <p>An owner has one form, whether an event tells or a watched object. Of events only the object's
 * name is there: Kubernetes makes it of the owner's name and of parts that are told by their form.
 * A pod whose name ends in five such characters only may be of a DaemonSet, of a Job or of a bare
 * ReplicaSet: then the owner is {@code Workload/name}, and so are these themselves. What a watched
 * pod says of its controller counts only where its name says nothing.
 *
 * <p>Semantics: apimachinery util/rand SafeEncodeString (letters without vowels, and digits without
 * 0, 1 and 3), ReplicaSet names NAME-HASH, pods NAME-xxxxx, indexed pods NAME-0, Jobs of CronJobs
 * NAME-MINUTES; Kubernetes 1.34.
 */
@Pure
public final class Owners {

    private static final String WORKLOAD = "Workload/";
    private static final String SAFE = "bcdfghjklmnpqrstvwxz2456789";
    private static final int SUFFIX = 5;
    private static final int LEAST_HASH = 6;
    private static final int MOST_HASH = 10;
    private static final int LEAST_MINUTES = 8;
    private static final int MOST_MINUTES = 10;

    private Owners() {}

    /** By the form of the object's name; else by what a pod says of its controller. */
    public static String of(WatchedObject object) {
        String byName = byName(object.kind(), object.name());
        String kind = object.ownerKind();
        String name = object.ownerName();
        if (byName != null || kind == null || name == null || WatchedKind.NODE.isKind(kind)) {
            return byName;
        }
        return kind + "/" + name;
    }

    /**
     * By the form of a name.
     *
     * @param kind kind of the object, or null
     * @param name its name, or null
     */
    public static String byName(String kind, String name) {
        if (kind == null || name == null) {
            return null;
        }
        return switch (kind) {
            case "Pod" -> ofPod(name);
            case "ReplicaSet" -> {
                int stem = hash(name, name.length());
                yield stem > 0 ? "Deployment/" + name.substring(0, stem) : WORKLOAD + name;
            }
            case "Job" -> {
                int stem = minutes(name, name.length());
                yield stem > 0 ? "CronJob/" + name.substring(0, stem) : WORKLOAD + name;
            }
            case "DaemonSet", "ReplicationController" -> WORKLOAD + name;
            case "Deployment", "StatefulSet", "CronJob" -> kind + "/" + name;
            default -> null;
        };
    }

    private static String ofPod(String name) {
        int end = name.length();
        int stem = suffix(name, end);
        if (stem > 0) {
            int job = minutes(name, stem);
            if (job > 0) {
                return "CronJob/" + name.substring(0, job);
            }
            int deployment = hash(name, stem);
            return deployment > 0
                    ? "Deployment/" + name.substring(0, deployment)
                    : WORKLOAD + name.substring(0, stem);
        }
        int digits = end;
        while (digits > 0 && isDigit(name.charAt(digits - 1))) {
            digits--;
        }
        return digits < end && digits > 1 && name.charAt(digits - 1) == '-'
                ? "StatefulSet/" + name.substring(0, digits - 1)
                : null;
    }

    /** Where the part before a pod's five characters ends; -1 if it has none. */
    private static int suffix(String name, int end) {
        int from = safe(name, end);
        return end - from == SUFFIX ? before(name, from) : -1;
    }

    private static int hash(String name, int end) {
        int from = safe(name, end);
        int length = end - from;
        return length >= LEAST_HASH && length <= MOST_HASH ? before(name, from) : -1;
    }

    private static int minutes(String name, int end) {
        int from = end;
        while (from > 0 && isDigit(name.charAt(from - 1))) {
            from--;
        }
        int length = end - from;
        return length >= LEAST_MINUTES && length <= MOST_MINUTES ? before(name, from) : -1;
    }

    /** Where the part of safe characters before {@code end} begins. */
    private static int safe(String name, int end) {
        int from = end;
        while (from > 0 && SAFE.indexOf(name.charAt(from - 1)) >= 0) {
            from--;
        }
        return from;
    }

    /** The end of what is before the hyphen that must be there. */
    private static int before(String name, int from) {
        return from > 1 && name.charAt(from - 1) == '-' ? from - 1 : -1;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
