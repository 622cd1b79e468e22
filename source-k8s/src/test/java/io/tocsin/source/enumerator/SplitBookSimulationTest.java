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
package io.tocsin.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.Startup;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceVersion;
import io.tocsin.source.split.Scopes;
import io.tocsin.testing.Simulation;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * A model of Flink around the book: readers that fail and come back with what a checkpoint held,
 * messages that wait, restores at other parallelism and with other scopes. Namespaces come, go,
 * lose their label and are made anew meanwhile.
 */
class SplitBookSimulationTest {

    private static final List<String> NAMES = List.of("a", "a-b", "b", "d");
    private static final ResourceSplit LIKE = ResourceSplit.unread("c", "events", "*");

    @Test
    void eachNamespaceHasOneReaderAndIsToldOnce() {
        Simulation.run("split-book", 3_000, (random, seed) -> new Run(random).all());
    }

    /** Something written into a namespace. */
    private record Written(String namespace, String uid, String name, long version) {}

    private record ReaderState(List<ResourceSplit> splits, List<Written> emitted) {}

    private record Checkpoint(long id, EnumeratorState state, Map<Integer, ReaderState> readers) {}

    private record Barrier(long id) {}

    private static final class Reader {
        private final Map<String, ResourceSplit> live = new LinkedHashMap<>();
        private final Map<String, ResourceSplit> waiting = new LinkedHashMap<>();
        private final Set<String> retiring = new TreeSet<>();
        private final List<Written> emitted = new ArrayList<>();
        private final Deque<Object> inbox = new ArrayDeque<>();
        private final Deque<Object> outbox = new ArrayDeque<>();

        /** Assigned to it, by the checkpoint that has begun last before. */
        private final Map<ResourceSplit, Long> uncheckpointed = new LinkedHashMap<>();

        private boolean registered;
    }

    private static final class Run {
        private final Random random;
        private final Map<String, String> uids = new TreeMap<>();
        private final Set<String> labelled = new TreeSet<>();
        private final List<Written> written = new ArrayList<>();
        private final Set<String> mayRepeat = new HashSet<>();
        private final List<Reader> readers = new ArrayList<>();
        private final Map<Integer, ReaderState> snapshots = new HashMap<>();
        private SplitBook book;
        private Scopes scopes;
        private Map<String, String> told;
        private Checkpoint completed;
        private EnumeratorState begun;
        private long checkpoints;
        private boolean checkpointing;
        private long version = 10;
        private int lives;

        Run(Random random) {
            this.random = random;
        }

        void all() throws IOException {
            for (String name : NAMES) {
                if (random.nextBoolean()) {
                    create(name);
                }
            }
            restore(1 + random.nextInt(3), anyScopes());
            int steps = 20 + random.nextInt(120);
            for (int i = 0; i < steps; i++) {
                step();
                checkOwners();
            }
            settle();
            checkEnd();
        }

        private void step() throws IOException {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            int reader = random.nextInt(readers.size());
            switch (random.nextInt(22)) {
                case 0 -> create(name);
                case 1 -> delete(name);
                case 2 -> label(name);
                case 3, 4 -> write(name);
                case 5, 6 -> hearOfNamespaces();
                case 7, 8, 9 -> deliver(reader);
                case 10, 11 -> report(reader);
                case 12, 13 -> read(reader);
                case 14 -> finishRetiring(reader);
                case 15 -> beginCheckpoint();
                case 16 -> completeCheckpoint();
                case 17 -> fail(reader);
                case 18 -> {
                    if (random.nextInt(4) == 0) {
                        restore(1 + random.nextInt(3), anyScopes());
                    } else if (random.nextInt(3) == 0) {
                        restore(1 + random.nextInt(3), scopes);
                    }
                }
                case 19 -> obey();
                case 20 -> everythingThatWaits();
                default -> {
                    hearOfNamespaces();
                    everythingThatWaits();
                    beginCheckpoint();
                    everythingThatWaits();
                    completeCheckpoint();
                }
            }
        }

        // -------------------------------------------------------------- the cluster

        private void create(String name) {
            if (uids.putIfAbsent(name, "u" + ++lives) == null && random.nextInt(4) != 0) {
                labelled.add(name);
            }
        }

        private void delete(String name) {
            String uid = uids.remove(name);
            labelled.remove(name);
            written.removeIf(each -> each.uid().equals(uid));
            // A watch of the former life goes on into the next, which is told from its beginning.
            mayRepeat.add(name);
        }

        private void label(String name) {
            if (uids.containsKey(name) && !labelled.remove(name)) {
                labelled.add(name);
            }
        }

        private void write(String name) {
            if (uids.containsKey(name)) {
                version++;
                written.add(new Written(name, uids.get(name), "o" + version, version));
            }
        }

        private Scopes anyScopes() {
            return switch (random.nextInt(3)) {
                case 0 -> Scopes.all();
                case 1 -> {
                    List<String> names = new ArrayList<>(NAMES);
                    Collections.shuffle(names, random);
                    yield Scopes.named(names.subList(0, 1 + random.nextInt(NAMES.size())));
                }
                default -> Scopes.selected("l");
            };
        }

        private Map<String, String> selected() {
            Map<String, String> selected = new TreeMap<>();
            labelled.forEach(name -> selected.put(name, uids.get(name)));
            return selected;
        }

        private Map<String, String> wanted() {
            Map<String, String> wanted = new LinkedHashMap<>();
            switch (scopes.kind()) {
                case ALL -> wanted.put("*", null);
                case NAMED -> scopes.names().forEach(name -> wanted.put(name, null));
                default -> wanted.putAll(told == null ? Map.of() : told);
            }
            return wanted;
        }

        // -------------------------------------------------------------- the coordinator

        private void hearOfNamespaces() {
            if (scopes.kind() == Scopes.Kind.SELECTED) {
                told = selected();
                want();
                obey();
            }
        }

        private void want() {
            Map<String, String> wanted = wanted();
            // What is not read for a while starts from the beginning when it is read again.
            if (!wanted.containsKey("*")) {
                NAMES.stream().filter(name -> !wanted.containsKey(name)).forEach(mayRepeat::add);
            }
            book.want(wanted);
        }

        private void obey() {
            List<SplitBook.Order> orders =
                    book.decide(readers.size(), i -> readers.get(i).registered);
            for (SplitBook.Order order : orders) {
                if (order instanceof SplitBook.Order.Assign assign) {
                    Reader reader = readers.get(assign.subtask());
                    assertThat(reader.registered).isTrue();
                    reader.uncheckpointed.put(assign.split(), checkpoints);
                    reader.inbox.add(assign);
                } else if (order instanceof SplitBook.Order.Retire retire) {
                    assertThat(readers.get(retire.subtask()).registered).isTrue();
                    readers.get(retire.subtask()).inbox.add(retire);
                }
            }
        }

        private void report(int subtask) throws IOException {
            Object event = readers.get(subtask).outbox.poll();
            if (event instanceof ReaderHolds holds) {
                readers.get(subtask).registered = true;
                book.holds(subtask, holds.reading(), holds.waitingSplits());
            } else if (event instanceof SplitRetired retired) {
                book.retired(subtask, retired.splitId());
            }
            if (event != null) {
                obey();
            }
        }

        // -------------------------------------------------------------- the readers

        private void deliver(int subtask) {
            Reader reader = readers.get(subtask);
            Object message = reader.inbox.poll();
            if (message instanceof SplitBook.Order.Assign assign) {
                ResourceSplit before = reader.live.put(assign.split().splitId(), assign.split());
                assertThat(before).as("assigned twice: %s", assign.split().splitId()).isNull();
            } else if (message instanceof SplitBook.Order.Retire retire) {
                if (reader.live.containsKey(retire.splitId())) {
                    reader.retiring.add(retire.splitId());
                } else {
                    reader.waiting.remove(retire.splitId());
                    reader.outbox.add(new SplitRetired(retire.splitId()));
                }
            } else if (message instanceof Barrier barrier) {
                if (checkpointing && barrier.id() == checkpoints) {
                    List<ResourceSplit> splits = new ArrayList<>(reader.live.values());
                    splits.addAll(reader.waiting.values());
                    snapshots.put(
                            subtask, new ReaderState(splits, new ArrayList<>(reader.emitted)));
                }
            }
        }

        private void read(int subtask) {
            Reader reader = readers.get(subtask);
            reader.live.replaceAll(
                    (id, split) -> {
                        for (Written each : written) {
                            boolean inScope =
                                    split.scope().equals("*")
                                            || split.scope().equals(each.namespace());
                            ResourceVersion at = new ResourceVersion("" + each.version());
                            if (inScope
                                    && split.position().isNew(each.namespace(), each.name(), at)) {
                                reader.emitted.add(each);
                            }
                        }
                        Position next =
                                split.position()
                                        .listed(new ResourceVersion("" + version), 1, List.of());
                        return split.at(next);
                    });
        }

        private void finishRetiring(int subtask) {
            Reader reader = readers.get(subtask);
            for (String id : reader.retiring) {
                reader.live.remove(id);
                reader.outbox.add(new SplitRetired(id));
            }
            reader.retiring.clear();
        }

        // -------------------------------------------------------------- Flink

        private void beginCheckpoint() {
            if (readers.stream().allMatch(reader -> reader.registered)) {
                checkpoints++;
                checkpointing = true;
                snapshots.clear();
                Map<String, String> known = scopes.kind() == Scopes.Kind.SELECTED ? told : null;
                begun = book.snapshot(checkpoints, known);
                readers.forEach(reader -> reader.inbox.add(new Barrier(checkpoints)));
            }
        }

        private void completeCheckpoint() throws IOException {
            if (!checkpointing || snapshots.size() < readers.size()) {
                return;
            }
            checkpointing = false;
            EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();
            EnumeratorState state =
                    serializer.deserialize(serializer.getVersion(), serializer.serialize(begun));
            completed = new Checkpoint(checkpoints, state, new HashMap<>(snapshots));
            for (Reader reader : readers) {
                reader.uncheckpointed.values().removeIf(before -> before < checkpoints);
            }
            book.completed(checkpoints);
            obey();
        }

        private void fail(int subtask) throws IOException {
            checkpointing = false;
            Reader reader = readers.get(subtask);
            ReaderState state = completed == null ? null : completed.readers().get(subtask);
            List<ResourceSplit> back = new ArrayList<>(reader.uncheckpointed.keySet());
            Reader next = new Reader();
            readers.set(subtask, next);
            book.gone(subtask);
            book.back(subtask, back);
            obey();
            start(next, state == null ? List.of() : state.splits());
            if (state != null) {
                next.emitted.addAll(state.emitted());
            }
        }

        private void start(Reader reader, List<ResourceSplit> splits) throws IOException {
            for (ResourceSplit split : splits) {
                (scopes.reads(split.splitId()) ? reader.live : reader.waiting)
                        .put(split.splitId(), split);
            }
            reader.outbox.add(ReaderHolds.of(reader.live.keySet(), reader.waiting.values()));
        }

        private void restore(int parallelism, Scopes with) throws IOException {
            checkpointing = false;
            scopes = with;
            List<ResourceSplit> splits = new ArrayList<>();
            List<Written> emitted = new ArrayList<>();
            if (completed != null) {
                completed.readers().values().forEach(each -> splits.addAll(each.splits()));
                completed.readers().values().forEach(each -> emitted.addAll(each.emitted()));
            }
            readers.clear();
            for (int i = 0; i < parallelism; i++) {
                readers.add(new Reader());
            }
            readers.get(0).emitted.addAll(emitted);
            List<List<ResourceSplit>> shares = new ArrayList<>();
            readers.forEach(reader -> shares.add(new ArrayList<>()));
            splits.forEach(split -> shares.get(random.nextInt(parallelism)).add(split));
            EnumeratorState state = completed == null ? null : completed.state();
            book = new SplitBook(LIKE, scopes, Startup.EARLIEST, false, state);
            told = null;
            if (scopes.kind() != Scopes.Kind.SELECTED) {
                want();
            } else if (state != null && state.namespaces() != null) {
                told = state.namespaces();
                want();
            } else {
                // Whatever was known before is not, until the list is there.
                mayRepeat.addAll(NAMES.stream().filter(name -> !labelled.contains(name)).toList());
            }
            obey();
            for (int i = 0; i < parallelism; i++) {
                start(readers.get(i), shares.get(i));
            }
            // A checkpoint of another parallelism is none that a single reader comes back from.
            Map<Integer, ReaderState> now = new HashMap<>();
            for (int i = 0; i < parallelism; i++) {
                now.put(i, new ReaderState(shares.get(i), new ArrayList<>(readers.get(i).emitted)));
            }
            if (completed != null) {
                completed = new Checkpoint(completed.id(), completed.state(), now);
            }
        }

        // -------------------------------------------------------------- what must hold

        private void checkOwners() {
            Map<String, String> owners = new HashMap<>();
            for (int i = 0; i < readers.size(); i++) {
                for (String id : readers.get(i).live.keySet()) {
                    String other = owners.put(ResourceSplit.scopeOf(id), id + " at " + i);
                    assertThat(other).as("reads as %s at %d too", id, i).isNull();
                }
            }
            assertThat(owners.containsKey("*") && owners.size() > 1)
                    .as("all and single namespaces at once: %s", owners)
                    .isFalse();
        }

        /** Nothing fails any more, and everything that waits happens. */
        private void settle() throws IOException {
            for (int round = 0; round < 12; round++) {
                hearOfNamespaces();
                everythingThatWaits();
                completeCheckpoint();
                beginCheckpoint();
            }
            for (int i = 0; i < readers.size(); i++) {
                read(i);
            }
        }

        private void everythingThatWaits() throws IOException {
            for (int i = 0; i < readers.size(); i++) {
                while (!readers.get(i).outbox.isEmpty()) {
                    report(i);
                }
                while (!readers.get(i).inbox.isEmpty()) {
                    deliver(i);
                }
                finishRetiring(i);
                checkOwners();
            }
        }

        private void checkEnd() {
            Map<String, String> wanted = wanted();
            Map<String, String> read = new LinkedHashMap<>();
            for (Reader reader : readers) {
                assertThat(reader.waiting).as("kept for nothing").isEmpty();
                for (String id : reader.live.keySet()) {
                    read.put(ResourceSplit.scopeOf(id), ResourceSplit.lifeOf(id));
                }
            }
            assertThat(read).as("what is read").isEqualTo(wanted);
            List<Written> emitted = new ArrayList<>();
            readers.forEach(reader -> emitted.addAll(reader.emitted));
            for (Written each : written) {
                if (wanted.containsKey("*") || wanted.containsKey(each.namespace())) {
                    long times = Collections.frequency(emitted, each);
                    assertThat(times).as("times that %s was told", each).isPositive();
                    if (!mayRepeat.contains(each.namespace())) {
                        assertThat(times).as("times that %s was told", each).isOne();
                    }
                }
            }
        }
    }
}
