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

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.Startup;
import io.tocsin.source.api.ResourceApi.Handler;
import io.tocsin.source.api.Signal;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.Position.Witness;
import io.tocsin.testing.Simulation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The policy against a model API server, with writes, deletions, leases that expire, compactions,
 * broken connections, refusals, expired tokens, watches ahead, crashes that restore a checkpoint,
 * and an etcd that is restored to an older state, seen or grown past us since.
 *
 * <p>Shows: the latest version of each object is emitted; no version twice within an epoch of what
 * a restored job has emitted; an epoch begins iff the history is another one, or an object that was
 * deleted unseen may say so; a consumer that keeps present objects has exactly the server's; the
 * end of every list, and of blindness, is told.
 *
 * <p>5,000 runs, 100,000 in the nightly build; {@code -Dtocsin.runs=N} sets another number.
 */
class ListWatchSimulationTest {

    private static final String[] NAMESPACES = {"a", "a-b", "a.b", "b"};
    private static final int RUNS = Boolean.getBoolean("tocsin.nightly") ? 100_000 : 5_000;

    @Test
    void losesAndRepeatsNothingWhateverHappens() {
        int[] seen = new int[Seen.values().length];
        Simulation.run("list-watch", RUNS, (random, seed) -> new Run(random, seen).run());
        if (System.getProperty("tocsin.seed") == null
                && System.getProperty("tocsin.runs") == null) {
            for (Seen each : Seen.values()) {
                assertThat(seen[each.ordinal()]).as("runs saw " + each).isPositive();
            }
        }
    }

    /** What must have happened in some of the runs, lest they show nothing. */
    private enum Seen {
        CRASH,
        CONTINUE_EXPIRED,
        EXPIRED,
        ADOPTED,
        AHEAD_LOST,
        ROLLED_BACK,
        WITNESS_GONE,
        UNDETECTABLE,
        LOST,
        NO_WATCH,
        BASELINE,
        PRESENT
    }

    /** What a restored job has: all of it is in a checkpoint. */
    private static final class Job {
        private Position emitted = Position.initial();
        private final Set<String> told = new HashSet<>();

        /** What a consumer holds: uid and version as of which it was seen, by key. */
        private final Map<String, Held> held = new HashMap<>();

        private boolean openList;
        private boolean lost;

        /** The server's history is not the one that was emitted. */
        private boolean diverged;

        private record Held(String uid, int epoch, long asOf) {}

        Job copy() {
            Job copy = new Job();
            copy.emitted = emitted;
            copy.told.addAll(told);
            copy.held.putAll(held);
            copy.openList = openList;
            copy.lost = lost;
            copy.diverged = diverged;
            return copy;
        }
    }

    /** One life of a split with all its restarts. */
    private static final class Run implements Handler {

        private final Random random;
        private final int[] seen;
        private final ModelApiServer server;
        private final ListWatchSettings settings;
        private final boolean latest;
        private final ArrayDeque<Element> queue = new ArrayDeque<>();
        private final List<ModelApiServer.Snapshot> snapshots = new ArrayList<>();
        private ListWatch policy;
        private Job job = new Job();
        private Job checkpoint = new Job();
        private long elapsed;
        private boolean calm;
        private boolean busy;
        private boolean refused;

        /** Null if there is none, or it was given up. */
        private Ahead ahead;

        // What a check of a diverged history would have to find.
        private boolean mustNotice;
        private boolean answered;
        private boolean asked;

        /** A probe was told that our version is unknown: a list may be tried. */
        private boolean listFirst;

        Run(Random random, int[] seen) {
            this.random = random;
            this.seen = seen;
            this.server = new ModelApiServer(random);
            this.latest = random.nextInt(4) == 0;
            this.settings =
                    ListWatchSettings.builder()
                            .startup(latest ? Startup.LATEST : Startup.EARLIEST)
                            .pageSize(1 + random.nextInt(7))
                            .objectTtlMillis(random.nextInt(3) == 0 ? 0 : 200_000)
                            .presence(random.nextBoolean())
                            .build();
            this.policy = new ListWatch(settings, job.emitted);
        }

        void run() throws InterruptedException {
            try {
                for (int i = random.nextInt(40); i > 0; i--) {
                    write();
                }
                for (int i = 0; i < 60; i++) {
                    call();
                    if (random.nextInt(8) == 0) {
                        crash();
                    }
                    if (random.nextInt(100) == 0) {
                        refuseFor100Seconds();
                    }
                }
                becomeCalm();
            } catch (UndetectableException e) {
                saw(Seen.UNDETECTABLE);
            }
        }

        private void becomeCalm() throws InterruptedException {
            calm = true;
            server.refusesWatches = false;
            for (int i = 0; i < 400 && !isComplete(); i++) {
                call();
                drain(Integer.MAX_VALUE);
            }
            assertThat(missing()).as("never emitted").isEmpty();
            assertThat(job.openList).as("a list without an end").isFalse();
            assertThat(job.lost).as("blindness without an end").isFalse();
            assertThat(job.diverged).as("another history, not noticed").isFalse();
            if (settings.presence()) {
                assertThat(heldObjects()).as("what is present").isEqualTo(storedObjects());
            }
        }

        private boolean isComplete() {
            return missing().isEmpty()
                    && !job.openList
                    && !job.lost
                    && !job.diverged
                    && queue.isEmpty()
                    && (!settings.presence() || heldObjects().equals(storedObjects()));
        }

        private Set<String> missing() {
            Set<String> missing = new HashSet<>();
            server.latest()
                    .forEach(
                            (key, stored) ->
                                    missing.add(
                                            id(job.emitted.epoch(), key, "" + stored.version())));
            missing.removeAll(job.told);
            return missing;
        }

        private static String id(int epoch, String key, String version) {
            return epoch + ":" + key + "@" + version;
        }

        private Map<String, String> storedObjects() {
            Map<String, String> objects = new HashMap<>();
            server.latest().forEach((key, stored) -> objects.put(key, stored.uid()));
            return objects;
        }

        private Map<String, String> heldObjects() {
            Map<String, String> objects = new HashMap<>();
            job.held.forEach((key, held) -> objects.put(key, held.uid()));
            return objects;
        }

        private void saw(Seen what) {
            seen[what.ordinal()]++;
        }

        // -------------------------------------------------------------- the driver

        private void call() throws InterruptedException {
            List<Action> actions = new ArrayList<>();
            Call call = policy.next(moment(), actions);
            execute(actions);
            busy = true;
            if (call instanceof Call.Wait wait) {
                // An etcd is not restored within a short one.
                busy = wait.millis() >= HistoryCheck.HOLDS_MILLIS;
                pass(wait.millis());
                meanwhile();
            } else if (call instanceof Call.Probe probe) {
                beforeProbe();
                server.probe(probe.version(), this);
            } else if (call instanceof Call.Look look) {
                boolean before = mustNotice;
                mustNotice = false;
                answered = false;
                server.look(look, this);
                mustNotice = before && answered;
            } else if (call instanceof Call.List list) {
                checkHistory(listFirst);
                if (list.continueToken() == null) {
                    ahead = null;
                }
                answered = false;
                server.list(list, this, this::meanwhile);
                if (listFirst && answered) {
                    listFirst = false;
                    asked = false;
                }
            } else if (call instanceof Call.Watch watch) {
                checkHistory(false);
                watch(watch);
            }
            busy = false;
        }

        private void watch(Call.Watch watch) throws InterruptedException {
            ModelApiServer.Cursor open = null;
            if (ahead != null && ahead.version.equals(watch.version())) {
                saw(Seen.ADOPTED);
                open = ahead.cursor;
                List<Signal> kept = ahead.kept;
                ahead = null;
                for (Signal signal : kept) {
                    on(signal);
                }
            }
            ahead = null;
            if (server.watch(watch.version(), open, this, this::meanwhile)) {
                List<Action> actions = new ArrayList<>();
                policy.quiet(moment(), actions);
                execute(actions);
            }
        }

        private void execute(List<Action> actions) {
            for (Action action : actions) {
                if (action instanceof Action.Emit emit) {
                    queue.add(emit.element());
                } else if (action instanceof Action.Report report) {
                    reported(report);
                } else if (action instanceof Action.WatchAhead watchAhead) {
                    ahead = random.nextInt(4) == 0 ? null : new Ahead(watchAhead.version());
                } else if (action instanceof Action.Fail fail) {
                    throw new AssertionError(fail.message());
                }
            }
        }

        /** What a watch that was opened during a list keeps. */
        private final class Ahead implements Handler {
            private final String version;
            private final ModelApiServer.Cursor cursor;
            private final List<Signal> kept = new ArrayList<>();
            private final int most = 1 + random.nextInt(12);

            Ahead(String version) {
                this.version = version;
                this.cursor = server.cursor(version);
                kept.add(new Signal.Opened(0));
            }

            void listen() {
                try {
                    while (cursor.tellNext(this)) {
                        // it tells
                    }
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                if (kept.size() > most || random.nextInt(20) == 0) {
                    saw(Seen.AHEAD_LOST);
                    ahead = null;
                }
            }

            @Override
            public boolean wants(String namespace, String name, String resourceVersion) {
                return Long.parseLong(resourceVersion) > Long.parseLong(version);
            }

            @Override
            public void on(Signal signal) {
                kept.add(signal);
            }
        }

        private Moment moment() {
            return new Moment(elapsed, server.nowMillis, random.nextDouble());
        }

        @Override
        public boolean wants(String namespace, String name, String resourceVersion) {
            return policy.wants(namespace, name, resourceVersion);
        }

        @Override
        public void on(Signal signal) {
            answered |= signal instanceof Signal.Page;
            if (signal instanceof Signal.Refused refused && refused.resourceVersionTooLarge()) {
                listFirst = true;
            }
            List<Action> actions = new ArrayList<>();
            policy.on(signal, moment(), actions);
            execute(actions);
        }

        // -------------------------------------------------------------- what happens beside

        private void pass(long millis) {
            elapsed += millis;
            server.nowMillis += millis;
        }

        /** What happens beside the calls. */
        private void meanwhile() {
            pass(1 + random.nextInt(3_000));
            drain(random.nextInt(5));
            if (random.nextInt(6) == 0) {
                checkpoint = job.copy();
            }
            if (calm) {
                listenAhead();
                return;
            }
            if (random.nextInt(3) == 0) {
                write();
            }
            if (random.nextInt(25) == 0) {
                server.compact();
            }
            if (random.nextInt(40) == 0 && settings.objectTtlMillis() > 0) {
                server.expire(settings.objectTtlMillis());
            }
            if (random.nextInt(40) == 0) {
                snapshots.add(server.snapshot());
            }
            if (random.nextInt(60) == 0) {
                server.refusesWatches = !server.refusesWatches;
            }
            listenAhead();
            if (busy && !snapshots.isEmpty() && random.nextInt(60) == 0) {
                restoreEtcd();
            }
        }

        private void listenAhead() {
            if (ahead != null) {
                ahead.listen();
            }
        }

        private void write() {
            String namespace = NAMESPACES[random.nextInt(NAMESPACES.length)];
            server.write(
                    namespace + "/" + (char) ('a' + random.nextInt(8)), random.nextInt(6) == 0);
        }

        private void crash() {
            saw(Seen.CRASH);
            queue.clear();
            ahead = null;
            asked = false;
            listFirst = false;
            job = checkpoint.copy();
            job.openList = job.emitted.listOpen();
            policy = new ListWatch(settings, job.emitted);
            pass(random.nextInt(10_000));
        }

        /** Long enough to be told as lost. */
        private void refuseFor100Seconds() throws InterruptedException {
            server.refuses = 403;
            long end = Long.MAX_VALUE;
            refused = false;
            while (elapsed < end) {
                call();
                // A watch that is open goes on.
                end = refused ? Math.min(end, elapsed + 100_000) : end;
                pass(100);
            }
            for (int i = 0; i < 3; i++) {
                call();
            }
            server.refuses = 0;
            drain(Integer.MAX_VALUE);
            assertThat(job.lost).as("blindness is told").isTrue();
            saw(Seen.LOST);
        }

        // -------------------------------------------------------------- other histories

        private void restoreEtcd() {
            drain(Integer.MAX_VALUE);
            int which = random.nextInt(snapshots.size());
            ModelApiServer.Snapshot to = snapshots.get(which);
            snapshots.subList(which + 1, snapshots.size()).clear();
            server.restore(to);
            ahead = null;
            asked = false;
            pass(5_000);
            job.diverged |= policyNewest() > to.version();
            checkpoint.diverged |= newest(checkpoint.emitted) > to.version();
            if (random.nextInt(3) == 0) {
                server.bump();
            }
            for (int i = random.nextInt(60); i > 0; i--) {
                write();
            }
        }

        private long policyNewest() {
            return newest(policy.position());
        }

        private static long newest(Position position) {
            return Long.parseLong(position.newest().value());
        }

        /** What the witnesses say, if nothing happens until they are asked. */
        private void beforeProbe() {
            asked = true;
            listFirst = false;
            mustNotice = policyNewest() > server.version() || witnessesContradict();
        }

        private boolean witnessesContradict() {
            for (Witness witness : policy.position().witnesses()) {
                ModelApiServer.Stored stored = server.latest().get(witness.key());
                if (stored != null && stored.uid().equals(witness.uid())) {
                    return stored.version() < Long.parseLong(witness.version().value());
                }
                long age = server.nowMillis - witness.writtenAfterMillis();
                long ttl = settings.objectTtlMillis();
                if (ttl == 0 || witness.writtenAfterMillis() > 0 && age < ttl / 10 * 9) {
                    return true;
                }
            }
            return false;
        }

        /** Before a call that relies on the history. */
        private void checkHistory(boolean willTell) {
            boolean diverged = job.diverged && policy.position().epoch() == job.emitted.epoch();
            if (!diverged || willTell) {
                return;
            }
            assertThat(asked).as("asked whether the history is the same").isTrue();
            assertThat(mustNotice).as("another history is noticed").isFalse();
            throw new UndetectableException();
        }

        private void reported(Action.Report report) {
            Notice notice = report.notice();
            refused |= notice == Notice.FORBIDDEN;
            if (notice == Notice.ROLLED_BACK) {
                assertThat(job.diverged).as(report.message()).isTrue();
                saw(Seen.ROLLED_BACK);
            } else if (notice == Notice.WITNESS_GONE) {
                String key = report.message().substring(0, report.message().indexOf(' '));
                String uid = report.message().split("uid ")[1].split(",")[0];
                ModelApiServer.Stored stored = server.latest().get(key);
                assertThat(stored == null || !stored.uid().equals(uid)).as("it is gone").isTrue();
                assertThat(!job.diverged && server.expired.contains(uid))
                        .as("it expired")
                        .isFalse();
                saw(Seen.WITNESS_GONE);
            } else if (notice == Notice.CONTINUE_EXPIRED) {
                saw(Seen.CONTINUE_EXPIRED);
            } else if (notice == Notice.EXPIRED) {
                saw(Seen.EXPIRED);
            } else if (notice == Notice.NO_WATCH) {
                saw(Seen.NO_WATCH);
            }
        }

        // -------------------------------------------------------------- emitter and consumer

        private void drain(int most) {
            for (int i = 0; i < most && !queue.isEmpty(); i++) {
                emit(queue.poll());
            }
        }

        private void emit(Element element) {
            Position before = job.emitted;
            if (element instanceof Element.Changed changed) {
                emit(changed);
            } else if (element instanceof Element.Present present) {
                if (present.changed() != null) {
                    emit(present.changed());
                }
                saw(Seen.PRESENT);
                see(
                        Position.key(present.namespace(), present.name()),
                        present.uid(),
                        present.next().epoch(),
                        Long.parseLong(present.asOf().value()));
            } else if (element instanceof Element.Listed listed) {
                assertThat(listed.announce() || !job.openList && !settings.presence())
                        .as("the end is told")
                        .isTrue();
                job.openList = false;
                retire(listed.next().epoch(), newest(listed.next()));
            } else if (element instanceof Element.Lost) {
                job.lost = true;
            } else if (element instanceof Element.Regained) {
                job.lost = false;
            }
            job.emitted = element.next();
            if (job.emitted.epoch() > before.epoch()) {
                job.diverged = false;
            }
        }

        private void emit(Element.Changed changed) {
            String key = Position.key(changed.object().namespace(), changed.object().name());
            int epoch = changed.next().epoch();
            long version = Long.parseLong(changed.object().resourceVersion());
            if (changed.deleted()) {
                Job.Held held = job.held.get(key);
                if (held != null && held.epoch() == epoch && held.asOf() < version) {
                    job.held.remove(key);
                }
                return;
            }
            if (changed.origin() == Origin.BASELINE) {
                saw(Seen.BASELINE);
            }
            boolean first = job.emitted.epoch() == 0 && epoch == 0 && job.emitted.beforeFirstList();
            assertThat(changed.origin() == Origin.BASELINE).isEqualTo(latest && first);
            assertThat(job.told.add(id(epoch, key, "" + version))).as("told once").isTrue();
            job.openList |= changed.next().listOpen();
            see(key, changed.object().uid(), epoch, version);
        }

        private void see(String key, String uid, int epoch, long asOf) {
            Job.Held held = job.held.get(key);
            if (held == null
                    || held.epoch() < epoch
                    || held.epoch() == epoch && held.asOf() <= asOf) {
                job.held.put(key, new Job.Held(uid, epoch, asOf));
            }
        }

        private void retire(int epoch, long version) {
            if (settings.presence()) {
                job.held
                        .values()
                        .removeIf(
                                held ->
                                        held.epoch() < epoch
                                                || held.epoch() == epoch && held.asOf() < version);
            }
        }
    }

    /** The server's history is another one, and no question would have told. */
    private static final class UndetectableException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
