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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.RecordDeserializer;
import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceSplitSerializer;
import io.tocsin.source.split.ResourceSplitState;
import io.tocsin.source.split.ResourceVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.junit.jupiter.api.Test;

class PositionEmitterTest {

    private static final long NOW = 1_760_000_000_000L;
    private static final long SLACK = 10_000;
    private static final long MAX_SKEW = 60_000;
    private static final long TTL = 3_600_000;

    private final MetricListener metrics = new MetricListener();
    private final Output output = new Output();
    private final SetClock clock = new SetClock();
    private final EventTimeProgress progress = new EventTimeProgress();
    private PositionEmitter<KubernetesRecord> emitter = emitter(TTL);
    private ResourceSplitState state = stateAt(Position.initial());

    private PositionEmitter<KubernetesRecord> emitter(long ttl) {
        return new PositionEmitter<>(
                new TimeInObject(),
                new EventTime(SLACK, MAX_SKEW, ttl, 60_000),
                clock,
                new SourceMetrics(InternalSourceReaderMetricGroup.mock(metrics.getMetricGroup())),
                progress);
    }

    private static ResourceSplitState stateAt(Position position) {
        return new ResourceSplitState(new ResourceSplit("c", "events", "*", position, false));
    }

    private void emit(Element element) throws IOException {
        emitter.emitRecord(element, output, state);
    }

    private Element changed(Origin origin, String version, long time) {
        return changed(origin, version, Long.toString(time));
    }

    private Element changed(Origin origin, String version, String object) {
        return new Element.Changed(
                false,
                origin,
                new ObjectVersion("ns", "a", "u", version, object.getBytes(StandardCharsets.UTF_8)),
                at(version));
    }

    private Position at(String version) {
        return state.position().at(new ResourceVersion(version));
    }

    private Element listed(String version, long proven) {
        return new Element.Listed(
                false,
                proven,
                state.position().listed(new ResourceVersion(version), proven, List.of()));
    }

    private long count(String... name) {
        return metrics.getCounter(name).map(Counter::getCount).orElseThrow();
    }

    // ------------------------------------------------------------------ the four states

    @Test
    void aLiveSplitFollowsItsEvents() throws Exception {
        clock.now = NOW;
        emit(changed(Origin.WATCH, "8", NOW - 5_000));
        emit(changed(Origin.WATCH, "9", NOW - 30_000));
        emit(changed(Origin.WATCH, "10", NOW - 1_000));
        assertThat(output.watermarks).containsExactly(NOW - 5_000 - SLACK, NOW - 1_000 - SLACK);
        assertThat(output.timestamps).containsExactly(NOW - 5_000, NOW - 30_000, NOW - 1_000);
    }

    @Test
    void aSplitThatListsHoldsItsEventTime() throws Exception {
        clock.now = NOW;
        emit(changed(Origin.LISTED, "8", NOW - 5_000));
        emit(changed(Origin.BASELINE, "9", NOW - 1_000));
        emit(new Element.Moved(at("9")));
        assertThat(output.watermarks).isEmpty();
        assertThat(output.timestamps).containsExactly(NOW - 5_000, NOW - 1_000);
    }

    @Test
    void aSplitThatIsProvenQuietFollowsTheServersTime() throws Exception {
        clock.now = NOW + 100;
        emit(listed("9", NOW));
        emit(listed("9", NOW + 20_000));
        assertThat(output.watermarks).containsExactly(NOW - SLACK, NOW + 20_000 - SLACK);
        assertThat(state.position().lastContactMillis()).isEqualTo(NOW + 20_000);
    }

    @Test
    void aListOfUnknownTimeProvesNothing() throws Exception {
        emit(listed("9", 0));
        assertThat(output.watermarks).isEmpty();
    }

    @Test
    void aDisconnectedSplitStandsStillAndIsIdleOnceItIsLost() throws Exception {
        clock.now = NOW;
        emit(changed(Origin.WATCH, "8", NOW));
        clock.now = NOW + 90_000;
        emit(new Element.Lost(NOW, "403 forbidden", state.position()));
        assertThat(output.watermarks).containsExactly(NOW - SLACK);
        assertThat(output.idle).isTrue();
        assertThat(output.kinds()).containsExactly(Kind.UPSERTED, Kind.BLIND);
        assertThat(output.last().fromMillis()).isEqualTo(NOW);
        assertThat(output.last().toMillis()).isZero();
        assertThat(output.last().reason()).isEqualTo("403 forbidden");

        emit(new Element.Regained(NOW, NOW + 95_000, "no contact", state.position()));
        assertThat(output.idle).isFalse();
        assertThat(output.kinds()).containsExactly(Kind.UPSERTED, Kind.BLIND, Kind.BLIND);
        assertThat(output.last().fromMillis()).isEqualTo(NOW);
        assertThat(output.last().toMillis()).isEqualTo(NOW + 95_000);
        assertThat(output.watermarks).as("nothing is proven yet").containsExactly(NOW - SLACK);
    }

    @Test
    void eventTimeNeverGoesBack() throws Exception {
        clock.now = NOW;
        emit(listed("7", NOW));
        emit(changed(Origin.WATCH, "8", NOW - 40_000));
        emit(listed("9", NOW - 5_000));
        assertThat(output.watermarks).containsExactly(NOW - SLACK);
    }

    @Test
    void tellsTheDriverOnlyOfLinesThatMoveEventTime() throws Exception {
        clock.now = NOW;
        emit(changed(Origin.WATCH, "8", NOW));
        assertThat(progress.advances("c/events/*")).isOne();
        emit(changed(Origin.WATCH, "9", NOW - 60_000));
        emit(changed(Origin.WATCH, "10", "not a time"));
        emit(new Element.Moved(at("11")));
        emit(new Element.Changed(true, Origin.WATCH, object("12", NOW - 90_000), at("12")));
        assertThat(progress.advances("c/events/*")).isOne();
        emit(listed("13", NOW + 20_000));
        assertThat(progress.advances("c/events/*")).isEqualTo(2);
    }

    @Test
    void tellsHowFarBehindTheServerAnElementWasWhenItWasRead() throws Exception {
        clock.observe(NOW);
        emit(changed(Origin.WATCH, "8", NOW - 3_000).readAt(NOW - 1_000));
        assertThat(fetchLag()).isEqualTo(2_000L);
        emit(changed(Origin.WATCH, "9", NOW - 3_000));
        assertThat(fetchLag()).as("read at an unknown time").isEqualTo(2_000L);
        emit(changed(Origin.LISTED, "10", "not a time").readAt(NOW));
        assertThat(fetchLag()).as("of no time").isEqualTo(2_000L);
        emit(changed(Origin.WATCH, "11", NOW + MAX_SKEW + 1).readAt(NOW));
        assertThat(fetchLag()).as("replaced by the server's now").isZero();
        Element.Changed listed = (Element.Changed) changed(Origin.LISTED, "12", NOW - 5_000);
        emit(
                new Element.Present(listed, "ns", "a", "u", new ResourceVersion("12"), at("12"))
                        .readAt(NOW));
        assertThat(fetchLag()).isEqualTo(5_000L);
    }

    private long fetchLag() {
        return metrics.<Long>getGauge("currentFetchEventTimeLag").orElseThrow().getValue();
    }

    private static ObjectVersion object(String version, long time) {
        byte[] bytes = Long.toString(time).getBytes(StandardCharsets.UTF_8);
        return new ObjectVersion("ns", "a", "u", version, bytes);
    }

    @Test
    void aLineWithoutATimeIsContactWhereNothingExpires() throws Exception {
        emitter = emitter(0);
        clock.now = NOW;
        emit(listed("7", NOW));
        clock.now = NOW + 3_600_000;
        emit(changed(Origin.WATCH, "8", ""));
        emit(changed(Origin.LISTED, "9", ""));
        state = new ResourceSplitState(state.toSplit());
        clock.now += 5_000;
        emit(new Element.Regained(0, clock.now, "restarted", state.position()));
        assertThat(output.kinds())
                .as("nobody was blind for that hour")
                .containsExactly(Kind.UPSERTED, Kind.UPSERTED);
    }

    @Test
    void aLineWithoutATimeProvesNothingWhereOthersExpire() throws Exception {
        clock.now = NOW;
        emit(listed("7", NOW));
        clock.now = NOW + 60_000;
        emit(changed(Origin.WATCH, "8", ""));
        assertThat(state.position().lastContactMillis()).isEqualTo(NOW);
    }

    // ------------------------------------------------------------------ clocks that are wrong

    @Test
    void anEventInTheFarFutureDoesNotPushTheWatermark() throws Exception {
        clock.now = NOW;
        emit(changed(Origin.WATCH, "8", NOW + 86_400_000L * 36_500));
        assertThat(output.timestamps).containsExactly(NOW);
        assertThat(output.watermarks).containsExactly(NOW - SLACK);
        assertThat(count("kubernetes", "futureSkewed")).isOne();
        assertThat(state.position().lastContactMillis()).isEqualTo(NOW);
    }

    @Test
    void anEventSlightlyAheadKeepsItsTimeAndTheWatermarkWaits() throws Exception {
        clock.now = NOW;
        emit(changed(Origin.WATCH, "8", NOW + MAX_SKEW));
        assertThat(output.timestamps).containsExactly(NOW + MAX_SKEW);
        assertThat(output.watermarks).containsExactly(NOW - SLACK);
        assertThat(count("kubernetes", "futureSkewed")).isZero();
        assertThat(state.position().lastContactMillis()).isEqualTo(NOW);
    }

    @Test
    void anEventOfTheEpochHoldsNothingBack() throws Exception {
        clock.now = NOW;
        emit(changed(Origin.WATCH, "8", NOW - 1_000));
        emit(changed(Origin.WATCH, "9", 0));
        emit(changed(Origin.WATCH, "10", NOW));
        assertThat(output.timestamps).containsExactly(NOW - 1_000, 0L, NOW);
        assertThat(output.watermarks).containsExactly(NOW - 1_000 - SLACK, NOW - SLACK);
    }

    // ------------------------------------------------------------------ presence

    @Test
    void tellsAnObjectAsPresentAfterItsVersion() throws Exception {
        clock.now = NOW;
        Element.Changed changed = (Element.Changed) changed(Origin.LISTED, "8", NOW - 5_000);
        emit(new Element.Present(changed, "ns", "a", "u", new ResourceVersion("20"), at("8")));
        emit(new Element.Present(null, "ns", "b", "v", new ResourceVersion("20"), at("9")));
        assertThat(output.kinds()).containsExactly(Kind.UPSERTED, Kind.PRESENT, Kind.PRESENT);
        assertThat(output.records)
                .extracting(each -> each.name() + "/" + each.uid() + "@" + each.resourceVersion())
                .containsExactly("a/u@8", "a/u@20", "b/v@20");
        assertThat(output.watermarks).isEmpty();
        assertThat(state.position().version().value()).isEqualTo("9");
    }

    // ------------------------------------------------------------------ gaps

    @Test
    void tellsPossibleLossWhereTheGapIsLongerThanTheServerKeepsEvents() throws Exception {
        long last = NOW - 2 * TTL;
        state = stateAt(Position.initial().listed(new ResourceVersion("7"), last, List.of()));
        clock.now = NOW;
        emit(listed("900", NOW));
        assertThat(output.kinds()).containsExactly(Kind.POSSIBLE_LOSS);
        assertThat(output.last().fromMillis()).isEqualTo(last);
        assertThat(output.last().toMillis()).isEqualTo(NOW - TTL / 10 * 9);
        assertThat(count("kubernetes", "possibleLoss")).isOne();
    }

    @Test
    void tellsNoLossWhereTheGapIsShorter() throws Exception {
        long last = NOW - TTL / 2;
        state = stateAt(Position.initial().listed(new ResourceVersion("7"), last, List.of()));
        emit(listed("900", NOW));
        assertThat(output.records).isEmpty();
    }

    @Test
    void aFirstListLosesNothing() throws Exception {
        emit(listed("900", NOW));
        assertThat(output.kinds()).isEmpty();
    }

    @Test
    void tellsAGapThatARestartFound() throws Exception {
        long last = NOW - 120_000;
        state = stateAt(Position.initial().listed(new ResourceVersion("7"), last, List.of()));
        emit(new Element.Regained(0, NOW, "no contact", state.position()));
        assertThat(output.kinds()).containsExactly(Kind.BLIND);
        assertThat(output.last().fromMillis()).isEqualTo(last);
        assertThat(output.last().toMillis()).isEqualTo(NOW);
        emit(new Element.Regained(NOW - 1_000, NOW, "no contact", state.position()));
        assertThat(output.records).as("a short one is not told").hasSize(1);
    }

    @Test
    void endsABlindnessThatARestartFoundOpen() throws Exception {
        emit(new Element.Lost(0, "403 forbidden", state.position()));
        assertThat(output.last().toMillis()).isZero();

        state = new ResourceSplitState(restored(state.toSplit()));
        emit(new Element.Regained(0, NOW, "no contact", state.position()));
        assertThat(output.kinds()).containsExactly(Kind.BLIND, Kind.BLIND);
        assertThat(output.last().fromMillis()).isZero();
        assertThat(output.last().toMillis()).isEqualTo(NOW);

        state = new ResourceSplitState(restored(state.toSplit()));
        emit(new Element.Regained(0, NOW + 5_000, "no contact", state.position()));
        assertThat(output.records).as("its end was told").hasSize(2);
    }

    @Test
    void endsABlindnessAlsoWhereTheServersTimeIsUnknown() throws Exception {
        emit(new Element.Lost(0, "403 forbidden", state.position()));
        emit(new Element.Regained(0, 0, "no contact", state.position()));
        assertThat(output.kinds()).containsExactly(Kind.BLIND, Kind.BLIND);
        assertThat(output.last().toMillis()).as("0 would say that it lasts").isPositive();
        assertThat(output.idle).isFalse();
    }

    private static ResourceSplit restored(ResourceSplit split) throws IOException {
        ResourceSplitSerializer serializer = new ResourceSplitSerializer();
        return serializer.deserialize(serializer.getVersion(), serializer.serialize(split));
    }

    // ------------------------------------------------------------------ dead letters

    @Test
    void aLineThatWasNotUnderstoodIsADeadLetterWithItsBytes() throws Exception {
        clock.now = NOW;
        emit(new Element.DeadLetter(new byte[] {1, 2}, "no JSON", at("8")));
        assertThat(output.kinds()).containsExactly(Kind.DEAD_LETTER);
        assertThat(output.last().object()).containsExactly(1, 2);
        assertThat(output.last().reason()).isEqualTo("no JSON");
        assertThat(output.timestamps).containsExactly(NOW);
        assertThat(count("numRecordsInErrors")).isOne();
    }

    @Test
    void anObjectThatIsNotUnderstoodIsADeadLetterAndTheRestGoesOn() throws Exception {
        clock.now = NOW;
        emit(changed(Origin.WATCH, "8", "not a time"));
        emit(changed(Origin.WATCH, "9", NOW));
        assertThat(output.kinds()).containsExactly(Kind.DEAD_LETTER, Kind.UPSERTED);
        assertThat(output.records.get(0).object())
                .isEqualTo("not a time".getBytes(StandardCharsets.UTF_8));
        assertThat(output.records.get(0).resourceVersion()).isEqualTo("8");
        assertThat(output.records.get(0).reason()).contains("not understood");
        assertThat(state.position().version().value()).isEqualTo("9");
        assertThat(count("numRecordsInErrors")).isOne();
    }

    // ------------------------------------------------------------------ the position

    @Test
    void movesThePositionOnlyAfterEmission() {
        output.refuses = true;
        assertThatThrownBy(() -> emit(changed(Origin.WATCH, "8", NOW)))
                .hasMessage("downstream failed");
        assertThat(state.position()).isEqualTo(Position.initial());
    }

    @Test
    void lastContactIsTheTimeOfTheLinesAndNeverThatOfTheirArrival() throws Exception {
        clock.now = NOW;
        emit(changed(Origin.WATCH, "8", NOW - 50_000));
        assertThat(state.position().lastContactMillis()).isEqualTo(NOW - 50_000);
        emit(changed(Origin.WATCH, "9", NOW - 90_000));
        assertThat(state.position().lastContactMillis()).isEqualTo(NOW - 50_000);
        assertThat(state.position().version().value()).isEqualTo("9");
    }

    // ------------------------------------------------------------------ fakes

    private static final class SetClock implements ServerClock {
        private long now;

        @Override
        public long nowMillis() {
            return now;
        }

        @Override
        public void observe(long dateMillis) {
            now = dateMillis;
        }
    }

    /** Takes an object's bytes as its time in decimal. */
    private static final class TimeInObject implements RecordDeserializer<KubernetesRecord> {
        private static final long serialVersionUID = 1L;

        @Override
        public KubernetesRecord deserialize(KubernetesRecord record) throws IOException {
            if (record.kind() == Kind.UPSERTED
                    && !text(record).chars().allMatch(Character::isDigit)) {
                throw new IOException("no number");
            }
            return record;
        }

        private static String text(KubernetesRecord record) {
            return new String(record.object(), StandardCharsets.UTF_8);
        }

        @Override
        public long timestampMillis(KubernetesRecord record) {
            return record.kind() == Kind.UPSERTED && !text(record).isEmpty()
                    ? Long.parseLong(text(record))
                    : NO_TIMESTAMP;
        }

        @Override
        public TypeInformation<KubernetesRecord> getProducedType() {
            return TypeInformation.of(KubernetesRecord.class);
        }
    }

    private static final class Output implements SourceOutput<KubernetesRecord> {
        private final List<KubernetesRecord> records = new ArrayList<>();
        private final List<Long> timestamps = new ArrayList<>();
        private final List<Long> watermarks = new ArrayList<>();
        private boolean idle;
        private boolean refuses;

        List<Kind> kinds() {
            return records.stream().map(KubernetesRecord::kind).toList();
        }

        KubernetesRecord last() {
            return records.get(records.size() - 1);
        }

        @Override
        public void collect(KubernetesRecord record) {
            collect(record, Long.MIN_VALUE);
        }

        @Override
        public void collect(KubernetesRecord record, long timestamp) {
            if (refuses) {
                throw new IllegalStateException("downstream failed");
            }
            records.add(record);
            timestamps.add(timestamp);
        }

        @Override
        public void emitWatermark(Watermark watermark) {
            watermarks.add(watermark.getTimestamp());
        }

        @Override
        public void markIdle() {
            idle = true;
        }

        @Override
        public void markActive() {
            idle = false;
        }
    }
}
