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
import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.output.LineFormat;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.sink.deadletter.DeadLetter;
import io.tocsin.sink.deadletter.DeadLetterHandler;
import io.tocsin.sink.deadletter.DeadLetterSink;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.object.ObjectRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The topology: one detection pipeline per cluster, because a task has one watermark; they meet
 * only in the outputs.
 */
public final class TocsinPipeline {
    /** Fixed for ever: a checkpoint with another one does not restore. Has many divisors. */
    public static final int MAX_PARALLELISM = 360;

    private TocsinPipeline() {}

    /**
     * Makes the streams of a cluster's events, with timestamps and watermarks; the source's uid is
     * {@code uid}.
     */
    public interface EventStreams {
        DataStream<EventRecord> of(
                StreamExecutionEnvironment environment, Cluster cluster, String uid);

        /**
         * Makes the stream of another watched resource of the cluster, likewise. Only asked for
         * where rules need it.
         *
         * @param resource one of {@link io.tocsin.source.object.ObjectDeserializer#RESOURCES}
         */
        default DataStream<ObjectRecord> objects(
                StreamExecutionEnvironment environment,
                Cluster cluster,
                String resource,
                String uid) {
            throw new UnsupportedOperationException(
                    "The rules need "
                            + resource
                            + " to be watched, but only events come from here; expected rules"
                            + " without state");
        }
    }

    /** Takes all alerts, besides the output. */
    public interface AlertReceivers {
        void attach(DataStream<Alert> alerts);
    }

    /**
     * Where lines go and how they look.
     *
     * @param format how
     * @param sink where
     * @param events whether lines for events, and for what came too late to ring, are written too
     */
    public record Output(LineFormat format, Sink<String> sink, boolean events) {}

    /**
     * Adds the whole job to an environment.
     *
     * @param deadLetters keeps what could not be read, besides the output
     */
    public static void build(
            StreamExecutionEnvironment environment,
            PipelineConfig config,
            RuleSet rules,
            Output output,
            DeadLetterHandler deadLetters,
            EventStreams sources,
            AlertReceivers receivers) {
        configure(environment);
        LineFormat format = output.format();
        DataStream<String> lines = null;
        DataStream<Alert> alerts = null;
        DataStream<DeadLetter> unread = null;
        for (Cluster cluster : config.clusters()) {
            String name = cluster.name();
            DataStream<EventRecord> events =
                    sources.of(environment, cluster, OutputUids.EVENTS + name);
            Map<String, DataStream<ObjectRecord>> objects =
                    objects(sources, environment, cluster, rules);
            DetectionPipeline.Streams detected =
                    DetectionPipeline.detect(
                            events, objects, rules, name, cluster.namespaces(), cluster.eventTtl());

            DataStream<EventRecord> watches = watches(events, objects, name);
            lines = and(lines, watchLines(watches, format, name));
            DataStream<DeadLetter> letters = deadLetters(watches, name);
            lines = and(lines, deadLetterLines(letters, format, name));
            unread = and(unread, letters);
            lines = and(lines, alertLines(detected.alerts(), format, name));
            lines = and(lines, lateLines(detected.late(), output, name));
            if (output.events()) {
                lines = and(lines, eventLines(detected.occurrences(), format, name));
            }
            alerts = and(alerts, detected.alerts());
        }
        lines.sinkTo(output.sink()).name("output").uid(OutputUids.OUTPUT).setParallelism(1);
        unread.sinkTo(new DeadLetterSink(deadLetters))
                .name("dead letters")
                .uid(OutputUids.DEAD_LETTER_SINK)
                .setParallelism(1);
        receivers.attach(alerts);
    }

    /** What the rules need besides events; the first that needs it makes it watched. */
    private static Map<String, DataStream<ObjectRecord>> objects(
            EventStreams sources,
            StreamExecutionEnvironment environment,
            Cluster cluster,
            RuleSet rules) {
        Map<String, DataStream<ObjectRecord>> objects = new LinkedHashMap<>();
        for (String resource : rules.watchedObjects()) {
            String uid = resource + OutputUids.SOURCE + cluster.name();
            objects.put(resource, sources.objects(environment, cluster, resource, uid));
        }
        return objects;
    }

    /** What is told about all watches of a cluster, and its events. */
    private static DataStream<EventRecord> watches(
            DataStream<EventRecord> events,
            Map<String, DataStream<ObjectRecord>> objects,
            String cluster) {
        return objects.values().stream()
                .reduce(DataStream::union)
                .map(
                        watched ->
                                events.union(
                                        watched.flatMap(new ObjectWatches())
                                                .returns(TypeInformation.of(EventRecord.class))
                                                .name("watches of objects of " + cluster)
                                                .uid(OutputUids.OBJECT_WATCHES + cluster)))
                .orElse(events);
    }

    /** Uids of the operators of each cluster that hold state whatever the rules are. */
    public static Map<String, List<String>> constantUids(PipelineConfig config) {
        Map<String, List<String>> uids = new LinkedHashMap<>();
        for (Cluster cluster : config.clusters()) {
            String name = cluster.name();
            uids.put(
                    name,
                    List.of(
                            OutputUids.EVENTS + name,
                            OperatorUids.of(OperatorUids.OCCURRENCES, name),
                            OperatorUids.of(OperatorUids.ALERTS, name)));
        }
        return uids;
    }

    private static void configure(StreamExecutionEnvironment environment) {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        configuration.set(PipelineOptions.MAX_PARALLELISM, MAX_PARALLELISM);
        environment.configure(configuration);
    }

    private static DataStream<String> watchLines(
            DataStream<EventRecord> events, LineFormat format, String cluster) {
        return events.flatMap(new WatchLines(format))
                .returns(Types.STRING)
                .name("watch lines of " + cluster)
                .uid(OutputUids.WATCH_LINES + cluster);
    }

    private static DataStream<DeadLetter> deadLetters(
            DataStream<EventRecord> events, String cluster) {
        return events.process(new SourceDeadLetters())
                .returns(TypeInformation.of(DeadLetter.class))
                .name("dead letters of " + cluster)
                .uid(OutputUids.DEAD_LETTERS + cluster);
    }

    private static DataStream<String> deadLetterLines(
            DataStream<DeadLetter> letters, LineFormat format, String cluster) {
        return letters.map(format::deadLetter)
                .returns(Types.STRING)
                .name("dead letter lines of " + cluster)
                .uid(OutputUids.DEAD_LETTER_LINES + cluster);
    }

    private static DataStream<String> lateLines(
            DataStream<Candidate> late, Output output, String cluster) {
        return late.flatMap(new LateRecords(output.format(), output.events()))
                .returns(Types.STRING)
                .name("late records of " + cluster)
                .uid(OutputUids.LATE_LINES + cluster);
    }

    private static DataStream<String> alertLines(
            DataStream<Alert> alerts, LineFormat format, String cluster) {
        return alerts.map(format::alert)
                .returns(Types.STRING)
                .name("alert lines of " + cluster)
                .uid(OutputUids.ALERT_LINES + cluster);
    }

    private static DataStream<String> eventLines(
            DataStream<Occurrence> occurrences, LineFormat format, String cluster) {
        return occurrences
                .map(format::event)
                .returns(Types.STRING)
                .name("event lines of " + cluster)
                .uid(OutputUids.EVENT_LINES + cluster);
    }

    private static <T> DataStream<T> and(DataStream<T> streams, DataStream<T> stream) {
        return streams == null ? stream : streams.union(stream);
    }
}
