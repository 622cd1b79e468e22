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
import io.tocsin.source.Startup;
import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.api.Signal;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceVersion;
import java.util.List;

/**
 * The policy of one split: which call comes next, and what its signals mean.
 *
 * <pre>
 *   restored ──► PROBE ──► WATCH ◄──── end of list ────┐
 *                  │         │ too old, instant closes, │
 *   unread ────────┴──► LIST ◄─ quiet, errors ── pages ─┘
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

    private static final long INSTANT_MILLIS = 2_000;
    private static final int FUTILE_WATCHES_BEFORE_RELIST = 2;
    private static final int IN_STREAM_ERRORS_BEFORE_RELIST = 3;

    private enum Plan {
        PROBE,
        LIST,
        WATCH,
        DONE
    }

    private final ListWatchSettings settings;
    private final Listing listing;
    private final Contact contact;
    private final MalformedLines malformed = new MalformedLines();
    private Position position;
    private Plan plan;
    private Plan running;
    private boolean told;
    private Moment callStart;
    private long waitMillis;
    private boolean reloadCredentials;
    private int failures;
    private int futileWatches;
    private int inStreamErrors;
    private int pagesOfLastList = 1;

    /** Starts from a position. */
    public ListWatch(ListWatchSettings settings, Position position) {
        this.settings = settings;
        this.position = position;
        this.listing = new Listing(settings);
        this.contact = new Contact(settings.blindAfterMillis());
        if (position.needsList()) {
            planList(0);
        } else {
            plan = Plan.PROBE;
        }
    }

    /** What to do next, after the call before has returned. */
    public Call next(Moment now, List<Action> out) {
        if (running != null && !told) {
            broken("the call ended without telling how", now, out);
        }
        running = null;
        if (waitMillis > 0 || reloadCredentials) {
            Call wait = new Call.Wait(waitMillis, reloadCredentials);
            waitMillis = 0;
            reloadCredentials = false;
            return wait;
        }
        if (plan == Plan.DONE) {
            return new Call.Finish();
        }
        running = plan;
        told = false;
        callStart = now;
        return switch (plan) {
            case PROBE -> new Call.Probe(position.version().value());
            case LIST -> listing.request();
            default -> watch(now);
        };
    }

    private Call watch(Moment now) {
        malformed.opened();
        long timeout = settings.watchTimeoutMillis();
        long quiet =
                Math.min(
                        Math.max(
                                settings.quietStepMillis() * pagesOfLastList,
                                settings.quietMinMillis()),
                        settings.quietMaxMillis());
        double jitter = 0.8 + 0.4 * now.random();
        return new Call.Watch(
                position.version().value(),
                timeout + (long) (timeout * now.random()),
                (long) (quiet * jitter));
    }

    /** Whether an object version matters. Deletions may share a version, so the last one passes. */
    public boolean wants(String namespace, String name, String resourceVersion) {
        if (!ResourceVersion.isValid(resourceVersion)) {
            return true;
        }
        ResourceVersion version = new ResourceVersion(resourceVersion);
        return position.isNew(namespace, name, version)
                || running == Plan.WATCH && version.equals(position.version());
    }

    /** Takes a signal of the call under way. After one that ends the call the rest is ignored. */
    public void on(Signal signal, Moment now, List<Action> out) {
        if (running == null || told) {
            return;
        }
        if (signal instanceof Signal.Upserted upserted) {
            upserted(upserted.object(), now, out);
        } else if (signal instanceof Signal.Deleted deleted) {
            deleted(deleted.object(), now, out);
        } else if (signal instanceof Signal.Bookmark bookmark) {
            bookmark(bookmark.resourceVersion(), out);
        } else if (signal instanceof Signal.Malformed line) {
            malformed(line, now, out);
        } else if (signal instanceof Signal.Opened) {
            if (running == Plan.WATCH) {
                contact.succeeded(position, now, out);
            }
        } else {
            told = true;
            ended(signal, now, out);
        }
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
        if (running == Plan.WATCH && plan == Plan.WATCH) {
            told = true;
            fruitful();
            waitMillis = 0;
            relist(Notice.QUIET, "nothing was told for a while", 0, out);
        }
    }

    // ------------------------------------------------------------------ lines and items

    private void upserted(ObjectVersion object, Moment now, List<Action> out) {
        if (!ResourceVersion.isValid(object.resourceVersion())) {
            malformed(unordered(object), now, out);
            return;
        }
        ResourceVersion version = new ResourceVersion(object.resourceVersion());
        boolean isNew = position.isNew(object.namespace(), object.name(), version);
        if (running == Plan.LIST) {
            if (isNew) {
                listing.item(object, originOfList(), position, out);
            }
        } else if (running == Plan.WATCH) {
            fruitful();
            if (isNew) {
                moved(version);
                out.add(emit(new Element.Changed(false, Origin.WATCH, object, position)));
            }
        }
    }

    private void deleted(ObjectVersion object, Moment now, List<Action> out) {
        if (!ResourceVersion.isValid(object.resourceVersion())) {
            malformed(unordered(object), now, out);
            return;
        }
        ResourceVersion version = new ResourceVersion(object.resourceVersion());
        if (running == Plan.WATCH) {
            fruitful();
            if (version.compareTo(position.version()) >= 0) {
                moved(version);
                out.add(emit(new Element.Changed(true, Origin.WATCH, object, position)));
            }
        }
    }

    private void bookmark(String resourceVersion, List<Action> out) {
        if (running != Plan.WATCH || !ResourceVersion.isValid(resourceVersion)) {
            return;
        }
        fruitful();
        ResourceVersion version = new ResourceVersion(resourceVersion);
        if (version.isAfter(position.version())) {
            moved(version);
            out.add(emit(new Element.Moved(position)));
        }
    }

    private void moved(ResourceVersion version) {
        if (version.isAfter(position.version())) {
            position = position.at(version);
            malformed.moved();
        }
    }

    private void malformed(Signal.Malformed line, Moment now, List<Action> out) {
        if (running == Plan.LIST) {
            out.add(new Action.Report(Notice.MALFORMED, line.reason()));
            listing.malformed(line, position, out);
            return;
        }
        if (running == Plan.PROBE) {
            return;
        }
        switch (malformed.next()) {
            case RECONNECT -> {
                out.add(new Action.Report(Notice.MALFORMED, line.reason()));
                told = true;
                failures++;
                waitMillis = Backoff.millis(settings, failures, now.random());
                out.add(new Action.Cancel());
            }
            case DEAD_LETTER -> {
                out.add(new Action.Report(Notice.MALFORMED, line.reason()));
                out.add(emit(new Element.DeadLetter(line.raw(), line.reason(), position)));
            }
            default -> {
                // told before
            }
        }
    }

    private static Signal.Malformed unordered(ObjectVersion object) {
        return new Signal.Malformed(
                object.json() == null ? new byte[0] : object.json(),
                "resourceVersion is not a decimal number of at most 128 bits");
    }

    private Origin originOfList() {
        return settings.startup() == Startup.LATEST
                        && position.epoch() == 0
                        && position.beforeFirstList()
                ? Origin.BASELINE
                : Origin.LISTED;
    }

    // ------------------------------------------------------------------ ends of calls

    private void page(Signal.Page page, Moment now, List<Action> out) {
        if (!ResourceVersion.isValid(page.resourceVersion())) {
            fail(page.resourceVersion(), out);
            return;
        }
        ResourceVersion version = new ResourceVersion(page.resourceVersion());
        if (running == Plan.LIST && listing.mustReadAgain()) {
            contact.succeeded(position, now, out);
            waitMillis = Backoff.millis(settings, 1, now.random());
            return;
        }
        boolean fresh = running == Plan.PROBE || !listing.dependsOnHistory();
        if (fresh && position.newest().isAfter(version)) {
            rolledBack(version, out);
            return;
        }
        failures = 0;
        contact.succeeded(position, now, out);
        if (running == Plan.PROBE) {
            plan = Plan.WATCH;
            return;
        }
        position = listing.page(page, version, readAtMillis(page, now), position, out);
        if (page.continueToken() == null) {
            pagesOfLastList = listing.pages();
            plan = settings.bounded() ? Plan.DONE : Plan.WATCH;
            inStreamErrors = 0;
        }
    }

    /** A server time not after the moment at which the server read the list. */
    private long readAtMillis(Signal.Page page, Moment now) {
        long told = page.serverTimeMillis() > 0 ? page.serverTimeMillis() : now.serverMillis();
        return told == 0 ? 0 : told - (now.elapsedMillis() - callStart.elapsedMillis());
    }

    private void rolledBack(ResourceVersion version, List<Action> out) {
        out.add(
                new Action.Report(
                        Notice.ROLLED_BACK,
                        "the server is at version " + version + ", before " + position.newest()));
        position = position.rolledBack();
        out.add(emit(new Element.Moved(position)));
        planList(0);
    }

    private void expired(Signal.Expired expired, Moment now, List<Action> out) {
        if (running == Plan.LIST) {
            listExpired(expired.message(), now, out);
            return;
        }
        futileWatches++;
        long wait = futileWatches <= 1 ? 0 : Backoff.millis(settings, futileWatches, now.random());
        contact.succeeded(position, now, out);
        relist(Notice.EXPIRED, expired.message(), wait, out);
    }

    private void listExpired(String message, Moment now, List<Action> out) {
        failures++;
        waitMillis = failures <= 1 ? 0 : Backoff.millis(settings, failures, now.random());
        if (listing.dependsOnHistory()) {
            out.add(new Action.Report(Notice.CONTINUE_EXPIRED, message));
            position = listing.expired(position, out);
        } else {
            waitMillis = Backoff.millis(settings, failures, now.random());
            contact.failed(Notice.REFUSED, message, position, now, out);
        }
    }

    private void refused(Signal.Refused refused, Moment now, List<Action> out) {
        String message = refused.status() + " " + refused.message();
        if (running == Plan.LIST
                && listing.dependsOnHistory()
                && (refused.status() == 400 || refused.resourceVersionTooLarge())) {
            listExpired(message, now, out);
            return;
        }
        failures++;
        waitMillis =
                Math.max(
                        refused.retryAfterMillis(),
                        Backoff.millis(settings, failures, now.random()));
        if (refused.resourceVersionTooLarge() && running != Plan.LIST) {
            relist(Notice.UNKNOWN_VERSION, message, waitMillis, out);
            return;
        }
        if (refused.inStream() && ++inStreamErrors >= IN_STREAM_ERRORS_BEFORE_RELIST) {
            relist(Notice.ERRORS, message, waitMillis, out);
            return;
        }
        reloadCredentials = refused.status() == 401;
        contact.failed(notice(refused.status()), message, position, now, out);
    }

    private static Notice notice(int status) {
        return switch (status) {
            case 401 -> Notice.UNAUTHORIZED;
            case 403 -> Notice.FORBIDDEN;
            case 404 -> Notice.NOT_FOUND;
            case 429 -> Notice.THROTTLED;
            default -> Notice.REFUSED;
        };
    }

    private void closed(Signal.Closed closed, Moment now, List<Action> out) {
        if (closed.cause() == Signal.Closed.Cause.CANCELLED) {
            return;
        }
        if (running != Plan.WATCH || closed.cause() == Signal.Closed.Cause.BROKEN) {
            broken(closed.message(), now, out);
            return;
        }
        out.add(new Action.Report(Notice.RECONNECT, closed.message()));
        if (closed.lines() > 0 || closed.openMillis() >= INSTANT_MILLIS) {
            fruitful();
            return;
        }
        futileWatches++;
        waitMillis = Backoff.millis(settings, futileWatches, now.random());
        if (futileWatches % FUTILE_WATCHES_BEFORE_RELIST == 0) {
            relist(Notice.INSTANT_CLOSES, "watches end at once, without a line", waitMillis, out);
        }
    }

    private void broken(String message, Moment now, List<Action> out) {
        failures++;
        waitMillis = Backoff.millis(settings, failures, now.random());
        contact.failed(Notice.BROKEN, message, position, now, out);
    }

    // ------------------------------------------------------------------ plans

    /** The watch under way is of use. */
    private void fruitful() {
        futileWatches = 0;
        failures = 0;
        inStreamErrors = 0;
    }

    private void relist(Notice cause, String message, long wait, List<Action> out) {
        out.add(new Action.Report(cause, message));
        inStreamErrors = 0;
        planList(wait);
    }

    private void planList(long wait) {
        plan = Plan.LIST;
        waitMillis = wait;
        listing.begin(position);
    }

    private void fail(String version, List<Action> out) {
        plan = Plan.DONE;
        out.add(new Action.Fail(describe(version)));
    }

    private static String describe(String version) {
        try {
            return "unexpected version " + ResourceVersion.parse(version);
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    private static Action emit(Element element) {
        return new Action.Emit(element);
    }

    /** Where the policy stands, queued elements included. */
    public Position position() {
        return position;
    }
}
