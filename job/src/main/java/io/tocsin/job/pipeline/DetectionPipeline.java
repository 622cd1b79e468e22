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

import io.tocsin.job.detect.AlertFunction;
import io.tocsin.job.detect.MatchFunction;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.occurrence.NodeReadiness;
import io.tocsin.job.occurrence.ObjectStateFunction;
import io.tocsin.job.occurrence.OccurrenceFunction;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.sequence.SequencePatterns;
import io.tocsin.job.time.KnownInterruptions;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.object.ObjectRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.Collector;

/**
 * The way from a cluster's events to its alerts: occurrences, candidates, sequences, alerts. One
 * per cluster, because a task has one watermark.
 */
public final class DetectionPipeline {

    /** By how much the source's watermarks are behind the newest event. */
    private static final Duration OUT_OF_ORDERNESS = Duration.ofSeconds(10);

    private DetectionPipeline() {}

    /**
     * What a cluster's detection yields.
     *
     * @param occurrences one per new version of an event, also those of weight 0
     * @param alerts changes of alerts
     * @param late what came too late to open an alert, and was added to none
     */
    public record Streams(
            DataStream<Occurrence> occurrences,
            DataStream<Alert> alerts,
            DataStream<Candidate> late) {}

    /**
     * Adds the detection of a cluster of which only events are watched.
     *
     * @see #detect(DataStream, Map, RuleSet, String, List, Duration)
     */
    public static Streams detect(
            DataStream<EventRecord> events,
            RuleSet rules,
            String cluster,
            List<String> scopes,
            Duration eventTtl) {
        return detect(events, Map.of(), rules, cluster, scopes, eventTtl);
    }

    /**
     * Adds the detection of one cluster to the job.
     *
     * @param events the cluster's events with timestamps and watermarks
     * @param objects what else is watched of it, by resource; with timestamps and watermarks
     * @param rules the rules
     * @param cluster name of the cluster; a part of all uids
     * @param scopes what is watched of it: namespaces, or {@code *}
     * @param eventTtl how long its API server keeps events
     */
    public static Streams detect(
            DataStream<EventRecord> events,
            Map<String, DataStream<ObjectRecord>> objects,
            RuleSet rules,
            String cluster,
            List<String> scopes,
            Duration eventTtl) {
        DataStream<Occurrence> occurrences =
                events.filter(DetectionPipeline::isVersion)
                        .uid(OperatorUids.of(OperatorUids.EVENTS, cluster))
                        .name("events of " + cluster)
                        .keyBy(OccurrenceFunction::lineageKey, Types.STRING)
                        .process(new OccurrenceFunction(eventTtl))
                        .returns(TypeInformation.of(Occurrence.class))
                        .uid(OperatorUids.of(OperatorUids.OCCURRENCES, cluster))
                        .name("occurrences of " + cluster);
        DataStream<ObjectRecord> watched =
                objects.values().stream().reduce(DataStream::union).orElse(null);
        if (watched != null) {
            occurrences = occurrences.union(states(watched, cluster, scopes));
        }

        TypeInformation<Candidate> candidateType = TypeInformation.of(Candidate.class);
        SingleOutputStreamOperator<Candidate> candidates =
                occurrences
                        .flatMap(new MatchFunction(rules))
                        .returns(candidateType)
                        .uid(OperatorUids.of(OperatorUids.CANDIDATES, cluster))
                        .name("match " + cluster);

        BroadcastStream<Interruption> blind =
                interruptions(events, watched, occurrences, cluster)
                        .broadcast(KnownInterruptions.BLIND);
        DataStream<Candidate> decided = candidates;
        DataStream<Candidate> late = null;
        for (SequencePatterns.Output sequence :
                new SequencePatterns(candidates, blind, scopes, uids(cluster)).apply(rules)) {
            decided = decided.union(sequence.detections());
            late = late == null ? sequence.late() : late.union(sequence.late());
        }

        SingleOutputStreamOperator<Alert> alerts =
                decided.keyBy(Candidate::key, Types.STRING)
                        .connect(blind)
                        .process(
                                new AlertFunction(
                                        rules,
                                        OUT_OF_ORDERNESS.toMillis(),
                                        scopes.toArray(String[]::new)))
                        .returns(TypeInformation.of(Alert.class))
                        .uid(OperatorUids.of(OperatorUids.ALERTS, cluster))
                        .name("alerts of " + cluster);
        DataStream<Candidate> tooLate = alerts.getSideOutput(AlertFunction.LATE);
        return new Streams(occurrences, alerts, late == null ? tooLate : tooLate.union(late));
    }

    private static DataStream<Occurrence> states(
            DataStream<ObjectRecord> watched, String cluster, List<String> scopes) {
        return watched.keyBy(ObjectStateFunction::key, Types.STRING)
                .process(new ObjectStateFunction(scopes))
                .returns(TypeInformation.of(Occurrence.class))
                .uid(OperatorUids.of(OperatorUids.OBJECTS, cluster))
                .name("objects of " + cluster);
    }

    /** When silence says nothing: contact was lost, or a node's kubelet says nothing. */
    private static DataStream<Interruption> interruptions(
            DataStream<EventRecord> events,
            DataStream<ObjectRecord> watched,
            DataStream<Occurrence> occurrences,
            String cluster) {
        TypeInformation<Interruption> type = TypeInformation.of(Interruption.class);
        DataStream<Interruption> all =
                events.<Interruption>flatMap((each, out) -> interruption(each.envelope(), out))
                        .returns(type)
                        .uid(OperatorUids.of(OperatorUids.BLIND, cluster))
                        .name("blindness of " + cluster);
        if (watched != null) {
            all =
                    all.union(
                            watched.<Interruption>flatMap(
                                            (each, out) -> interruption(each.envelope(), out))
                                    .returns(type)
                                    .uid(OperatorUids.of(OperatorUids.OBJECTS_BLIND, cluster))
                                    .name("blindness for objects of " + cluster));
        }
        return all.union(
                occurrences
                        .filter(NodeReadiness::isTold)
                        .uid(OperatorUids.of(OperatorUids.NODE_EVENTS, cluster))
                        .name("nodes of " + cluster)
                        .keyBy(NodeReadiness::key, Types.STRING)
                        .process(new NodeReadiness())
                        .returns(type)
                        .uid(OperatorUids.of(OperatorUids.NODES, cluster))
                        .name("readiness of nodes of " + cluster));
    }

    private static boolean isVersion(EventRecord record) {
        return record.event() != null && record.envelope().kind() == KubernetesRecord.Kind.UPSERTED;
    }

    private static void interruption(KubernetesRecord told, Collector<Interruption> out) {
        if (Interruption.isTold(told)) {
            out.collect(Interruption.of(told));
        }
    }

    private static SequencePatterns.Uids uids(String cluster) {
        return new SequencePatterns.Uids() {
            @Override
            public String input(String sequence) {
                return OperatorUids.of(OperatorUids.SEQUENCE_INPUT + "-" + sequence, cluster);
            }

            @Override
            public String ration(String sequence) {
                return OperatorUids.of(OperatorUids.SEQUENCE_RATION + "-" + sequence, cluster);
            }

            @Override
            public String guard(String sequence) {
                return OperatorUids.of(OperatorUids.SEQUENCE_GUARD + "-" + sequence, cluster);
            }

            @Override
            public String sequence(String sequence) {
                return OperatorUids.of(OperatorUids.SEQUENCE + "-" + sequence, cluster);
            }
        };
    }
}
