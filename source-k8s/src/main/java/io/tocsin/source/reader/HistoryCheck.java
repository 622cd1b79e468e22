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
package io.tocsin.source.reader;

import io.tocsin.annotation.Pure;
import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.Position.Witness;
import io.tocsin.source.split.ResourceVersion;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Asks whether the server still has the history that a position belongs to: its etcd may have been
 * restored to an older state. A watch does not tell: one from a version in the future is accepted,
 * and says nothing.
 *
 * <p>First a probe: does the server know our version? If its versions have grown past ours, then
 * our witnesses, newest first, until one is confirmed: one that is there with an older version, or
 * is gone although it cannot have expired, says that this is another history.
 *
 * <p>Due after a restart and after trouble, before anything else is asked. An answer holds for a
 * moment, so that a flapping server is not asked twice as often as without.
 */
@Pure
final class HistoryCheck {

    /** For how long an answer holds: nobody restores an etcd in that time. */
    static final long HOLDS_MILLIS = 2_000;

    /** How often witnesses are asked for in vain before it is left at that. */
    private static final int MAX_UNANSWERED = 3;

    private final long safeTtlMillis;
    private final Deque<Witness> toAsk = new ArrayDeque<>();
    private boolean doubted;
    private boolean checked;
    private long checkedMillis;
    private boolean postponed;
    private boolean probed;
    private int unanswered;
    private Witness asked;
    private ObjectVersion found;

    HistoryCheck(ListWatchSettings settings) {
        this.safeTtlMillis = EventTime.safeTtl(settings.objectTtlMillis());
    }

    /**
     * That the history is another one.
     *
     * @param notice how it is known
     * @param message names the witness
     */
    record Contradiction(Notice notice, String message) {}

    /** Something happened behind which the server may have become another. */
    void doubt() {
        doubted = true;
        postponed = false;
    }

    /**
     * The server says that it does not know our version: a list comes first, and may explain it.
     */
    void postpone() {
        postponed = true;
        probed = false;
        toAsk.clear();
    }

    /** A list was answered, and did not explain it: by now the server may have grown past us. */
    void resume() {
        postponed = false;
    }

    /** Whether the server is to be asked before the next list or watch. */
    boolean isDue(Position position, Moment now) {
        boolean holds = checked && now.elapsedMillis() - checkedMillis < HOLDS_MILLIS;
        return doubted && !postponed && !position.newest().isNone() && (probed || !holds);
    }

    /** The question that is next. */
    Call request(Position position) {
        // Nothing left to ask: the last look was cut short, so that all begins again.
        probed &= !toAsk.isEmpty();
        if (!probed) {
            return new Call.Probe(position.newest().value());
        }
        asked = toAsk.remove();
        found = null;
        return new Call.Look(asked.namespace(), asked.name());
    }

    /** Whether the question under way is about a witness. */
    boolean isLooking() {
        return probed;
    }

    /** An object that the question under way found. */
    void found(ObjectVersion object) {
        if (asked.isOf(object.namespace(), object.name())) {
            found = object;
        }
    }

    /** The question under way was answered. Null if nothing speaks against our history. */
    Contradiction answered(Position position, Moment now) {
        if (!probed) {
            probed = true;
            toAsk.addAll(position.witnesses());
        } else if (isThere() && !isOlder()) {
            toAsk.clear();
        } else if (isThere()) {
            return new Contradiction(
                    Notice.ROLLED_BACK,
                    asked.key()
                            + " is at version "
                            + found.resourceVersion()
                            + ", and was at "
                            + asked.version());
        } else if (!mayHaveExpired(now)) {
            return new Contradiction(
                    Notice.WITNESS_GONE,
                    asked.key()
                            + " (uid "
                            + asked.uid()
                            + ", version "
                            + asked.version()
                            + ") is gone and cannot have expired: deleted while nobody watched, or"
                            + " etcd was restored. All objects are read again, to lose nothing");
        }
        if (toAsk.isEmpty()) {
            done(now);
        }
        return null;
    }

    private boolean isThere() {
        return found != null && asked.uid().equals(found.uid());
    }

    private boolean isOlder() {
        return ResourceVersion.isValid(found.resourceVersion())
                && asked.version().isAfter(new ResourceVersion(found.resourceVersion()));
    }

    private boolean mayHaveExpired(Moment now) {
        return safeTtlMillis > 0
                && (asked.writtenAfterMillis() == 0
                        || now.serverMillis() == 0
                        || now.serverMillis() - asked.writtenAfterMillis() >= safeTtlMillis);
    }

    /**
     * The question about a witness got no answer: all is asked again, but not for ever, lest
     * somebody who answers everything but this question holds up the watch.
     *
     * @return false if it is left at that
     */
    boolean asksAgain(Moment now) {
        if (++unanswered >= MAX_UNANSWERED) {
            done(now);
            return false;
        }
        probed = false;
        toAsk.clear();
        return true;
    }

    /** Nothing is left to ask. */
    void done(Moment now) {
        doubted = false;
        postponed = false;
        probed = false;
        unanswered = 0;
        toAsk.clear();
        checked = true;
        checkedMillis = now.elapsedMillis();
    }
}
