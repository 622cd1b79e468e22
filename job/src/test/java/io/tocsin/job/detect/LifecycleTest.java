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

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Severity;
import io.tocsin.job.time.Bearing;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LifecycleTest {

    private static final Bearing BEARING = new Bearing("ns", null, "events");

    @Test
    void opensNothingByWhatIsNotNewerThanTheLastClear() {
        LifecycleState cleared = Lifecycle.clear(LifecycleState.IDLE, 100).state();
        assertThat(Lifecycle.open(cleared, alert(100), "r", BEARING, 0).change()).isNull();
        assertThat(Lifecycle.open(cleared, alert(101), "r", BEARING, 0).change()).isNotNull();
    }

    @Test
    void endsNothingByAClearOlderThanTheLastOccurrence() {
        LifecycleState open =
                Lifecycle.open(LifecycleState.IDLE, alert(100), "r", BEARING, 0).state();
        LifecycleState again = Lifecycle.occur(open, 1, 200, 200);
        assertThat(Lifecycle.clear(again, 199).change()).isNull();
        assertThat(Lifecycle.clear(again, 200).change().status()).isEqualTo(AlertStatus.RESOLVED);
    }

    @Test
    void waitsForSilenceFromTheLastSignOfLife() {
        LifecycleState open =
                Lifecycle.open(LifecycleState.IDLE, alert(100), "r", BEARING, 0).state();
        assertThat(Lifecycle.quietDeadline(open, 50)).isEqualTo(150);
        LifecycleState alive = Lifecycle.keepAlive(open, 300);
        assertThat(Lifecycle.quietDeadline(alive, 50)).isEqualTo(350);
        assertThat(alive.alert()).as("no occurrence").isEqualTo(open.alert());
        assertThat(Lifecycle.quietDeadline(Lifecycle.keepAlive(alive, 200), 50)).isEqualTo(350);
    }

    @Test
    void ringsWhenTheConditionHasHeld() {
        LifecycleState pending =
                Lifecycle.open(LifecycleState.IDLE, alert(100), "r", BEARING, 60).state();
        assertThat(pending.alert().status()).isEqualTo(AlertStatus.PENDING);
        assertThat(Lifecycle.holdDeadline(pending, 60)).isEqualTo(160);
        Lifecycle.Step fired = Lifecycle.fire(pending, 160);
        assertThat(fired.change().firedAtMillis()).isEqualTo(160);
        assertThat(Lifecycle.holdDeadline(fired.state(), 60)).isEqualTo(Long.MAX_VALUE);
    }

    private static Alert alert(long startsAt) {
        return new Alert(
                "id-" + startsAt,
                "prod",
                "Rings",
                "subject",
                Labels.of(Map.of()),
                AlertStatus.FIRING,
                Severity.values()[0],
                startsAt,
                startsAt,
                0,
                1,
                startsAt,
                startsAt,
                "rings",
                null,
                null,
                false);
    }
}
