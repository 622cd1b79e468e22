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

import io.tocsin.annotation.StateType;
import io.tocsin.job.model.Alert;
import io.tocsin.job.time.Bearing;

/**
 * Where the alert of one subject is in its life.
 *
 * @param alert the open episode, as last emitted but with counts up to date; null if none is open
 * @param rule name of the rule that opened it; null if none is open
 * @param bearing where the reports of it come from; null if none is open
 * @param holdMillis begin of the time for which the condition must hold; moved by blindness
 * @param quietMillis begin of the silence after which it is over; moved by occurrences, what keeps
 *     it alive, and blindness
 * @param clearedMillis event time of the last clear or end; {@code Long.MIN_VALUE} if none. What is
 *     not newer cannot open an episode.
 */
@StateType
public record LifecycleState(
        Alert alert,
        String rule,
        Bearing bearing,
        long holdMillis,
        long quietMillis,
        long clearedMillis) {

    static final LifecycleState IDLE = new LifecycleState(null, null, null, 0, 0, Long.MIN_VALUE);

    boolean isOpen() {
        return alert != null;
    }
}
