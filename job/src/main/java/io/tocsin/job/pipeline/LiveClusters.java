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

import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.source.KubernetesSource;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.Startup;
import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.object.ObjectDeserializer;
import io.tocsin.source.object.ObjectRecord;
import io.tocsin.source.reader.DateServerClock;
import io.tocsin.source.reader.ServerClock;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The events, and what else rules need, of live clusters. The source itself makes timestamps and
 * watermarks.
 */
public final class LiveClusters implements TocsinPipeline.EventStreams {
    private final Configuration options;
    private final ServerClock.Factory clock;

    /** With the source's defaults. */
    public LiveClusters() {
        this(new Configuration(), DateServerClock::ofProcess);
    }

    /**
     * @param options of the source, besides those of a cluster, by the keys of {@code
     *     KubernetesSourceOptions}
     * @param clock makes the clock that follows the server's
     */
    public LiveClusters(Configuration options, ServerClock.Factory clock) {
        this.options = options;
        this.clock = clock;
    }

    @Override
    public DataStream<EventRecord> of(
            StreamExecutionEnvironment environment, Cluster cluster, String uid) {
        Configuration all = new Configuration(options);
        all.addAll(options(cluster));
        KubernetesSource<EventRecord> source =
                KubernetesSource.<EventRecord>builder()
                        .cluster(cluster.name())
                        .access(access(cluster))
                        .resource("events")
                        .namespaces(cluster.namespaces())
                        .namespaceSelector(cluster.namespaceSelector())
                        .fieldSelector(cluster.fieldSelector())
                        .startup(Startup.EARLIEST)
                        .deserializer(new EventDeserializer())
                        .options(all)
                        .serverClock(clock)
                        .build();
        return environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "events of " + cluster.name())
                .uid(uid);
    }

    @Override
    public DataStream<ObjectRecord> objects(
            StreamExecutionEnvironment environment, Cluster cluster, String resource, String uid) {
        Configuration all = new Configuration(options);
        all.addAll(options(cluster));
        Cluster scoped = cluster.scopedFor(resource);
        KubernetesSource<ObjectRecord> source =
                KubernetesSource.<ObjectRecord>builder()
                        .cluster(cluster.name())
                        .access(access(cluster))
                        .resource(resource)
                        .namespaces(scoped.namespaces())
                        .namespaceSelector(scoped.namespaceSelector())
                        .startup(Startup.EARLIEST)
                        .deserializer(new ObjectDeserializer())
                        .options(all)
                        .serverClock(clock)
                        .build();
        String name = resource + " of " + cluster.name();
        return environment.fromSource(source, WatermarkStrategy.noWatermarks(), name).uid(uid);
    }

    static Configuration options(Cluster cluster) {
        Configuration options = new Configuration();
        options.set(KubernetesSourceOptions.EVENT_TTL, cluster.eventTtl());
        return options;
    }

    /** Where a configured cluster is. */
    public static ClusterAccess access(Cluster cluster) {
        return new ClusterAccess(cluster.kubeconfig(), cluster.context(), cluster.inCluster());
    }
}
