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
import io.tocsin.job.detect.RuleIndex.Role;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Roles;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.When;
import io.tocsin.job.time.BlindIntervals;
import java.util.List;

/**
 * Books what may open an alert that is not open, into what its rule remembers.
 *
 * <p>An occurrence that is more than the rule's {@code within} and the out-of-orderness behind
 * event time opens nothing: recorders report series that are long over.
 */
@Pure
final class Triggers {

    private final RuleIndex rules;
    private final Book book;
    private final Deadlines deadlines;

    Triggers(RuleIndex rules, Book book, Deadlines deadlines) {
        this.rules = rules;
        this.book = book;
        this.deadlines = deadlines;
    }

    /** What became of a candidate. */
    enum Result {
        /** It was booked, or was already answered. */
        TAKEN,
        /** An alert has begun, and counts it. */
        OPENED,
        /** It came too late. */
        LATE
    }

    /**
     * Hears what plays a role for a rule.
     *
     * @param watermark event time when it arrived
     * @param life where the rule's alert is in its life, not open; or null
     * @param blind what was not seen
     */
    Result hear(
            Role role,
            Candidate candidate,
            long watermark,
            LifecycleState life,
            BlindIntervals blind,
            SubjectStore store,
            List<Alert> out) {
        Rule rule = role.rule();
        long to = candidate.toMillis();
        if (role.role().equals(Roles.STAGE)) {
            // The sequence counts it, and tells if it is late.
            return Result.TAKEN;
        }
        boolean waits = role.role().equals(Roles.DETECTION) && rules.awaited(rule.name()) != null;
        long seen = waits ? candidate.fromMillis() : to;
        if (life != null && seen <= life.clearedMillis()) {
            // Heard, and already answered: what clears it was newer.
            return Result.TAKEN;
        }
        long within = rule.when().withinMillis();
        if (to < minus(watermark, within + rules.outOfOrdernessMillis())) {
            return Result.LATE;
        }
        if (waits) {
            wait(rule, candidate, blind, store);
            return Result.TAKEN;
        }
        if (role.role().equals(Roles.DETECTION)) {
            long weight = candidate.weight();
            book.open(rule, candidate, to, weight, candidate.fromMillis(), to, store, out);
            return Result.OPENED;
        }
        if (rule.when() instanceof When.Threshold threshold) {
            return threshold(rule, threshold, candidate, store, out);
        }
        if (rule.when() instanceof When.Distinct distinct) {
            return distinct(rule, distinct, candidate, store, out);
        }
        if (rule.when() instanceof When.Absence) {
            AbsenceState before = store.absence(rule.name(), candidate.subjectKey());
            AbsenceState next =
                    before != null && before.isOf(rule)
                            ? before.with(candidate)
                            : new AbsenceState(to, to, to, candidate.weight(), candidate);
            store.putAbsence(rule.name(), candidate.subjectKey(), next);
            store.wake(next.baseMillis() + within);
            return Result.TAKEN;
        }
        throw new IllegalStateException(
                "Rule " + rule.name() + " has a condition that nothing decides: " + rule.when());
    }

    private void wait(Rule rule, Candidate detection, BlindIntervals blind, SubjectStore store) {
        String subject = detection.subjectKey();
        AbsenceState before = store.absence(rule.name(), subject);
        AbsenceState next = SequenceEnd.of(detection, rule.when().withinMillis());
        if (before != null && before.isOf(rule)) {
            long deadline = deadlines.deadline(before, rule, blind);
            if (!book.isAnswered(rule, subject, before, deadline, store)) {
                // What lasts is over at its end, and then the shorter silence is.
                long silence = SequenceEnd.millis(next) - SequenceEnd.millis(before);
                int order = Long.compare(deadlines.deadline(next, rule, blind), deadline);
                boolean sooner = order < 0 || order == 0 && silence < 0;
                next = sooner ? SequenceEnd.merged(next, before) : SequenceEnd.merged(before, next);
            }
        }
        store.putAbsence(rule.name(), subject, next);
        store.wake(next.baseMillis() + SequenceEnd.millis(next));
    }

    private Result threshold(
            Rule rule,
            When.Threshold threshold,
            Candidate candidate,
            SubjectStore store,
            List<Alert> out) {
        WindowState before = store.window(rule.name(), candidate.subjectKey());
        long within = threshold.withinMillis();
        long to = candidate.toMillis();
        if (before != null && isTooOld(to, before.newest(), within)) {
            return Result.LATE;
        }
        WindowState next =
                WeightedWindow.add(
                        before == null ? WindowState.EMPTY : before,
                        candidate.fromMillis(),
                        to,
                        candidate.weight(),
                        within);
        WeightedWindow.Hit hit = WeightedWindow.find(next, threshold.atLeast(), within);
        store.putWindow(rule.name(), candidate.subjectKey(), next);
        store.forgetFrom(rules.windowDeadline(rule.name(), next.newest()));
        if (hit == null) {
            return Result.TAKEN;
        }
        long all = hit.occurrences() + WeightedWindow.behind(next, hit, within);
        book.open(
                rule, candidate, hit.atMillis(), all, hit.firstMillis(), next.newest(), store, out);
        return Result.OPENED;
    }

    /** Its occurrences, as far as an alert tells them, begin as the number of values. */
    private Result distinct(
            Rule rule,
            When.Distinct distinct,
            Candidate candidate,
            SubjectStore store,
            List<Alert> out) {
        String value = distinct.field().of(candidate);
        if (value.isEmpty()) {
            return Result.TAKEN;
        }
        DistinctState before = store.distinct(rule.name(), candidate.subjectKey());
        long within = distinct.withinMillis();
        long to = candidate.toMillis();
        if (before != null && isTooOld(to, before.newest(), within)) {
            return Result.LATE;
        }
        int atLeast = distinct.atLeast();
        DistinctState next =
                DistinctWindow.add(
                        before == null ? DistinctState.EMPTY : before, value, to, atLeast, within);
        WeightedWindow.Hit hit = DistinctWindow.find(next, atLeast, within);
        store.putDistinct(rule.name(), candidate.subjectKey(), next);
        store.forgetFrom(rules.windowDeadline(rule.name(), next.newest()));
        if (hit == null) {
            return Result.TAKEN;
        }
        book.open(
                rule,
                candidate,
                hit.atMillis(),
                hit.occurrences(),
                hit.firstMillis(),
                next.newest(),
                store,
                out);
        return Result.OPENED;
    }

    private static boolean isTooOld(long to, long newest, long within) {
        return to < newest - within - WeightedWindow.SLACK_MILLIS;
    }

    private static long minus(long watermark, long millis) {
        return watermark < Long.MIN_VALUE + millis ? Long.MIN_VALUE : watermark - millis;
    }
}
