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
import io.tocsin.source.api.Signal;
import io.tocsin.source.reader.Plans.Step;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceVersion;
import java.util.List;

/**
 * The policy of one split: which call comes next, and what its signals mean.
 *
 * <pre>
 *   restored, trouble ──► CHECK ──► WATCH ◄──── end of list ────┐
 *                           │         │ too old, instant closes, │
 *                unread ────┴──────► LIST ◄─ quiet, errors ── pages ─┘
 * </pre>
 *
 * <p>Deterministic: what happens depends on the position it starts from and on the inputs alone.
 * Inputs come in this order, from one thread: {@link #next}, then signals of that call, then {@link
 * #quiet} if the driver ended a watch for want of lines, then {@link #next} again.
 *
 * <p>{@code position} runs ahead of what was emitted by what is still queued; each element carries
 * the one that it leads to.
 *
 * <p>Semantics: Kubernetes API concepts, "Efficient detection of changes" and "Retrieving large
 * results sets in chunks".
 */
@Pure
public final class ListWatch {

    private final ListWatchSettings settings;
    private final Listing listing;
    private final Watching watching;
    private final Patience patience;
    private final Contact contact;
    private final HistoryCheck check;
    private final Plans plans;
    private Position position;
    private Step running;
    private boolean told;
    private Moment callStart;

    /** Starts from a position. */
    public ListWatch(ListWatchSettings settings, Position position) {
        this.settings = settings;
        this.position = position;
        this.listing = new Listing(settings);
        this.watching = new Watching(settings);
        this.patience = new Patience(settings);
        this.contact = new Contact(settings.blindAfterMillis());
        this.check = new HistoryCheck(settings);
        this.plans = new Plans(patience, contact, listing, check);
        if (!position.newest().isNone()) {
            check.doubt();
        }
        if (position.needsList()) {
            plans.list(position, 0);
        }
    }

    /** What to do next, after the call before has returned. */
    public Call next(Moment now, List<Action> out) {
        if (running != null && !told) {
            String message = "the call ended without telling how";
            obey(patience.broken(Notice.BROKEN, message, now.random()), now, out);
        }
        running = null;
        Call.Wait wait = plans.takeWait();
        if (wait != null) {
            return wait;
        }
        running = plans.next(position, now);
        told = false;
        callStart = now;
        return switch (running) {
            case CHECK -> check.request(position);
            case LIST -> listing.request();
            case WATCH -> watching.request(position, listing.pages(), contact.isInContact(), now);
            case FINISH -> new Call.Finish();
        };
    }

    /** Whether an object version matters. Deletions may share a version, so the last one passes. */
    public boolean wants(String namespace, String name, String resourceVersion) {
        if (!ResourceVersion.isValid(resourceVersion)) {
            return true;
        }
        if (running == Step.LIST) {
            listing.shows(namespace, name, position);
        }
        ResourceVersion version = new ResourceVersion(resourceVersion);
        return running == Step.CHECK
                || running == Step.LIST && settings.presence()
                || position.isNew(namespace, name, version)
                || running == Step.WATCH && version.equals(position.version());
    }

    /** Takes a signal of the call under way. After one that ends the call the rest is ignored. */
    public void on(Signal signal, Moment now, List<Action> out) {
        if (running == null || told) {
            return;
        }
        if (tellsThatTheServerIsThere(signal)) {
            contact.heard(now);
        }
        if (signal instanceof Signal.Upserted upserted) {
            object(false, upserted.object(), now, out);
        } else if (signal instanceof Signal.Deleted deleted) {
            object(true, deleted.object(), now, out);
        } else if (signal instanceof Signal.Bookmark bookmark) {
            bookmark(bookmark.resourceVersion(), now, out);
        } else if (signal instanceof Signal.Malformed line) {
            malformed(line, now, out);
        } else if (signal instanceof Signal.Opened) {
            watching.accepted(now);
        } else {
            told = true;
            ended(signal, now, out);
        }
    }

    private static boolean tellsThatTheServerIsThere(Signal signal) {
        if (signal instanceof Signal.Closed closed) {
            return closed.cause() == Signal.Closed.Cause.CLEAN;
        }
        return !(signal instanceof Signal.Refused refused) || refused.inStream();
    }

    private void ended(Signal signal, Moment now, List<Action> out) {
        if (signal instanceof Signal.Page page) {
            page(page, now, out);
        } else if (signal instanceof Signal.Expired expired) {
            expired(expired, now, out);
        } else if (signal instanceof Signal.Refused refused) {
            refused(refused, now, out);
        } else if (signal instanceof Signal.Closed closed) {
            closed(closed, now, out);
        }
    }

    /** The driver ended the watch because nothing was told for its quiet time. */
    public void quiet(Moment now, List<Action> out) {
        // One that ended in trouble at the same moment has a wait of its own.
        if (running == Step.WATCH && plans.isToWatch() && !plans.waits()) {
            told = true;
            if (watching.isProven(now)) {
                patience.fruitful();
            }
            plans.relist(Notice.QUIET, "nothing was told for a while", 0, position, out);
        }
    }

    // ------------------------------------------------------------------ lines and items

    private void object(boolean deleted, ObjectVersion object, Moment now, List<Action> out) {
        if (!ResourceVersion.isValid(object.resourceVersion())) {
            malformed(MalformedLines.unordered(object), now, out);
            return;
        }
        ResourceVersion version = new ResourceVersion(object.resourceVersion());
        if (running == Step.LIST) {
            boolean isNew = position.isNew(object.namespace(), object.name(), version);
            if (!deleted && (isNew || settings.presence())) {
                listing.item(object, isNew, position, out);
            }
        } else if (running == Step.WATCH) {
            news(version, now, out);
            position =
                    deleted
                            ? watching.deleted(object, version, position, out)
                            : watching.upserted(object, version, position, out);
        } else {
            check.found(object);
        }
    }

    private void bookmark(String resourceVersion, Moment now, List<Action> out) {
        if (running == Step.WATCH && ResourceVersion.isValid(resourceVersion)) {
            ResourceVersion version = new ResourceVersion(resourceVersion);
            news(version, now, out);
            position = watching.bookmark(version, position, out);
        }
    }

    /** A line of a watch told a version: before it is emitted, contact is. */
    private void news(ResourceVersion version, Moment now, List<Action> out) {
        if (watching.isNews(version, position) || watching.isProven(now)) {
            useful(now, out);
        }
    }

    /** The watch under way is of use. */
    private void useful(Moment now, List<Action> out) {
        patience.fruitful();
        contact.succeeded(position, now, out);
    }

    private void malformed(Signal.Malformed line, Moment now, List<Action> out) {
        if (running == Step.LIST) {
            out.add(new Action.Report(Notice.MALFORMED, line.reason()));
            listing.malformed(line, position, out);
        } else if (running == Step.WATCH && watching.malformed(line, position, out)) {
            told = true;
            plans.waitFor(patience.again(now.random()), position);
            out.add(new Action.Cancel());
        }
    }

    // ------------------------------------------------------------------ ends of calls

    private void page(Signal.Page page, Moment now, List<Action> out) {
        ResourceVersion version;
        try {
            version = ResourceVersion.parse(page.resourceVersion());
        } catch (IllegalArgumentException e) {
            unordered(e.getMessage(), now, out);
            return;
        }
        if (running == Step.LIST && listing.mustReadAgain()) {
            contact.succeeded(position, now, out);
            plans.waitFor(patience.again(now.random()), position);
            return;
        }
        boolean fresh = running == Step.CHECK || !listing.dependsOnHistory();
        if (fresh && position.newest().isAfter(version)) {
            String message = "the server is at version " + version + ", before ";
            rolledBack(Notice.ROLLED_BACK, message + position.newest(), now, out);
        } else if (running == Step.CHECK) {
            checked(now, out);
        } else if (running == Step.LIST) {
            listed(page, version, now, out);
        }
    }

    private void checked(Moment now, List<Action> out) {
        patience.checked();
        HistoryCheck.Contradiction contradiction = check.answered(position, now);
        if (contradiction != null) {
            rolledBack(contradiction.notice(), contradiction.message(), now, out);
        } else if (!contact.isTroubled()) {
            contact.succeeded(position, now, out);
        }
    }

    private void listed(Signal.Page page, ResourceVersion version, Moment now, List<Action> out) {
        patience.answered();
        check.resume();
        contact.succeeded(position, now, out);
        ResourceVersion before = position.version();
        long readAt = now.startOfCall(callStart, page.serverTimeMillis());
        position = listing.page(page, version, readAt, position, out);
        if (page.continueToken() != null) {
            if (listing.pages() == 1 && !settings.bounded()) {
                long timeout = watching.timeoutMillis(now);
                out.add(new Action.WatchAhead(version.value(), timeout));
            }
            return;
        }
        if (settings.bounded()) {
            plans.finish();
        } else {
            plans.watch();
        }
        if (!position.version().equals(before)) {
            watching.listed();
        }
    }

    /**
     * The version of a list cannot be ordered. At first contact this is not a server that can be
     * read exactly; later it is one more thing that a sick server, or a proxy, says.
     */
    private void unordered(String message, Moment now, List<Action> out) {
        boolean first = position.beforeFirstList() && position.relist() == null;
        if (first && position.epoch() == 0) {
            plans.finish();
            out.add(new Action.Fail(message));
            return;
        }
        obey(patience.broken(Notice.REFUSED, message, now.random()), now, out);
    }

    private void rolledBack(Notice notice, String message, Moment now, List<Action> out) {
        check.done(now);
        out.add(new Action.Report(notice, message));
        position = position.rolledBack();
        out.add(new Action.Emit(new Element.Moved(position)));
        plans.list(position, 0);
    }

    private void expired(Signal.Expired expired, Moment now, List<Action> out) {
        if (check.isLooking()) {
            check.done(now);
        } else if (running != Step.LIST) {
            contact.succeeded(position, now, out);
            obey(patience.expired(expired.message(), now.random()), now, out);
            if (running == Step.CHECK) {
                check.postpone();
            }
        } else if (listing.dependsOnHistory()) {
            listExpired(expired.message(), now, out);
        } else {
            obey(patience.broken(Notice.REFUSED, expired.message(), now.random()), now, out);
        }
    }

    private void listExpired(String message, Moment now, List<Action> out) {
        plans.waitFor(patience.listExpired(now.random()), position);
        out.add(new Action.Report(Notice.CONTINUE_EXPIRED, message));
        position = listing.expired(position, out);
    }

    private void refused(Signal.Refused refused, Moment now, List<Action> out) {
        boolean badVersion = Patience.isBadVersion(refused);
        if (check.isLooking()) {
            if (Patience.isFinal(refused)) {
                check.done(now);
                return;
            }
            if (!check.asksAgain(now)) {
                return;
            }
        }
        if (running == Step.WATCH) {
            boolean proven = watching.isProven(now);
            obey(patience.watchRefused(refused, proven, now.random()), now, out);
        } else if (running == Step.CHECK && badVersion) {
            if (refused.resourceVersionTooLarge()) {
                giveUpList(out);
            }
            obey(patience.watchRefused(refused, false, now.random()), now, out);
            check.postpone();
        } else if (running == Step.LIST && listing.dependsOnHistory() && badVersion) {
            listExpired(refused.status() + " " + refused.message(), now, out);
        } else {
            if (running == Step.LIST) {
                listing.failed();
            }
            obey(patience.refused(refused, now.random()), now, out);
        }
        if (refused.status() == 401) {
            plans.reloadCredentials();
        }
    }

    /** The server does not know the version of a list under way, hence not its tokens either. */
    private void giveUpList(List<Action> out) {
        if (position.relist() != null) {
            position = position.interrupted();
            out.add(new Action.Emit(new Element.Moved(position)));
        }
    }

    private void closed(Signal.Closed closed, Moment now, List<Action> out) {
        Signal.Closed.Cause cause = closed.cause();
        if (cause == Signal.Closed.Cause.CANCELLED) {
            return;
        }
        if (check.isLooking() && !check.asksAgain(now)) {
            return;
        }
        if (running != Step.WATCH) {
            if (running == Step.LIST) {
                listing.failed();
            }
            obey(patience.broken(Notice.BROKEN, closed.message(), now.random()), now, out);
            return;
        }
        if (cause == Signal.Closed.Cause.CLEAN) {
            out.add(new Action.Report(Notice.RECONNECT, closed.message()));
        }
        if (watching.wasOfUse(closed, now)) {
            useful(now, out);
        }
        Patience.Verdict verdict = watching.judge(closed, patience, now);
        if (verdict != null) {
            obey(verdict, now, out);
        }
    }

    private void obey(Patience.Verdict verdict, Moment now, List<Action> out) {
        plans.obey(verdict, position, now, out);
    }

    /** Where the policy stands, queued elements included. */
    public Position position() {
        return position;
    }
}
