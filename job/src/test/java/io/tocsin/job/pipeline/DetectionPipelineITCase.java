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
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.EventRecord;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;

class DetectionPipelineITCase {

    private final Events events = new Events();

    @Test
    void ringsAtTheFifthOccurrenceAcrossARecreationAndResolvesBySilence() throws Exception {
        events.kubelet("Warning", "BackOff", "web", "Back-off", 0, 0, 1, "a")
                .kubelet("Warning", "BackOff", "web", "Back-off", 0, 20, 3, "a")
                .kubelet("Warning", "BackOff", "web", "Back-off", 0, 60, 4, "b")
                .kubelet("Warning", "BackOff", "web", "Back-off", 0, 80, 5, "b")
                .passes(1500);

        List<Alert> alerts = run(events);

        assertThat(alerts)
                .extracting(Alert::status)
                .containsExactly(AlertStatus.FIRING, AlertStatus.RESOLVED);
        Alert fired = alerts.get(0);
        assertThat(fired.rule()).isEqualTo("ContainerBackOff");
        assertThat(fired.occurrences()).isEqualTo(5);
        assertThat(fired.startsAtMillis()).isEqualTo(Events.at(80));
        assertThat(fired.subject()).isEqualTo("Pod shop/web spec.containers{app}");
        assertThat(fired.labels().get("container")).isEqualTo("app");
        assertThat(alerts.get(1).endsAtMillis()).isEqualTo(Events.at(80 + 16 * 60));
        assertThat(alerts.get(1).id()).isEqualTo(fired.id());
    }

    @Test
    void staysSilentAtFour() throws Exception {
        events.kubelet("Warning", "BackOff", "web", "Back-off", 0, 0, 1, "a")
                .kubelet("Warning", "BackOff", "web", "Back-off", 0, 90, 4, "a")
                .passes(1500);

        assertThat(run(events)).isEmpty();
    }

    @Test
    void staysSilentAfterThreeCrashesAtStart() throws Exception {
        // H1 of the hard cases.
        events.kubelet("Warning", "BackOff", "web", "Back-off", 14, 14, 1, "a")
                .kubelet("Warning", "BackOff", "web", "Back-off", 14, 28, 2, "a")
                .kubelet("Warning", "BackOff", "web", "Back-off", 14, 42, 3, "a")
                .passes(1500);

        assertThat(run(events)).isEmpty();
    }

    @Test
    void ringsWhenNoNodeTakesAPodFor3MinutesAndNotForOneScheduledAfter1() throws Exception {
        // H4 of the hard cases: repeats neither restart the timer nor ring again.
        events.scheduler("Warning", "FailedScheduling", "stuck", 5, 5, 1)
                .scheduler("Warning", "FailedScheduling", "stuck", 5, 65, 2)
                .scheduler("Warning", "FailedScheduling", "late", 5, 5, 1)
                .scheduler("Normal", "Scheduled", "late", 65, 65, 1)
                .passes(3600);

        List<Alert> alerts = run(events);

        assertThat(alerts)
                .extracting(Alert::status)
                .containsExactly(AlertStatus.FIRING, AlertStatus.RESOLVED);
        assertThat(alerts.get(0).subject()).isEqualTo("Pod shop/stuck");
        assertThat(alerts.get(0).startsAtMillis()).isEqualTo(Events.at(185));
        assertThat(alerts.get(0).occurrences()).isEqualTo(2);
        assertThat(alerts.get(1).endsAtMillis()).isEqualTo(Events.at(185 + 35 * 60));
    }

    @Test
    void onePodIsOneAlertWhicheverOfTheTwoRulesSawItFirst() throws Exception {
        events.scheduler("Warning", "FailedScheduling", "stuck", 0, 0, 1)
                .scheduler("Warning", "FailedScheduling", "stuck", 0, 30, 5)
                .scheduler("Normal", "Scheduled", "stuck", 600, 600, 1)
                .passes(1200);

        List<Alert> alerts = run(events);

        assertThat(alerts)
                .extracting(Alert::rule)
                .containsExactly("PodUnschedulable", "PodUnschedulable");
        assertThat(alerts.get(0).startsAtMillis()).isEqualTo(Events.at(30));
        assertThat(alerts.get(0).occurrences()).isEqualTo(5);
        assertThat(alerts.get(1).endsAtMillis()).isEqualTo(Events.at(600));
    }

    @Test
    void staysSilentAtFourFailedSchedulingsOfAPodThatThenFindsANode() throws Exception {
        events.scheduler("Warning", "FailedScheduling", "slow", 0, 0, 1)
                .scheduler("Warning", "FailedScheduling", "slow", 0, 170, 4)
                .scheduler("Normal", "Scheduled", "slow", 175, 175, 1)
                .passes(1200);

        assertThat(run(events)).isEmpty();
    }

    @Test
    void ringsForAFailedJobAndNotForOneOfACronJob() throws Exception {
        events.job("nightly-load", 60).job("daily-report-29387122", 90).passes(1200);

        List<Alert> alerts = run(events);

        assertThat(alerts)
                .extracting(Alert::rule, Alert::subject, Alert::status)
                .startsWith(
                        org.assertj.core.groups.Tuple.tuple(
                                "JobFailed", "Job shop/nightly-load", AlertStatus.FIRING))
                .allMatch(alert -> alert.toList().contains("Job shop/nightly-load"));
    }

    @Test
    void ringsAtASequenceInOrderWithACountThatJumped() throws Exception {
        String probe = "Liveness probe failed: HTTP probe failed";
        String kill = "Container app failed liveness probe, will be restarted";
        events.kubelet("Warning", "Unhealthy", "web", probe, 0, 0, 1, "u")
                .kubelet("Warning", "Unhealthy", "web", probe, 0, 20, 3, "u")
                .kubelet("Normal", "Killing", "web", kill, 21)
                .kubelet("Warning", "BackOff", "web", "Back-off", 60)
                // The same in another order is no kill loop.
                .kubelet("Warning", "BackOff", "other", "Back-off", 1)
                .kubelet("Normal", "Killing", "other", kill, 2)
                .kubelet("Warning", "Unhealthy", "other", probe, 3, 40, 3, "o")
                .passes(3600);

        List<Alert> alerts = run(events);

        assertThat(alerts)
                .extracting(Alert::rule, Alert::status)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("LivenessKillLoop", AlertStatus.FIRING),
                        org.assertj.core.groups.Tuple.tuple(
                                "LivenessKillLoop", AlertStatus.RESOLVED));
        assertThat(alerts.get(0).occurrences()).isEqualTo(5);
        assertThat(alerts.get(0).startsAtMillis()).isEqualTo(Events.at(60));
    }

    @Test
    void waitsOutForAndIsClearedByTheMount() throws Exception {
        String note = "MountVolume.SetUp failed for volume \"c\"";
        events.kubelet("Warning", "FailedMount", "good", note, 0, 4, 4, "g")
                .kubelet("Normal", "Pulled", "good", "Successfully pulled", 120)
                .kubelet("Warning", "FailedMount", "bad", note, 0, 4, 4, "b")
                .kubelet("Warning", "FailedMount", "bad", note, 0, 250, 9, "b")
                .passes(1800);

        List<Alert> alerts = run(events);

        assertThat(alerts.stream().filter(a -> a.subject().equals("Pod shop/bad")))
                .extracting(Alert::status)
                .containsExactly(AlertStatus.PENDING, AlertStatus.FIRING, AlertStatus.RESOLVED);
        assertThat(alerts.stream().filter(a -> a.subject().equals("Pod shop/good")))
                .extracting(Alert::status, Alert::firedAtMillis)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(AlertStatus.PENDING, 0L),
                        org.assertj.core.groups.Tuple.tuple(AlertStatus.RESOLVED, 0L));
    }

    @Test
    void emitsEachVersionOnceAndAddsUpToWhatHappened() throws Exception {
        events.kubelet("Warning", "BackOff", "web", "x", 0, 0, 1, "a");
        EventRecord again = events.last();
        events.kubelet("Warning", "BackOff", "web", "x", 0, 20, 3, "a");
        events.all().add(again);
        events.from(KubernetesRecord.Origin.BASELINE)
                .kubelet("Warning", "BackOff", "old", "x", 0, 20, 70, "o");
        List<Occurrence> occurrences = new ArrayList<>();
        run(events, occurrences);

        assertThat(occurrences).extracting(Occurrence::weight).containsExactly(1L, 2L, 0L);
    }

    private static List<Alert> run(Events events) throws Exception {
        return run(events, new ArrayList<>());
    }

    private static List<Alert> run(Events events, List<Occurrence> occurrences) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        // The collecting sinks of this test have no uids; the rest is checked in another test.
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        environment.enableCheckpointing(50);
        var source =
                environment
                        .fromData(TypeInformation.of(EventRecord.class), all(events))
                        .uid("source")
                        .assignTimestampsAndWatermarks(
                                WatermarkStrategy.forGenerator(context -> new EachEvent())
                                        .withTimestampAssigner((r, t) -> Events.time(r)))
                        .uid("watermarks");
        DetectionPipeline.Streams streams =
                DetectionPipeline.detect(
                        source,
                        RuleSet.load(List.of("default")),
                        Events.CLUSTER,
                        List.of("*"),
                        Cluster.DEFAULT_EVENT_TTL);
        List<Alert> alerts = new ArrayList<>();
        CloseableIterator<Alert> alertIterator = streams.alerts().collectAsync();
        CloseableIterator<Occurrence> occurrenceIterator = streams.occurrences().collectAsync();
        environment.execute();
        try (alertIterator;
                occurrenceIterator) {
            alertIterator.forEachRemaining(alerts::add);
            occurrenceIterator.forEachRemaining(occurrences::add);
        }
        return alerts;
    }

    private static EventRecord[] all(Events events) {
        return events.all().toArray(EventRecord[]::new);
    }
}
