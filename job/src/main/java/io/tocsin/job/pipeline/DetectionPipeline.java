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

import io.tocsin.job.detect.Candidate;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.source.event.EventRecord;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * The way from a cluster's events to its alerts: occurrences, candidates, sequences, alerts. One
 * per cluster, because a task has one watermark.
 */
public final class DetectionPipeline {

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
     * Adds the detection of one cluster to the job.
     *
     * @param events the cluster's events with timestamps and watermarks
     * @param rules the rules
     * @param cluster name of the cluster; a part of all uids
     */
    public static Streams detect(DataStream<EventRecord> events, RuleSet rules, String cluster) {
        throw new UnsupportedOperationException("Detection is not built yet.");
    }
}
