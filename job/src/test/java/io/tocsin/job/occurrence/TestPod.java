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

import io.tocsin.source.event.ObjectLabels;
import io.tocsin.source.object.ContainerEnd;
import io.tocsin.source.object.ContainerState;
import io.tocsin.source.object.ObjectCondition;
import io.tocsin.source.object.WatchedObject;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A pod, node or deployment in the making. Times in seconds since {@link #BEGIN}. */
final class TestPod {

    static final long BEGIN = 1_800_000_000_000L;

    private final String kind;
    private final String name;
    private final String uid;
    private final TreeMap<String, String> labels = new TreeMap<>();
    private final List<ObjectCondition> conditions = new ArrayList<>();
    private final List<ContainerState> containers = new ArrayList<>();
    private long version = 1;
    private String ownerKind;
    private String ownerName;
    private String phase = "Running";
    private String reason;
    private String namespace = "shop";
    private long creation = BEGIN;
    private long deletion;
    private long time;

    TestPod(String name, String uid) {
        this("Pod", name, uid);
    }

    TestPod(String kind, String name, String uid) {
        this.kind = kind;
        this.name = name;
        this.uid = uid;
    }

    static long at(long second) {
        return BEGIN + second * 1000;
    }

    /** Another version, written at this time. */
    TestPod version(long newVersion, long second) {
        version = newVersion;
        time = at(second);
        return this;
    }

    /** Another version, that tells no later time than that of what it tells. */
    TestPod version(long newVersion) {
        version = newVersion;
        time = Math.max(creation, deletion);
        conditions.forEach(each -> time = Math.max(time, each.transitionMillis()));
        for (ContainerState each : containers) {
            ContainerEnd end = each.end();
            long last = Math.max(each.runningMillis(), end == null ? 0 : end.finishedMillis());
            time = Math.max(time, last);
        }
        return this;
    }

    TestPod in(String newNamespace) {
        namespace = newNamespace;
        return this;
    }

    TestPod created(long second) {
        creation = at(second);
        return this;
    }

    TestPod ownedBy(String newOwnerKind, String newOwnerName) {
        ownerKind = newOwnerKind;
        ownerName = newOwnerName;
        return this;
    }

    TestPod label(String label, String value) {
        labels.put(label, value);
        return this;
    }

    TestPod phase(String newPhase, String newReason) {
        phase = newPhase;
        reason = newReason;
        return this;
    }

    /** Its deletion was asked for. */
    TestPod deleted(long second) {
        deletion = at(second);
        return this;
    }

    /** A condition in place of what it was. */
    TestPod condition(String type, String status, long second) {
        return condition(type, status, null, second);
    }

    TestPod condition(String type, String status, String why, long second) {
        conditions.removeIf(each -> each.type().equals(type));
        if (status != null) {
            conditions.add(new ObjectCondition(type, status, why, null, at(second)));
        }
        return this;
    }

    TestPod running(long restarts, long since, ContainerEnd last) {
        return container(restarts, null, at(since), null, last);
    }

    TestPod waiting(long restarts, String why, ContainerEnd last) {
        return container(restarts, why, 0, null, last);
    }

    TestPod terminated(long restarts, ContainerEnd end) {
        return container(restarts, null, 0, end, null);
    }

    static ContainerEnd end(String why, long exitCode, long second) {
        return new ContainerEnd(why, exitCode, at(second));
    }

    private TestPod container(
            long restarts, String waiting, long running, ContainerEnd end, ContainerEnd last) {
        containers.clear();
        containers.add(
                new ContainerState("app", false, restarts, waiting, null, running, end, last));
        return this;
    }

    WatchedObject object() {
        return new WatchedObject(
                kind,
                kind.equals("Node") ? null : namespace,
                name,
                uid,
                Long.toString(version),
                creation,
                deletion,
                time,
                labels.isEmpty()
                        ? ObjectLabels.NONE
                        : new ObjectLabels(
                                labels.keySet().toArray(String[]::new),
                                labels.values().toArray(String[]::new)),
                ownerKind,
                ownerName,
                null,
                kind.equals("Pod") ? "node-1" : null,
                phase,
                reason,
                null,
                conditions.toArray(ObjectCondition[]::new),
                containers.toArray(ContainerState[]::new));
    }
}
