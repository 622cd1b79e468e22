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
import io.tocsin.source.split.Position;
import java.util.List;

/**
 * Follows whether the server is in reach, and tells when blindness begins and ends.
 *
 * <p>Three states. In contact. Out of contact: event time stands still. Lost: refused or gone for
 * longer than the bound, so that others shall not wait for this scope.
 *
 * <p>It is lost from when the server was last heard, not from when that was noticed: a connection
 * that went dead is noticed minutes later.
 */
@Pure
final class Contact {

    private final long blindAfterMillis;
    private boolean inContact;
    private boolean lost;
    private long refusedSince = -1;
    private long sinceServerMillis;
    private long sinceElapsedMillis = -1;
    private int failures;
    private Moment heard;

    Contact(long blindAfterMillis) {
        this.blindAfterMillis = blindAfterMillis;
    }

    /** Whether the last that is known of the server is good. */
    boolean isInContact() {
        return inContact;
    }

    /** Whether there were failures that no list or useful watch has ended. */
    boolean isTroubled() {
        return failures > 0;
    }

    /** The server said something. */
    void heard(Moment now) {
        heard = now;
    }

    /** A call failed. */
    void failed(Notice notice, String message, Position position, Moment now, List<Action> out) {
        failures++;
        if (inContact || sinceElapsedMillis < 0) {
            Moment since = inContact && heard != null ? heard : now;
            sinceElapsedMillis = since.elapsedMillis();
            sinceServerMillis = inContact ? serverTimeOf(since, now) : 0;
            inContact = false;
        }
        out.add(new Action.Report(notice, message));
        if (notice != Notice.FORBIDDEN && notice != Notice.NOT_FOUND) {
            // Does not make it allowed again: a throttled answer in between changes nothing.
            return;
        }
        if (refusedSince < 0) {
            refusedSince = now.elapsedMillis();
        }
        if (!lost && now.elapsedMillis() - refusedSince >= blindAfterMillis) {
            lost = true;
            out.add(new Action.Emit(new Element.Lost(sinceServerMillis, message, position)));
        }
    }

    private static long serverTimeOf(Moment before, Moment now) {
        long passed = now.elapsedMillis() - before.elapsedMillis();
        return now.serverMillis() == 0 ? 0 : now.serverMillis() - passed;
    }

    /** The server answered a list, or a watch was of use. */
    void succeeded(Position position, Moment now, List<Action> out) {
        if (inContact) {
            return;
        }
        long outOfReach = sinceElapsedMillis < 0 ? 0 : now.elapsedMillis() - sinceElapsedMillis;
        boolean ofBefore = sinceServerMillis == 0;
        if (ofBefore || lost || outOfReach >= blindAfterMillis) {
            out.add(
                    new Action.Emit(
                            new Element.Regained(
                                    sinceServerMillis,
                                    // The server's clock may have been set back meanwhile.
                                    Math.max(sinceServerMillis, now.serverMillis()),
                                    "no contact with the API server",
                                    position)));
        }
        if (failures > 0) {
            out.add(
                    new Action.Report(
                            Notice.REGAINED,
                            failures + " failures in " + outOfReach / 1000 + " s"));
        }
        inContact = true;
        lost = false;
        refusedSince = -1;
        sinceElapsedMillis = -1;
        sinceServerMillis = 0;
        failures = 0;
    }
}
