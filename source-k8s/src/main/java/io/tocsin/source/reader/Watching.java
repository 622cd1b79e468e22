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
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.api.Signal;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceVersion;
import java.util.List;

/**
 * Reads the lines of watches, and knows whether the one under way is of use.
 *
 * <p>That a watch was accepted proves nothing: what stands between may accept it and break it at
 * once. It is proven by the first line that is newer than what was known, or by having stayed open
 * for a while.
 */
@Pure
final class Watching {

    /** How long a watch stays open to be of use without a line. */
    static final long PROOF_MILLIS = 2_000;

    private final ListWatchSettings settings;
    private final MalformedLines malformed = new MalformedLines();
    private boolean accepted;
    private boolean moved;
    private long acceptedMillis;

    Watching(ListWatchSettings settings) {
        this.settings = settings;
    }

    /**
     * The request for a watch.
     *
     * @param pages of the last list: the more, the longer a silent watch is left alone
     * @param inContact if not, a silent watch proves little, and a list soon tells whether the
     *     server is back
     */
    Call.Watch request(Position position, int pages, boolean inContact, Moment now) {
        malformed.opened();
        accepted = false;
        moved = false;
        long byPages = settings.quietStepMillis() * pages;
        long quiet =
                Math.min(Math.max(byPages, settings.quietMinMillis()), settings.quietMaxMillis());
        double jitter = 0.8 + 0.4 * now.random();
        return new Call.Watch(
                position.version().value(),
                timeoutMillis(now),
                (long) ((inContact ? quiet : Math.min(quiet, PROOF_MILLIS)) * jitter));
    }

    /** How long a watch is asked to stay open. */
    long timeoutMillis(Moment now) {
        long timeout = settings.watchTimeoutMillis();
        return timeout + (long) (timeout * now.random());
    }

    /** The server accepted it. */
    void accepted(Moment now) {
        accepted = true;
        acceptedMillis = now.elapsedMillis();
    }

    boolean isAccepted() {
        return accepted;
    }

    /** Whether the watch under way was of use. */
    boolean isProven(Moment now) {
        return moved || accepted && now.elapsedMillis() - acceptedMillis >= PROOF_MILLIS;
    }

    /** Whether the watch under way ended after it was of use. */
    boolean wasOfUse(Signal.Closed end, Moment now) {
        boolean alive = accepted && end.cause() != Signal.Closed.Cause.IDLE;
        return (alive || end.cause() == Signal.Closed.Cause.CLEAN) && isProven(now);
    }

    /** Judges how the watch under way ended; null if all is well. */
    Patience.Verdict judge(Signal.Closed end, Patience patience, Moment now) {
        boolean inOrder = end.cause() == Signal.Closed.Cause.CLEAN;
        Notice trouble = inOrder ? null : Notice.BROKEN;
        if (!accepted && !inOrder) {
            return patience.unopened(end.message(), now.random());
        }
        // One that was silent beyond its time may have been dead all the while.
        if (end.cause() != Signal.Closed.Cause.IDLE && !isProven(now)) {
            return patience.futile(trouble, end.message(), now.random());
        }
        return inOrder ? null : patience.broken(trouble, end.message(), now.random());
    }

    /** Takes a version that a line told: whether it is newer than what was known. */
    boolean isNews(ResourceVersion version, Position position) {
        if (!version.isAfter(position.version())) {
            return false;
        }
        moved = true;
        malformed.moved();
        return true;
    }

    /** An object was created or changed. */
    Position upserted(
            ObjectVersion object, ResourceVersion version, Position before, List<Action> out) {
        if (!before.isNew(object.namespace(), object.name(), version)) {
            return before;
        }
        Position next =
                before.at(version)
                        .witnessed(
                                Position.key(object.namespace(), object.name()),
                                object.uid(),
                                version);
        return changed(false, object, next, out);
    }

    /** An object was deleted. Deletions may share a version, so the last one passes. */
    Position deleted(
            ObjectVersion object, ResourceVersion version, Position before, List<Action> out) {
        if (version.compareTo(before.version()) < 0) {
            return before;
        }
        Position next = before.at(version).unwitnessed(object.namespace(), object.name());
        return changed(true, object, next, out);
    }

    private static Position changed(
            boolean deleted, ObjectVersion object, Position next, List<Action> out) {
        out.add(new Action.Emit(new Element.Changed(deleted, Origin.WATCH, object, next)));
        return next;
    }

    /** A version without an object. */
    Position bookmark(ResourceVersion version, Position before, List<Action> out) {
        Position next = before.at(version);
        if (next != before) {
            out.add(new Action.Emit(new Element.Moved(next)));
        }
        return next;
    }

    /**
     * A line that cannot be understood. Its second time it becomes a dead letter.
     *
     * @return whether to reconnect, so that it gets a second time
     */
    boolean malformed(Signal.Malformed line, Position position, List<Action> out) {
        MalformedLines.Verdict verdict = malformed.next();
        if (verdict == MalformedLines.Verdict.PASS) {
            return false;
        }
        out.add(new Action.Report(Notice.MALFORMED, line.reason()));
        if (verdict == MalformedLines.Verdict.RECONNECT) {
            return true;
        }
        out.add(new Action.Emit(new Element.DeadLetter(line.raw(), line.reason(), position)));
        return false;
    }

    /** A list moved the version: the next watch tells other lines. */
    void listed() {
        malformed.moved();
    }
}
