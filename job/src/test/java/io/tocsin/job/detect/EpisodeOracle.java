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
import java.util.List;
import java.util.Set;

/**
 * What one rule should say about one subject, worked out without windows, timers, expiry or state:
 * it remembers everything and looks at all of it each time. Times are in seconds.
 */
final class EpisodeOracle {

    /** A condition: a number within a time, or a trigger that is not answered within it. */
    record Condition(int atLeast, long within, long hold, long resolveAfter, boolean absence) {}

    /** What a rule hears. */
    enum Heard {
        TRIGGER,
        CLEAR,
        KEEP_ALIVE
    }

    /** Blindness; {@code to} is 0 while it lasts. */
    record Blind(String scope, long from, long to) {}

    /** A change of an alert, as far as it can be told from outside. */
    record Change(AlertStatus status, long starts, long fired, long ends, long occurrences) {}

    private record Message(Heard heard, long time, int weight, long watermark) {}

    private static final long OUT_OF_ORDER = 10;
    private static final long NEVER = Long.MAX_VALUE;

    private final Condition rule;
    private final String namespace;
    private final List<Message> occurrences = new ArrayList<>();
    private final List<Change> told = new ArrayList<>();
    private List<Change> out = told;

    private long cleared = Long.MIN_VALUE;
    private boolean open;
    private boolean pending;
    private long starts;
    private long fired;
    private long count;
    private long last;
    private long quiet;

    EpisodeOracle(Condition rule, String namespace) {
        this.rule = rule;
        this.namespace = namespace;
    }

    List<Change> told() {
        return told;
    }

    /** Something that is heard now. */
    void take(Heard heard, long time, int weight, long watermark) {
        take(new Message(heard, time, weight, watermark));
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

    /** When this rule's alert rings or ends if nothing more is heard. */
    long next(List<Blind> blind) {
        return Math.min(Math.min(rings(blind), silent(blind)), missed(blind));
    }

    private long rings(List<Blind> blind) {
        return pending && open ? after(starts, rule.hold(), blind) : NEVER;
    }

    private long silent(List<Blind> blind) {
        return open ? after(quiet, rule.resolveAfter(), blind) : NEVER;
    }

    private long missed(List<Blind> blind) {
        if (!rule.absence() || open || occurrences.isEmpty()) {
            return NEVER;
        }
        long first = occurrences.stream().mapToLong(Message::time).min().orElseThrow();
        return after(first, rule.within(), blind);
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

    private void take(Message message) {
        long time = message.time();
        switch (message.heard()) {
            case CLEAR -> {
                cleared = Math.max(cleared, time);
                forget(time);
                if (open && time >= last) {
                    end(Math.max(time, starts));
                }
            }
            case KEEP_ALIVE -> quiet = Math.max(quiet, time);
            case TRIGGER -> trigger(message);
        }
    }

    private void forget(long time) {
        boolean answered = occurrences.removeIf(o -> o.time() <= time);
        if (rule.absence() && answered && !occurrences.isEmpty()) {
            // Of the triggers after the answer an absence knows the latest only.
            Message latest = occurrences.get(0);
            for (Message each : occurrences) {
                latest = each.time() >= latest.time() ? each : latest;
            }
            occurrences.retainAll(List.of(latest));
        }
    }

    private void trigger(Message message) {
        long time = message.time();
        if (open) {
            count += message.weight();
            last = Math.max(last, time);
            quiet = Math.max(quiet, time);
        } else if (time > cleared && time >= message.watermark() - rule.within() - OUT_OF_ORDER) {
            occurrences.add(message);
            if (!rule.absence()) {
                lookForEnough();
            }
        }
    }

    private void lookForEnough() {
        long best = NEVER;
        for (Message end : occurrences) {
            if (sum(end.time() - rule.within(), end.time()) >= rule.atLeast()) {
                best = Math.min(best, end.time());
            }
        }
        if (best != NEVER) {
            begin(best, sum(best - rule.within(), NEVER));
        }
    }

    private long sum(long from, long to) {
        return occurrences.stream()
                .filter(o -> o.time() >= from && o.time() <= to)
                .mapToLong(Message::weight)
                .sum();
    }

    private void begin(long at, long number) {
        open = true;
        starts = at;
        count = number;
        last = occurrences.stream().mapToLong(Message::time).max().orElseThrow();
        quiet = Math.max(at, last);
        pending = rule.hold() > 0;
        fired = pending ? 0 : at;
        occurrences.clear();
        tell(pending ? AlertStatus.PENDING : AlertStatus.FIRING, 0);
    }

    private void end(long at) {
        open = false;
        cleared = Math.max(cleared, at);
        tell(AlertStatus.RESOLVED, at);
    }

    private void tell(AlertStatus status, long ends) {
        out.add(new Change(status, starts, fired, ends, count));
    }

    /** Event time passes. */
    void settle(long now, List<Blind> blind) {
        while (true) {
            long rings = rings(blind);
            long missed = missed(blind);
            long next = next(blind);
            if (next == NEVER || next > now) {
                return;
            }
            if (next == missed) {
                if (next > cleared) {
                    begin(next, sum(Long.MIN_VALUE, NEVER));
                } else {
                    occurrences.clear();
                }
            } else if (next == rings) {
                pending = false;
                fired = next;
                tell(AlertStatus.FIRING, 0);
            } else {
                end(next);
            }
        }
    }

    private long after(long base, long duration, List<Blind> blind) {
        long begin = base;
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Blind each : blind) {
                boolean concerns = each.scope().equals("*") || each.scope().equals(namespace);
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
