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
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Roles;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.When;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

    /** How long an ended subject is remembered beyond the longest window of its rules. */
    private static final long MEMORY_MILLIS = 600_000;

    /** How long to wait before looking again whether blindness is over. */
    private static final long BLIND_RETRY_MILLIS = 10_000;

    private final Map<String, Role> roles = new HashMap<>();
    private final Map<String, Rule> rules = new HashMap<>();
    private final Map<String, List<Rule>> byAlert = new HashMap<>();
    private final AlertFactory alerts;
    private final long outOfOrdernessMillis;

    Detector(RuleSet set, long outOfOrdernessMillis) {
        this.outOfOrdernessMillis = outOfOrdernessMillis;
        this.alerts = new AlertFactory(set);
        for (Rule rule : set.rules()) {
            rules.put(rule.name(), rule);
            byAlert.computeIfAbsent(rule.alert(), a -> new ArrayList<>()).add(rule);
            for (String role :
                    List.of(
                            Roles.TRIGGER,
                            Roles.AWAITED,
                            Roles.CLEAR,
                            Roles.KEEP_ALIVE,
                            Roles.DETECTION)) {
                roles.put(Roles.name(rule.name(), role), new Role(rule, role));
            }
            for (int i = 0; i < stages(rule); i++) {
                roles.put(Roles.stage(rule.name(), i), new Role(rule, Roles.STAGE));
            }
        }
    }

    private static int stages(Rule rule) {
        return rule.when() instanceof When.Sequence sequence ? sequence.stages().size() : 0;
    }

    private record Role(Rule rule, String role) {
        boolean clears() {
            return role.equals(Roles.CLEAR) || role.equals(Roles.AWAITED);
        }
    }

    /**
     * A candidate that waits for its list to end.
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
        List<Role> played = new ArrayList<>(candidate.roles().length);
        for (String name : candidate.roles()) {
            Role role = roles.get(name);
            if (role != null) {
                played.add(role);
            }
        }
        for (Role role : played) {
            if (role.clears()) {
                clear(role.rule().alert(), candidate.toMillis(), store, out);
            }
        }
        boolean taken = played.isEmpty();
        Set<String> counted = new HashSet<>();
        for (Role role : played) {
            String alert = role.rule().alert();
            LifecycleState life = store.lifecycle(alert);
            boolean open = life != null && life.isOpen();
            if (role.clears()) {
                taken = true;
            } else if (role.role().equals(Roles.KEEP_ALIVE)) {
                taken = true;
                if (open) {
                    putLifecycle(alert, Lifecycle.keepAlive(life, candidate.toMillis()), store);
                }
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
                    putLifecycle(alert, next, store);
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
        long within = rule.when().withinMillis();
        if (to < minus(watermark, within + outOfOrdernessMillis)) {
            return false;
        }
        if (role.role().equals(Roles.STAGE)) {
            return true;
        }
        if (role.role().equals(Roles.DETECTION)) {
            long weight = candidate.weight();
            open(rule, candidate, to, weight, candidate.fromMillis(), to, store, out);
        } else if (rule.when() instanceof When.Threshold threshold) {
            return threshold(rule, threshold, candidate, store, out, counted);
        } else if (rule.when() instanceof When.Absence) {
            AbsenceState before = store.absence(rule.name());
            AbsenceState next =
                    before != null
                            ? before.with(candidate)
                            : new AbsenceState(to, to, to, candidate.weight(), candidate);
            store.putAbsence(rule.name(), next);
            store.wake(next.baseMillis() + within);
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
        WindowState before = store.window(rule.name());
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
        store.putWindow(rule.name(), next);
        store.wake(windowDeadline(next, within));
        if (hit != null) {
            long last = next.to()[next.size() - 1];
            long rest = 0;
            for (int i = 0; i < next.size(); i++) {
                rest += next.to()[i] > hit.atMillis() ? next.weight()[i] : 0;
            }
            long all = hit.occurrences() + rest;
            open(rule, candidate, hit.atMillis(), all, hit.firstMillis(), last, store, out);
            counted.add(rule.alert());
        }
        return true;
    }

    private void open(
            Rule rule,
            Candidate trigger,
            long startsAt,
            long occurrences,
            long first,
            long last,
            SubjectStore store,
            List<Alert> out) {
        LifecycleState life = store.lifecycle(rule.alert());
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
            forget(rule.alert(), Long.MAX_VALUE, store);
        }
        putLifecycle(rule.alert(), step.state(), store);
    }

    private void clear(String alert, long millis, SubjectStore store, List<Alert> out) {
        LifecycleState life = store.lifecycle(alert);
        Lifecycle.Step step = Lifecycle.clear(life == null ? LifecycleState.IDLE : life, millis);
        putLifecycle(alert, step.state(), store);
        forget(alert, millis, store);
        if (step.change() != null) {
            out.add(step.change());
        }
    }

    /** Forgets what led to an alert up to a time: it has been told, or is over. */
    private void forget(String alert, long millis, SubjectStore store) {
        for (Rule rule : byAlert.getOrDefault(alert, List.of())) {
            if (rule.when() instanceof When.Threshold) {
                WindowState window = store.window(rule.name());
                if (window != null) {
                    WindowState left = WeightedWindow.after(window, millis);
                    store.putWindow(rule.name(), left.size() == 0 ? null : left);
                }
            } else if (rule.when() instanceof When.Absence) {
                AbsenceState absence = store.absence(rule.name());
                if (absence != null && absence.firstMillis() <= millis) {
                    store.putAbsence(rule.name(), null);
                }
            }
        }
    }

    /**
     * Decides what was found in a list, in order of event time and with knowledge of all of it.
     * Episodes that begin and end in it are not told.
     *
     * @param watermark event time now
     * @param late receives what opens nothing because it came too late
     */
    void drain(
            List<Waiting> waiting,
            long watermark,
            BlindIntervals blind,
            SubjectStore store,
            List<Alert> out,
            List<Candidate> late) {
        List<Waiting> ordered = new ArrayList<>(waiting);
        ordered.sort(Comparator.comparingLong(w -> w.candidate().toMillis()));
        List<Alert> changes = new ArrayList<>();
        for (Waiting next : ordered) {
            advance(Math.min(next.candidate().toMillis(), watermark), blind, store, changes);
            if (!accept(next.candidate(), next.watermark(), store, changes)) {
                late.add(next.candidate());
            }
        }
        advance(watermark, blind, store, changes);
        Episodes.told(changes, out);
    }

    /** Lets event time pass: fires and ends what is due. */
    void advance(long millis, BlindIntervals blind, SubjectStore store, List<Alert> out) {
        store.windows()
                .forEach(
                        (name, window) -> {
                            Rule rule = rules.get(name);
                            if (rule == null
                                    || windowDeadline(window, rule.when().withinMillis())
                                            <= millis) {
                                store.putWindow(name, null);
                            }
                        });
        List<Due> due = new ArrayList<>();
        do {
            due.forEach(d -> d.action().run());
            due.clear();
            store.absences()
                    .forEach((rule, state) -> dueAbsence(rule, state, blind, store, out, due));
            store.lifecycles()
                    .forEach((alert, state) -> dueLifecycle(alert, state, blind, store, out, due));
            due.removeIf(d -> d.millis() > millis);
            due.sort(Comparator.comparingLong(Due::millis));
            if (due.size() > 1) {
                due.subList(1, due.size()).clear();
            }
        } while (!due.isEmpty());
    }

    private record Due(long millis, Runnable action) {}

    private void dueAbsence(
            String name,
            AbsenceState state,
            BlindIntervals blind,
            SubjectStore store,
            List<Alert> out,
            List<Due> due) {
        Rule rule = rules.get(name);
        if (rule == null || !(rule.when() instanceof When.Absence absence)) {
            store.putAbsence(name, null);
            return;
        }
        long within = absence.withinMillis();
        long base = blind.restart(state.trigger().namespace(), state.baseMillis(), within);
        if (base == Long.MAX_VALUE) {
            return;
        }
        AbsenceState waited = base == state.baseMillis() ? state : state.restartedAt(base);
        if (waited != state) {
            store.putAbsence(name, waited);
        }
        long deadline = base + within;
        due.add(
                new Due(
                        deadline,
                        () -> {
                            store.putAbsence(name, null);
                            open(
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

    private void dueLifecycle(
            String alert,
            LifecycleState state,
            BlindIntervals blind,
            SubjectStore store,
            List<Alert> out,
            List<Due> due) {
        if (!state.isOpen()) {
            due.add(new Due(memoryDeadline(alert, state), () -> store.putLifecycle(alert, null)));
            return;
        }
        Rule rule = rules.get(state.rule());
        // A rule that is gone keeps its alert until nobody has confirmed it for the default time.
        long resolveAfter = rule == null ? 2 * MEMORY_MILLIS : rule.resolveAfterMillis();
        long hold = rule == null ? 0 : rule.forMillis();
        boolean pending = Lifecycle.holdDeadline(state, hold) != Long.MAX_VALUE;
        long quietBase = blind.restart(state.namespace(), state.quietMillis(), resolveAfter);
        long holdBase =
                pending
                        ? blind.restart(state.namespace(), state.holdMillis(), hold)
                        : state.holdMillis();
        if (quietBase == Long.MAX_VALUE || holdBase == Long.MAX_VALUE) {
            return;
        }
        boolean same = quietBase == state.quietMillis() && holdBase == state.holdMillis();
        LifecycleState waited = same ? state : Lifecycle.moved(state, holdBase, quietBase);
        if (!same) {
            store.putLifecycle(alert, waited);
        }
        long quiet = Lifecycle.quietDeadline(waited, resolveAfter);
        long fire = Lifecycle.holdDeadline(waited, hold);
        if (fire <= quiet) {
            due.add(new Due(fire, () -> step(alert, Lifecycle.fire(waited, fire), store, out)));
        } else {
            due.add(new Due(quiet, () -> step(alert, Lifecycle.end(waited, quiet), store, out)));
        }
    }

    private void step(String alert, Lifecycle.Step step, SubjectStore store, List<Alert> out) {
        out.add(step.change());
        putLifecycle(alert, step.state(), store);
    }

    /** When time has to be looked at next, or {@code Long.MAX_VALUE}. */
    long nextDeadline(long watermark, BlindIntervals blind, SubjectStore store) {
        long next = Long.MAX_VALUE;
        for (Map.Entry<String, WindowState> entry : store.windows().entrySet()) {
            Rule rule = rules.get(entry.getKey());
            long within = rule == null ? 0 : rule.when().withinMillis();
            next = Math.min(next, windowDeadline(entry.getValue(), within));
        }
        List<Due> due = new ArrayList<>();
        int waiting = 0;
        List<Alert> none = new ArrayList<>();
        for (Map.Entry<String, AbsenceState> entry : store.absences().entrySet()) {
            dueAbsence(entry.getKey(), entry.getValue(), blind, store, none, due);
            waiting++;
        }
        for (Map.Entry<String, LifecycleState> entry : store.lifecycles().entrySet()) {
            dueLifecycle(entry.getKey(), entry.getValue(), blind, store, none, due);
            waiting++;
        }
        for (Due entry : due) {
            next = Math.min(next, entry.millis());
        }
        boolean blindNow = due.size() < waiting;
        return blindNow ? Math.min(next, retry(watermark)) : next;
    }

    /** The longest time that a blind interval can matter. */
    long longestMillis() {
        long longest = 0;
        for (Rule rule : rules.values()) {
            longest = Math.max(longest, rule.when().withinMillis());
            longest = Math.max(longest, Math.max(rule.forMillis(), rule.resolveAfterMillis()));
        }
        return longest + outOfOrdernessMillis;
    }

    private void putLifecycle(String alert, LifecycleState state, SubjectStore store) {
        store.putLifecycle(alert, state);
        if (!state.isOpen()) {
            store.wake(memoryDeadline(alert, state));
            return;
        }
        Rule rule = rules.get(state.rule());
        if (rule != null) {
            long quiet = Lifecycle.quietDeadline(state, rule.resolveAfterMillis());
            store.wake(Math.min(quiet, Lifecycle.holdDeadline(state, rule.forMillis())));
        }
    }

    private long windowDeadline(WindowState window, long withinMillis) {
        long newest = window.size() == 0 ? 0 : window.to()[window.size() - 1];
        return newest + withinMillis + outOfOrdernessMillis + WeightedWindow.SLACK_MILLIS;
    }

    private long memoryDeadline(String alert, LifecycleState state) {
        long longest = 0;
        for (Rule rule : byAlert.getOrDefault(alert, List.of())) {
            longest = Math.max(longest, rule.when().withinMillis());
        }
        long cleared = Math.max(0, state.clearedMillis());
        return cleared + longest + outOfOrdernessMillis + MEMORY_MILLIS;
    }

    private static long retry(long watermark) {
        return watermark > Long.MAX_VALUE - BLIND_RETRY_MILLIS
                ? Long.MAX_VALUE
                : Math.max(0, watermark) + BLIND_RETRY_MILLIS;
    }

    private static long minus(long watermark, long millis) {
        return watermark < Long.MIN_VALUE + millis ? Long.MIN_VALUE : watermark - millis;
    }

    /** Whether a candidate has to wait until its list ends. */
    static boolean waits(Candidate candidate) {
        return candidate.origin() == Occurrence.Origin.LISTED;
    }
}
