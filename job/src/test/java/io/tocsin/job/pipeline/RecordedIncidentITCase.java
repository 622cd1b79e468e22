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
package io.tocsin.job.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.replay.RecordingOverview;
import io.tocsin.job.replay.RecordingReader;
import io.tocsin.job.replay.RecordingSource;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.EventRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;

/** A real incident, read as a bounded stream. */
class RecordedIncidentITCase {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path RECORDING = Path.of("../recordings/one-bad-afternoon.jsonl.gz");

    @Test
    void ringsForWhatFailedAndForNothingElse() throws Exception {
        assertThat(
                        alerts(RECORDING).stream()
                                .filter(alert -> alert.status() == AlertStatus.FIRING)
                                .map(alert -> alert.labels().get("namespace"))
                                .distinct())
                .contains("shop", "search", "kv", "crm", "etl", "gateway")
                .doesNotContain(
                        "web", "docs", "research", "mailer", "profile", "chat", "backup", "queue");
    }

    @Test
    void readsEveryVersionOnceInItsOrder() throws Exception {
        List<String> recorded = new ArrayList<>();
        try (RecordingReader reader = new RecordingReader(RECORDING)) {
            for (var entry = reader.next(); entry != null; entry = reader.next()) {
                if (entry.resource().equals("events")) {
                    recorded.add(
                            JSON.readTree(entry.object()).at("/metadata/resourceVersion").asText());
                }
            }
        }
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        List<String> read = new ArrayList<>();
        CloseableIterator<EventRecord> records = events(environment, RECORDING).collectAsync();
        environment.execute();
        try (records) {
            records.forEachRemaining(record -> read.add(record.envelope().resourceVersion()));
        }
        assertThat(read).hasSizeGreaterThan(2000).isEqualTo(recorded);
    }

    private static DataStream<EventRecord> events(
            StreamExecutionEnvironment environment, Path recording) {
        return environment
                .fromSource(
                        new RecordingSource<>(
                                recording, "recording", "", "events", new EventDeserializer()),
                        WatermarkStrategy.noWatermarks(),
                        "recording")
                .uid("recording");
    }

    /** What rang and resolved until the recording ended. */
    private static List<Alert> alerts(Path recording) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        DetectionPipeline.Streams streams =
                DetectionPipeline.detect(
                        events(environment, recording),
                        RuleSet.load(List.of("default")),
                        "recording",
                        List.of("*"),
                        Cluster.DEFAULT_EVENT_TTL);
        List<Alert> alerts = new ArrayList<>();
        CloseableIterator<Alert> iterator = streams.alerts().collectAsync();
        environment.execute();
        try (iterator) {
            iterator.forEachRemaining(alerts::add);
        }
        long end = RecordingOverview.of(recording).end().toEpochMilli();
        return alerts.stream()
                .filter(alert -> alert.startsAtMillis() <= end && alert.endsAtMillis() <= end)
                .toList();
    }
}
