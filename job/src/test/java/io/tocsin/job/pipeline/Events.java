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

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.event.KubernetesEvent;
import io.tocsin.source.event.ObjectReference;
import java.util.ArrayList;
import java.util.List;

/** Writes a cluster's events as its recorders would. Times are seconds after {@link #BEGIN}. */
final class Events {

    static final String CLUSTER = "test";
    static final long BEGIN = 1_800_000_000_000L;

    private final List<EventRecord> records = new ArrayList<>();
    private KubernetesRecord.Origin origin = KubernetesRecord.Origin.WATCH;
    private long version = 100;

    static long at(double seconds) {
        return BEGIN + (long) (seconds * 1000);
    }

    List<EventRecord> all() {
        return records;
    }

    EventRecord last() {
        return records.get(records.size() - 1);
    }

    Events from(KubernetesRecord.Origin next) {
        origin = next;
        return this;
    }

    /** A kubelet's event about a container of a pod. */
    Events kubelet(String type, String reason, String pod, String note, double at) {
        return kubelet(type, reason, pod, note, at, at, 1, "uid-" + (version + 1));
    }

    Events kubelet(
            String type,
            String reason,
            String pod,
            String note,
            double first,
            double last,
            long count,
            String eventUid) {
        return add(
                type,
                reason,
                "kubelet",
                pod,
                "spec.containers{app}",
                note,
                first,
                last,
                count,
                eventUid);
    }

    /** The scheduler's event about a pod. */
    Events scheduler(String type, String reason, String pod, double first, double last, long n) {
        String uid = reason + pod + first;
        String note = "0/3 nodes are available";
        return add(type, reason, "default-scheduler", pod, null, note, first, last, n, uid);
    }

    /** A Job that failed for good. */
    Events job(String job, double at) {
        version++;
        String name = job + "." + version;
        KubernetesEvent event =
                new KubernetesEvent(
                        "shop",
                        name,
                        "uid-" + name,
                        Long.toString(version),
                        at(at),
                        "Warning",
                        "BackoffLimitExceeded",
                        "Job has reached the specified backoff limit",
                        null,
                        "job-controller",
                        null,
                        new ObjectReference(
                                "batch/v1", "Job", "shop", job, "uid-" + job, "1", null),
                        null,
                        null,
                        0,
                        null,
                        1,
                        at(at),
                        at(at));
        records.add(
                new EventRecord(
                        envelope(KubernetesRecord.Kind.UPSERTED, name, "uid-" + name, 0, 0),
                        event));
        return this;
    }

    Events add(
            String type,
            String reason,
            String controller,
            String pod,
            String fieldPath,
            String note,
            double first,
            double last,
            long count,
            String eventUid) {
        version++;
        String name = pod + "." + reason + "." + at(first);
        KubernetesEvent event =
                new KubernetesEvent(
                        "shop",
                        name,
                        eventUid,
                        Long.toString(version),
                        at(first),
                        type,
                        reason,
                        note,
                        null,
                        controller,
                        "node-1",
                        new ObjectReference("v1", "Pod", "shop", pod, "uid-" + pod, "1", fieldPath),
                        null,
                        null,
                        0,
                        null,
                        count,
                        at(first),
                        at(last));
        records.add(
                new EventRecord(
                        envelope(KubernetesRecord.Kind.UPSERTED, name, eventUid, 0, 0), event));
        return this;
    }

    /** Something later, so that event time goes on. */
    Events passes(double until) {
        for (double at = 0; at <= until; at += 30) {
            add("Normal", "Tick", "ticker", "none", null, "", at, at, 1, "tick" + at);
        }
        return sorted();
    }

    Events sorted() {
        records.sort((a, b) -> Long.compare(time(a), time(b)));
        return this;
    }

    static long time(EventRecord record) {
        return record.event() == null
                ? record.envelope().fromMillis()
                : record.event().timeMillis();
    }

    static EventRecord blind(double from, double to) {
        return new EventRecord(
                envelope(KubernetesRecord.Kind.BLIND, null, null, null, at(from), at(to), "outage"),
                null);
    }

    private KubernetesRecord envelope(
            KubernetesRecord.Kind kind, String name, String uid, long from, long to) {
        return envelope(kind, origin, name, uid, from, to, null);
    }

    private static KubernetesRecord envelope(
            KubernetesRecord.Kind kind,
            KubernetesRecord.Origin origin,
            String name,
            String uid,
            long from,
            long to,
            String reason) {
        return new KubernetesRecord(
                kind, origin, CLUSTER, "events", "*", 1, "shop", name, uid, null, null, from, to,
                reason);
    }
}
