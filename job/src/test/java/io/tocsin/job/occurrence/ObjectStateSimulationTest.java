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

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.model.Occurrence;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.object.ContainerEnd;
import io.tocsin.source.object.ObjectRecord;
import io.tocsin.source.object.WatchedObject;
import io.tocsin.testing.Simulation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/**
 * Random lives of pods, seen through a watch with gaps, lists that are interrupted, restores of
 * etcd and crashes of the job: each end of a container is told once, by its own or by weight; each
 * pod that was seen and is gone is told so once, and nothing of it after that.
 */
class ObjectStateSimulationTest {

    private static final String[] NAMES = {"kv-0", "kv-1", "web-0"};

    @Test
    void tellsEachEndOnceAndThatPodsAreGone() {
        Simulation.run("object states", 1_500, (random, seed) -> new Run(random).run());
    }

    /** A pod as it really is; its status is what the API server has of it. */
    private static final class Life {
        private final String name;
        private final String uid;
        private int ends;
        private long endMillis;
        private boolean down;
        private boolean backsOff;
        private boolean ready;
        private long readySecond;

        private Life(String name, String uid) {
            this.name = name;
            this.uid = uid;
        }

        private WatchedObject object(long version, long second) {
            TestPod pod = new TestPod(name, uid).version(version, second);
            ContainerEnd last = ends == 0 ? null : new ContainerEnd("Error", 1, endMillis);
            if (!down) {
                pod.running(ends, 1, last);
            } else if (backsOff) {
                pod.waiting(ends - 1, "CrashLoopBackOff", last);
            } else {
                pod.terminated(ends - 1, last);
            }
            pod.condition("Ready", ready ? "True" : "False", readySecond);
            return pod.object();
        }
    }

    /** What is known from outside about a pod that was shown to the operator. */
    private static final class Shown {
        private int ends;
        private int notTold;
        private boolean gone;
    }

    private static final class Run {
        private final Random random;
        private final Map<String, Life> lives = new TreeMap<>();
        private final Map<String, Shown> shown = new HashMap<>();
        private final Set<String> risen = new HashSet<>();

        /** What the API server has, by name. */
        private final TreeMap<String, WatchedObject> server = new TreeMap<>();

        /** The same at all versions, as etcd's backups have it. */
        private final TreeMap<Long, TreeMap<String, WatchedObject>> history = new TreeMap<>();

        /** What the source told, by name. */
        private final TreeMap<String, WatchedObject> position = new TreeMap<>();

        private final Set<String> toldInEpoch = new HashSet<>();

        private final List<Occurrence> told = new ArrayList<>();
        private KeyedOneInputStreamOperatorTestHarness<String, ObjectRecord, Occurrence> harness;
        private boolean connected;
        private boolean listedOnce;
        private int epoch;
        private long version = 100;
        private long second = 10;
        private int born;

        Run(Random random) {
            this.random = random;
        }

        void run() throws Exception {
            harness = harness(null);
            try {
                for (int i = random.nextInt(4); i > 0; i--) {
                    live();
                }
                for (int i = 20 + random.nextInt(40); i > 0; i--) {
                    second += 1 + random.nextInt(3);
                    step();
                }
                list(false);
                check();
            } finally {
                harness.close();
            }
        }

        private void step() throws Exception {
            switch (random.nextInt(20)) {
                case 0 -> connected = false;
                case 1 -> list(random.nextBoolean());
                case 2 -> restoreEtcd();
                case 3 -> crash();
                case 4, 5, 6 -> {
                    if (!connected) {
                        list(false);
                    }
                }
                default -> live();
            }
        }

        // -------------------------------------------------------------- the cluster

        private void live() throws Exception {
            String name = NAMES[random.nextInt(NAMES.length)];
            Life life = lives.get(name);
            if (life == null) {
                life = new Life(name, "uid-" + ++born);
                lives.put(name, life);
            } else if (random.nextInt(12) == 0) {
                lives.remove(name);
                WatchedObject last = server.remove(name);
                version++;
                history.put(version, new TreeMap<>(server));
                if (connected && last != null) {
                    tell(record(Kind.DELETED, Origin.WATCH, last, Long.toString(version)));
                    position.remove(name);
                    toldInEpoch.remove(name);
                    shown.get(last.uid()).gone = true;
                }
                return;
            } else {
                change(life);
            }
            write(life);
        }

        private void change(Life life) {
            if (random.nextInt(4) == 0) {
                life.ready = !life.ready;
                life.readySecond = second;
            } else if (life.down) {
                life.down = life.backsOff || random.nextBoolean() ? false : true;
                life.backsOff = life.down;
            } else {
                life.down = true;
                life.backsOff = false;
                life.ends += random.nextInt(5) > 0 ? 1 : 1 + random.nextInt(3);
                life.endMillis = TestPod.at(second);
            }
        }

        private void write(Life life) throws Exception {
            version++;
            WatchedObject object = life.object(version, second);
            server.put(life.name, object);
            history.put(version, new TreeMap<>(server));
            if (connected) {
                show(object, Origin.WATCH);
            }
        }

        /** Versions of the past come back; what kubelets know they write again. */
        private void restoreEtcd() throws Exception {
            if (!listedOnce || history.size() < 12) {
                return;
            }
            connected = false;
            epoch++;
            toldInEpoch.clear();
            version = history.floorKey(version - random.nextInt(10));
            history.tailMap(version, false).clear();
            server.clear();
            server.putAll(history.get(version));
            if (random.nextBoolean()) {
                list(false);
            }
            for (Life life : lives.values()) {
                write(life);
            }
        }

        // -------------------------------------------------------------- the source

        /** Shows an object as the source does: if it is new. */
        private void show(WatchedObject object, Origin origin) throws Exception {
            WatchedObject last = position.get(object.name());
            position.put(object.name(), object);
            toldInEpoch.add(object.name());
            Shown before = shown.get(object.uid());
            if (before == null) {
                before = new Shown();
                shown.put(object.uid(), before);
                if (!listedOnce && origin == Origin.LISTED && last == null) {
                    before.notTold = Math.max(0, endsOf(object) - 1);
                }
            } else if (before.gone) {
                // A restore of etcd brought it back to life.
                risen.add(object.uid());
            }
            if (last != null && !last.uid().equals(object.uid())) {
                shown.get(last.uid()).gone = true;
            }
            before.ends = Math.max(before.ends, endsOf(object));
            tell(record(Kind.UPSERTED, origin, object, object.resourceVersion()));
        }

        private static int endsOf(WatchedObject object) {
            long restarts = object.containers()[0].restarts();
            return (int) restarts + (object.containers()[0].runningMillis() == 0 ? 1 : 0);
        }

        private void list(boolean interrupted) throws Exception {
            int shownOfIt = 0;
            String asOf = Long.toString(version);
            for (WatchedObject each : server.values()) {
                if (interrupted && random.nextInt(3) == 0) {
                    // A page that is too long is let through without progress.
                    connected = false;
                    return;
                }
                boolean known =
                        toldInEpoch.contains(each.name())
                                && position.get(each.name())
                                        .resourceVersion()
                                        .equals(each.resourceVersion());
                if (!known || random.nextInt(5) == 0) {
                    show(each, Origin.LISTED);
                }
                tell(record(Kind.PRESENT, Origin.LISTED, each, asOf));
                shownOfIt++;
            }
            assertThat(shownOfIt).isEqualTo(server.size());
            for (WatchedObject each : List.copyOf(position.values())) {
                if (!server.containsKey(each.name())) {
                    shown.get(each.uid()).gone = true;
                    position.remove(each.name());
                    toldInEpoch.remove(each.name());
                }
            }
            tell(
                    new ObjectRecord(
                            new KubernetesRecord(
                                    Kind.LIST_END,
                                    null,
                                    "prod",
                                    "pods",
                                    "*",
                                    epoch,
                                    null,
                                    null,
                                    null,
                                    asOf,
                                    null,
                                    0,
                                    0,
                                    null),
                            null));
            listedOnce = true;
            connected = true;
        }

        private ObjectRecord record(
                Kind kind, Origin origin, WatchedObject object, String recordVersion) {
            boolean whole = kind != Kind.PRESENT;
            return new ObjectRecord(
                    new KubernetesRecord(
                            kind,
                            origin,
                            "prod",
                            "pods",
                            "*",
                            epoch,
                            object.namespace(),
                            object.name(),
                            object.uid(),
                            recordVersion,
                            null,
                            0,
                            0,
                            null),
                    whole ? object : null);
        }

        // -------------------------------------------------------------- the job

        private void tell(ObjectRecord record) throws Exception {
            harness.processElement(record, TestPod.at(second));
            collect();
            if (random.nextInt(15) == 0) {
                crashBetween(record);
            }
        }

        /** A crash after a checkpoint that has all of it, and one that repeats the last record. */
        private void crashBetween(ObjectRecord record) throws Exception {
            OperatorSubtaskState state = harness.snapshot(1, 1);
            harness.processElement(record, TestPod.at(second));
            restart(state);
            collect();
        }

        private void crash() throws Exception {
            restart(harness.snapshot(1, 1));
        }

        private void restart(OperatorSubtaskState state) throws Exception {
            harness.close();
            harness = harness(state);
        }

        private void collect() {
            for (Object each : harness.getOutput()) {
                if (each instanceof StreamRecord<?> element
                        && element.getValue() instanceof Occurrence occurrence) {
                    told.add(occurrence);
                }
            }
            harness.getOutput().clear();
        }

        // -------------------------------------------------------------- the truth

        private void check() {
            for (Map.Entry<String, Shown> each : shown.entrySet()) {
                String uid = each.getKey();
                if (risen.contains(uid)) {
                    continue;
                }
                List<Occurrence> of = told.stream().filter(o -> uid.equals(o.uid())).toList();
                long ends =
                        of.stream()
                                .filter(o -> Set.of("Error", "Unknown").contains(o.reason()))
                                .mapToLong(Occurrence::weight)
                                .sum();
                assertThat(ends + each.getValue().notTold)
                        .as("ends of %s: %s", uid, of)
                        .isEqualTo(each.getValue().ends);
                List<String> reasons = of.stream().map(Occurrence::reason).toList();
                assertThat(reasons.stream().filter("Gone"::equals).count())
                        .as("%s is gone: %s", uid, of)
                        .isEqualTo(each.getValue().gone ? 1 : 0);
                if (each.getValue().gone) {
                    assertThat(reasons.get(reasons.size() - 1)).isEqualTo("Gone");
                }
                assertThat(of)
                        .allSatisfy(
                                o -> {
                                    assertThat(o.fromMillis()).isLessThanOrEqualTo(o.toMillis());
                                    assertThat(o.toMillis())
                                            .isLessThanOrEqualTo(TestPod.at(second));
                                });
            }
            for (WatchedObject each : server.values()) {
                if (risen.contains(each.uid())) {
                    continue;
                }
                List<String> readiness =
                        told.stream()
                                .filter(o -> each.uid().equals(o.uid()))
                                .map(Occurrence::reason)
                                .filter(reason -> reason.endsWith("Ready"))
                                .toList();
                boolean ready = "True".equals(each.condition("Ready").status());
                if (!readiness.isEmpty()) {
                    assertThat(readiness.get(readiness.size() - 1))
                            .isEqualTo(ready ? "Ready" : "NotReady");
                }
            }
        }

        private static KeyedOneInputStreamOperatorTestHarness<String, ObjectRecord, Occurrence>
                harness(OperatorSubtaskState state) throws Exception {
            KeyedOneInputStreamOperatorTestHarness<String, ObjectRecord, Occurrence> harness =
                    new KeyedOneInputStreamOperatorTestHarness<>(
                            new KeyedProcessOperator<>(new ObjectStateFunction(List.of())),
                            ObjectStateFunction::key,
                            Types.STRING);
            if (state != null) {
                harness.initializeState(state);
            }
            harness.open();
            return harness;
        }
    }
}
