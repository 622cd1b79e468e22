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
package io.tocsin.job.sequence;

import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.sequence.SequenceOracle.Found;
import io.tocsin.job.sequence.SequenceOracle.Stage;
import io.tocsin.job.sequence.SequenceOracle.Unseen;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What the alert of one sequence and one subject does with what it hears, in the order in which it
 * hears it. What is found by waiting waits for event time; what is ahead of event time waits for
 * that. Times in seconds.
 */
final class AlertOracle {

    /** A change of the alert. */
    record Change(AlertStatus status, long time, long occurrences) {}

    /** Something heard: a reason with its weight, or what was found. */
    private record Heard(long time, String reason, int weight, Found found) {}

    private final List<Stage> stages;
    private final boolean waits;
    private final List<Change> told = new ArrayList<>();
    private List<Heard> ahead = new ArrayList<>();
    private long now;
    private final List<Unseen> unseen;
    private Waiting waiting;
    private long answered;
    private boolean open;
    private long starts;
    private long last;
    private long cleared;
    private long count;

    /**
     * What waits for the end of a time in which something must not come.
     *
     * @param silence how long that is, from the last stage on or from the end of an interruption
     */
    private record Waiting(long base, long silence, long last, int weight) {

        /** When it is over; {@code Long.MAX_VALUE} while nothing is seen. */
        long deadline(List<Unseen> unseen) {
            long begin = base;
            for (boolean moves = true; moves; ) {
                moves = false;
                for (Unseen each : unseen) {
                    if (each.overlaps(begin, begin + silence)) {
                        if (each.to() == 0) {
                            return Long.MAX_VALUE;
                        }
                        begin = each.to();
                        moves = true;
                    }
                }
            }
            return begin + silence;
        }
    }

    /**
     * @param unseen grows
     */
    AlertOracle(List<Stage> stages, List<Unseen> unseen) {
        this.unseen = unseen;
        this.stages = stages;
        this.waits = stages.get(stages.size() - 1).not();
    }

    List<Change> told() {
        return told;
    }

    void happened(long time, String reason, int weight) {
        hear(new Heard(time, reason, weight, null));
    }

    void found(Found found) {
        hear(new Heard(found.time(), null, 0, found));
    }

    /** Event time has come to a time. */
    void advance(long to) {
        now = to;
        List<Heard> all = ahead;
        ahead = new ArrayList<>();
        all.sort(Comparator.comparingLong(Heard::time));
        for (Heard next : all) {
            pass(Math.min(next.time(), now));
            hear(next);
        }
        pass(now);
    }

    private void hear(Heard next) {
        boolean first = waiting != null && deadline() < next.time();
        if (!ahead.isEmpty() || next.time() > now && first) {
            ahead.add(next);
        } else if (next.found() != null) {
            takeFound(next.found());
        } else {
            take(next);
        }
    }

    private long deadline() {
        return waiting.deadline(unseen);
    }

    private void pass(long to) {
        if (waiting == null || !isAnswered() && (blind() || deadline() > to)) {
            return;
        }
        if (!isAnswered() && deadline() > cleared) {
            begins(new Found(deadline(), waiting.last(), waiting.weight()));
        }
        waiting = null;
    }

    private boolean blind() {
        return deadline() == Long.MAX_VALUE;
    }

    private boolean isAnswered() {
        return answered > waiting.last() && answered < deadline();
    }

    private void begins(Found found) {
        open = true;
        starts = found.time();
        last = found.last();
        count = found.weight();
        told.add(new Change(AlertStatus.FIRING, starts, count));
    }

    private void takeFound(Found found) {
        if (open || found.last() <= cleared) {
            return;
        }
        if (!waits) {
            begins(found);
        } else {
            Waiting next =
                    new Waiting(
                            found.last(),
                            found.time() - found.last(),
                            found.last(),
                            found.weight());
            waiting = waiting == null || isAnswered() ? next : merged(next);
        }
    }

    /** What is over first rings for both. */
    private Waiting merged(Waiting next) {
        boolean blind = blind() && next.deadline(unseen) == Long.MAX_VALUE;
        boolean sooner =
                blind ? next.silence() < waiting.silence() : next.deadline(unseen) < deadline();
        Waiting first = sooner ? next : waiting;
        return new Waiting(
                first.base(),
                first.silence(),
                Math.max(waiting.last(), next.last()),
                waiting.weight() + next.weight());
    }

    private void take(Heard next) {
        if (next.reason().equals("Fine")) {
            clear(next.time());
        } else if (isLast(next.reason())) {
            answered = Math.max(answered, next.time());
        } else if (open && counts(next.reason())) {
            count += next.weight();
            last = Math.max(last, next.time());
        }
    }

    private void clear(long time) {
        cleared = Math.max(cleared, time);
        if (waiting != null && waiting.last() <= time) {
            waiting = null;
        }
        if (open && time >= last) {
            open = false;
            long end = Math.max(time, starts);
            cleared = Math.max(cleared, end);
            told.add(new Change(AlertStatus.RESOLVED, end, count));
        }
    }

    private boolean counts(String reason) {
        return stages.stream().anyMatch(stage -> !stage.not() && stage.reason().equals(reason));
    }

    /** Whether it must not come at the end. */
    private boolean isLast(String reason) {
        for (int i = stages.size() - 1; stages.get(i).not(); i--) {
            if (stages.get(i).reason().equals(reason)) {
                return true;
            }
        }
        return false;
    }
}
