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
import static org.assertj.core.api.Assertions.tuple;

import io.tocsin.job.model.Occurrence;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.event.KubernetesEvent;
import io.tocsin.source.event.ObjectReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OccurrenceFunctionTest {

    private static final long BEGIN = 1_800_000_000_000L;
    private static final long HOUR = 3600;

    private KeyedOneInputStreamOperatorTestHarness<String, EventRecord, Occurrence> harness;
    private int told;
    private long version = 99;

    @BeforeEach
    void start() throws Exception {
        harness = harness(null);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    @Test
    void tellsTheIncreaseOfEachVersionAndItsTimes() throws Exception {
        watermark(0);
        version("a", 10, 1);
        version("a", 40, 4);
        version("a", 50, 4);

        assertThat(occurrences())
                .extracting(Occurrence::weight, Occurrence::fromMillis, Occurrence::toMillis)
                .containsExactly(
                        tuple(1L, at(0), at(10)),
                        tuple(3L, at(10), at(40)),
                        tuple(0L, at(40), at(50)));
    }

    @Test
    void tellsAKnownVersionOnceThoughItIsListedAgain() throws Exception {
        watermark(0);
        EventRecord seen = version("a", 10, 3);
        process(upserted(KubernetesRecord.Origin.LISTED, seen.event()));

        assertThat(occurrences()).extracting(Occurrence::weight).containsExactly(3L);
    }

    @Test
    void anEventThatExpiredAndComesAgainGoesOnCounting() throws Exception {
        watermark(0);
        EventRecord seen = version("a", 10, 14);
        process(deleted(seen.event()));
        version("b", 3600, 15);

        assertThat(occurrences())
                .extracting(Occurrence::uid, Occurrence::weight)
                .containsExactly(tuple("a", 14L), tuple("b", 1L));
    }

    @Test
    void aBaselineOnlySaysWhereCountingBegins() throws Exception {
        process(upserted(KubernetesRecord.Origin.BASELINE, event("a", 10, 70)));
        watermark(100);
        version("a", 110, 72);

        assertThat(occurrences())
                .extracting(Occurrence::origin, Occurrence::weight)
                .containsExactly(
                        tuple(Occurrence.Origin.BASELINE, 0L), tuple(Occurrence.Origin.LIVE, 2L));
    }

    @Test
    void aLateVersionAddsWhatItTellsAndOneOlderThanTheKnownNothing() throws Exception {
        watermark(0);
        version("a", 10, 1);
        EventRecord overtaken = upserted(KubernetesRecord.Origin.WATCH, event("a", 20, 2));
        version("a", 30, 5);
        watermark(2000);
        process(overtaken);
        version("a", 900, 9);

        assertThat(occurrences())
                .extracting(Occurrence::weight, Occurrence::toMillis)
                .containsExactly(tuple(1L, at(10)), tuple(4L, at(30)), tuple(4L, at(900)));
    }

    @Test
    void whatWasListedIsToldAsListedAndAFutureTimeAsTheSourceCorrectedIt() throws Exception {
        KubernetesEvent future = event("a", 90_000, 2);
        harness.processElement(
                new StreamRecord<>(upserted(KubernetesRecord.Origin.LISTED, future), at(5)));

        assertThat(occurrences())
                .extracting(Occurrence::origin, Occurrence::toMillis)
                .containsExactly(tuple(Occurrence.Origin.LISTED, at(5)));
    }

    @Test
    void restoresWithoutDoubleWeight() throws Exception {
        watermark(0);
        EventRecord seen = version("a", 10, 3);
        restart();

        process(seen);
        version("a", 20, 4);
        version("b", 30, 6);
        restart();
        version("b", 40, 7);

        assertThat(occurrences()).extracting(Occurrence::weight).containsExactly(1L);
        assertThat(weights).containsExactly(3L, 1L, 2L, 1L);
    }

    @Test
    void remembersTwiceTheTimeToLiveAfterTheLastSightAndThenForgets() throws Exception {
        watermark(0);
        version("a", 0, 3);
        watermark(HOUR);
        version("a", HOUR, 4);
        watermark(3 * HOUR - 1);
        version("a", 3 * HOUR - 1, 5);
        assertThat(occurrences()).extracting(Occurrence::weight).containsExactly(3L, 1L, 1L);
        assertThat(harness.numEventTimeTimers()).isOne();

        watermark(5 * HOUR);

        assertThat(entries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    @Test
    void remembersLongerWhereTheServerKeepsEventsLonger() throws Exception {
        harness.close();
        harness = harness(null, Duration.ofHours(3));
        watermark(0);
        version("a", 0, 3);
        watermark(5 * HOUR);
        version("a", 5 * HOUR, 4);
        assertThat(occurrences()).extracting(Occurrence::weight).containsExactly(3L, 1L);
    }

    @Test
    void doesNotForgetWhatAFirstListFoundOld() throws Exception {
        process(upserted(KubernetesRecord.Origin.LISTED, event("a", 0, 30)));
        watermark(10 * HOUR);
        version("a", 10 * HOUR + 60, 31);

        assertThat(occurrences()).extracting(Occurrence::weight).containsExactly(30L, 1L);
        watermark(13 * HOUR);
        assertThat(entries()).isZero();
    }

    @Test
    void doesNotForgetWhatWasSeenBetweenARestoreAndTheFirstWatermark() throws Exception {
        watermark(0);
        version("a", 0, 3);
        restart();
        version("a", HOUR, 4);
        version("b", HOUR, 4);

        watermark(3 * HOUR - 1);
        version("b", 3 * HOUR - 1, 5);
        assertThat(occurrences()).extracting(Occurrence::weight).containsExactly(1L, 0L, 1L);

        watermark(6 * HOUR);
        assertThat(entries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    private final List<Long> weights = new ArrayList<>();

    private List<Occurrence> occurrences() {
        List<Occurrence> all = harness.extractOutputValues();
        List<Occurrence> fresh = new ArrayList<>(all.subList(told, all.size()));
        told = all.size();
        fresh.forEach(o -> weights.add(o.weight()));
        return fresh;
    }

    private void restart() throws Exception {
        occurrences();
        OperatorSubtaskState snapshot = harness.snapshot(1, 1);
        harness.close();
        harness = harness(snapshot);
        told = 0;
    }

    private int entries() {
        KeyedProcessOperator<?, ?, ?> operator =
                (KeyedProcessOperator<?, ?, ?>) harness.getOneInputOperator();
        return ((HeapKeyedStateBackend<?>) operator.getKeyedStateBackend())
                .numKeyValueStateEntries();
    }

    private EventRecord version(String uid, long second, long count) throws Exception {
        EventRecord record = upserted(KubernetesRecord.Origin.WATCH, event(uid, second, count));
        process(record);
        return record;
    }

    private void process(EventRecord record) throws Exception {
        harness.processElement(new StreamRecord<>(record, record.event().timeMillis()));
    }

    private void watermark(long second) throws Exception {
        harness.processWatermark(at(second));
    }

    private static long at(long second) {
        return BEGIN + second * 1000;
    }

    private KubernetesEvent event(String uid, long second, long count) {
        version++;
        return new KubernetesEvent(
                "shop",
                "web.1",
                uid,
                Long.toString(version),
                BEGIN,
                "Warning",
                "BackOff",
                "a note",
                null,
                "kubelet",
                "node-1",
                new ObjectReference("v1", "Pod", "shop", "web", "pod", "1", null),
                null,
                null,
                0,
                null,
                count,
                BEGIN,
                at(second));
    }

    private static EventRecord upserted(KubernetesRecord.Origin origin, KubernetesEvent event) {
        return new EventRecord(envelope(KubernetesRecord.Kind.UPSERTED, origin, event), event);
    }

    private static EventRecord deleted(KubernetesEvent event) {
        return new EventRecord(
                envelope(KubernetesRecord.Kind.DELETED, KubernetesRecord.Origin.WATCH, event),
                event);
    }

    private static KubernetesRecord envelope(
            KubernetesRecord.Kind kind, KubernetesRecord.Origin origin, KubernetesEvent event) {
        return new KubernetesRecord(
                kind,
                origin,
                "c",
                "events",
                "*",
                1,
                event.namespace(),
                event.name(),
                event.uid(),
                event.resourceVersion(),
                null,
                0,
                0,
                null);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, EventRecord, Occurrence> harness(
            OperatorSubtaskState restored) throws Exception {
        return harness(restored, Duration.ofHours(1));
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, EventRecord, Occurrence> harness(
            OperatorSubtaskState restored, Duration eventTtl) throws Exception {
        KeyedOneInputStreamOperatorTestHarness<String, EventRecord, Occurrence> made =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(new OccurrenceFunction(eventTtl)),
                        OccurrenceFunction::lineageKey,
                        Types.STRING);
        made.setup();
        if (restored != null) {
            made.initializeState(restored);
        }
        made.open();
        return made;
    }
}
