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

import io.tocsin.job.config.PipelineConfig;
import io.tocsin.job.model.Alert;
import io.tocsin.job.output.JsonLines;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.source.KubernetesSource;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.RecordDeserializer;
import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.object.ObjectDeserializer;
import io.tocsin.source.object.ObjectRecord;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** The whole topology with the real source, before an {@link InMemoryServer} of the same name. */
final class InMemoryJob {

    /** A server that refuses for longer than this has been out of sight. */
    static final Duration BLIND_AFTER = Duration.ofMillis(300);

    private static final Map<String, Queue<Alert>> ALERTS = new ConcurrentHashMap<>();

    private final String name;
    private JobClient job;
    private String savepoint;
    private PipelineConfig.Receiver receiver;
    private String notified;

    InMemoryJob(String name) {
        this.name = name;
        ALERTS.put(name, new ConcurrentLinkedQueue<>());
    }

    /** All changes of alerts so far, over all starts. */
    Queue<Alert> alerts() {
        return ALERTS.get(name);
    }

    /** Lets the next starts notify a receiver, at the same place, of the alerts of one rule. */
    void notifies(URI url, String rule) {
        PipelineConfig.Secret secret =
                new PipelineConfig.Secret(PipelineConfig.Secret.Kind.INLINE, url.toString());
        receiver = new PipelineConfig.Receiver("oncall", secret, Map.of());
        notified = rule;
    }

    /** Starts, from the last savepoint if there is one. */
    void start(RuleSet rules, int parallelism) throws Exception {
        start(rules, parallelism, "hashmap", true);
    }

    /**
     * Starts, from the last savepoint if there is one.
     *
     * @param backend Flink's name of the state backend
     * @param ignoreUnclaimed whether the savepoint may hold state of operators that are gone
     */
    void start(RuleSet rules, int parallelism, String backend, boolean ignoreUnclaimed)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(StateBackendOptions.STATE_BACKEND, backend);
        configuration.set(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE, ignoreUnclaimed);
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        // That of the test's MiniCluster where it has one, else of one that ends with the job.
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        environment.setParallelism(parallelism);
        environment.enableCheckpointing(500);
        PipelineConfig.Cluster cluster =
                new PipelineConfig.Cluster(name, null, null, false, List.of("*"));
        TocsinPipeline.build(
                environment,
                new PipelineConfig(List.of(cluster), List.of("default"), List.of(), null),
                rules,
                new TocsinPipeline.Output(new JsonLines(), new DiscardingSink<>(), false),
                deadLetter -> {},
                new Sources(),
                this::receive);
        job = environment.executeAsync(name);
    }

    private void receive(DataStream<Alert> alerts) {
        alerts.map(new Ring(name)).uid("ring").setParallelism(1);
        if (receiver != null) {
            String rule = notified;
            new Webhooks(List.of(receiver), deadLetter -> {})
                    .attach(alerts.filter(alert -> alert.rule().equals(rule)).uid("notified"));
        }
    }

    /** Lets the next start go on from a savepoint of another process. */
    void from(String savepointPath) {
        savepoint = savepointPath;
    }

    /** Stops with a savepoint, from which the next start goes on. */
    String stop(Path folder) throws Exception {
        savepoint =
                job.stopWithSavepoint(
                                false, folder.toUri().toString(), SavepointFormatType.CANONICAL)
                        .get();
        job.getJobExecutionResult().get();
        return savepoint;
    }

    void cancel() throws Exception {
        job.cancel().get();
    }

    /** Waits until the job has ended by itself. */
    void join() throws Exception {
        job.getJobExecutionResult().get();
    }

    private static final class Sources implements TocsinPipeline.EventStreams {

        @Override
        public DataStream<EventRecord> of(
                StreamExecutionEnvironment environment,
                PipelineConfig.Cluster cluster,
                String uid) {
            return source(environment, cluster, "events", new EventDeserializer(), uid);
        }

        @Override
        public DataStream<ObjectRecord> objects(
                StreamExecutionEnvironment environment,
                PipelineConfig.Cluster cluster,
                String resource,
                String uid) {
            return source(environment, cluster, resource, new ObjectDeserializer(), uid);
        }

        private static <T> DataStream<T> source(
                StreamExecutionEnvironment environment,
                PipelineConfig.Cluster cluster,
                String resource,
                RecordDeserializer<T> deserializer,
                String uid) {
            Configuration options = new Configuration();
            // Events may be told before the server's clock.
            options.set(KubernetesSourceOptions.MAX_FUTURE_SKEW, Duration.ofDays(1));
            // Its time may leap by hours, and it forgets nothing.
            options.set(KubernetesSourceOptions.EVENT_TTL, Duration.ofDays(1));
            options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofMillis(400));
            options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofMillis(400));
            options.set(KubernetesSourceOptions.BLIND_AFTER, BLIND_AFTER);
            KubernetesSource<T> source =
                    KubernetesSource.<T>builder()
                            .cluster(cluster.name())
                            .access(new ClusterAccess(null, null, false))
                            .resource(resource)
                            .deserializer(deserializer)
                            .options(options)
                            .resourceApiFactory(InMemoryServer.factory(cluster.name()))
                            .build();
            return environment
                    .fromSource(source, WatermarkStrategy.noWatermarks(), resource)
                    .uid(uid);
        }
    }

    private static final class Ring implements MapFunction<Alert, String> {
        private static final long serialVersionUID = 1L;
        private final String name;

        Ring(String name) {
            this.name = name;
        }

        @Override
        public String map(Alert alert) {
            ALERTS.get(name).add(alert);
            return alert.id();
        }
    }
}
