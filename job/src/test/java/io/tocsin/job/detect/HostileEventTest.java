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
package io.tocsin.job.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.occurrence.OccurrenceFunction;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.time.KnownInterruptions;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.EventRecord;
import io.tocsin.testing.Simulation;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.StateObjectCollection;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/**
 * Events as nobody should write them, from their bytes through counting and matching to alerts:
 * nothing fails, what they cost is bounded, and a pod that fails among them rings all the same.
 */
class HostileEventTest {

    private static final int RUNS = Boolean.getBoolean("tocsin.nightly") ? 5_000 : 200;
    private static final int EVENTS = 40;
    private static final long BEGIN = 1_800_000_000_000L;

    /** How far the source believes clocks that run ahead. */
    private static final long SKEW_MILLIS = 60_000;

    private static final long OUT_OF_ORDERNESS_MILLIS = 10_000;

    /** What an event of a run may add to state on average. */
    private static final long COUNTED_BYTES = 16 * 1024;

    private static final long DETECTED_BYTES = 64 * 1024;

    /** What any event may add: texts of 1 K chars, each of up to 3 bytes, in a few keys. */
    private static final long MOST_COUNTED_BYTES = 16 * 1024;

    /** For each definition of a subject, of which the wide rules have four. */
    private static final long MOST_DETECTED_BYTES = 4 * 64 * 1024;

    private static final RuleSet BUILT_IN = RuleSet.load(List.of("default"));
    private static final RuleSet WIDE =
            RuleSet.parse(
                    "wide.yaml",
                    """
                    rules:
                      - name: ContainerBackOff
                        match: {reason: BackOff}
                        per: [cluster, regarding.uid, regarding.fieldPath]
                        when: {atLeast: 5, within: 10m}
                        clears: {note: Stopping container}
                        keepAlive: {type: Warning}
                        resolveAfter: 16m
                      - name: AnyWarning
                        match: {type: "!Normal"}
                        per: [cluster, reason, regarding.kind, regarding.namespace]
                        when: {atLeast: 100, within: 1h}
                        clears: {reason: /./}
                        resolveAfter: 1h
                      - name: Unanswered
                        match: {note: "/(?i)a|e|\\\\d/"}
                        per: [cluster, reportingInstance, regarding.name]
                        when: {missing: {reason: Killing}, within: 3m}
                        resolveAfter: 12m
                      - name: Everywhere
                        match: {reason: "*"}
                        per: [cluster]
                        when: {atLeast: 100000, within: 24h}
                        for: 5m
                        resolveAfter: 1h
                    """);

    @Test
    void nothingFailsWhatItCostsIsBoundedAndAFailingPodRings() {
        Simulation.run(
                "hostile events",
                RUNS,
                (random, seed) -> new Run(random, random.nextBoolean() ? BUILT_IN : WIDE).run());
    }

    @Test
    void anEventOfTheLongestTextsCostsABoundedAmount() throws Exception {
        String text = "\u5831".repeat(5_000);
        new Run(new Random(1), WIDE)
                .readOne(
                        """
                        {"metadata":{"creationTimestamp":"2027-01-15T08:00:00Z"},"type":"TEXT",
                        "reason":"TEXT","action":"TEXT","note":"a NOTE","reportingController":"TEXT",
                        "reportingInstance":"TEXT","regarding":{"kind":"TEXT","namespace":"TEXT",
                        "name":"TEXT","uid":"TEXT","fieldPath":"TEXT"},
                        "eventTime":"2027-01-15T08:00:00Z"}
                        """
                                .replace("TEXT", text)
                                .replace("NOTE", "note ".repeat(200_000)),
                        "\u5831".repeat(253));
    }

    /** What a pipeline makes of hostile events, and of one pod's honest ones. */
    private static final class Run {

        private final Random random;
        private final HostileEvents hostile;
        private final EventDeserializer deserializer = new EventDeserializer();
        private final TypeSerializer<EventRecord> records = serializer(EventRecord.class);
        private final TypeSerializer<Candidate> candidates = serializer(Candidate.class);
        private final MatchFunction match;
        private final KeyedOneInputStreamOperatorTestHarness<String, EventRecord, Occurrence>
                counting;
        private final KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert>
                detecting;

        private long now = BEGIN;
        private long greatest = Long.MIN_VALUE;
        private int version = 1000;
        private int dead;
        private int counted;

        Run(Random random, RuleSet rules) throws Exception {
            this.random = random;
            hostile = new HostileEvents(random);
            match = new MatchFunction(rules);
            match.open(DefaultOpenContext.INSTANCE);
            counting =
                    new KeyedOneInputStreamOperatorTestHarness<>(
                            new KeyedProcessOperator<>(new OccurrenceFunction(Duration.ofHours(1))),
                            OccurrenceFunction::lineageKey,
                            Types.STRING,
                            10,
                            1,
                            0);
            counting.open();
            detecting =
                    new KeyedBroadcastOperatorTestHarness<>(
                            new CoBroadcastWithKeyedOperator<>(
                                    new AlertFunction(rules, OUT_OF_ORDERNESS_MILLIS),
                                    List.of(KnownInterruptions.BLIND)),
                            Candidate::key,
                            Types.STRING,
                            10,
                            1,
                            0);
            detecting.open();
        }

        void run() throws Exception {
            try (counting;
                    detecting) {
                int backOffs = 0;
                for (int i = 0; i < EVENTS; i++) {
                    now += random.nextInt(8_000);
                    if (i % (EVENTS / 5) == 0) {
                        backOffs++;
                        read(envelope("shop", "honest.1", "honest-uid", backOff(backOffs)));
                    } else {
                        read(
                                envelope(
                                        hostile.nameOrNull(),
                                        hostile.nameOrNull(),
                                        hostile.nameOrNull(),
                                        hostile.bytes(now)));
                    }
                    if (random.nextInt(3) == 0) {
                        watermark();
                    }
                }
                now += SKEW_MILLIS;
                watermark();

                assertThat(backOffs).isEqualTo(5);
                assertThat(detecting.extractOutputValues())
                        .filteredOn(
                                alert ->
                                        alert.rule().equals("ContainerBackOff")
                                                && "honest".equals(alert.labels().get("name")))
                        .extracting(Alert::status, Alert::occurrences)
                        .containsExactly(tuple(AlertStatus.FIRING, 5L));
                assertThat(bytes(counting.snapshot(1, now)))
                        .isLessThan((long) EVENTS * COUNTED_BYTES);
                assertThat(bytes(detecting.snapshot(1, now)))
                        .isLessThan((long) EVENTS * DETECTED_BYTES);
                assertThat(dead + counted).isEqualTo(EVENTS);
            }
        }

        void readOne(String json, String name) throws Exception {
            try (counting;
                    detecting) {
                now = Instant.parse("2027-01-15T08:00:01Z").toEpochMilli();
                read(envelope(name, name, name, HostileEvents.utf8(json)));

                assertThat(counted).isOne();
                assertThat(bytes(counting.snapshot(1, now))).isBetween(1L, MOST_COUNTED_BYTES);
                assertThat(bytes(detecting.snapshot(1, now)))
                        .isBetween(4_096L, MOST_DETECTED_BYTES);
            }
        }

        private byte[] backOff(int count) {
            return HostileEvents.utf8(
                    """
                    {"metadata":{"creationTimestamp":"%s"},"type":"Warning","reason":"BackOff",
                    "note":"Back-off restarting failed container","reportingController":"kubelet",
                    "regarding":{"kind":"Pod","namespace":"shop","name":"honest","uid":"honest-pod",
                    "fieldPath":"spec.containers{app}"},"deprecatedCount":%d,
                    "deprecatedFirstTimestamp":"%s","deprecatedLastTimestamp":"%s"}
                    """
                            .formatted(
                                    Instant.ofEpochMilli(BEGIN),
                                    count,
                                    Instant.ofEpochMilli(BEGIN),
                                    Instant.ofEpochMilli(now)));
        }

        private KubernetesRecord envelope(
                String namespace, String name, String uid, byte[] object) {
            return new KubernetesRecord(
                    KubernetesRecord.Kind.UPSERTED,
                    random.nextInt(5) == 0 && !"honest.1".equals(name)
                            ? KubernetesRecord.Origin.LISTED
                            : KubernetesRecord.Origin.WATCH,
                    "c",
                    "events",
                    "*",
                    0,
                    namespace,
                    name,
                    uid,
                    Integer.toString(version++),
                    object,
                    0,
                    0,
                    null);
        }

        /** As the source does; what is no JSON object is a dead letter there. */
        private void read(KubernetesRecord record) throws Exception {
            EventRecord event;
            try {
                event = deserializer.deserialize(record);
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("is no JSON");
                dead++;
                return;
            }
            counted++;
            long time = deserializer.timestampMillis(event);
            long timestamp = time - now > SKEW_MILLIS ? now : time;
            greatest = Math.max(greatest, timestamp);
            EventRecord sent = shuffled(event, records);
            assertThat(OccurrenceFunction.lineageKey(sent))
                    .isEqualTo(OccurrenceFunction.lineageKey(event));
            int before = counting.extractOutputValues().size();
            counting.processElement(new StreamRecord<>(sent, timestamp));
            List<Occurrence> occurrences = counting.extractOutputValues();
            for (Occurrence occurrence : occurrences.subList(before, occurrences.size())) {
                assertThat(occurrence.toMillis()).isLessThanOrEqualTo(now + SKEW_MILLIS);
                assertThat(occurrence.fromMillis()).isLessThanOrEqualTo(occurrence.toMillis());
                assertThat(occurrence.weight()).isBetween(0L, (long) Integer.MAX_VALUE);
                detect(occurrence, timestamp);
            }
        }

        private void detect(Occurrence occurrence, long timestamp) throws Exception {
            List<Candidate> found = new ArrayList<>();
            match.flatMap(occurrence, new ListCollector<>(found));
            for (Candidate candidate : found) {
                Candidate sent = shuffled(candidate, candidates);
                assertThat(sent).isEqualTo(candidate);
                assertThat(sent.key()).isEqualTo(candidate.key());
                assertThat(count(candidate.key(), Candidate.KEY_SEPARATOR)).isOne();
                assertThat(count(candidate.subjectKey(), Candidate.OBJECT_END)).isOne();
                detecting.processElement(new StreamRecord<>(sent, timestamp));
            }
        }

        private static long count(String text, char separator) {
            return text.chars().filter(c -> c == separator).count();
        }

        private void watermark() throws Exception {
            if (greatest > Long.MIN_VALUE) {
                assertThat(greatest).isLessThanOrEqualTo(now + SKEW_MILLIS);
                long watermark = Math.min(greatest, now) - OUT_OF_ORDERNESS_MILLIS;
                counting.processWatermark(watermark);
                detecting.watermark(watermark);
            }
        }
    }

    private static <T> TypeSerializer<T> serializer(Class<T> type) {
        return TypeInformation.of(type).createSerializer(new SerializerConfigImpl());
    }

    private static <T> T shuffled(T value, TypeSerializer<T> serializer) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(512);
        serializer.serialize(value, out);
        return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
    }

    private static long bytes(OperatorSubtaskState state) {
        StateObjectCollection<KeyedStateHandle> keyed = state.getManagedKeyedState();
        return keyed.stream().mapToLong(StateObject::getStateSize).sum();
    }
}
