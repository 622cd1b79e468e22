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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The policy of following namespaces: which call comes next, and which namespaces there are.
 *
 * <p>What there is now matters here, and not how it came about. So every list tells all, a watch
 * tells changes until it ends in whatever way, and then a list tells all again: an expired version,
 * a server that went back in time and a deletion that nobody told come right by themselves. What is
 * known stays until a whole list says otherwise.
 *
 * <p>Deterministic; inputs as of {@link ListWatch}.
 */
@Pure
final class NamespaceWatch {

    /** A watch that is open for less and tells nothing is a failure: there must be a pause. */
    private static final long FUTILE_MILLIS = 2_000;

    private static final long MAX_WAIT_MILLIS = 120_000;

    private final ListWatchSettings settings;
    private final Map<String, String> known = new TreeMap<>();
    private final Map<String, String> listed = new TreeMap<>();
    private boolean watching;
    private boolean told;
    private boolean damaged;
    private boolean news;
    private String token;
    private String version;
    private int failures;
    private int failuresInARow;
    private long opened;
    private long waitMillis;
    private boolean reloadCredentials;

    NamespaceWatch(ListWatchSettings settings) {
        this.settings = settings;
    }

    /** What follows from a signal. */
    sealed interface Outcome {
        /** The namespaces that there are: name to uid. */
        record Known(Map<String, String> namespaces) implements Outcome {}

        /** Something for the log. */
        record Report(Notice notice, String message) implements Outcome {}
    }

    /** What to do next, after the call before has returned. */
    Call next(Moment now) {
        if (waitMillis > 0 || reloadCredentials) {
            Call wait = new Call.Wait(waitMillis, reloadCredentials);
            waitMillis = 0;
            reloadCredentials = false;
            return wait;
        }
        told = false;
        damaged = false;
        if (version != null) {
            watching = true;
            news = false;
            opened = now.elapsedMillis();
            long timeout = settings.quietMaxMillis();
            return new Call.Watch(version, timeout / 2 + (long) (timeout / 2 * now.random()), 0);
        }
        watching = false;
        if (token == null) {
            listed.clear();
        }
        return new Call.List(settings.pageSize(), token, null);
    }

    /** Takes a signal of the call under way. After one that ends the call the rest is ignored. */
    void on(Signal signal, Moment now, List<Outcome> out) {
        if (told) {
            return;
        }
        if (signal instanceof Signal.Upserted upserted) {
            if (isUnderstood(upserted.object(), out)) {
                upserted(upserted.object(), out);
            }
        } else if (signal instanceof Signal.Deleted deleted) {
            if (isUnderstood(deleted.object(), out)) {
                deleted(deleted.object(), out);
            }
        } else if (signal instanceof Signal.Malformed line) {
            malformed(line.reason(), out);
        } else if (!(signal instanceof Signal.Opened) && !(signal instanceof Signal.Bookmark)) {
            told = true;
            ended(signal, now, out);
        }
    }

    private boolean isUnderstood(ObjectVersion namespace, List<Outcome> out) {
        if (namespace.uid() == null) {
            malformed("namespace " + namespace.name() + " has no uid", out);
        }
        return namespace.uid() != null;
    }

    private void malformed(String reason, List<Outcome> out) {
        damaged = true;
        out.add(new Outcome.Report(Notice.MALFORMED, reason));
    }

    private void upserted(ObjectVersion namespace, List<Outcome> out) {
        if (!watching) {
            listed.put(namespace.name(), namespace.uid());
            return;
        }
        news = true;
        if (!namespace.uid().equals(known.put(namespace.name(), namespace.uid()))) {
            tell(out);
        }
    }

    private void deleted(ObjectVersion namespace, List<Outcome> out) {
        news = true;
        // The end of a life that is over already says nothing of the next.
        if (watching && known.remove(namespace.name(), namespace.uid())) {
            tell(out);
        }
    }

    private void tell(List<Outcome> out) {
        out.add(new Outcome.Known(Map.copyOf(known)));
    }

    private void ended(Signal signal, Moment now, List<Outcome> out) {
        boolean watched = watching;
        version = null;
        if (signal instanceof Signal.Page page && !damaged) {
            page(page, out);
        } else if (signal instanceof Signal.Page) {
            // A namespace that cannot be read is not one that is gone.
            failed(Notice.MALFORMED, "a namespace was not understood", 0, now, out);
        } else if (signal instanceof Signal.Refused refused) {
            reloadCredentials = refused.status() == 401;
            failed(
                    Notice.ofStatus(refused.status()),
                    refused.status() + " " + refused.message(),
                    refused.retryAfterMillis(),
                    now,
                    out);
        } else if (signal instanceof Signal.Closed closed) {
            boolean clean = closed.cause() == Signal.Closed.Cause.CLEAN;
            if (!watched || !clean) {
                failed(Notice.BROKEN, closed.message(), 0, now, out);
            } else if (!news && now.elapsedMillis() - opened < FUTILE_MILLIS) {
                pause(now, 0);
            } else {
                failuresInARow = 0;
            }
        } else {
            // Expired: a list from its beginning.
            token = null;
            pause(now, 0);
        }
    }

    private void page(Signal.Page page, List<Outcome> out) {
        token = page.continueToken();
        if (token != null) {
            return;
        }
        version = page.resourceVersion();
        known.clear();
        known.putAll(listed);
        if (failures > 0) {
            out.add(new Outcome.Report(Notice.REGAINED, failures + " failures"));
            failures = 0;
        }
        tell(out);
    }

    private void failed(
            Notice notice, String message, long retryAfter, Moment now, List<Outcome> out) {
        token = null;
        failures++;
        pause(now, retryAfter);
        out.add(new Outcome.Report(notice, message));
    }

    private void pause(Moment now, long atLeast) {
        failuresInARow++;
        waitMillis =
                Math.max(
                        Math.min(atLeast, MAX_WAIT_MILLIS),
                        Backoff.millis(settings, failuresInARow, now.random()));
    }
}
