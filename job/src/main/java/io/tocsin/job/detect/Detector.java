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
import io.tocsin.job.model.Reach;
import io.tocsin.job.model.Roles;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.time.BlindIntervals;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Decides what the rules say about one subject: books candidates into windows, absences and
 * lifecycles, and lets event time pass over them.
 *
 * <p>What clears is heard before what triggers. What would open an alert is counted if it is open.
 * Changes of which {@link Episodes#isTold} says so are to be told.
 */
@Pure
final class Detector {

    private static final long AHEAD_MILLIS = 86_400_000;

    /** Of a candidate with one role nothing needs to be remembered. */
    private static final List<String> ONE = List.of();

    private final RuleIndex rules;
    private final Book book;
    private final Triggers triggers;
    private final Deadlines deadlines;

    Detector(RuleSet set, long outOfOrdernessMillis) {
        rules = new RuleIndex(set, outOfOrdernessMillis);
        book = new Book(set, rules);
        deadlines = new Deadlines(rules, book);
        triggers = new Triggers(rules, book, deadlines);
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
     * @param blind what was not seen
     * @return whether some alert or rule took it; false if it came too late for all
     */
    boolean accept(
            Candidate candidate,
            long watermark,
            BlindIntervals blind,
            SubjectStore store,
            List<Alert> out) {
        List<Role> played = rules.played(candidate.roles());
        boolean room = Room.make(candidate.subjectKey(), store);
        for (Role role : played) {
            if (role.clears()) {
                book.clear(
                        role.rule().alert(), candidate.reached(), candidate.toMillis(), store, out);
            }
        }
        boolean taken = played.isEmpty();
        // Rules that share an alert count a candidate once. Mostly there is one rule.
        List<String> counted = played.size() > 1 ? new ArrayList<>(played.size()) : ONE;
        for (Role role : played) {
            if (role.role().equals(Roles.UNWANTED)) {
                taken = true;
                if (candidate.weight() > 0) {
                    book.cameUnwanted(
                            role.rule(), candidate.subjectKey(), candidate.toMillis(), store);
                }
            } else if (role.clears() || role.role().equals(Roles.KEEP_ALIVE)) {
                taken = true;
                if (!role.clears()) {
                    book.keepAlive(
                            role.rule().alert(), ofObject(candidate), candidate.toMillis(), store);
                }
            } else {
                taken |= candidate.weight() <= 0;
                taken |=
                        room
                                && candidate.weight() > 0
                                && hear(role, candidate, watermark, blind, store, out, counted);
            }
        }
        return taken;
    }

    private boolean hear(
            Role role,
            Candidate candidate,
            long watermark,
            BlindIntervals blind,
            SubjectStore store,
            List<Alert> out,
            List<String> counted) {
        String alert = role.rule().alert();
        String subject = candidate.subjectKey();
        LifecycleState life = book.life(alert, subject, store);
        if (life == null || !life.isOpen()) {
            Triggers.Result result =
                    triggers.hear(role, candidate, watermark, life, blind, store, out);
            if (result == Triggers.Result.OPENED && counted != ONE) {
                counted.add(alert);
            }
            return result != Triggers.Result.LATE;
        }
        if (counted != ONE) {
            if (counted.contains(alert)) {
                return true;
            }
            counted.add(alert);
        }
        // The elements of a detection were counted when they came as stages.
        LifecycleState next =
                candidate.kind() == Candidate.Kind.DETECTION
                        ? Lifecycle.keepAlive(life, candidate.toMillis())
                        : Lifecycle.occur(
                                life,
                                candidate.weight(),
                                candidate.fromMillis(),
                                candidate.toMillis());
        book.put(alert, subject, next, store);
        return true;
    }

    /** What keeps one part of an object alive keeps all of it alive: recorders ration objects. */
    private static String ofObject(Candidate candidate) {
        String subject = candidate.subjectKey();
        return candidate.reach() == Reach.SUBJECT
                ? subject.substring(0, subject.indexOf(Candidate.OBJECT_END) + 1)
                : candidate.reached();
    }

    /**
     * Whether a candidate must not be heard yet: it is ahead of event time, and some alert rings or
     * ends by waiting before it. Elements overtake watermarks where inputs meet, and when a resumed
     * watch catches up; a clear that came ahead would undo what was due before it.
     */
    boolean overtakes(
            Candidate candidate, long watermark, BlindIntervals blind, SubjectStore store) {
        long millis = candidate.toMillis();
        return isAhead(millis, watermark) && deadlines.isDueBefore(millis, blind, store);
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
            } else if (!accept(next.candidate(), next.watermark(), blind, store, changes)) {
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

    /** From when on something may be forgotten, or {@code Long.MAX_VALUE}; there is no hurry. */
    long forgets(SubjectStore store) {
        return deadlines.forgets(store);
    }

    /** The longest time that a blind interval can matter. */
    long longestMillis() {
        return rules.longestMillis();
    }

    /** Whether a candidate has to wait until its list ends. */
    static boolean waits(Candidate candidate) {
        return candidate.origin() == Occurrence.Origin.LISTED;
    }
}
