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
package io.tocsin.source;

import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.api.ResourceApiFactory;
import io.tocsin.source.enumerator.EnumeratorState;
import io.tocsin.source.enumerator.EnumeratorStateSerializer;
import io.tocsin.source.enumerator.NamespaceEnumerator;
import io.tocsin.source.reader.EventTime;
import io.tocsin.source.reader.KubernetesSourceReader;
import io.tocsin.source.reader.ListWatchSettings;
import io.tocsin.source.reader.NamespaceReader;
import io.tocsin.source.reader.PositionEmitter;
import io.tocsin.source.reader.ReaderParts;
import io.tocsin.source.reader.ServerClock;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceSplitSerializer;
import io.tocsin.source.split.Scopes;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Lists and watches one resource of one Kubernetes cluster, exactly: what a checkpoint holds was
 * emitted, and after a restore nothing is left out or told twice.
 *
 * <p>To be used with {@code WatermarkStrategy.noWatermarks()}: the source emits watermarks of its
 * own, by the API server's clock. One cluster per pipeline: Flink keeps one watermark per task.
 *
 * <p>Opens no connection itself; {@link KubernetesSourceBuilder} makes it.
 *
 * @param <OUT> type of the elements
 */
public final class KubernetesSource<OUT>
        implements Source<OUT, ResourceSplit, EnumeratorState>, ResultTypeQueryable<OUT> {

    private static final long serialVersionUID = 1L;

    private final String cluster;
    private final ClusterAccess access;
    private final String resource;
    private final Scopes scopes;
    private final RecordDeserializer<OUT> deserializer;
    private final ResourceApiFactory apis;
    private final ServerClock.Factory clocks;
    private final ListWatchSettings settings;
    private final EventTime eventTime;
    private final int queueElements;
    private final long queueBytes;

    KubernetesSource(
            KubernetesSourceBuilder<OUT> builder,
            Scopes scopes,
            ListWatchSettings settings,
            EventTime eventTime,
            int queueElements,
            long queueBytes) {
        this.cluster = builder.cluster;
        this.access = builder.access;
        this.resource = builder.resource;
        this.deserializer = builder.deserializer;
        this.apis = builder.apis;
        this.clocks = builder.clocks;
        this.scopes = scopes;
        this.settings = settings;
        this.eventTime = eventTime;
        this.queueElements = queueElements;
        this.queueBytes = queueBytes;
    }

    /** Starts building a source. */
    public static <OUT> KubernetesSourceBuilder<OUT> builder() {
        return new KubernetesSourceBuilder<>();
    }

    @Override
    public Boundedness getBoundedness() {
        return settings.bounded() ? Boundedness.BOUNDED : Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<OUT, ResourceSplit> createReader(SourceReaderContext context) {
        ReaderParts parts =
                new ReaderParts(
                        settings,
                        split -> apis.open(access, split.resource(), split.scope()),
                        clocks.create(),
                        context.metricGroup(),
                        queueElements,
                        queueBytes);
        return new KubernetesSourceReader<>(
                parts,
                new PositionEmitter<>(
                        deserializer, eventTime, parts.clock(), parts.metrics(), parts.progress()),
                scopes,
                context);
    }

    @Override
    public SplitEnumerator<ResourceSplit, EnumeratorState> createEnumerator(
            SplitEnumeratorContext<ResourceSplit> context) {
        return enumerator(context, null);
    }

    @Override
    public SplitEnumerator<ResourceSplit, EnumeratorState> restoreEnumerator(
            SplitEnumeratorContext<ResourceSplit> context, EnumeratorState state) {
        return enumerator(context, state);
    }

    private NamespaceEnumerator enumerator(
            SplitEnumeratorContext<ResourceSplit> context, EnumeratorState state) {
        String selector = scopes.selector();
        NamespaceReader namespaces =
                selector == null
                        ? null
                        : new NamespaceReader(
                                cluster,
                                selector,
                                settings,
                                () -> apis.openSelected(access, "namespaces", selector));
        return new NamespaceEnumerator(
                context,
                ResourceSplit.unread(cluster, resource, ResourceSplit.ALL_NAMESPACES),
                scopes,
                settings.startup(),
                settings.bounded(),
                namespaces,
                state);
    }

    @Override
    public SimpleVersionedSerializer<ResourceSplit> getSplitSerializer() {
        return new ResourceSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<EnumeratorState> getEnumeratorCheckpointSerializer() {
        return new EnumeratorStateSerializer();
    }

    @Override
    public TypeInformation<OUT> getProducedType() {
        return deserializer.getProducedType();
    }
}
