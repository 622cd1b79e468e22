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
package io.tocsin.job.replay;

import io.tocsin.source.split.ResourceVersion;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The objects of one resource as an API server holds them at one moment of a recording, and the
 * changes that led there, as far back as its memory goes: like etcd, it forgets old ones, and a
 * watch from before gets 410.
 *
 * <p>Versions are those of the recording. Only where two recorded watches tell versions out of
 * order is a version raised above its predecessor, so that a watch loses none.
 *
 * <p>Not thread-safe.
 */
final class ReplayedResource {
    private static final int SNAPSHOTS = 8;

    private final long historyBytes;
    private final TreeMap<String, RecordedObject> objects = new TreeMap<>();

    /** What lists told of objects that no watch has told of since: recorded versions, by key. */
    private final Map<String, ResourceVersion> onlyListed = new HashMap<>();

    private final ArrayDeque<Change> history = new ArrayDeque<>();

    /** Lists whose further pages may be asked for, by version. */
    private final LinkedHashMap<ResourceVersion, List<RecordedObject>> snapshots =
            new LinkedHashMap<>();

    /** A list of the recording whose end has not been seen. */
    private final List<RecordedObject> listed = new ArrayList<>();

    private boolean everListed;
    private ResourceVersion current = new ResourceVersion("1");
    private ResourceVersion forgotten = current;
    private long held;
    private long nextNumber;

    /**
     * A line of a watch.
     *
     * @param number counts up without a gap
     * @param type ADDED, MODIFIED, DELETED or BOOKMARK
     */
    record Change(long number, String type, RecordedObject object) {}

    /**
     * A part of a list.
     *
     * @param version version of the whole list
     * @param items its objects in the order of their keys
     * @param next index of the first object that was left out; 0 if none was
     * @param remaining how many were left out
     */
    record Page(ResourceVersion version, List<RecordedObject> items, int next, int remaining) {}

    /**
     * @param historyBytes how much of the past is remembered
     */
    ReplayedResource(long historyBytes) {
        this.historyBytes = historyBytes;
    }

    /** The version of a list that is asked for now. */
    ResourceVersion current() {
        return current;
    }

    /** Whether a watch from this version would miss changes. */
    boolean isForgotten(ResourceVersion version) {
        return forgotten.isAfter(version);
    }

    /** Takes a line of the recording. */
    void take(String type, boolean list, RecordedObject object) throws IOException {
        if (list) {
            listed.add(object);
            return;
        }
        endList();
        if (type.equals("BOOKMARK")) {
            if (object.version().isAfter(current)) {
                remember(type, object);
            }
            return;
        }
        boolean deleted = type.equals("DELETED");
        ResourceVersion listedAt = onlyListed.get(object.key());
        if (!deleted && listedAt != null && !object.version().isAfter(listedAt)) {
            return; // told by a list already
        }
        // A watch tells nothing twice: what looks older comes of versions that were raised or
        // restored.
        onlyListed.remove(object.key());
        remember(type, inOrder(object, deleted));
    }

    /**
     * All lines of a list were taken. A later list tells what is new only; what vanished while the
     * recorder did not watch is in no line, and stays.
     */
    void endList() throws IOException {
        if (listed.isEmpty()) {
            return;
        }
        List<RecordedObject> list = new ArrayList<>(listed);
        listed.clear();
        list.sort(Comparator.comparing(RecordedObject::version));
        boolean first = !everListed && history.isEmpty();
        everListed = true;
        if (first) {
            for (RecordedObject object : list) {
                objects.put(object.key(), object);
                onlyListed.put(object.key(), object.version());
            }
            current = list.get(list.size() - 1).version();
            forgotten = current;
            return;
        }
        for (RecordedObject object : list) {
            RecordedObject known = objects.get(object.key());
            if (known == null || object.version().isAfter(known.version())) {
                remember(known == null ? "ADDED" : "MODIFIED", inOrder(object, false));
                onlyListed.put(object.key(), object.version());
            }
        }
    }

    /** Several deletions may share a version; changes do not. */
    private RecordedObject inOrder(RecordedObject object, boolean deleted) throws IOException {
        int order = object.version().compareTo(current);
        if (order > 0 || order == 0 && deleted) {
            return object;
        }
        return object.as(
                new ResourceVersion(
                        new BigInteger(current.value()).add(BigInteger.ONE).toString()));
    }

    private void remember(String type, RecordedObject object) {
        switch (type) {
            case "DELETED" -> objects.remove(object.key());
            case "BOOKMARK" -> {
                // moves the version only
            }
            default -> objects.put(object.key(), object);
        }
        current = object.version();
        history.add(new Change(nextNumber++, type, object));
        held += object.json().length;
        // What shares a version is forgotten together: a watch begins after all of it.
        while (held > historyBytes && history.size() > 1) {
            forgotten = history.peek().object().version();
            while (!history.isEmpty() && history.peek().object().version().equals(forgotten)) {
                held -= history.poll().object().json().length;
            }
        }
    }

    /** The first page of the present, or of a version that is still known; null if it is not. */
    Page page(ResourceVersion exact, String namespace, int limit) {
        if (exact != null && !exact.equals(current)) {
            return snapshots.containsKey(exact) ? page(exact, namespace, 0, limit) : null;
        }
        List<RecordedObject> all = new ArrayList<>(objects.values());
        if (snapshots.put(current, all) == null && snapshots.size() > SNAPSHOTS) {
            snapshots.remove(snapshots.keySet().iterator().next());
        }
        return page(current, namespace, 0, limit);
    }

    /** A further page of a list; null if that is no longer known. */
    Page page(ResourceVersion version, String namespace, int from, int limit) {
        List<RecordedObject> all = snapshots.get(version);
        if (all == null) {
            return null;
        }
        List<RecordedObject> items =
                namespace == null
                        ? all
                        : all.stream().filter(o -> o.namespace().equals(namespace)).toList();
        int begin = Math.min(from, items.size());
        int end = limit <= 0 ? items.size() : Math.min(items.size(), begin + limit);
        int left = items.size() - end;
        return new Page(version, items.subList(begin, end), left == 0 ? 0 : end, left);
    }

    /** Number of the first change that is newer than a version. */
    long firstAfter(ResourceVersion version) {
        for (Change change : history) {
            if (change.object().version().isAfter(version)) {
                return change.number();
            }
        }
        return nextNumber;
    }

    /** The changes from a number on, at most some; null if the first of them is forgotten. */
    List<Change> from(long number, int most) {
        long oldest = history.isEmpty() ? nextNumber : history.peek().number();
        if (number < oldest) {
            return null;
        }
        return history.stream().skip(number - oldest).limit(most).toList();
    }

    /** What there is, for tests and for watches that ask for it. */
    Map<String, RecordedObject> objects() {
        return objects;
    }
}
