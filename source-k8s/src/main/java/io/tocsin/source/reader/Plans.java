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
 * What comes next: a list or a watch, after which wait, and after asking whether the server is
 * still the same. Knows why, but not what is read.
 *
 * <p>A list that is not needed to go on, only to prove that nothing happened, is given up when it
 * fails before its first page: watching from where we were tells more, such as objects that were
 * created and deleted meanwhile.
 */
@Pure
final class Plans {

    /** A kind of call. */
    enum Step {
        CHECK,
        LIST,
        WATCH,
        FINISH
    }

    private final Patience patience;
    private final Contact contact;
    private final Listing listing;
    private final HistoryCheck check;
    private Step plan = Step.WATCH;
    private boolean optional;
    private long waitMillis;
    private boolean reloadCredentials;

    Plans(Patience patience, Contact contact, Listing listing, HistoryCheck check) {
        this.patience = patience;
        this.contact = contact;
        this.listing = listing;
        this.check = check;
    }

    /** The wait that is due before the next step; null if there is none. */
    Call.Wait takeWait() {
        if (waitMillis == 0 && !reloadCredentials) {
            return null;
        }
        Call.Wait wait = new Call.Wait(waitMillis, reloadCredentials);
        waitMillis = 0;
        reloadCredentials = false;
        return wait;
    }

    /** Whether a wait is due. */
    boolean waits() {
        return waitMillis > 0;
    }

    /** The next step. */
    Step next(Position position, Moment now) {
        return plan != Step.FINISH && check.isDue(position, now) ? Step.CHECK : plan;
    }

    /** Whether a watch follows, unless the check finds something. */
    boolean isToWatch() {
        return plan == Step.WATCH;
    }

    void watch() {
        plan = Step.WATCH;
    }

    void finish() {
        plan = Step.FINISH;
    }

    void waitFor(long millis, Position position) {
        waitMillis = millis;
        if (millis >= HistoryCheck.HOLDS_MILLIS) {
            doubt(position);
        }
    }

    private void doubt(Position position) {
        if (!position.newest().isNone()) {
            check.doubt();
        }
    }

    void reloadCredentials() {
        reloadCredentials = true;
    }

    /** Lists from the beginning, or from where an interrupted list stood. */
    void list(Position position, long wait) {
        plan = Step.LIST;
        optional = false;
        waitMillis = wait;
        patience.lists();
        listing.begin(position);
    }

    /** Lists for a reason that is told. */
    void relist(Notice cause, String message, long wait, Position position, List<Action> out) {
        out.add(new Action.Report(cause, message));
        list(position, wait);
        optional = !position.needsList() && (cause == Notice.QUIET || cause == Notice.NO_WATCH);
    }

    /** Does what follows from the end of a call. */
    void obey(Patience.Verdict verdict, Position position, Moment now, List<Action> out) {
        waitFor(verdict.waitMillis(), position);
        if (verdict.trouble() != null) {
            doubt(position);
            contact.failed(verdict.trouble(), verdict.message(), position, now, out);
            if (plan == Step.LIST && optional && !listing.hasBegun()) {
                plan = Step.WATCH;
            }
        }
        if (verdict.listCause() != null) {
            relist(verdict.listCause(), verdict.message(), waitMillis, position, out);
        }
    }
}
