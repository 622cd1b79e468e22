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
import io.tocsin.job.model.Candidate;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.When;
import io.tocsin.job.time.Bearing;
import java.util.List;

/** Begins and ends the episodes of a subject's alerts, and forgets what has led to them. */
@Pure
final class Book {

    private final RuleIndex rules;
    private final AlertFactory alerts;

    Book(RuleSet set, RuleIndex rules) {
        this.rules = rules;
        this.alerts = new AlertFactory(set);
    }

    /** A rule's condition is true: begins an episode, unless one is open or it is answered. */
    void open(
            Rule rule,
            Candidate trigger,
            long startsAt,
            long occurrences,
            long first,
            long last,
            SubjectStore store,
            List<Alert> out) {
        String subject = trigger.subjectKey();
        LifecycleState life = life(rule.alert(), subject, store);
        Alert alert = alerts.firing(rule, trigger, startsAt, occurrences, first, last);
        Lifecycle.Step step =
                Lifecycle.open(
                        life == null ? LifecycleState.IDLE : life,
                        alert,
                        rule.name(),
                        Bearing.of(trigger),
                        rule.life().forMillis());
        if (step.change() != null) {
            out.add(step.change());
            forget(rule.alert(), subject, Long.MAX_VALUE, store);
        }
        put(rule.alert(), subject, step.state(), store);
    }

    /**
     * Where an alert of a subject is in its life, with what has cleared all of its object or place;
     * null if nothing is known.
     */
    LifecycleState life(String alert, String subject, SubjectStore store) {
        LifecycleState own = null;
        long cleared = Long.MIN_VALUE;
        boolean marked = false;
        for (Slot slot : store.slots()) {
            // What is kept of an object or a place lies under the begin of its subjects' keys.
            if (slot.isLifeOf(alert) && subject.startsWith(slot.subject())) {
                cleared = Math.max(cleared, slot.lifecycle().clearedMillis());
                if (slot.subject().length() == subject.length()) {
                    own = slot.lifecycle();
                } else {
                    marked = true;
                }
            }
        }
        return marked ? Lifecycle.cleared(own == null ? LifecycleState.IDLE : own, cleared) : own;
    }

    /** What ends an alert was seen: of a subject, or of all whose keys begin like this. */
    void clear(String alert, String reached, long millis, SubjectStore store, List<Alert> out) {
        for (Slot slot : store.slots()) {
            boolean more = slot.subject().length() > reached.length();
            if (more && slot.isOpenLifeOf(alert) && slot.subject().startsWith(reached)) {
                clearOne(alert, slot.subject(), millis, store, out);
            }
        }
        clearOne(alert, reached, millis, store, out);
        forget(alert, reached, millis, store);
    }

    private void clearOne(
            String alert, String subject, long millis, SubjectStore store, List<Alert> out) {
        LifecycleState life = store.lifecycle(alert, subject);
        Lifecycle.Step step = Lifecycle.clear(life == null ? LifecycleState.IDLE : life, millis);
        put(alert, subject, step.state(), store);
        if (step.change() != null) {
            out.add(step.change());
        }
    }

    /** Something shows that a failure goes on: of a subject, or of all whose keys begin so. */
    void keepAlive(String alert, String reached, long millis, SubjectStore store) {
        for (Slot slot : store.slots()) {
            if (slot.isOpenLifeOf(alert) && slot.subject().startsWith(reached)) {
                put(alert, slot.subject(), Lifecycle.keepAlive(slot.lifecycle(), millis), store);
            }
        }
    }

    /** Forgets what led to an alert up to a time: it has been told, or is over. */
    private void forget(String alert, String reached, long millis, SubjectStore store) {
        for (Slot slot : store.slots()) {
            if (slot.kind() != Slot.Kind.LIFECYCLE && slot.subject().startsWith(reached)) {
                Rule rule = rules.rule(slot.name());
                if (rule != null && rule.alert().equals(alert)) {
                    forget(rule, slot, millis, store);
                }
            }
        }
    }

    private static void forget(Rule rule, Slot slot, long millis, SubjectStore store) {
        String subject = slot.subject();
        if (slot.kind() == Slot.Kind.WINDOW && rule.when() instanceof When.Threshold) {
            WindowState left = WeightedWindow.after(slot.window(), millis);
            store.putWindow(rule.name(), subject, left.size() == 0 ? null : left);
        } else if (slot.kind() == Slot.Kind.DISTINCT && rule.when() instanceof When.Distinct) {
            DistinctState left = DistinctWindow.after(slot.distinct(), millis);
            store.putDistinct(rule.name(), subject, left.size() == 0 ? null : left);
        } else if (slot.kind() == Slot.Kind.ABSENCE && rule.when() instanceof When.Sequence) {
            if (slot.absence().lastMillis() <= millis) {
                store.putAbsence(rule.name(), subject, null);
            }
        } else if (slot.kind() == Slot.Kind.ABSENCE && rule.when() instanceof When.Absence) {
            AbsenceState absence = slot.absence();
            if (absence.firstMillis() <= millis) {
                boolean again = absence.lastMillis() > millis;
                store.putAbsence(rule.name(), subject, again ? absence.onlyLast() : null);
                if (again) {
                    store.wake(absence.lastMillis() + rule.when().withinMillis());
                }
            }
        }
    }

    /** What must not come at the end of a sequence came; the latest is remembered. */
    void cameUnwanted(Rule rule, String subject, long millis, SubjectStore store) {
        String mark = RuleIndex.mark(rule.name());
        LifecycleState before = store.lifecycle(mark, subject);
        put(
                mark,
                subject,
                Lifecycle.cleared(before == null ? LifecycleState.IDLE : before, millis),
                store);
    }

    /**
     * Whether what must not come at the end of a sequence came while that waited, as far as the
     * sequence has not seen it: it came later than the sequence had time, or late.
     */
    boolean isAnswered(
            Rule rule, String subject, AbsenceState state, long deadline, SubjectStore store) {
        if (!(rule.when() instanceof When.Sequence)) {
            return false;
        }
        LifecycleState came = store.lifecycle(RuleIndex.mark(rule.name()), subject);
        return came != null
                && came.clearedMillis() > state.lastMillis()
                && came.clearedMillis() < deadline;
    }

    /** Tells and keeps a change of an open episode. */
    void step(
            String alert,
            String subject,
            Lifecycle.Step step,
            SubjectStore store,
            List<Alert> out) {
        out.add(step.change());
        put(alert, subject, step.state(), store);
    }

    /** Keeps where an alert is in its life, and asks to be woken when that may change. */
    void put(String alert, String subject, LifecycleState state, SubjectStore store) {
        store.putLifecycle(alert, subject, state);
        if (!state.isOpen()) {
            store.wake(rules.memoryDeadline(alert, state));
            return;
        }
        long quiet = Lifecycle.quietDeadline(state, rules.silenceMillis(state));
        store.wake(Math.min(quiet, Lifecycle.holdDeadline(state, rules.forMillis(state.rule()))));
    }
}
