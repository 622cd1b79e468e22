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

import io.tocsin.job.model.AlertStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * What one alert should say about one subject, worked out without windows, timers, expiry or state:
 * it remembers everything and looks at all of it each time. Times are in seconds.
 */
final class EpisodeOracle {

    /** What makes a rule's condition true. */
    enum Kind {
        /** So many repetitions within a time. */
        COUNT,
        /** So many different values within a time. */
        DISTINCT,
        /** A trigger that is not answered within a time. */
        ABSENCE,
        /** What another operator has found. */
        SEQUENCE
    }

    /** A rule; {@code hold}, {@code quiet} are 0 where it has none. */
    record Condition(
            Kind kind,
            int atLeast,
            long within,
            long hold,
            long quiet,
            long resolveAfter,
            boolean notice) {}

    /** What a rule hears. */
    enum Heard {
        TRIGGER,
        STAGE,
        DETECTION,
        CLEAR,
        KEEP_ALIVE
    }

    /**
     * A time of which silence says nothing; {@code to} is 0 while it lasts.
     *
     * @param scope a namespace or {@code *}; or null
     * @param node a node, or null
     */
    record Blind(String scope, String node, long from, long to) {}

    /** What has happened: {@code weight} times between two times. */
    record Message(long from, long time, long weight, String value, long watermark) {}

    /** A change of an alert, as far as it can be told from outside. */
    record Change(AlertStatus status, long starts, long fired, long ends, long occurrences) {}

    private static final long OUT_OF_ORDER = 10;
    private static final long HISTORY = 600;
    private static final long LONGEST_SPREAD = 3600;
    private static final long NEVER = Long.MAX_VALUE;

    private final Map<String, Condition> rules;
    private final String namespace;
    private final String node;
    private final Map<String, List<Message>> heard = new LinkedHashMap<>();
    private final List<Change> told = new ArrayList<>();
    private List<Change> out = told;

    private long cleared = Long.MIN_VALUE;
    private Condition open;
    private boolean pending;
    private long starts;
    private long fired;
    private long count;
    private long last;
    private long quiet;

    /**
     * Of an alert and a subject.
     *
     * @param rules the rules that share the alert
     * @param node the node that reports it, or null
     */
    EpisodeOracle(Map<String, Condition> rules, String namespace, String node) {
        this.rules = rules;
        this.namespace = namespace;
        this.node = node;
        rules.keySet().forEach(rule -> heard.put(rule, new ArrayList<>()));
    }

    /** All that is told: nothing of the end of news that rang. */
    List<Change> told() {
        boolean notice = rules.values().stream().anyMatch(Condition::notice);
        return told.stream()
                .filter(c -> !notice || c.status() != AlertStatus.RESOLVED || c.fired() == 0)
                .toList();
    }

    /** What is told from now on belongs to the decision about a list. */
    void beginList() {
        out = new ArrayList<>();
    }

    /** A list is decided: episodes that began and ended in it are not told. */
    void endList() {
        tellWhatLasts(out);
        out = told;
    }

    private void tellWhatLasts(List<Change> changes) {
        Set<Long> begun = new HashSet<>();
        Set<Long> rung = new HashSet<>();
        Set<Long> over = new HashSet<>();
        for (Change change : changes) {
            switch (change.status()) {
                case PENDING -> begun.add(change.starts());
                case FIRING -> {
                    rung.add(change.starts());
                    if (change.fired() == change.starts()) {
                        begun.add(change.starts());
                    }
                }
                case RESOLVED -> over.add(change.starts());
            }
        }
        for (Change change : changes) {
            boolean passed = begun.contains(change.starts()) && over.contains(change.starts());
            boolean overtaken =
                    change.status() == AlertStatus.PENDING && rung.contains(change.starts());
            if (!passed && !overtaken) {
                told.add(change);
            }
        }
    }

    // ------------------------------------------------------------------ what is heard

    /** What ends the alert was seen. */
    void clear(long time) {
        cleared = Math.max(cleared, time);
        rules.forEach(
                (rule, condition) -> {
                    List<Message> all = heard.get(rule);
                    boolean answered = all.removeIf(o -> o.time() <= time);
                    if (condition.kind() == Kind.ABSENCE && answered && !all.isEmpty()) {
                        // Of the triggers after the answer an absence knows the latest only.
                        Message latest = all.get(0);
                        for (Message each : all) {
                            latest = each.time() >= latest.time() ? each : latest;
                        }
                        all.retainAll(List.of(latest));
                    }
                });
        if (open != null && time >= last && (pending || !open.notice())) {
            end(Math.max(time, starts));
        }
    }

    /** What keeps the alert from ending by silence was seen. */
    void keepAlive(long time) {
        quiet = Math.max(quiet, time);
    }

    /** What triggers was seen; {@code roles} says what it is to which rule. */
    void trigger(SortedMap<String, Heard> roles, Message message) {
        boolean counted = false;
        for (Map.Entry<String, Heard> role : roles.entrySet()) {
            boolean detection = role.getValue() == Heard.DETECTION;
            if (open == null) {
                begin(rules.get(role.getKey()), role.getKey(), role.getValue(), message);
                counted |= open != null;
            } else if (!counted) {
                counted = true;
                quiet = Math.max(quiet, message.time());
                if (!detection) {
                    count += whole(message);
                    last = Math.max(last, message.time());
                }
            }
        }
    }

    private void begin(Condition rule, String name, Heard role, Message message) {
        long time = message.time();
        boolean late = time < message.watermark() - rule.within() - OUT_OF_ORDER;
        boolean nothing = rule.kind() == Kind.DISTINCT && message.value().isEmpty();
        if (time <= cleared || late || role == Heard.STAGE || nothing) {
            return;
        }
        if (role == Heard.DETECTION) {
            open(rule, time, message.weight(), time);
            return;
        }
        List<Message> all = heard.get(name);
        all.add(message);
        if (rule.kind() != Kind.ABSENCE) {
            long oldest = latest(all) - rule.within() - HISTORY;
            all.removeIf(m -> m.time() < oldest);
        }
        long best = NEVER;
        for (Message end : all) {
            if (rule.kind() != Kind.ABSENCE && in(rule, all, end.time()) >= rule.atLeast()) {
                best = Math.min(best, end.time());
            }
        }
        if (best != NEVER) {
            open(rule, best, in(rule, all, best) + behind(rule, all, best), latest(all));
        }
    }

    /** What lies within the window that ends at a time. */
    private static long in(Condition rule, List<Message> all, long end) {
        long begin = end - rule.within();
        return rule.kind() == Kind.COUNT
                ? all.stream().mapToLong(m -> part(m, begin, end)).sum()
                : values(all, begin, end).size();
    }

    private static long behind(Condition rule, List<Message> all, long end) {
        long begin = end - rule.within();
        if (rule.kind() == Kind.DISTINCT) {
            return values(all, begin, NEVER).size() - values(all, begin, end).size();
        }
        return all.stream()
                .filter(m -> m.time() > end)
                .mapToLong(m -> whole(m) - part(m, begin, end))
                .sum();
    }

    private static Set<String> values(List<Message> all, long begin, long end) {
        return all.stream()
                .filter(m -> m.time() >= begin && m.time() <= end)
                .map(Message::value)
                .collect(Collectors.toSet());
    }

    /** One repetition was at the latest time, the others anywhere in the span. */
    private static long part(Message m, long begin, long end) {
        if (m.from() >= begin && m.time() <= end) {
            return m.weight();
        }
        if (m.time() < begin || m.from() > end) {
            return 0;
        }
        long atEnd = m.time() <= end ? 1 : 0;
        long span = m.time() - m.from();
        long inside = Math.min(m.time(), end) - Math.max(m.from(), begin);
        return span > LONGEST_SPREAD ? atEnd : atEnd + (m.weight() - 1) * inside / span;
    }

    private static long whole(Message m) {
        return m.time() - m.from() > LONGEST_SPREAD ? 1 : m.weight();
    }

    private static long latest(List<Message> all) {
        return all.stream().mapToLong(Message::time).max().orElseThrow();
    }

    private void open(Condition rule, long at, long number, long lastTime) {
        open = rule;
        starts = at;
        count = number;
        last = lastTime;
        quiet = Math.max(at, last);
        pending = rule.hold() > 0;
        fired = pending ? 0 : at;
        heard.values().forEach(List::clear);
        tell(pending ? AlertStatus.PENDING : AlertStatus.FIRING, 0);
    }

    private void end(long at) {
        open = null;
        cleared = Math.max(cleared, at);
        tell(AlertStatus.RESOLVED, at);
    }

    private void tell(AlertStatus status, long ends) {
        out.add(new Change(status, starts, fired, ends, count));
    }

    // ------------------------------------------------------------------ what happens by waiting

    /** When the alert rings or ends if nothing more is heard. */
    long next(List<Blind> blind) {
        long next = Math.min(rings(blind), silent(blind));
        for (String rule : rules.keySet()) {
            next = Math.min(next, missed(rule, blind));
        }
        return next;
    }

    private long rings(List<Blind> blind) {
        return open != null && pending ? after(starts, open.hold(), blind) : NEVER;
    }

    private long silent(List<Blind> blind) {
        if (open == null) {
            return NEVER;
        }
        if (open.notice() && !pending) {
            return fired + open.resolveAfter();
        }
        boolean withdraws = pending && open.quiet() > 0;
        long silence =
                withdraws ? Math.min(open.quiet(), open.resolveAfter()) : open.resolveAfter();
        return after(quiet, silence, blind);
    }

    private long missed(String rule, List<Blind> blind) {
        List<Message> all = heard.get(rule);
        if (rules.get(rule).kind() != Kind.ABSENCE || open != null || all.isEmpty()) {
            return NEVER;
        }
        long first = all.stream().mapToLong(Message::time).min().orElseThrow();
        return after(first, rules.get(rule).within(), blind);
    }

    /** Event time passes. */
    void settle(long now, List<Blind> blind) {
        for (long next = next(blind); next != NEVER && next <= now; next = next(blind)) {
            if (open != null && next == rings(blind)) {
                pending = false;
                fired = next;
                tell(AlertStatus.FIRING, 0);
            } else if (open != null) {
                end(next);
            } else {
                for (String rule : rules.keySet()) {
                    List<Message> all = heard.get(rule);
                    if (open == null && next == missed(rule, blind)) {
                        long number = all.stream().mapToLong(Message::weight).sum();
                        long lastTime = latest(all);
                        all.clear();
                        if (next > cleared) {
                            open(rules.get(rule), next, number, lastTime);
                        }
                    }
                }
            }
        }
    }

    private long after(long base, long duration, List<Blind> blind) {
        long begin = base;
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Blind each : blind) {
                boolean concerns =
                        each.scope() == null
                                ? each.node().equals(node)
                                : each.scope().equals("*") || each.scope().equals(namespace);
                if (concerns && each.from() < begin + duration) {
                    if (each.to() == 0) {
                        return NEVER;
                    }
                    if (each.to() > begin) {
                        begin = each.to();
                        moved = true;
                    }
                }
            }
        }
        return begin + duration;
    }
}
