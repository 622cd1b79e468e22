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
import static org.awaitility.Awaitility.await;

import io.tocsin.job.config.PipelineConfig;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.output.JsonLines;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.source.KubernetesSource;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.EventRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole topology with the real source; readers without a split must not hold back time. */
class AbsenceParallelismITCase {

    private static final long START = 1_800_000_000_000L;
    private static final Map<String, Queue<Alert>> RUNG = new ConcurrentHashMap<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void anAbsenceRuleFiresOnAQuietClusterWithOneSplit(int parallelism) throws Exception {
        String name = "absence-" + parallelism;
        EventServer server = EventServer.named(name);
        server.now(START);
        JobClient job = start(name, parallelism);
        Queue<Alert> rung = RUNG.get(name);
        server.scheduler("Warning", "FailedScheduling", "stuck", START + 1_000);
        server.scheduler("Warning", "FailedScheduling", "late", START + 1_000);
        server.now(START + 62_000);
        server.scheduler("Normal", "Scheduled", "late", START + 61_000);

        server.now(START + 181_000 + 9_000);
        server.scheduler("Warning", "FailedScheduling", "other", START + 185_000);
        server.now(START + 181_000 + 11_000);

        await().atMost(Duration.ofMinutes(2)).until(() -> !rung.isEmpty());
        server.now(START + 185_000 + 180_000 + 11_000);
        await().atMost(Duration.ofMinutes(2)).until(() -> rung.size() >= 2);
        assertThat(rung)
                .extracting(Alert::subject, Alert::status, Alert::startsAtMillis)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "Pod shop/stuck", AlertStatus.FIRING, START + 181_000),
                        org.assertj.core.groups.Tuple.tuple(
                                "Pod shop/other", AlertStatus.FIRING, START + 365_000));
        job.cancel().get();
    }

    private static JobClient start(String name, int parallelism) throws Exception {
        RUNG.put(name, new ConcurrentLinkedQueue<>());
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(parallelism, new Configuration());
        environment.enableCheckpointing(500);
        PipelineConfig.Cluster cluster =
                new PipelineConfig.Cluster(name, null, null, false, List.of());
        TocsinPipeline.build(
                environment,
                new PipelineConfig(List.of(cluster), List.of("default"), List.of(), null),
                RuleSet.load(List.of("default")),
                new TocsinPipeline.Output(new JsonLines(), new DiscardingSink<>(), false),
                deadLetter -> {},
                AbsenceParallelismITCase::source,
                alerts -> alerts.map(new Ring(name)).uid("ring").setParallelism(1));
        return environment.executeAsync(name);
    }

    private static DataStream<EventRecord> source(
            StreamExecutionEnvironment environment, PipelineConfig.Cluster cluster, String uid) {
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofMillis(400));
        options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofMillis(400));
        KubernetesSource<EventRecord> source =
                KubernetesSource.<EventRecord>builder()
                        .cluster(cluster.name())
                        .access(new ClusterAccess(null, null, false))
                        .deserializer(new EventDeserializer())
                        .options(options)
                        .resourceApiFactory(EventServer.factory(cluster.name()))
                        .build();
        return environment.fromSource(source, WatermarkStrategy.noWatermarks(), "events").uid(uid);
    }

    private static final class Ring implements MapFunction<Alert, String> {
        private static final long serialVersionUID = 1L;
        private final String name;

        Ring(String name) {
            this.name = name;
        }

        @Override
        public String map(Alert alert) {
            RUNG.get(name).add(alert);
            return alert.id();
        }
    }
}
