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

import io.tocsin.annotation.StateType;
import io.tocsin.source.event.ObjectLabels;
import io.tocsin.source.pack.Packer;
import io.tocsin.source.pack.Unpacker;

/**
 * A pod, node or deployment as far as its state tells failures that events do not.
 *
 * <p>Texts are null and times 0 where the object does not have them. Times are epoch milliseconds.
 *
 * <p>Semantics: core/v1 Pod and Node, apps/v1 Deployment.
 *
 * @param kind {@code Pod}, {@code Node} or {@code Deployment}
 * @param namespace its namespace; null for a node
 * @param name its name
 * @param uid its uid
 * @param resourceVersion its version
 * @param creationMillis creationTimestamp
 * @param deletionMillis when its deletion was asked for: deletionTimestamp less the grace period
 * @param timeMillis the latest time that it tells of itself: when this version was written, as far
 *     as it says so
 * @param labels its labels; never null
 * @param ownerKind kind of its controller
 * @param ownerName name of its controller
 * @param ownerUid uid of its controller
 * @param node node that a pod is bound to
 * @param phase phase of a pod
 * @param reason why a pod is in that phase, such as {@code Evicted}
 * @param message the same in words
 * @param conditions its conditions; never null
 * @param containers a pod's init containers, then its others; never null
 */
@StateType
public record WatchedObject(
        String kind,
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        long creationMillis,
        long deletionMillis,
        long timeMillis,
        ObjectLabels labels,
        String ownerKind,
        String ownerName,
        String ownerUid,
        String node,
        String phase,
        String reason,
        String message,
        ObjectCondition[] conditions,
        ContainerState[] containers) {

    /** The condition of a type, or null. */
    public ObjectCondition condition(String type) {
        for (ObjectCondition each : conditions) {
            if (type.equals(each.type())) {
                return each;
            }
        }
        return null;
    }

    /** The index of a container, or -1. */
    public int container(String containerName, boolean init) {
        for (int i = 0; i < containers.length; i++) {
            if (containers[i].init() == init && containerName.equals(containers[i].name())) {
                return i;
            }
        }
        return -1;
    }

    /** The label of a name, or null. */
    public String label(String labelName) {
        int index = java.util.Arrays.binarySearch(labels.names(), labelName);
        return index < 0 ? null : labels.values()[index];
    }

    /** Writes the components, none of which is lost. */
    public void pack(Packer to) {
        int begin = to.begin();
        to.text(kind);
        to.text(namespace);
        to.text(name);
        to.text(uid);
        to.text(resourceVersion);
        to.fixed(creationMillis);
        to.fixed(deletionMillis);
        to.fixed(timeMillis);
        labels.pack(to);
        to.text(ownerKind);
        to.text(ownerName);
        to.text(ownerUid);
        to.text(node);
        to.text(phase);
        to.text(reason);
        to.text(message);
        to.count(conditions.length);
        for (ObjectCondition each : conditions) {
            each.pack(to);
        }
        to.count(containers.length);
        for (ContainerState each : containers) {
            each.pack(to);
        }
        to.end(begin);
    }

    /** Reads what {@link #pack} wrote. */
    public static WatchedObject unpack(Unpacker from) {
        int outer = from.open();
        WatchedObject object =
                new WatchedObject(
                        from.name(),
                        from.name(),
                        from.text(),
                        from.text(),
                        from.text(),
                        from.fixed(),
                        from.fixed(),
                        from.fixed(),
                        ObjectLabels.unpack(from),
                        from.name(),
                        from.name(),
                        from.text(),
                        from.name(),
                        from.name(),
                        from.name(),
                        from.text(),
                        conditions(from),
                        containers(from));
        from.close(outer);
        return object;
    }

    private static ObjectCondition[] conditions(Unpacker from) {
        ObjectCondition[] all = new ObjectCondition[number(from, ObjectFields.MOST_CONDITIONS)];
        for (int i = 0; i < all.length; i++) {
            all[i] = ObjectCondition.unpack(from);
        }
        return all;
    }

    private static ContainerState[] containers(Unpacker from) {
        ContainerState[] all = new ContainerState[number(from, ObjectFields.MOST_CONTAINERS)];
        for (int i = 0; i < all.length; i++) {
            all[i] = ContainerState.unpack(from);
        }
        return all;
    }

    /** Damaged bytes must not cost memory. */
    private static int number(Unpacker from, int most) {
        long number = from.count();
        if (number < 0 || number > most) {
            throw new IllegalStateException(
                    "A packed object has "
                            + number
                            + " conditions or containers, expected at most "
                            + most
                            + ". The state or the network has damaged it, or a later Tocsin wrote"
                            + " it; run that one, or restore an older checkpoint.");
        }
        return (int) number;
    }
}
