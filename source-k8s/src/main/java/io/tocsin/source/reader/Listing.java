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
import io.tocsin.source.split.Position.Witness;
import io.tocsin.source.split.ResourceVersion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads one list by pages, exactly over crashes and expired tokens.
 *
 * <p>A page is held back until its end: only then the version of the list, and whether it is in
 * order, are known. A page above the buffer bound is let through before, without progress: a crash
 * or a broken connection within it repeats that part, which the consumer suppresses by (epoch, uid,
 * version).
 *
 * <p>A list that is out of order makes no progress in the position at all: a crash reads it again.
 */
@Pure
final class Listing {

    private static final int UNPAGED_AFTER = 3;
    private static final int MAX_SHOWN = 100;

    private final ListWatchSettings settings;
    private final List<Element> buffer = new ArrayList<>();
    private long bufferBytes;
    private ResourceVersion version;
    private String token;
    private String lastKey;
    private long provenMillis;
    private boolean unsorted;
    private boolean pageHadMalformed;
    private boolean retryMalformed;
    private int pages;
    private int expirations;
    private String begunAfter;
    private String pageEnd;
    private boolean pageBegun;
    private boolean overlaps;
    private final Set<String> shown = new HashSet<>();

    Listing(ListWatchSettings settings) {
        this.settings = settings;
    }

    /** Goes on where a checkpoint stood, or begins. */
    void begin(Position position) {
        version = position.relist() == null ? null : position.relist().version();
        token = position.relist() == null ? null : position.relist().pageToken();
        lastKey = position.relist() == null ? null : position.relist().lastKey();
        provenMillis = 0;
        unsorted = false;
        retryMalformed = false;
        pages = 0;
        begunAfter = lastKey;
        pageEnd = null;
        shown.clear();
    }

    /** Whether it has a page, or goes on in a list that has. */
    boolean hasBegun() {
        return version != null;
    }

    /** The request for the page that is due. */
    Call.List request() {
        buffer.clear();
        bufferBytes = 0;
        pageHadMalformed = false;
        pageBegun = false;
        overlaps = false;
        int limit =
                expirations >= UNPAGED_AFTER ? 0 : settings.pageSize() << Math.max(0, expirations);
        String exact = token == null && version != null ? version.value() : null;
        return new Call.List(limit, token, exact);
    }

    /**
     * The page that is due did not come. Asked for whole, a list makes no progress before its end:
     * where that takes the server, or us, too long, pages get further.
     */
    void failed() {
        expirations = Math.min(expirations, UNPAGED_AFTER - 1);
    }

    /** Whether the request depends on history that the server may have forgotten. */
    boolean dependsOnHistory() {
        return version != null;
    }

    /** The list has an object of this key, new or not. */
    void shows(String namespace, String name, Position position) {
        begins(namespace, name);
        for (Witness witness : position.witnesses()) {
            if (witness.isOf(namespace, name)) {
                shown.add(witness.key());
            }
        }
        if (shown.size() > MAX_SHOWN) {
            shown.retainAll(position.witnesses().stream().map(Witness::key).toList());
        }
    }

    /** Its first item tells whether a page goes on where the one before it ended. */
    private void begins(String namespace, String name) {
        if (!pageBegun) {
            pageBegun = true;
            overlaps =
                    pageEnd != null
                            && Position.compareKeys(pageEnd, Position.key(namespace, name)) >= 0;
        }
    }

    /**
     * An item.
     *
     * @param isNew false if it is told as present only
     */
    void item(ObjectVersion object, boolean isNew, Position position, List<Action> out) {
        begins(object.namespace(), object.name());
        Element.Changed changed =
                isNew
                        ? new Element.Changed(
                                false, origin(position), object, position.withOpenList())
                        : null;
        if (settings.presence()) {
            hold(
                    new Element.Present(
                            changed,
                            object.namespace(),
                            object.name(),
                            object.uid(),
                            null,
                            position),
                    out);
        } else {
            hold(changed, out);
        }
    }

    private Origin origin(Position position) {
        return settings.startup() == Startup.LATEST
                        && position.epoch() == 0
                        && position.beforeFirstList()
                ? Origin.BASELINE
                : Origin.LISTED;
    }

    /** An item that cannot be understood: the page is read once more before it is given up. */
    void malformed(Signal.Malformed item, Position position, List<Action> out) {
        if (retryMalformed) {
            hold(new Element.DeadLetter(item.raw(), item.reason(), position), out);
            if (settings.presence() && item.name() != null && item.uid() != null) {
                // Whatever it is like: it is there.
                hold(
                        new Element.Present(
                                null, item.namespace(), item.name(), item.uid(), null, position),
                        out);
            }
        }
        pageHadMalformed = true;
    }

    private void hold(Element element, List<Action> out) {
        boolean light = element instanceof Element.Present present && present.changed() == null;
        long bytes = light ? 0 : element.sizeBytes();
        if (bufferBytes + bytes > settings.pageBufferBytes()) {
            letThrough(out);
        }
        buffer.add(element);
        bufferBytes += bytes;
    }

    /** Lets go what is large. That an object is present is told with the version of the list. */
    private void letThrough(List<Action> out) {
        List<Element> kept = new ArrayList<>();
        for (Element held : buffer) {
            if (held instanceof Element.Present present) {
                if (present.changed() != null) {
                    out.add(new Action.Emit(present.changed()));
                }
                kept.add(
                        new Element.Present(
                                null,
                                present.namespace(),
                                present.name(),
                                present.uid(),
                                null,
                                present.next()));
            } else {
                out.add(new Action.Emit(held));
            }
        }
        buffer.clear();
        buffer.addAll(kept);
        bufferBytes = 0;
    }

    /** Whether the page that ended must be read again for its malformed items. */
    boolean mustReadAgain() {
        if (pageHadMalformed && !retryMalformed) {
            retryMalformed = true;
            return true;
        }
        retryMalformed = false;
        return false;
    }

    /**
     * The end of a page: lets what was held back go.
     *
     * @param listVersion its version
     * @param readAtMillis server time before which the request was sent; 0 if unknown
     * @return the position after it
     */
    Position page(
            Signal.Page page,
            ResourceVersion listVersion,
            long readAtMillis,
            Position before,
            List<Action> out) {
        if (version == null) {
            version = listVersion;
            provenMillis = readAtMillis;
        }
        pages++;
        Position position = before;
        if (!unsorted && (overlaps || !page.sorted())) {
            unsorted = true;
            out.add(new Action.Report(Notice.UNSORTED, "the list is not in key order"));
            position = withoutRelist(position);
        }
        for (Element held : buffer) {
            position = let(held, position, out);
        }
        buffer.clear();
        bufferBytes = 0;
        if (page.lastName() != null) {
            String last = Position.key(page.lastNamespace(), page.lastName());
            pageEnd = last;
            // A restored list may go on with smaller pages than the one it was interrupted in.
            if (lastKey == null || Position.compareKeys(lastKey, last) < 0) {
                lastKey = last;
            }
        }
        return page.continueToken() == null
                ? ended(position, out)
                : advanced(page.continueToken(), position, out);
    }

    private Position let(Element held, Position before, List<Action> out) {
        if (held instanceof Element.Changed changed) {
            Position next = progress(keyOf(held), changed, before);
            out.add(new Action.Emit(at(changed, next)));
            return next;
        }
        if (held instanceof Element.Present present) {
            return present(present, before, out);
        }
        Element.DeadLetter letter = (Element.DeadLetter) held;
        out.add(new Action.Emit(new Element.DeadLetter(letter.raw(), letter.reason(), before)));
        return before;
    }

    /** Its version and its presence are one element: no crash comes between. */
    private Position present(Element.Present present, Position before, List<Action> out) {
        String key = keyOf(present);
        if (!unsorted && lastKey != null && Position.compareKeys(key, lastKey) <= 0) {
            // Told before the restart, as of this same version.
            return before;
        }
        Position next = progress(key, present.changed(), before);
        out.add(
                new Action.Emit(
                        new Element.Present(
                                present.changed() == null ? null : at(present.changed(), next),
                                present.namespace(),
                                present.name(),
                                present.uid(),
                                version,
                                next)));
        return next;
    }

    private Position progress(String key, Element.Changed changed, Position before) {
        Position next = changed == null ? before : before.withOpenList();
        if (!unsorted) {
            next = next.listing(version, token, key);
        }
        if (changed != null) {
            ObjectVersion object = changed.object();
            ResourceVersion objectVersion = new ResourceVersion(object.resourceVersion());
            next = next.witnessed(key, object.uid(), objectVersion);
            shows(object.namespace(), object.name(), next);
        }
        return next;
    }

    private static Element.Changed at(Element.Changed changed, Position next) {
        return new Element.Changed(false, changed.origin(), changed.object(), next);
    }

    private static String keyOf(Element held) {
        if (held instanceof Element.Changed changed) {
            return Position.key(changed.object().namespace(), changed.object().name());
        }
        return held instanceof Element.Present present
                ? Position.key(present.namespace(), present.name())
                : null;
    }

    private Position advanced(String nextToken, Position before, List<Action> out) {
        token = nextToken;
        if (unsorted) {
            return before;
        }
        Position position = before.listing(version, token, lastKey);
        out.add(new Action.Emit(new Element.Moved(position)));
        return position;
    }

    private Position ended(Position before, List<Action> out) {
        boolean announce = settings.presence() || before.beforeFirstList() || before.listOpen();
        List<Witness> witnesses =
                before.witnesses().stream().filter(each -> wasShown(each.key())).toList();
        Position position = before.listed(version, provenMillis, witnesses);
        out.add(new Action.Emit(new Element.Listed(announce, provenMillis, position)));
        expirations = 0;
        return position;
    }

    /** What lies before the point where a restored list goes on was shown before. */
    private boolean wasShown(String key) {
        return shown.contains(key)
                || begunAfter != null && Position.compareKeys(key, begunAfter) <= 0;
    }

    private static Position withoutRelist(Position position) {
        return new Position(
                position.epoch(),
                position.version(),
                position.segments(),
                null,
                position.listOpen(),
                position.lastContactMillis(),
                position.witnesses());
    }

    /** The version or token of the list is too old: begins again, keeping what was emitted. */
    Position expired(Position before, List<Action> out) {
        Position position = unsorted ? before : before.interrupted();
        if (token != null) {
            expirations++;
        }
        out.add(new Action.Emit(new Element.Moved(position)));
        begin(position);
        return position;
    }

    /** Pages of the last list; at least one. */
    int pages() {
        return Math.max(1, pages);
    }

    ResourceVersion version() {
        return version;
    }
}
