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
package io.tocsin.job.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tocsin.job.config.PipelineConfig;
import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.output.JsonLines;
import io.tocsin.job.pipeline.LiveClusters;
import io.tocsin.job.pipeline.TocsinPipeline;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.reader.DateServerClock;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.PodEvent;
import io.tocsin.testing.fault.Fault;
import io.tocsin.testing.fault.FaultProxy;
import io.tocsin.testing.fault.Request;
import io.tocsin.testing.fault.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several clusters in one job: each has a proxy of its own before one real API server, and a
 * namespace of its own. An absence rule, which lives by event time, tells whose time goes on.
 */
class SeveralClustersITCase {

    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration SKEW = Duration.ofHours(2);
    private static final Duration SLOW = Duration.ofSeconds(2);
    private static final long WITHIN_MILLIS = 10_000;
    private static final String RULES =
            """
            rules:
              - name: Stuck
                match: {reason: FailedScheduling}
                when: {missing: {reason: Scheduled}, within: 10s}
            """;

    private static final String WELL = "well";
    private static final String DOWN = "down";
    private static final String FORBIDDEN = "forbidden";
    private static final String SLOW_AND_AHEAD = "slow-and-ahead";

    private static final Map<String, Long> WATERMARKS = new ConcurrentHashMap<>();
    private static final Queue<Alert> ALERTS = new ConcurrentLinkedQueue<>();

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(builder -> builder.user(FORBIDDEN));

    @TempDir private Path folder;
    private KubeControlPlane plane;
    private ClusterFixtures fixtures;
    private final Map<String, FaultProxy> proxies = new ConcurrentHashMap<>();
    private JobClient job;

    @BeforeEach
    void open(KubeControlPlane controlPlane) {
        plane = controlPlane;
        fixtures = new ClusterFixtures(plane.rest());
    }

    @AfterEach
    void close() throws Exception {
        if (job != null) {
            job.cancel().get();
        }
        proxies.values().forEach(FaultProxy::close);
    }

    @Test
    void noneHoldsBackOrFalsifiesTheEventTimeOfAnother() throws Exception {
        List<Cluster> clusters = new ArrayList<>();
        clusters.add(cluster(WELL, KubeControlPlane.ADMIN));
        clusters.add(cluster(DOWN, KubeControlPlane.ADMIN));
        clusters.add(cluster(FORBIDDEN, FORBIDDEN));
        clusters.add(cluster(SLOW_AND_AHEAD, KubeControlPlane.ADMIN));
        proxies.get(SLOW_AND_AHEAD).script(Rule.on(Request.any()).delay(SLOW).skewDate(SKEW));
        start(clusters);
        await().atMost(LONG)
                .until(() -> WATERMARKS.keySet().containsAll(List.of(WELL, DOWN, SLOW_AND_AHEAD)));
        proxies.get(DOWN).cut();
        await().atMost(LONG).until(() -> proxies.get(DOWN).counts().of(Fault.CUT) > 5);
        long downSince = WATERMARKS.get(DOWN);

        long written = System.currentTimeMillis();
        clusters.forEach(cluster -> stuck(cluster.name()));
        await().atMost(LONG).until(() -> rang(WELL) && rang(SLOW_AND_AHEAD));
        long rung = System.currentTimeMillis();

        // Each by its own time: that of the well one is real, whatever the others say.
        assertThat(rung - written).isGreaterThanOrEqualTo(WITHIN_MILLIS);
        assertThat(WATERMARKS.get(WELL)).isBetween(written, System.currentTimeMillis());
        assertThat(WATERMARKS.get(SLOW_AND_AHEAD))
                .isGreaterThan(written + SKEW.toMillis() - Duration.ofMinutes(5).toMillis());
        assertThat(WATERMARKS.get(DOWN)).isEqualTo(downSince);
        assertThat(WATERMARKS).doesNotContainKey(FORBIDDEN);
        assertThat(rang(DOWN)).isFalse();
        assertThat(rang(FORBIDDEN)).isFalse();
        assertThat(proxies.get(SLOW_AND_AHEAD).counts().of(Fault.DATE)).isPositive();
        assertThat(proxies.get(SLOW_AND_AHEAD).counts().of(Fault.DELAY)).isPositive();
        assertThat(proxies.get(FORBIDDEN).counts().requests()).isGreaterThan(2);
        assertThat(plane.restAs(FORBIDDEN).call("GET", path(FORBIDDEN), null, null).status())
                .isEqualTo(403);

        // What was ill gets well, and has lost nothing.
        proxies.get(DOWN).mend();
        fixtures.allow(FORBIDDEN, FORBIDDEN, "events.k8s.io", "events", "list", "watch");
        await().atMost(LONG).until(() -> rang(DOWN) && rang(FORBIDDEN));
        assertThat(ALERTS)
                .filteredOn(alert -> alert.status() == AlertStatus.FIRING)
                .extracting(Alert::cluster)
                .containsExactlyInAnyOrder(WELL, DOWN, FORBIDDEN, SLOW_AND_AHEAD);
        System.out.printf(
                "SeveralClustersITCase: 4 of 4 rang; event time %s, written at %d%n",
                WATERMARKS, written);
    }

    private Cluster cluster(String name, String user) throws IOException {
        plane.rest().createNamespace(name);
        FaultProxy proxy = FaultProxy.before(plane);
        proxies.put(name, proxy);
        Path kubeconfig =
                Files.writeString(folder.resolve(name), proxy.kubeconfig(user, plane.token(user)));
        return new Cluster(name, null, kubeconfig.toString(), false, List.of(name));
    }

    private static String path(String namespace) {
        return "/apis/events.k8s.io/v1/namespaces/" + namespace + "/events";
    }

    /** As the cluster's own clock has it. */
    private void stuck(String cluster) {
        PodEvent event = PodEvent.failedScheduling(cluster, "stuck", "cart", "uid-" + cluster);
        boolean ahead = cluster.equals(SLOW_AND_AHEAD);
        fixtures.create(ahead ? event.at(Instant.now().plus(SKEW)) : event);
    }

    private static boolean rang(String cluster) {
        return ALERTS.stream().anyMatch(alert -> alert.cluster().equals(cluster));
    }

    private void start(List<Cluster> clusters) throws Exception {
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofSeconds(1));
        options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofSeconds(1));
        options.set(KubernetesSourceOptions.BACKOFF_BASE, Duration.ofMillis(100));
        options.set(KubernetesSourceOptions.BACKOFF_CAP, Duration.ofSeconds(1));
        LiveClusters live = new LiveClusters(options, DateServerClock::ofProcess);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1);
        TocsinPipeline.build(
                environment,
                new PipelineConfig(clusters, List.of("rules"), List.of(), null),
                RuleSet.parse("rules.yaml", RULES),
                new TocsinPipeline.Output(new JsonLines(), new DiscardingSink<>(), false),
                letter -> {},
                (env, cluster, uid) -> observed(live.of(env, cluster, uid), cluster.name()),
                alerts -> alerts.map(new Ring()).uid("ring"));
        job = environment.executeAsync("several clusters");
    }

    private static DataStream<EventRecord> observed(DataStream<EventRecord> events, String name) {
        return events.transform(
                        "watermarks of " + name,
                        TypeInformation.of(EventRecord.class),
                        new Watermarks(name))
                .uid("watermarks/" + name);
    }

    /** Notes how far event time is. */
    private static final class Watermarks extends AbstractStreamOperator<EventRecord>
            implements OneInputStreamOperator<EventRecord, EventRecord> {
        private static final long serialVersionUID = 1L;
        private final String cluster;

        Watermarks(String cluster) {
            this.cluster = cluster;
        }

        @Override
        public void processElement(StreamRecord<EventRecord> element) {
            output.collect(element);
        }

        @Override
        public void processWatermark(Watermark watermark) throws Exception {
            WATERMARKS.put(cluster, watermark.getTimestamp());
            super.processWatermark(watermark);
        }
    }

    private static final class Ring implements MapFunction<Alert, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public String map(Alert alert) {
            ALERTS.add(alert);
            return alert.id();
        }
    }
}
