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
        LifecycleState life = store.lifecycle(rule.alert(), subject);
        Alert alert = alerts.firing(rule, trigger, startsAt, occurrences, first, last);
        Lifecycle.Step step =
                Lifecycle.open(
                        life == null ? LifecycleState.IDLE : life,
                        alert,
                        rule.name(),
                        trigger.namespace(),
                        rule.forMillis());
        if (step.change() != null) {
            out.add(step.change());
            forget(rule.alert(), subject, Long.MAX_VALUE, store);
        }
        put(rule.alert(), subject, step.state(), store);
    }

    /** What ends an alert was seen. */
    void clear(String alert, String subject, long millis, SubjectStore store, List<Alert> out) {
        LifecycleState life = store.lifecycle(alert, subject);
        Lifecycle.Step step = Lifecycle.clear(life == null ? LifecycleState.IDLE : life, millis);
        put(alert, subject, step.state(), store);
        forget(alert, subject, millis, store);
        if (step.change() != null) {
            out.add(step.change());
        }
    }

    /** Forgets what led to an alert up to a time: it has been told, or is over. */
    private void forget(String alert, String subject, long millis, SubjectStore store) {
        for (Rule rule : rules.ofAlert(alert)) {
            if (rule.when() instanceof When.Threshold) {
                WindowState window = store.window(rule.name(), subject);
                if (window != null) {
                    WindowState left = WeightedWindow.after(window, millis);
                    store.putWindow(rule.name(), subject, left.size() == 0 ? null : left);
                }
            } else if (rule.when() instanceof When.Absence) {
                AbsenceState absence = store.absence(rule.name(), subject);
                if (absence != null && absence.firstMillis() <= millis) {
                    boolean again = absence.lastMillis() > millis;
                    store.putAbsence(rule.name(), subject, again ? absence.onlyLast() : null);
                    if (again) {
                        store.wake(absence.lastMillis() + rule.when().withinMillis());
                    }
                }
            }
        }
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
        long quiet = Lifecycle.quietDeadline(state, rules.resolveAfterMillis(state.rule()));
        store.wake(Math.min(quiet, Lifecycle.holdDeadline(state, rules.forMillis(state.rule()))));
    }
}
