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
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.event.KubernetesEvent;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.testing.CoreRecorder;
import io.tocsin.testing.PodEvent;
import io.tocsin.testing.SeriesRecorder;
import io.tocsin.testing.Simulation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/**
 * What a kubelet and a scheduler write about repeated failures, as their recorders count, combine
 * and leave out, through an API server that lets events expire, is compacted, and is restored from
 * backups, before a watch with gaps and a job that crashes: the weights are what was visible.
 */
class RecorderSimulationTest {

    private static final Instant BEGIN = Instant.parse("2026-03-04T10:00:00Z");

    /** Of the server; what is remembered is remembered for longer than a run takes. */
    private static final long TTL_SECONDS = 20 * 60;

    private static final Duration KNOWN_TTL = Duration.ofHours(1);
    private static final long LENGTH_SECONDS = 110 * 60;

    private static final Map<String, Integer> SEEN = new HashMap<>();

    @Test
    void weightsAreWhatWasVisible() {
        Simulation.run("recorders", 2_000, (random, seed) -> new Run(random).run());
        if (Long.getLong("tocsin.seed") == null) {
            assertThat(SEEN.keySet())
                    .contains(
                            "combined",
                            "left out",
                            "expired",
                            "created again",
                            "series",
                            "set back");
        }
    }

    /** An event as the server has it. */
    private record Stored(PodEvent event, String uid, long version, long writtenSecond) {}

    /** What could be seen of one lineage of events. */
    private static final class Visible {
        private int count;
        private int setBack;
    }

    private static final class Run {
        private final Random random;
        private final CoreRecorder kubelet = new CoreRecorder();
        private final SeriesRecorder scheduler = new SeriesRecorder();
        private final Map<String, Visible> visible = new HashMap<>();
        private final Map<String, Long> weights = new HashMap<>();

        private final TreeMap<String, Stored> server = new TreeMap<>();
        private final List<TreeMap<String, Stored>> backups = new ArrayList<>();
        private KeyedOneInputStreamOperatorTestHarness<String, EventRecord, Occurrence> harness;
        private boolean connected;
        private int epoch;
        private long version = 100;
        private long listedVersion;
        private long second;
        private int names;
        private long refreshed;

        Run(Random random) {
            this.random = random;
        }

        void run() throws Exception {
            harness = harness(null);
            try {
                int pace = 1 + random.nextInt(60);
                for (int i = 0; i < 120 && second < LENGTH_SECONDS; i++) {
                    second += random.nextInt(40) > 0 ? random.nextInt(pace) : 600;
                    step();
                }
                list();
                check();
            } finally {
                harness.close();
            }
        }

        private void step() throws Exception {
            expire();
            for (PodEvent each : scheduler.finish(now())) {
                write(each);
            }
            if (second - refreshed > 1800) {
                refreshed = second;
                for (PodEvent each : scheduler.refresh()) {
                    write(each);
                }
            }
            switch (random.nextInt(40)) {
                case 0 -> connected = false;
                case 1 -> list();
                case 2 -> backups.add(new TreeMap<>(server));
                case 3 -> restoreEtcd();
                case 4 -> crash();
                case 5 -> kubelet.restart();
                case 6 -> scheduler.restart();
                case 7, 8, 9 -> {
                    if (!connected) {
                        list();
                    }
                }
                case 10, 11, 12, 13, 14 -> unschedulable();
                default -> burst();
            }
        }

        // -------------------------------------------------------------- who reports

        private void burst() throws Exception {
            String pod = "web-" + random.nextInt(2);
            boolean oneOfMany = random.nextInt(3) == 0;
            for (int i = 1 + random.nextInt(8); i > 0; i--) {
                String note = oneOfMany ? "attempt " + random.nextInt(30) : "Back-off restarting";
                PodEvent observed =
                        PodEvent.backOff("shop", pod + "." + ++names, pod, "uid-" + pod)
                                .withReason("Warning", oneOfMany ? "Unhealthy" : "BackOff", note)
                                .at(now());
                PodEvent written = kubelet.observe(observed, now());
                if (written == null) {
                    saw("left out");
                } else {
                    if (written.note().startsWith(CoreRecorder.COMBINED)) {
                        saw("combined");
                    }
                    write(written);
                }
            }
        }

        private void unschedulable() throws Exception {
            PodEvent observed =
                    PodEvent.failedScheduling("shop", "job." + ++names, "job", "uid-job").at(now());
            PodEvent written = scheduler.observe(observed, "1", now());
            if (written != null) {
                write(written);
            }
        }

        private Instant now() {
            return BEGIN.plusSeconds(second);
        }

        // -------------------------------------------------------------- the server

        private void write(PodEvent event) throws Exception {
            Stored before = server.get(event.name());
            String uid = before == null ? "uid-" + version : before.uid();
            if (before == null && event.count() > 1) {
                saw("created again");
            }
            if (event.scheduler() && event.count() > 2) {
                saw("series");
            }
            version++;
            Stored stored = new Stored(event, uid, version, second);
            server.put(event.name(), stored);
            if (connected) {
                show(stored, Origin.WATCH);
            }
        }

        private void expire() throws Exception {
            for (Stored each : List.copyOf(server.values())) {
                if (each.writtenSecond() < second - TTL_SECONDS) {
                    server.remove(each.event().name());
                    version++;
                    saw("expired");
                    if (connected) {
                        tell(Kind.DELETED, Origin.WATCH, each);
                    }
                }
            }
        }

        private void restoreEtcd() {
            if (backups.isEmpty()) {
                return;
            }
            TreeMap<String, Stored> backup = backups.remove(random.nextInt(backups.size()));
            backups.clear();
            server.clear();
            server.putAll(backup);
            version = 99;
            backup.values().forEach(each -> version = Math.max(version, each.version()));
            listedVersion = 0;
            epoch++;
            connected = false;
        }

        // -------------------------------------------------------------- the source

        private void list() throws Exception {
            for (Stored each : server.values()) {
                // What is not newer is left out, or repeated after a crash within a long page.
                if (each.version() > listedVersion || random.nextInt(10) == 0) {
                    show(each, Origin.LISTED);
                }
            }
            harness.processWatermark(millis(now()) - 10_000);
            connected = true;
            listedVersion = version;
        }

        private void show(Stored stored, Origin origin) throws Exception {
            Visible of = visible.computeIfAbsent(stored.event().name(), unused -> new Visible());
            if (stored.event().count() < of.count) {
                saw("set back");
                of.setBack += of.count - stored.event().count();
            }
            of.count = stored.event().count();
            listedVersion = Math.max(listedVersion, origin == Origin.WATCH ? version : 0);
            tell(Kind.UPSERTED, origin, stored);
        }

        private void tell(Kind kind, Origin origin, Stored stored) throws Exception {
            EventRecord record = record(kind, origin, stored);
            harness.processElement(record, millis(now()));
            collect();
            if (random.nextInt(20) == 0) {
                OperatorSubtaskState state = harness.snapshot(1, 1);
                harness.processElement(record, millis(now()));
                restart(state);
            }
        }

        private EventRecord record(Kind kind, Origin origin, Stored stored) {
            PodEvent event = stored.event();
            String of = Long.toString(stored.version());
            boolean series = event.scheduler();
            return new EventRecord(
                    new KubernetesRecord(
                            kind,
                            origin,
                            "prod",
                            "events",
                            "*",
                            epoch,
                            "shop",
                            event.name(),
                            stored.uid(),
                            of,
                            null,
                            0,
                            0,
                            null),
                    new KubernetesEvent(
                            "shop",
                            event.name(),
                            stored.uid(),
                            of,
                            millis(event.first()),
                            event.type(),
                            event.reason(),
                            event.note(),
                            null,
                            series ? "default-scheduler" : "kubelet",
                            null,
                            new ObjectReference(
                                    "v1", "Pod", "shop", event.pod(), event.podUid(), null, null),
                            null,
                            series ? millis(event.first()) : null,
                            series && event.count() > 1 ? event.count() : 0,
                            series && event.count() > 1 ? millis(event.last()) : null,
                            series ? 0 : event.count(),
                            series ? null : millis(event.first()),
                            series ? null : millis(event.last())));
        }

        private static long millis(Instant time) {
            return time.toEpochMilli();
        }

        // -------------------------------------------------------------- the job

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
                        && element.getValue() instanceof Occurrence told) {
                    weights.merge(told.name(), told.weight(), Long::sum);
                    assertThat(told.fromMillis()).isLessThanOrEqualTo(told.toMillis());
                    assertThat(told.toMillis()).isLessThanOrEqualTo(millis(now()));
                }
            }
            harness.getOutput().clear();
        }

        /** A restore sets counts back; what is counted from there was counted before. */
        private void check() {
            visible.forEach(
                    (name, of) ->
                            assertThat(weights.getOrDefault(name, 0L))
                                    .as("%s, set back by %d", name, of.setBack)
                                    .isEqualTo(of.count + of.setBack));
        }

        private static void saw(String what) {
            SEEN.merge(what, 1, Integer::sum);
        }

        private static KeyedOneInputStreamOperatorTestHarness<String, EventRecord, Occurrence>
                harness(OperatorSubtaskState state) throws Exception {
            KeyedOneInputStreamOperatorTestHarness<String, EventRecord, Occurrence> harness =
                    new KeyedOneInputStreamOperatorTestHarness<>(
                            new KeyedProcessOperator<>(new OccurrenceFunction(KNOWN_TTL)),
                            OccurrenceFunction::lineageKey,
                            Types.STRING);
            if (state != null) {
                harness.initializeState(state);
            }
            harness.open();
            return harness;
        }
    }
}
