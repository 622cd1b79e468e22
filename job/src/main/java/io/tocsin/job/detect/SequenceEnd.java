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
import io.tocsin.job.model.Candidate;

/**
 * The waiting at the end of a sequence for what must not come, from the last stage that came until
 * the sequence's time is over. That nothing came while it was not interrupted, the sequence itself
 * has decided; an interruption makes that much silence begin anew behind it.
 */
@Pure
final class SequenceEnd {

    private SequenceEnd() {}

    /**
     * The waiting of a sequence that has come to the end of its time, and goes on waiting if it was
     * interrupted.
     *
     * @param detection the sequence, from its last stage to the end of its time
     * @param withinMillis the sequence's time
     */
    static AbsenceState of(Candidate detection, long withinMillis) {
        long begin = detection.toMillis() - withinMillis;
        long last = detection.fromMillis();
        return new AbsenceState(last, begin, last, detection.weight(), detection);
    }

    /**
     * Two that wait for the same subject as one.
     *
     * @param sooner whichever is over first, interruptions considered: that one is told
     */
    static AbsenceState merged(AbsenceState sooner, AbsenceState later) {
        return new AbsenceState(
                sooner.baseMillis(),
                Math.min(sooner.firstMillis(), later.firstMillis()),
                Math.max(sooner.lastMillis(), later.lastMillis()),
                sooner.occurrences() + later.occurrences(),
                sooner.trigger());
    }

    /** How long nothing must come. */
    static long millis(AbsenceState waiting) {
        return waiting.trigger().toMillis() - waiting.trigger().fromMillis();
    }
}
