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
package io.tocsin.job.occurrence;

import io.tocsin.job.model.Occurrence;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.object.ObjectRecord;
import io.tocsin.source.object.WatchedObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps the objects of a watched resource, and emits what happened to them: by {@link
 * ObjectStates}, and that they are gone.
 *
 * <p>Keyed by {@link #key}, the resource: what a list shows and that it has ended must come in the
 * order in which the source told it. An object is retired by its deletion, or at the end of a list
 * that did not show it: deletions during a gap are not told. What a list only shows as present is
 * kept apart from the objects, so that a list that finds nothing new writes little.
 */
public final class ObjectStateFunction
        extends KeyedProcessFunction<String, ObjectRecord, Occurrence> {

    private static final long serialVersionUID = 1L;

    private static final String ALL = "*";

    private transient MapState<String, ObjectSeen> objects;
    private transient MapState<String, Presence> present;

    /** The scopes of which a list has ended, and the epoch of the last one. */
    private transient MapState<String, Integer> listed;

    private final Set<String> scopes;

    /** The resources of which it was looked whether all of it is still watched. */
    private transient Set<String> settled;

    /**
     * Makes the operator.
     *
     * @param scopes what is watched: namespaces, or {@code *}; none if that is not known
     */
    public ObjectStateFunction(List<String> scopes) {
        this.scopes = Set.copyOf(scopes);
    }

    /** Which objects are kept together. */
    public static String key(ObjectRecord record) {
        return record.envelope().resource();
    }

    @Override
    public void open(OpenContext context) {
        settled = new HashSet<>();
        objects =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "objects",
                                        Types.STRING,
                                        TypeInformation.of(ObjectSeen.class)));
        present =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "present",
                                        Types.STRING,
                                        TypeInformation.of(Presence.class)));
        listed =
                getRuntimeContext()
                        .getMapState(new MapStateDescriptor<>("listed", Types.STRING, Types.INT));
    }

    @Override
    public void processElement(ObjectRecord record, Context context, Collector<Occurrence> out)
            throws Exception {
        if (settled.add(context.getCurrentKey())) {
            forgetUnwatched(record.envelope().scope());
        }
        Long time = context.timestamp();
        long server = time == null || time < 0 ? 0 : time;
        switch (record.envelope().kind()) {
            case UPSERTED -> upserted(record, server, out);
            case DELETED -> deleted(record, server, out);
            case PRESENT -> present(record.envelope(), server, out);
            case LIST_END -> listEnd(record.envelope(), server, out);
            case UNWATCHED -> forget(record.envelope().scope());
            default -> {
                // blindness is not the objects'
            }
        }
    }

    /**
     * Forgets, at the first record of a run, what is not watched any more: it may live on, so that
     * nothing is told, and when it is watched again it is found anew.
     *
     * @param scope what the resource is watched in; that all of it is says one scope for all
     */
    private void forgetUnwatched(String scope) throws Exception {
        boolean all = scope.equals(ALL);
        List<String> unlisted = new ArrayList<>();
        for (String each : listed.keys()) {
            if (each.equals(ALL) != all || !all && !isWatched(each)) {
                unlisted.add(each);
            }
        }
        Integer everywhere = all ? null : listed.get(ALL);
        for (String each : unlisted) {
            listed.remove(each);
        }
        if (all) {
            return;
        }
        if (everywhere != null) {
            for (String each : scopes) {
                listed.put(each, everywhere);
            }
        }
        List<String> unwatched = new ArrayList<>();
        for (String key : objects.keys()) {
            if (!isWatched(key.substring(0, key.indexOf('/')))) {
                unwatched.add(key);
            }
        }
        forget(unwatched);
    }

    /** As what is not watched any more from the begin of a run on. */
    private void forget(String scope) throws Exception {
        listed.remove(scope);
        List<String> unwatched = new ArrayList<>();
        for (String key : objects.keys()) {
            if (isIn(scope, key)) {
                unwatched.add(key);
            }
        }
        forget(unwatched);
    }

    private void forget(List<String> keys) throws Exception {
        for (String key : keys) {
            objects.remove(key);
            present.remove(key);
        }
    }

    private boolean isWatched(String namespace) {
        return scopes.isEmpty() || scopes.contains(ALL) || scopes.contains(namespace);
    }

    private void upserted(ObjectRecord record, long server, Collector<Occurrence> out)
            throws Exception {
        KubernetesRecord envelope = record.envelope();
        WatchedObject now = record.object();
        if (now == null || now.name() == null) {
            return;
        }
        String key = key(now.namespace(), now.name());
        ObjectSeen before = objects.get(key);
        if (before != null && isKnown(before, now, envelope.epoch())) {
            return;
        }
        Sight sight = sight(envelope, server, !listed.contains(envelope.scope()));
        if (before != null && !Objects.equals(before.object().uid(), now.uid())) {
            out.collect(ObjectStates.replaced(before.object(), now, sight));
        }
        ObjectStates.Changes changes = ObjectStates.changes(before, now, sight);
        objects.put(key, changes.next());
        present.put(key, new Presence(envelope.epoch(), now.resourceVersion(), now.uid()));
        changes.occurrences().forEach(out::collect);
    }

    /** A list that a crash interrupted may show again what it had shown. */
    private static boolean isKnown(ObjectSeen before, WatchedObject now, int epoch) {
        return before.epoch() == epoch
                && Objects.equals(before.object().uid(), now.uid())
                && CountLedger.compareVersions(
                                now.resourceVersion(), before.object().resourceVersion())
                        <= 0;
    }

    private void deleted(ObjectRecord record, long server, Collector<Occurrence> out)
            throws Exception {
        KubernetesRecord envelope = record.envelope();
        WatchedObject now = record.object();
        if (now == null || now.name() == null) {
            return;
        }
        String key = key(now.namespace(), now.name());
        ObjectSeen before = objects.get(key);
        if (before == null || !Objects.equals(before.object().uid(), now.uid())) {
            // Its going was told when the list or its successor was.
            return;
        }
        // Its last version may tell how its containers ended.
        Sight sight = sight(envelope, server, false);
        ObjectStates.changes(before, now, sight).occurrences().forEach(out::collect);
        out.collect(ObjectStates.deleted(now, sight));
        objects.remove(key);
        present.remove(key);
    }

    private void present(KubernetesRecord envelope, long server, Collector<Occurrence> out)
            throws Exception {
        String key = key(envelope.namespace(), envelope.name());
        Presence before = present.get(key);
        if (before == null) {
            // It could not be understood.
            return;
        }
        Presence now = new Presence(envelope.epoch(), envelope.resourceVersion(), envelope.uid());
        if (Objects.equals(before.uid(), now.uid())) {
            present.put(key, now.max(before));
        } else {
            retire(key, sight(envelope, server, false), out);
        }
    }

    private void listEnd(KubernetesRecord envelope, long server, Collector<Occurrence> out)
            throws Exception {
        listed.put(envelope.scope(), envelope.epoch());
        List<String> gone = new ArrayList<>();
        for (Map.Entry<String, Presence> each : present.entries()) {
            if (isIn(envelope.scope(), each.getKey())
                    && each.getValue().endsWith(envelope.epoch(), envelope.resourceVersion())) {
                gone.add(each.getKey());
            }
        }
        gone.sort(null);
        Sight sight = sight(envelope, server, false);
        for (String key : gone) {
            retire(key, sight, out);
        }
    }

    private void retire(String key, Sight sight, Collector<Occurrence> out) throws Exception {
        ObjectSeen seen = objects.get(key);
        if (seen != null) {
            out.collect(ObjectStates.gone(seen.object(), sight));
        }
        objects.remove(key);
        present.remove(key);
    }

    private static boolean isIn(String scope, String key) {
        return scope.equals(ALL)
                || key.length() > scope.length()
                        && key.startsWith(scope)
                        && key.charAt(scope.length()) == '/';
    }

    private static String key(String namespace, String name) {
        return (namespace == null ? "" : namespace) + "/" + name;
    }

    private static Sight sight(KubernetesRecord envelope, long server, boolean first) {
        // The end of a list has no origin.
        Occurrence.Origin origin =
                envelope.origin() == null
                        ? Occurrence.Origin.LISTED
                        : Origins.of(envelope.origin());
        return new Sight(
                envelope.cluster(), envelope.resource(), envelope.epoch(), origin, first, server);
    }
}
