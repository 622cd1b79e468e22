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
import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.References;
import io.tocsin.job.model.WatchedKind;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.source.object.WatchedObject;
import java.util.ArrayList;
import java.util.List;

/** Collects what changed of one object, as occurrences about it. */
@Pure
final class StateTeller {

    private static final String WARNING = "Warning";
    private static final String NORMAL = "Normal";

    /** Why containers ended of which only the number is known. */
    private static final String UNSEEN = "Unknown";

    private final WatchedObject object;
    private final Sight sight;
    private final String owner;
    private final List<Occurrence> told = new ArrayList<>();

    StateTeller(WatchedObject object, Sight sight) {
        this.object = object;
        this.sight = sight;
        this.owner = Owners.of(object);
    }

    List<Occurrence> told() {
        return told;
    }

    /** Something bad, once. */
    void bad(String reason, String note, long millis) {
        tell(WARNING, reason, note, null, 1, millis, millis, null);
    }

    /** Something good, once. */
    void good(String reason, String note, long millis) {
        tell(NORMAL, reason, note, null, 1, millis, millis, null);
    }

    /** That a container waits. */
    void waits(String container, boolean init, String reason, String note, long millis) {
        tell(WARNING, reason, note, path(container, init), 1, millis, millis, null);
    }

    /** That a container ended. */
    void ended(
            String container,
            boolean init,
            boolean bad,
            String reason,
            long exitCode,
            long millis) {
        tell(
                bad ? WARNING : NORMAL,
                reason,
                "Container " + container + " ended with exit code " + exitCode,
                path(container, init),
                1,
                millis,
                millis,
                Long.toString(exitCode));
    }

    /** That a container ended so often between two times, and nobody knows why. */
    void endedUnseen(
            String container,
            boolean init,
            boolean bad,
            long weight,
            long fromMillis,
            long toMillis) {
        tell(
                bad ? WARNING : NORMAL,
                UNSEEN,
                "Container " + container + " ended unseen",
                path(container, init),
                weight,
                fromMillis,
                toMillis,
                null);
    }

    private static String path(String container, boolean init) {
        return (init ? "spec.initContainers{" : "spec.containers{") + container + "}";
    }

    private void tell(
            String type,
            String reason,
            String note,
            String fieldPath,
            long weight,
            long fromMillis,
            long toMillis,
            String exitCode) {
        long to = sight.bounded(toMillis, object.timeMillis());
        long from = Math.min(to, sight.bounded(fromMillis, to));
        boolean baseline = sight.origin() == Occurrence.Origin.BASELINE;
        boolean isNode = WatchedKind.NODE.isKind(object.kind());
        told.add(
                new Occurrence(
                        sight.cluster(),
                        sight.epoch(),
                        sight.origin(),
                        object.namespace(),
                        object.name(),
                        object.uid(),
                        object.resourceVersion(),
                        type,
                        reason,
                        note,
                        null,
                        sight.resource(),
                        null,
                        References.known(
                                new ObjectReference(
                                        WatchedKind.apiVersionOf(object.kind()),
                                        object.kind(),
                                        object.namespace(),
                                        object.name(),
                                        object.uid(),
                                        object.resourceVersion(),
                                        fieldPath)),
                        null,
                        baseline ? 0 : weight,
                        from,
                        to,
                        sight.resource(),
                        Labels.of(object.labels()),
                        owner,
                        isNode ? object.name() : object.node(),
                        exitCode));
    }
}
