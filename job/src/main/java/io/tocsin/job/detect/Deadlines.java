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
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.When;
import io.tocsin.job.time.Bearing;
import io.tocsin.job.time.BlindIntervals;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Lets event time pass over a subject: absences ring, held conditions ring, silence ends, and what
 * cannot matter any more is forgotten. Waiting that overlaps blindness begins anew at its end.
 */
@Pure
final class Deadlines {

    /** How long to wait before looking again whether blindness is over. */
    private static final long BLIND_RETRY_MILLIS = 10_000;

    private final RuleIndex rules;
    private final Book book;

    Deadlines(RuleIndex rules, Book book) {
        this.rules = rules;
        this.book = book;
    }

    /**
     * Something that happens by waiting.
     *
     * @param millis when; {@code Long.MAX_VALUE} while it is blind
     */
    private record Due(long millis, Runnable action) {

        static final Due BLIND = new Due(Long.MAX_VALUE, () -> {});
    }

    /** Fires and ends what is due, in the order in which it became due. */
    void advance(long millis, BlindIntervals blind, SubjectStore store, List<Alert> out) {
        for (Slot slot : store.slots()) {
            if (forgets(slot) && forgotten(slot) <= millis) {
                store.forget(slot);
            }
        }
        Due next = earliest(blind, store, out);
        while (next != null && next.millis() <= millis && next != Due.BLIND) {
            next.action().run();
            next = earliest(blind, store, out);
        }
    }

    private Due earliest(BlindIntervals blind, SubjectStore store, List<Alert> out) {
        return all(blind, store, out).stream()
                .min(Comparator.comparingLong(Due::millis))
                .orElse(null);
    }

    /** Whether it is merely forgotten some day, without any word. */
    private static boolean forgets(Slot slot) {
        return slot.kind() == Slot.Kind.WINDOW || slot.kind() == Slot.Kind.DISTINCT;
    }

    private long forgotten(Slot slot) {
        if (rules.rule(slot.name()) == null) {
            return Long.MIN_VALUE;
        }
        long newest =
                slot.kind() == Slot.Kind.WINDOW ? slot.window().newest() : slot.distinct().newest();
        return rules.windowDeadline(slot.name(), newest);
    }

    /** From when on something may be forgotten without any word, or {@code Long.MAX_VALUE}. */
    long forgets(SubjectStore store) {
        long next = Long.MAX_VALUE;
        for (Slot slot : store.slots()) {
            if (forgets(slot)) {
                next = Math.min(next, forgotten(slot));
            }
        }
        return next;
    }

    /** When time has to be looked at next, or {@code Long.MAX_VALUE}. */
    long next(long watermark, BlindIntervals blind, SubjectStore store) {
        long next = Long.MAX_VALUE;
        for (Due due : all(blind, store, new ArrayList<>())) {
            next = Math.min(next, due == Due.BLIND ? retry(watermark) : due.millis());
        }
        return next;
    }

    /**
     * Whether some alert will ring or end by waiting before a time: what happens then must not be
     * heard before that. Blindness only makes it later, so mostly nobody has to ask about it.
     */
    boolean isDueBefore(long millis, BlindIntervals blind, SubjectStore store) {
        for (Slot slot : store.slots()) {
            boolean due =
                    switch (slot.kind()) {
                        case ABSENCE -> isDueBefore(millis, slot, blind);
                        case LIFECYCLE -> isDueBefore(millis, slot.lifecycle(), blind);
                        case WINDOW, DISTINCT -> false;
                    };
            if (due) {
                return true;
            }
        }
        return false;
    }

    /**
     * Answered or not: of answers only the latest is known, and one that comes behind the deadline
     * must not hide one that came before it.
     */
    private boolean isDueBefore(long millis, Slot slot, BlindIntervals blind) {
        Rule rule = rules.rule(slot.name());
        AbsenceState state = slot.absence();
        if (rule == null || !isAwaited(state, rule)) {
            return false;
        }
        long lasts = millis(state, rule);
        return state.baseMillis() + lasts < millis
                && waiting(state, rule, blind).deadline(lasts) < millis;
    }

    private boolean isDueBefore(long millis, LifecycleState state, BlindIntervals blind) {
        if (!state.isOpen()) {
            return false;
        }
        long silence = rules.silenceMillis(state);
        if (Lifecycle.quietDeadline(state, silence) < millis
                && silent(state, silence, blind).deadline(silence) < millis) {
            return true;
        }
        long hold = rules.forMillis(state.rule());
        return Lifecycle.holdDeadline(state, hold) < millis
                && blind.restart(state.bearing(), state.holdMillis(), hold).deadline(hold) < millis;
    }

    /** News that were told end by themselves, seen or not. */
    private static BlindIntervals.Waiting silent(
            LifecycleState state, long silence, BlindIntervals blind) {
        return state.alert().isGivenNotice()
                ? new BlindIntervals.Waiting(state.alert().firedAtMillis(), false)
                : blind.restart(state.bearing(), state.quietMillis(), silence);
    }

    /** What is awaited may be learned by watching something else than the trigger was. */
    private BlindIntervals.Waiting waiting(AbsenceState state, Rule rule, BlindIntervals blind) {
        BlindIntervals.Waiting now = new BlindIntervals.Waiting(state.baseMillis(), false);
        if (blind.isNone()) {
            return now;
        }
        Bearing trigger = Bearing.of(state.trigger());
        long millis = millis(state, rule);
        BlindIntervals.Waiting before;
        do {
            before = now;
            now = blind.restart(trigger, now.baseMillis(), millis).or(now);
            for (String resource : rules.awaited(rule.name())) {
                Bearing awaited = trigger.by(resource);
                now = blind.restart(awaited, now.baseMillis(), millis).or(now);
            }
        } while (!now.equals(before));
        return now;
    }

    /** When a waiting is over, or {@code Long.MAX_VALUE} while it is blind. */
    long deadline(AbsenceState state, Rule rule, BlindIntervals blind) {
        return waiting(state, rule, blind).deadline(millis(state, rule));
    }

    private boolean isAwaited(AbsenceState state, Rule rule) {
        return rules.awaited(rule.name()) != null && state.isOf(rule);
    }

    private static long millis(AbsenceState state, Rule rule) {
        return rule.when() instanceof When.Sequence
                ? SequenceEnd.millis(state)
                : rule.when().withinMillis();
    }

    private static long retry(long watermark) {
        return watermark > Long.MAX_VALUE - BLIND_RETRY_MILLIS
                ? Long.MAX_VALUE
                : Math.max(0, watermark) + BLIND_RETRY_MILLIS;
    }

    private List<Due> all(BlindIntervals blind, SubjectStore store, List<Alert> out) {
        List<Due> due = new ArrayList<>();
        for (Slot slot : store.slots()) {
            switch (slot.kind()) {
                case ABSENCE -> absence(slot, blind, store, out, due);
                case LIFECYCLE -> life(slot, blind, store, out, due);
                case WINDOW, DISTINCT -> {
                    // Nothing happens by waiting.
                }
            }
        }
        return due;
    }

    private void absence(
            Slot slot, BlindIntervals blind, SubjectStore store, List<Alert> out, List<Due> due) {
        String name = slot.name();
        String subject = slot.subject();
        AbsenceState state = slot.absence();
        Rule rule = rules.rule(name);
        if (rule == null || !isAwaited(state, rule)) {
            // The rule is gone, or is another one now.
            store.putAbsence(name, subject, null);
            return;
        }
        BlindIntervals.Waiting waiting = waiting(state, rule, blind);
        long deadline = waiting.deadline(millis(state, rule));
        if (book.isAnswered(rule, subject, state, deadline, store)) {
            store.putAbsence(name, subject, null);
            return;
        }
        boolean same = waiting.baseMillis() == state.baseMillis();
        AbsenceState waited = same ? state : state.restartedAt(waiting.baseMillis());
        if (!same) {
            // Kept also while it is blind: intervals are forgotten when they are long over.
            store.putAbsence(name, subject, waited);
        }
        if (waiting.lasts()) {
            due.add(Due.BLIND);
            return;
        }
        due.add(
                new Due(
                        deadline,
                        () -> {
                            store.putAbsence(name, subject, null);
                            book.open(
                                    rule,
                                    waited.trigger(),
                                    deadline,
                                    waited.occurrences(),
                                    waited.firstMillis(),
                                    waited.lastMillis(),
                                    store,
                                    out);
                        }));
    }

    private void life(
            Slot slot, BlindIntervals blind, SubjectStore store, List<Alert> out, List<Due> due) {
        String alert = slot.name();
        String subject = slot.subject();
        LifecycleState state = slot.lifecycle();
        if (!state.isOpen()) {
            long forgotten = rules.memoryDeadline(alert, state);
            due.add(new Due(forgotten, () -> store.putLifecycle(alert, subject, null)));
            return;
        }
        Bearing bearing = state.bearing();
        long silenceMillis = rules.silenceMillis(state);
        long hold = rules.forMillis(state.rule());
        boolean pending = state.alert().status() == AlertStatus.PENDING;
        BlindIntervals.Waiting silence = silent(state, silenceMillis, blind);
        BlindIntervals.Waiting holding =
                pending
                        ? blind.restart(bearing, state.holdMillis(), hold)
                        : new BlindIntervals.Waiting(state.holdMillis(), false);
        LifecycleState waited = Lifecycle.moved(state, holding.baseMillis(), silence.baseMillis());
        if (!waited.equals(state)) {
            store.putLifecycle(alert, subject, waited);
        }
        long quiet = silence.deadline(silenceMillis);
        long fire = pending ? holding.deadline(hold) : Long.MAX_VALUE;
        if (fire <= quiet && fire < Long.MAX_VALUE) {
            due.add(
                    new Due(
                            fire,
                            () ->
                                    book.step(
                                            alert,
                                            subject,
                                            Lifecycle.fire(waited, fire),
                                            store,
                                            out)));
        } else if (quiet < Long.MAX_VALUE) {
            due.add(
                    new Due(
                            quiet,
                            () ->
                                    book.step(
                                            alert,
                                            subject,
                                            Lifecycle.end(waited, quiet),
                                            store,
                                            out)));
        }
        if (silence.lasts() || holding.lasts()) {
            due.add(Due.BLIND);
        }
    }
}
