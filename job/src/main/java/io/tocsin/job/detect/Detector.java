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
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Roles;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.When;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Decides what the rules say about one subject: books candidates into windows, absences and
 * lifecycles, and lets event time pass over them.
 *
 * <p>What clears is heard before what triggers. An occurrence that is more than the rule's {@code
 * within} and the out-of-orderness behind event time opens nothing: recorders report series that
 * are long over. It is counted if the alert is open.
 */
@Pure
final class Detector {

    private static final long AHEAD_MILLIS = 86_400_000;

    private final RuleIndex rules;
    private final Book book;
    private final Deadlines deadlines;

    Detector(RuleSet set, long outOfOrdernessMillis) {
        rules = new RuleIndex(set, outOfOrdernessMillis);
        book = new Book(set, rules);
        deadlines = new Deadlines(rules, book);
    }

    /**
     * A candidate that waits for its list to end, or for event time to come to it.
     *
     * @param candidate the candidate
     * @param watermark event time when it arrived, by which it is judged late or not
     */
    record Waiting(Candidate candidate, long watermark) {}

    /**
     * Books one candidate as it happens.
     *
     * @param watermark event time at its arrival
     * @return whether some alert or rule took it; false if it came too late for all
     */
    boolean accept(Candidate candidate, long watermark, SubjectStore store, List<Alert> out) {
        List<Role> played = rules.played(candidate.roles());
        String subject = candidate.subjectKey();
        for (Role role : played) {
            if (role.clears()) {
                book.clear(
                        role.rule().alert(), candidate.reached(), candidate.toMillis(), store, out);
            }
        }
        boolean taken = played.isEmpty();
        Set<String> counted = new HashSet<>();
        for (Role role : played) {
            String alert = role.rule().alert();
            LifecycleState life = book.life(alert, subject, store);
            boolean open = life != null && life.isOpen();
            if (role.clears()) {
                taken = true;
            } else if (role.role().equals(Roles.KEEP_ALIVE)) {
                taken = true;
                book.keepAlive(alert, candidate.reached(), candidate.toMillis(), store);
            } else if (candidate.weight() <= 0) {
                taken = true;
            } else if (open) {
                taken = true;
                if (counted.add(alert)) {
                    // The elements of a detection were counted when they came as stages.
                    boolean detection = candidate.kind() == Candidate.Kind.DETECTION;
                    LifecycleState next =
                            detection
                                    ? Lifecycle.keepAlive(life, candidate.toMillis())
                                    : Lifecycle.occur(
                                            life,
                                            candidate.weight(),
                                            candidate.fromMillis(),
                                            candidate.toMillis());
                    book.put(alert, subject, next, store);
                }
            } else {
                taken |= trigger(role, candidate, watermark, life, store, out, counted);
            }
        }
        return taken;
    }

    private boolean trigger(
            Role role,
            Candidate candidate,
            long watermark,
            LifecycleState life,
            SubjectStore store,
            List<Alert> out,
            Set<String> counted) {
        Rule rule = role.rule();
        long to = candidate.toMillis();
        if (life != null && to <= life.clearedMillis()) {
            // Heard, and already answered: what clears it was newer.
            return true;
        }
        if (role.role().equals(Roles.STAGE)) {
            // The sequence counts it, and tells if it is late.
            return true;
        }
        long within = rule.when().withinMillis();
        if (to < minus(watermark, within + rules.outOfOrdernessMillis())) {
            return false;
        }
        if (role.role().equals(Roles.DETECTION)) {
            long weight = candidate.weight();
            book.open(rule, candidate, to, weight, candidate.fromMillis(), to, store, out);
        } else if (rule.when() instanceof When.Threshold threshold) {
            return threshold(rule, threshold, candidate, store, out, counted);
        } else if (rule.when() instanceof When.Absence) {
            AbsenceState before = store.absence(rule.name(), candidate.subjectKey());
            AbsenceState next =
                    before != null
                            ? before.with(candidate)
                            : new AbsenceState(to, to, to, candidate.weight(), candidate);
            store.putAbsence(rule.name(), candidate.subjectKey(), next);
            store.wake(next.baseMillis() + within);
        } else {
            throw new IllegalStateException(
                    "Rule "
                            + rule.name()
                            + " has a condition that nothing decides: "
                            + rule.when());
        }
        return true;
    }

    private boolean threshold(
            Rule rule,
            When.Threshold threshold,
            Candidate candidate,
            SubjectStore store,
            List<Alert> out,
            Set<String> counted) {
        WindowState before = store.window(rule.name(), candidate.subjectKey());
        long within = threshold.withinMillis();
        long to = candidate.toMillis();
        if (before != null
                && before.size() > 0
                && to < before.to()[before.size() - 1] - within - WeightedWindow.SLACK_MILLIS) {
            return false;
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
        store.wake(rules.windowDeadline(rule.name(), next));
        if (hit != null) {
            long last = next.to()[next.size() - 1];
            long rest = 0;
            for (int i = 0; i < next.size(); i++) {
                rest += next.to()[i] > hit.atMillis() ? next.weight()[i] : 0;
            }
            long all = hit.occurrences() + rest;
            book.open(rule, candidate, hit.atMillis(), all, hit.firstMillis(), last, store, out);
            counted.add(rule.alert());
        }
        return true;
    }

    /**
     * Whether a candidate must not be heard yet: it is ahead of event time, and some alert rings or
     * ends by waiting before it. Elements overtake watermarks where inputs meet, and when a resumed
     * watch catches up; a clear that came ahead would undo what was due before it.
     */
    boolean overtakes(
            Candidate candidate, long watermark, BlindIntervals blind, SubjectStore store) {
        long millis = candidate.toMillis();
        return isAhead(millis, watermark) && deadlines.soonest(blind, store) < millis;
    }

    /** Whether event time will come to a time. What is a day ahead has a wrong clock. */
    private static boolean isAhead(long millis, long watermark) {
        return watermark == Long.MIN_VALUE
                || millis > watermark && millis - AHEAD_MILLIS <= watermark;
    }

    /**
     * Decides what has waited, in order of event time and with knowledge of all of it. Where some
     * of it was found in a list, episodes that begin and end in it are not told.
     *
     * @param watermark event time now
     * @param late receives what opens nothing because it came too late
     * @return what goes on waiting: it is ahead of event time, and something is due before it
     */
    List<Waiting> drain(
            List<Waiting> waiting,
            long watermark,
            BlindIntervals blind,
            SubjectStore store,
            List<Alert> out,
            List<Candidate> late) {
        List<Waiting> ordered = new ArrayList<>(waiting);
        ordered.sort(Comparator.comparingLong(w -> w.candidate().toMillis()));
        List<Alert> changes = new ArrayList<>();
        List<Waiting> ahead = new ArrayList<>();
        for (Waiting next : ordered) {
            long millis = next.candidate().toMillis();
            deadlines.advance(Math.min(millis, watermark), blind, store, changes);
            if (!ahead.isEmpty() || overtakes(next.candidate(), watermark, blind, store)) {
                ahead.add(next);
            } else if (!accept(next.candidate(), next.watermark(), store, changes)) {
                late.add(next.candidate());
            }
        }
        deadlines.advance(watermark, blind, store, changes);
        if (waiting.stream().anyMatch(each -> waits(each.candidate()))) {
            Episodes.told(changes, out);
        } else {
            out.addAll(changes);
        }
        return ahead;
    }

    /** Lets event time pass: fires and ends what is due. */
    void advance(long millis, BlindIntervals blind, SubjectStore store, List<Alert> out) {
        deadlines.advance(millis, blind, store, out);
    }

    /** When time has to be looked at next, or {@code Long.MAX_VALUE}. */
    long nextDeadline(long watermark, BlindIntervals blind, SubjectStore store) {
        return deadlines.next(watermark, blind, store);
    }

    /** The longest time that a blind interval can matter. */
    long longestMillis() {
        return rules.longestMillis();
    }

    private static long minus(long watermark, long millis) {
        return watermark < Long.MIN_VALUE + millis ? Long.MIN_VALUE : watermark - millis;
    }

    /** Whether a candidate has to wait until its list ends. */
    static boolean waits(Candidate candidate) {
        return candidate.origin() == Occurrence.Origin.LISTED;
    }
}
