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
import io.tocsin.job.model.Candidate;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.When;

/**
 * A trigger was seen and what it should be followed by was not, yet; or a sequence came to its end
 * but for what must not come there.
 *
 * @param baseMillis where the waiting begins: the first trigger, a sequence's last stage, or the
 *     end of a blind interval
 * @param firstMillis time of the first trigger, or a sequence's begin
 * @param lastMillis time of the latest trigger, or a sequence's last stage
 * @param occurrences number of triggers
 * @param trigger the latest trigger, for labels and summary
 */
@StateType
public record AbsenceState(
        long baseMillis, long firstMillis, long lastMillis, long occurrences, Candidate trigger) {

    /** Whether a rule waits for that; it may have been of another kind when this began. */
    boolean isOf(Rule rule) {
        return trigger.kind() == Candidate.Kind.DETECTION
                ? rule.when() instanceof When.Sequence
                : rule.when() instanceof When.Absence;
    }

    /** With one more trigger; only one before the first moves the begin of the waiting. */
    AbsenceState with(Candidate candidate) {
        boolean earlier = candidate.toMillis() < firstMillis;
        return new AbsenceState(
                earlier ? candidate.toMillis() : baseMillis,
                Math.min(firstMillis, candidate.toMillis()),
                Math.max(lastMillis, candidate.toMillis()),
                occurrences + candidate.weight(),
                candidate.toMillis() >= lastMillis ? candidate : trigger);
    }

    /** What is left when those before the latest trigger were answered. */
    AbsenceState onlyLast() {
        long base = Math.max(lastMillis, baseMillis == firstMillis ? lastMillis : baseMillis);
        return new AbsenceState(base, lastMillis, lastMillis, trigger.weight(), trigger);
    }

    AbsenceState restartedAt(long millis) {
        return new AbsenceState(millis, firstMillis, lastMillis, occurrences, trigger);
    }
}
