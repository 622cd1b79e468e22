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
import static org.assertj.core.api.Assertions.tuple;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.RawDeserializer;
import io.tocsin.source.enumerator.RetireSplit;
import io.tocsin.source.enumerator.SplitRetired;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceSplitState;
import io.tocsin.source.split.ResourceVersion;
import io.tocsin.source.split.Scopes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.connector.testutils.source.reader.TestingReaderContext;
import org.apache.flink.connector.testutils.source.reader.TestingReaderOutput;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Splits of a scope that is no longer configured so, and wait unread until they are given up. */
class WaitingSplitsTest {

    private static final long NOW = 1_760_000_000_000L;
    private static final long CONTACT = NOW - 100_000;
    private static final long HOUR = 3_600_000;
    private static final ResourceSplit ALL =
            ResourceSplit.unread("c", "events", "*")
                    .at(Position.initial().listed(new ResourceVersion("7"), CONTACT, List.of()));

    private final TestingReaderContext context = new TestingReaderContext();
    private final TestingReaderOutput<KubernetesRecord> output = new TestingReaderOutput<>();
    private MetricListener metrics;
    private KubernetesSourceReader<KubernetesRecord> reader = reader(HOUR);

    /**
     * @param ttlMillis how long what is read is kept by its server; 0 for ever
     */
    private KubernetesSourceReader<KubernetesRecord> reader(long ttlMillis) {
        metrics = new MetricListener();
        ReaderParts parts =
                new ReaderParts(
                        ListWatchSettings.defaults(),
                        split -> {
                            throw new AssertionError("reads " + split);
                        },
                        clock(),
                        InternalSourceReaderMetricGroup.mock(metrics.getMetricGroup()),
                        100,
                        1 << 20);
        return new KubernetesSourceReader<>(
                parts,
                new PositionEmitter<>(
                        new RawDeserializer(),
                        new EventTime(10_000, 30_000, ttlMillis, 60_000),
                        parts.clock(),
                        parts.metrics(),
                        parts.progress()),
                Scopes.selected("team=shop"),
                context);
    }

    private static ServerClock clock() {
        return new ServerClock() {
            @Override
            public long nowMillis() {
                return NOW;
            }

            @Override
            public void observe(long dateMillis) {
                // It knows.
            }
        };
    }

    @AfterEach
    void close() throws Exception {
        reader.close();
    }

    private void start(ResourceSplit waiting) {
        reader.addSplits(List.of(waiting));
        reader.start();
        context.clearSentEvents();
    }

    private void assertBlindnessHasEnded() {
        assertThat(output.getEmittedRecords())
                .singleElement()
                .satisfies(
                        record -> {
                            assertThat(record.kind()).isEqualTo(Kind.BLIND);
                            assertThat(record.scope()).isEqualTo("*");
                            assertThat(record.fromMillis()).isEqualTo(CONTACT);
                            assertThat(record.toMillis()).isEqualTo(NOW);
                        });
    }

    @Test
    void theirBlindnessEndsWithThem() throws Exception {
        start(ALL.withLost(true));
        reader.pollNext(output);
        reader.handleSourceEvents(new RetireSplit(ALL.splitId(), false));
        assertBlindnessHasEnded();
        assertThat(context.getSentEvents()).containsExactly(new SplitRetired(ALL.splitId()));
        assertThat(reader.snapshotState(1)).isEmpty();
    }

    @Test
    void theirBlindnessEndsAsSoonAsItCanBeTold() throws Exception {
        start(ALL.withLost(true));
        reader.handleSourceEvents(new RetireSplit(ALL.splitId(), false));
        assertThat(reader.snapshotState(1)).as("it was not told yet").hasSize(1);
        reader.pollNext(output);
        assertBlindnessHasEnded();
        assertThat(context.getSentEvents()).containsExactly(new SplitRetired(ALL.splitId()));
        assertThat(reader.snapshotState(2)).isEmpty();
    }

    @Test
    void blindnessThatBeganWhileASplitWasGivenUpEndsWithIt() throws Exception {
        reader.start();
        reader.pollNext(output);
        ResourceSplit one = ResourceSplit.unread("c", "events", "*", "life").at(ALL.position());
        ResourceSplitState state = reader.initializedState(one);
        state.toldLost(true);
        reader.onSplitFinished(Map.of(one.splitId(), state));
        assertBlindnessHasEnded();
    }

    @Test
    void aScopeThatNobodyReadsAnyMoreIsToldWhereObjectsAreKept() throws Exception {
        reader.close();
        reader = reader(0);
        start(ALL.withLost(true));
        reader.handleSourceEvents(new RetireSplit(ALL.splitId(), true));
        assertThat(reader.snapshotState(1)).as("it was not told yet").hasSize(1);
        reader.pollNext(output);

        assertThat(output.getEmittedRecords())
                .extracting(KubernetesRecord::kind, KubernetesRecord::scope)
                .containsExactly(tuple(Kind.BLIND, "*"), tuple(Kind.UNWATCHED, "*"));
        assertThat(metrics.getGauge("kubernetes", "splits").orElseThrow().getValue())
                .as("splits of which contact would be missed")
                .isEqualTo(0);
        assertThat(reader.snapshotState(2)).isEmpty();
    }

    @Test
    void aScopeIsToldAsUnwatchedWhenItsSplitHasEnded() throws Exception {
        reader.close();
        reader = reader(0);
        reader.start();
        reader.pollNext(output);
        ResourceSplit one = ResourceSplit.unread("c", "pods", "shop", "life").at(ALL.position());
        ResourceSplit other = ResourceSplit.unread("c", "pods", "etl", "life").at(ALL.position());
        reader.handleSourceEvents(new RetireSplit(other.splitId(), false));
        Map<String, ResourceSplitState> ended = new LinkedHashMap<>();
        for (ResourceSplit each : List.of(one, other)) {
            ended.put(each.splitId(), reader.initializedState(each));
            reader.handleSourceEvents(new RetireSplit(each.splitId(), each == one));
        }
        assertThat(output.getEmittedRecords()).isEmpty();
        reader.onSplitFinished(ended);

        assertThat(output.getEmittedRecords())
                .extracting(KubernetesRecord::kind, KubernetesRecord::scope)
                .containsExactly(tuple(Kind.UNWATCHED, "shop"));
    }

    @Test
    void nothingOfTheKindIsToldOfEvents() throws Exception {
        start(ALL);
        reader.pollNext(output);
        reader.handleSourceEvents(new RetireSplit(ALL.splitId(), true));
        assertThat(output.getEmittedRecords()).isEmpty();
    }

    @Test
    void nothingIsToldOfThoseThatWereInContact() throws Exception {
        start(ALL);
        reader.pollNext(output);
        reader.handleSourceEvents(new RetireSplit(ALL.splitId(), false));
        assertThat(output.getEmittedRecords()).isEmpty();
        assertThat(context.getSentEvents()).containsExactly(new SplitRetired(ALL.splitId()));
    }
}
