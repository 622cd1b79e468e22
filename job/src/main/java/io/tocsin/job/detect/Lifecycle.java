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
import io.tocsin.job.time.Bearing;

/**
 * The life of an alert about one subject, on event time:
 *
 * <pre>
 *            opened                held for
 *   idle ------------&gt; pending ------------------&gt; firing
 *    ^                    |                            |
 *    +--- cleared, or ----+------ silent for ----------+
 *       quiet/resolveAfter        resolveAfter
 * </pre>
 *
 * <p>Idle: remembers when the last episode ended; a detection not newer than that opens nothing.
 * Pending: rings when the condition has held for {@code for}; ends unheard (resolved with {@code
 * firedAt} 0) if it is cleared before, or silent for {@code quiet}. Firing: ends by a clear that is
 * not older than the last occurrence, or by silence since the last occurrence or keep-alive; as
 * news {@code resolveAfter} after it rang, of which nothing is told. The next episode has an
 * identity of its own.
 */
@Pure
public final class Lifecycle {

    private Lifecycle() {}

    /**
     * A state, and the change to tell.
     *
     * @param state the next state
     * @param change the alert's change, or null
     */
    public record Step(LifecycleState state, Alert change) {}

    /**
     * Opens an episode. The alert is given as firing at its {@code startsAt}; it becomes pending
     * where the condition must hold for a while first.
     */
    static Step open(
            LifecycleState state, Alert alert, String rule, Bearing bearing, long forMillis) {
        long starts = alert.startsAtMillis();
        if (state.isOpen() || starts <= state.clearedMillis()) {
            return new Step(state, null);
        }
        Alert opened = forMillis > 0 ? alert.as(AlertStatus.PENDING, 0, 0) : alert;
        long quiet = Math.max(starts, alert.lastMillis());
        return new Step(
                new LifecycleState(opened, rule, bearing, starts, quiet, state.clearedMillis()),
                opened);
    }

    /** Counts occurrences in the open episode; they are told with its next change. */
    static LifecycleState occur(LifecycleState state, long weight, long from, long to) {
        Alert alert = state.alert();
        long first = alert.firstMillis();
        long more = WeightedWindow.told(from, to, weight);
        Alert counted =
                alert.counting(
                        alert.occurrences() + more,
                        Math.min(first, to),
                        Math.max(alert.lastMillis(), to));
        return new LifecycleState(
                counted,
                state.rule(),
                state.bearing(),
                state.holdMillis(),
                Math.max(state.quietMillis(), to),
                state.clearedMillis());
    }

    /** Something shows that the failure goes on, without being an occurrence of it. */
    static LifecycleState keepAlive(LifecycleState state, long millis) {
        return moved(state, state.holdMillis(), Math.max(state.quietMillis(), millis));
    }

    /**
     * What clears was seen; one older than the last occurrence ends nothing, and news stay news.
     */
    static Step clear(LifecycleState state, long millis) {
        LifecycleState cleared = cleared(state, millis);
        if (!state.isOpen()
                || millis < state.alert().lastMillis()
                || state.alert().isGivenNotice()) {
            return new Step(cleared, null);
        }
        return end(cleared, Math.max(millis, state.alert().startsAtMillis()));
    }

    /**
     * When silence ends the open episode; news that were told end a fixed time after it, whatever
     * happens, so that what goes on for long is told again.
     */
    static long quietDeadline(LifecycleState state, long silenceMillis) {
        return state.alert().isGivenNotice()
                ? state.alert().firedAtMillis() + silenceMillis
                : state.quietMillis() + silenceMillis;
    }

    /** When a pending episode rings; never, if it is not pending. */
    static long holdDeadline(LifecycleState state, long forMillis) {
        return state.alert().status() == AlertStatus.PENDING
                ? state.holdMillis() + forMillis
                : Long.MAX_VALUE;
    }

    /** A pending episode rings. */
    static Step fire(LifecycleState state, long millis) {
        Alert fired = state.alert().as(AlertStatus.FIRING, millis, 0);
        return new Step(
                new LifecycleState(
                        fired,
                        state.rule(),
                        state.bearing(),
                        state.holdMillis(),
                        state.quietMillis(),
                        state.clearedMillis()),
                fired);
    }

    /** The open episode is over. */
    static Step end(LifecycleState state, long millis) {
        Alert alert = state.alert();
        return new Step(
                new LifecycleState(null, null, null, 0, 0, Math.max(state.clearedMillis(), millis)),
                alert.as(AlertStatus.RESOLVED, alert.firedAtMillis(), millis));
    }

    /** The same state with its waiting begun anew, because nothing was seen for a while. */
    static LifecycleState moved(LifecycleState state, long holdMillis, long quietMillis) {
        return new LifecycleState(
                state.alert(),
                state.rule(),
                state.bearing(),
                holdMillis,
                quietMillis,
                state.clearedMillis());
    }

    /** The same state; what is not newer than a time opens nothing. */
    static LifecycleState cleared(LifecycleState state, long millis) {
        return new LifecycleState(
                state.alert(),
                state.rule(),
                state.bearing(),
                state.holdMillis(),
                state.quietMillis(),
                Math.max(state.clearedMillis(), millis));
    }
}
