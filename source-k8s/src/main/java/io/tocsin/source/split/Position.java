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
package io.tocsin.source.split;

import io.tocsin.annotation.Pure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How far a split has emitted: enough to go on exactly where it stood, and never the data itself.
 * Immutable.
 *
 * <p>An object version is new iff it is newer than the mark of its key. The mark is {@code version}
 * unless an interrupted relist got further for that key: then {@code segments}, or the progress of
 * the relist under way, say more.
 *
 * <p>Keys are {@code namespace/name}, or the name of a cluster-scoped object, in the order of their
 * UTF-8 bytes: the order in which etcd, hence a list, returns objects.
 *
 * <p>Semantics: Kubernetes API concepts, "Efficient detection of changes"; KEP-5504 for the order.
 *
 * @param epoch number of etcd restores that were noticed
 * @param version everything up to it was emitted; {@link ResourceVersion#NONE} before the end of
 *     the first list
 * @param segments what interrupted relists left, by ascending upper key with descending versions
 * @param relist the relist under way; null if there is none, or if its order cannot be relied on
 * @param listOpen listed objects were emitted, and the end of their list was not yet
 * @param lastContactMillis newest server time of which all earlier writes are known to be emitted;
 *     epoch milliseconds, 0 if there was none
 * @param witnesses the newest objects that were emitted and are not known to be gone, newest first,
 *     up to {@link #MAX_WITNESSES}: an etcd that was restored to an older state lacks them, even if
 *     its versions have grown past ours
 */
@Pure
public record Position(
        int epoch,
        ResourceVersion version,
        List<Segment> segments,
        Relist relist,
        boolean listOpen,
        long lastContactMillis,
        List<Witness> witnesses) {

    /** Segments kept; above it the outermost is dropped, which may repeat but never lose. */
    public static final int MAX_SEGMENTS = 16;

    /** Witnesses kept. */
    public static final int MAX_WITNESSES = 3;

    /**
     * Objects with keys up to {@code upperKey} were emitted as of {@code version}.
     *
     * @param upperKey greatest key, inclusive
     * @param version version of the interrupted list
     */
    public record Segment(String upperKey, ResourceVersion version) {}

    /**
     * A list under way.
     *
     * @param version version of the list
     * @param pageToken continue token of the page that is being emitted; null for the first
     * @param lastKey greatest key that was emitted, or known not to be newer; null before any
     */
    public record Relist(ResourceVersion version, String pageToken, String lastKey) {}

    /**
     * An object that was emitted.
     *
     * @param version of the object
     * @param writtenAfterMillis server time after which it was written; epoch milliseconds, 0 if
     *     unknown
     */
    public record Witness(
            String key, String uid, ResourceVersion version, long writtenAfterMillis) {

        /** Namespace; null for a cluster-scoped object. */
        public String namespace() {
            int slash = key.indexOf('/');
            return slash < 0 ? null : key.substring(0, slash);
        }

        /** Name. */
        public String name() {
            return key.substring(key.indexOf('/') + 1);
        }

        /** Whether it is the object of this key; makes no string, as this is asked of each item. */
        public boolean isOf(String namespace, String name) {
            int length = namespace == null ? 0 : namespace.length();
            return length == 0
                    ? key.equals(name)
                    : key.length() == length + 1 + name.length()
                            && key.startsWith(namespace)
                            && key.charAt(length) == '/'
                            && key.endsWith(name);
        }
    }

    /** Copies the lists. */
    public Position {
        segments = List.copyOf(segments);
        witnesses = List.copyOf(witnesses);
    }

    /** Before anything was read. */
    public static Position initial() {
        return new Position(0, ResourceVersion.NONE, List.of(), null, false, 0, List.of());
    }

    /** Key of an object; {@code namespace} is null or empty for a cluster-scoped one. */
    public static String key(String namespace, String name) {
        return namespace == null || namespace.isEmpty() ? name : namespace + "/" + name;
    }

    /** Compares keys as etcd does. */
    public static int compareKeys(String a, String b) {
        return Arrays.compareUnsigned(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether this version of the object with this key was not emitted yet. */
    public boolean isNew(String key, ResourceVersion objectVersion) {
        return objectVersion.isAfter(mark(key));
    }

    /** Whether this version is newer than the mark of an object. */
    public boolean isNew(String namespace, String name, ResourceVersion objectVersion) {
        if (relist == null && segments.isEmpty()) {
            return objectVersion.isAfter(version);
        }
        return isNew(key(namespace, name), objectVersion);
    }

    private ResourceVersion mark(String key) {
        if (relist != null && relist.lastKey() != null && !before(relist.lastKey(), key)) {
            return max(version, relist.version());
        }
        for (Segment segment : segments) {
            if (!before(segment.upperKey(), key)) {
                return max(version, segment.version());
            }
        }
        return version;
    }

    /** No list has ended in this epoch yet. */
    public boolean beforeFirstList() {
        return version.isNone();
    }

    /** A list has to be read or finished before watching from {@code version} means anything. */
    public boolean needsList() {
        return beforeFirstList() || relist != null || !segments.isEmpty();
    }

    /** The newest version that this position has seen. */
    public ResourceVersion newest() {
        ResourceVersion newest = relist == null ? version : max(version, relist.version());
        for (Segment segment : segments) {
            newest = max(newest, segment.version());
        }
        return newest;
    }

    /** After a line of a watch. Versions never go back. */
    public Position at(ResourceVersion next) {
        return next.isAfter(version)
                ? new Position(
                        epoch, next, segments, relist, listOpen, lastContactMillis, witnesses)
                : this;
    }

    /**
     * After an object was emitted.
     *
     * @param uid null if it has none, which makes it no witness
     */
    public Position witnessed(String key, String uid, ResourceVersion objectVersion) {
        if (uid == null) {
            return this;
        }
        // What is newer than a version was written after the contact that gave the version.
        long writtenAfter = version.isNone() ? 0 : lastContactMillis;
        Witness next = new Witness(key, uid, objectVersion, writtenAfter);
        Witness[] newest = new Witness[MAX_WITNESSES + 1];
        int count = 0;
        boolean added = false;
        for (Witness witness : witnesses) {
            if (witness.key().equals(key)) {
                continue;
            }
            if (!added && objectVersion.isAfter(witness.version())) {
                newest[count++] = next;
                added = true;
            }
            newest[count++] = witness;
        }
        if (!added) {
            newest[count++] = next;
        }
        return withWitnesses(Arrays.asList(newest).subList(0, Math.min(count, MAX_WITNESSES)));
    }

    /** After the deletion of an object was emitted. */
    public Position unwitnessed(String namespace, String name) {
        for (Witness witness : witnesses) {
            if (witness.isOf(namespace, name)) {
                return withWitnesses(
                        witnesses.stream().filter(each -> !each.isOf(namespace, name)).toList());
            }
        }
        return this;
    }

    private Position withWitnesses(List<Witness> next) {
        return new Position(epoch, version, segments, relist, listOpen, lastContactMillis, next);
    }

    /** Within a list: everything up to {@code lastKey} was emitted as of {@code listVersion}. */
    public Position listing(ResourceVersion listVersion, String pageToken, String lastKey) {
        return new Position(
                epoch,
                version,
                segments,
                new Relist(listVersion, pageToken, lastKey),
                listOpen,
                lastContactMillis,
                witnesses);
    }

    /** A listed object was emitted: the end of the list must be told. */
    public Position withOpenList() {
        return listOpen
                ? this
                : new Position(
                        epoch, version, segments, relist, true, lastContactMillis, witnesses);
    }

    /**
     * After a list.
     *
     * @param listVersion its version
     * @param provenMillis server time of which all earlier writes were in it; 0 if unknown
     * @param shown those of the witnesses that it showed
     */
    public Position listed(ResourceVersion listVersion, long provenMillis, List<Witness> shown) {
        return new Position(
                epoch,
                listVersion,
                List.of(),
                null,
                false,
                Math.max(lastContactMillis, provenMillis),
                shown);
    }

    /** The list under way cannot be finished: what it reached becomes a segment. */
    public Position interrupted() {
        if (relist == null) {
            return this;
        }
        List<Segment> kept = new ArrayList<>();
        if (relist.lastKey() == null) {
            kept.addAll(segments);
        } else {
            kept.add(new Segment(relist.lastKey(), relist.version()));
            for (Segment segment : segments) {
                if (before(relist.lastKey(), segment.upperKey())) {
                    kept.add(segment);
                }
            }
        }
        List<Segment> bounded = kept.subList(0, Math.min(kept.size(), MAX_SEGMENTS));
        return new Position(epoch, version, bounded, null, listOpen, lastContactMillis, witnesses);
    }

    /** The server went back in time: nothing known of its versions holds any more. */
    public Position rolledBack() {
        return new Position(
                epoch + 1,
                ResourceVersion.NONE,
                List.of(),
                null,
                listOpen,
                lastContactMillis,
                List.of());
    }

    /** Moves the last contact; it never goes back. */
    public Position withLastContact(long millis) {
        return millis > lastContactMillis
                ? new Position(epoch, version, segments, relist, listOpen, millis, witnesses)
                : this;
    }

    private static boolean before(String a, String b) {
        return compareKeys(a, b) < 0;
    }

    private static ResourceVersion max(ResourceVersion a, ResourceVersion b) {
        return a.isAfter(b) ? a : b;
    }
}
