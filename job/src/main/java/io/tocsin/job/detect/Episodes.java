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
package io.tocsin.job.detect;

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Leaves out episodes that nobody needs to hear of. */
@Pure
final class Episodes {

    private Episodes() {}

    /** Whether anybody hears of a change: news that rang just end. */
    static boolean isTold(Alert change) {
        return change.status() != AlertStatus.RESOLVED || !change.isGivenNotice();
    }

    /** Tells all changes but those of episodes that both begin and end among them. */
    static void told(List<Alert> changes, List<Alert> out) {
        Set<String> begun = new HashSet<>();
        Set<String> silent = new HashSet<>();
        Set<String> before = new HashSet<>();
        for (Alert change : changes) {
            // A pending alert that fires was begun here only if its pending is among the changes.
            boolean opens =
                    change.status() == AlertStatus.PENDING
                            || change.status() == AlertStatus.FIRING
                                    && change.firedAtMillis() == change.startsAtMillis();
            if (opens && !before.contains(change.id())) {
                begun.add(change.id());
            }
            before.add(change.id());
            if (change.status() == AlertStatus.RESOLVED && begun.contains(change.id())) {
                silent.add(change.id());
            }
        }
        Set<String> fires = new HashSet<>();
        for (Alert change : changes) {
            if (change.status() == AlertStatus.FIRING) {
                fires.add(change.id());
            }
        }
        for (Alert change : changes) {
            boolean overtaken =
                    change.status() == AlertStatus.PENDING && fires.contains(change.id());
            if (!silent.contains(change.id()) && !overtaken) {
                out.add(change);
            }
        }
    }
}
