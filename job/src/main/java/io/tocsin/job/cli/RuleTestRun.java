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
package io.tocsin.job.cli;

import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.pipeline.DetectionPipeline;
import io.tocsin.job.rule.OpenAlerts;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.RuleTestCase;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.object.ObjectRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Runs tests of rules through the job's own detection, on event time: each test is a cluster with a
 * pipeline of its own, many of them are one local job. What comes out does not depend on how fast
 * anything is.
 */
final class RuleTestRun {
    /** A job of more pipelines than this needs more threads and buffers than it saves time. */
    private static final int TESTS_PER_JOB = 40;

    private RuleTestRun() {}

    /**
     * A test to run.
     *
     * @param file its file
     * @param rules the rules that it tests
     */
    record Case(String file, RuleSet rules, RuleTestCase test) {}

    /**
     * How a test went.
     *
     * @param differences what was not as expected; none if it passed
     */
    record Outcome(Case tested, List<OpenAlerts.Difference> differences) {
        boolean passed() {
            return differences.isEmpty();
        }
    }

    /**
     * Runs tests.
     *
     * @return how each went, in their order
     */
    static List<Outcome> run(List<Case> cases) throws Exception {
        List<Outcome> outcomes = new ArrayList<>();
        for (int from = 0; from < cases.size(); from += TESTS_PER_JOB) {
            List<Case> some = cases.subList(from, Math.min(cases.size(), from + TESTS_PER_JOB));
            List<List<Alert>> changes = changes(some);
            for (int i = 0; i < some.size(); i++) {
                Case tested = some.get(i);
                outcomes.add(
                        new Outcome(
                                tested,
                                new OpenAlerts(changes.get(i))
                                        .differences(tested.test().expectations())));
            }
        }
        return outcomes;
    }

    private static List<List<Alert>> changes(List<Case> cases) throws Exception {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration());
        List<AlertCollector> collectors = new ArrayList<>();
        try {
            for (int i = 0; i < cases.size(); i++) {
                AlertCollector collector = new AlertCollector();
                collectors.add(collector);
                alerts(environment, Integer.toString(i), cases.get(i)).sinkTo(collector);
            }
            environment.execute("tocsin rules test");
            return collectors.stream().map(each -> List.copyOf(each.alerts())).toList();
        } finally {
            collectors.forEach(AlertCollector::close);
        }
    }

    private static DataStream<Alert> alerts(
            StreamExecutionEnvironment environment, String name, Case tested) throws IOException {
        DataStream<EventRecord> events =
                environment
                        .fromData(
                                TypeInformation.of(EventRecord.class),
                                TestStream.of(tested.test()).toArray(EventRecord[]::new))
                        .assignTimestampsAndWatermarks(
                                WatermarkStrategy.forGenerator(context -> new EventTime())
                                        .withTimestampAssigner(
                                                (record, timestamp) ->
                                                        new EventDeserializer()
                                                                .timestampMillis(record)));
        return DetectionPipeline.detect(
                        events,
                        objects(environment, tested),
                        tested.rules(),
                        name,
                        List.of("*"),
                        Cluster.DEFAULT_EVENT_TTL)
                .alerts();
    }

    private static Map<String, DataStream<ObjectRecord>> objects(
            StreamExecutionEnvironment environment, Case tested) throws IOException {
        Set<String> resources = new TreeSet<>(tested.rules().resources());
        resources.remove(Occurrence.EVENTS);
        if (resources.isEmpty()) {
            return Map.of();
        }
        return Map.of(
                String.join(",", resources),
                environment
                        .fromData(
                                TestObjectStream.of(tested.test(), resources),
                                Types.TUPLE(Types.LONG, TypeInformation.of(ObjectRecord.class)))
                        .assignTimestampsAndWatermarks(
                                WatermarkStrategy.<Tuple2<Long, ObjectRecord>>forGenerator(
                                                context -> new ObjectTime())
                                        .withTimestampAssigner((record, timestamp) -> record.f0))
                        .map(record -> record.f1)
                        .returns(TypeInformation.of(ObjectRecord.class)));
    }

    private static Configuration configuration() {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        // Many small exchanges, and hardly anything in each.
        configuration.set(TaskManagerOptions.MEMORY_SEGMENT_SIZE, MemorySize.parse("4kb"));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(48));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(48));
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16));
        configuration.set(CoreOptions.CHECK_LEAKED_CLASSLOADER, false);
        return configuration;
    }

    /** As the source tells it: behind the newest record, and standing still while it lists. */
    private static final class EventTime implements WatermarkGenerator<EventRecord> {
        private long newest = Long.MIN_VALUE;

        @Override
        public void onEvent(EventRecord record, long timestamp, WatermarkOutput output) {
            newest = Math.max(newest, timestamp);
            if (record.envelope().origin() != Origin.LISTED) {
                output.emitWatermark(new Watermark(newest - TestStream.OUT_OF_ORDERNESS_MILLIS));
            }
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {
            // told with each record
        }
    }

    /** As the sources of objects tell it. */
    private static final class ObjectTime
            implements WatermarkGenerator<Tuple2<Long, ObjectRecord>> {
        @Override
        public void onEvent(
                Tuple2<Long, ObjectRecord> record, long timestamp, WatermarkOutput output) {
            output.emitWatermark(new Watermark(timestamp - TestStream.OUT_OF_ORDERNESS_MILLIS));
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {
            // told with each record
        }
    }
}
