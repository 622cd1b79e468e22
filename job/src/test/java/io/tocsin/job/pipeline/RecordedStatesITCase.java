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

import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.replay.RecordingSource;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.object.ObjectDeserializer;
import io.tocsin.source.object.ObjectRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Rules about states before the pods, the node and the events of a real cluster, and before the
 * deployments of one rollout of it: failures that no event tells.
 */
class RecordedStatesITCase {

    private static final Path FOLDER = Path.of("src/test/resources/io/tocsin/job/pipeline");
    private static final Path AFTERNOON = Path.of("../recordings/one-bad-afternoon.jsonl.gz");
    private static final Path ROLLOUT = FOLDER.resolve("deployments-of-a-rollout.jsonl.gz");

    private static List<Alert> alerts;

    @BeforeAll
    static void play() throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        RuleSet rules = RuleSet.load(List.of(FOLDER.resolve("states.yaml").toString()));
        assertThat(rules.resources()).containsExactly("deployments", "events", "nodes", "pods");
        Map<String, DataStream<ObjectRecord>> objects = new LinkedHashMap<>();
        objects.put("pods", objects(environment, AFTERNOON, "pods"));
        objects.put("nodes", objects(environment, AFTERNOON, "nodes"));
        objects.put("deployments", objects(environment, ROLLOUT, "deployments"));
        DetectionPipeline.Streams streams =
                DetectionPipeline.detect(
                        events(environment),
                        objects,
                        rules,
                        "recorded",
                        List.of("*"),
                        Cluster.DEFAULT_EVENT_TTL);
        alerts = new ArrayList<>();
        CloseableIterator<Alert> iterator = streams.alerts().collectAsync();
        environment.execute();
        try (iterator) {
            iterator.forEachRemaining(alerts::add);
        }
    }

    @Test
    void ringsForStatesAndForNothingElse() {
        assertThat(namespaces("OutOfMemory")).containsExactly("search");
        assertThat(namespaces("CrashLoop"))
                .containsExactly("billing", "gateway", "kv", "search", "shop");
        // An image that came late looks the same, for a while.
        assertThat(namespaces("ImagePull")).containsExactly("docs", "media");
        assertThat(namespaces("ContainerConfig")).containsExactly("auth");
        assertThat(namespaces("PodFailed")).contains("etl");
        assertThat(namespaces("RolloutStuck")).containsExactly("catalog");
        assertThat(fired("NodeDown")).hasSize(1);
    }

    /** When the state was first seen is told by who recorded it. */
    @Test
    void ringsAtTheTimesOfTheStates() {
        assertBegins("ContainerConfig", "2026-11-21T02:13:28.632Z", "2026-11-21T02:13:30.270Z");
        assertBegins("RolloutStuck", "2026-11-21T02:14:28.631Z", "2026-11-21T02:14:59.017Z");
        assertBegins("NodeDown", "2026-11-21T02:27:38Z", "2026-11-21T02:28:03Z");
        // The first kill is of 02:13:16; the alert begins with the third.
        assertThat(Instant.ofEpochMilli(fired("OutOfMemory").get(0).firstMillis()))
                .isBetween(
                        Instant.parse("2026-11-21T02:13:08.630Z"),
                        Instant.parse("2026-11-21T02:13:16.251Z"));
    }

    @Test
    void statesEndWhatTheyAndEventsBegan() {
        assertThat(ended("RolloutStuck")).isEqualTo("2026-11-21T02:23:28Z");
        assertThat(ended("NodeDown")).startsWith("2026-11-21T02:29:");
        assertThat(ended("ContainerConfig")).startsWith("2026-11-21T02:23:");
        // The pod was deleted at 02:22:48 and gone two seconds later; no event names it after that.
        assertThat(
                        alerts.stream()
                                .filter(each -> each.rule().equals("BackOffUntilGone"))
                                .filter(each -> each.status() == AlertStatus.RESOLVED)
                                .filter(each -> "billing".equals(each.labels().get("namespace")))
                                .map(each -> Instant.ofEpochMilli(each.endsAtMillis()).toString()))
                .isNotEmpty()
                .allMatch(end -> end.startsWith("2026-11-21T02:22:5"));
    }

    private static void assertBegins(String rule, String earliest, String latest) {
        assertThat(Instant.ofEpochMilli(fired(rule).get(0).startsAtMillis()))
                .as(rule)
                .isBetween(Instant.parse(earliest), Instant.parse(latest));
    }

    private static String ended(String rule) {
        return alerts.stream()
                .filter(each -> each.rule().equals(rule))
                .filter(each -> each.status() == AlertStatus.RESOLVED)
                .map(each -> Instant.ofEpochMilli(each.endsAtMillis()).toString())
                .findFirst()
                .orElse("not ended");
    }

    private static List<Alert> fired(String rule) {
        return alerts.stream()
                .filter(each -> each.rule().equals(rule))
                .filter(each -> each.status() == AlertStatus.FIRING)
                .toList();
    }

    private static Set<String> namespaces(String rule) {
        return fired(rule).stream()
                .map(each -> each.labels().get("namespace"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static DataStream<EventRecord> events(StreamExecutionEnvironment environment) {
        return environment
                .fromSource(
                        new RecordingSource<>(
                                AFTERNOON, "recorded", "", "events", new EventDeserializer()),
                        WatermarkStrategy.noWatermarks(),
                        "events")
                .uid("events-of-the-recording");
    }

    private static DataStream<ObjectRecord> objects(
            StreamExecutionEnvironment environment, Path recording, String resource) {
        return environment
                .fromSource(
                        new RecordingSource<>(
                                recording, "recorded", "", resource, new ObjectDeserializer()),
                        WatermarkStrategy.noWatermarks(),
                        resource)
                .uid(resource + "-of-the-recording");
    }
}
