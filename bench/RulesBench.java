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
import com.sun.management.OperatingSystemMXBean;

import io.tocsin.job.model.Occurrence;
import io.tocsin.job.occurrence.OccurrenceFunction;
import io.tocsin.job.pipeline.DetectionPipeline;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.When;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.event.EventRecordSerializer;
import io.tocsin.source.event.KubernetesEvent;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.source.pack.PackedSerializer;
import io.tocsin.source.pack.PackedType;
import io.tocsin.source.pack.Packer;
import io.tocsin.source.pack.Unpacker;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.cep.CEP;
import org.apache.flink.cep.functions.PatternProcessFunction;
import org.apache.flink.cep.nfa.aftermatch.AfterMatchSkipStrategy;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures what one occurrence costs in processor time: see bench/rules. One configuration per
 * process, so that none runs in code that was compiled for another.
 */
public final class RulesBench {
    private static final String CLUSTER = "bench";

    /** A subject fails again after this: five times within the rules' ten minutes. */
    private static final long INTERVAL_MILLIS = 150_000;

    /** Every so many occurrences one tells ten repetitions at once, and rings. */
    private static final long RINGS = 1_000;

    private static final long BEGIN_MILLIS = 1_700_000_000_000L;

    /** How many occurrences were made so far. Only the source writes it. */
    private static final AtomicLong MADE = new AtomicLong();

    private RulesBench() {}

    /**
     * ENGINE (tocsin, cep, bare, flink), BACKEND (heap, rocksdb), RULES, MATCHING of them per
     * occurrence, SUBJECTS, WARM_UP and MEASURED in seconds of processor time, FOLDER for
     * checkpoints.
     */
    public static void main(String[] arguments) throws Exception {
        String engine = arguments[0];
        String backend = arguments[1];
        int rules = Integer.parseInt(arguments[2]);
        int matching = Integer.parseInt(arguments[3]);
        int subjects = Integer.parseInt(arguments[4]);
        int warm = Integer.parseInt(arguments[5]);
        int measured = Integer.parseInt(arguments[6]);

        Configuration configuration = new Configuration();
        configuration.set(
                StateBackendOptions.STATE_BACKEND, backend.equals("heap") ? "hashmap" : backend);
        configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                Files.createTempDirectory(Path.of(arguments[7]), "checkpoints").toUri().toString());
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(10));
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(256));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, engine.equals("cep"));
        configuration.set(PipelineOptions.MAX_PARALLELISM, 360);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);

        RuleSet set = RuleSet.parse("bench.yaml", rules(rules, matching));
        DataStream<EventRecord> events = events(environment, subjects, rules / matching);
        switch (engine) {
            case "tocsin" ->
                    DetectionPipeline.detect(
                                    events, set, CLUSTER, List.of("*"), Duration.ofHours(1))
                            .alerts()
                            .sinkTo(new DiscardingSink<>())
                            .uid("discard");
            case "cep" -> patterns(occurrences(events), set);
            case "flink" -> counts(environment, subjects);
            case "bare" ->
                    events.keyBy(OccurrenceFunction::lineageKey, Types.STRING)
                            .sinkTo(new DiscardingSink<>())
                            .uid("discard");
            default -> throw new IllegalArgumentException("unknown engine " + engine);
        }
        JobClient job = environment.executeAsync("bench");

        // Seconds of processor time, not of the clock: others may use this machine too. At least
        // one round of all subjects comes first, so that state is as large as it gets; but not for
        // ever.
        long begin = processNanos();
        do {
            await(job);
        } while (secondsSince(begin) < warm
                || MADE.get() < subjects && secondsSince(begin) < 4L * warm);
        long occurrences = MADE.get();
        long tasks = taskNanos();
        begin = processNanos();
        long clock = System.nanoTime();
        do {
            await(job);
        } while (secondsSince(begin) < measured);
        tasks = taskNanos() - tasks;
        long process = processNanos() - begin;
        occurrences = MADE.get() - occurrences;
        double seconds = (System.nanoTime() - clock) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%s %s %d %d %d %.0f %.3f %.3f %.2f%n",
                engine,
                backend,
                rules,
                matching,
                subjects,
                occurrences * 1e9 / process,
                process / 1e3 / occurrences,
                tasks / 1e3 / occurrences,
                process / 1e9 / seconds);
        // The script removes the folder, and nothing is worth the end of the job.
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static void await(JobClient job) throws Exception {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        if (job.getJobExecutionResult().isDone()) {
            job.getJobExecutionResult().get();
        }
    }

    private static double secondsSince(long nanos) {
        return (processNanos() - nanos) / 1e9;
    }

    private static long processNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /** Of the threads that run the job's tasks: neither garbage collection nor compiler. */
    private static long taskNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (long id : threads.getAllThreadIds()) {
            ThreadInfo info = threads.getThreadInfo(id);
            if (info != null && info.getThreadName().contains("(1/1)#")) {
                sum += Math.max(0, threads.getThreadCpuTime(id));
            }
        }
        return sum;
    }

    /** Threshold rules; each reason concerns as many of them as one occurrence shall match. */
    private static String rules(int rules, int matching) {
        StringBuilder yaml = new StringBuilder("rules:\n");
        for (int i = 0; i < rules; i++) {
            yaml.append(
                    String.format(
                            Locale.ROOT,
                            """
                              - name: Rule%d
                                match:
                                  type: Warning
                                  reason: %s
                                  reportingController: kubelet
                                  regarding.kind: Pod
                                per: [cluster, regarding.uid, regarding.fieldPath]
                                when: {atLeast: %d, within: 10m}
                                clears: {reason: Killing, reportingController: kubelet}
                                resolveAfter: 2m
                                severity: warning
                                summary: "{{regarding.namespace}}/{{regarding.name}} fails: {{note}}"
                            """,
                            i,
                            reason(i / matching),
                            6 + i % matching));
        }
        return yaml.toString();
    }

    private static String reason(int index) {
        return "Failure" + index;
    }

    private static DataStream<EventRecord> events(
            StreamExecutionEnvironment environment, int subjects, int reasons) {
        DataGeneratorSource<EventRecord> source =
                new DataGeneratorSource<>(
                        index -> event(index, subjects, reasons),
                        Long.MAX_VALUE,
                        TypeInformation.of(EventRecord.class));
        return environment
                .fromSource(
                        source,
                        WatermarkStrategy.<EventRecord>forBoundedOutOfOrderness(
                                        Duration.ofSeconds(10))
                                .withTimestampAssigner(
                                        (record, before) -> record.event().timeMillis()),
                        "events")
                .uid("events");
    }

    /** What never changes of a subject's event. */
    private record Subject(
            String name,
            String uid,
            String reason,
            String note,
            ObjectReference regarding,
            Long firstMillis) {}

    private static Subject[] all;

    private static Subject[] subjects(int subjects, int reasons) {
        Subject[] made = new Subject[subjects];
        for (int i = 0; i < subjects; i++) {
            String pod = "checkout-7d4b9c6f5-" + String.format(Locale.ROOT, "%05d", i);
            String uid = "0b7c1d52-51a4-4c1e-9d0e-" + String.format(Locale.ROOT, "%012d", i);
            String container = "spec.containers{app}";
            made[i] =
                    new Subject(
                            pod + ".17f3a9d2b4c5e6f7",
                            uid.replace('0', 'a'),
                            reason(i % reasons),
                            "Back-off restarting failed container app in pod "
                                    + (pod + "_shop(" + uid + ")"),
                            new ObjectReference("v1", "Pod", "shop", pod, uid, "4711", container),
                            BEGIN_MILLIS + i);
        }
        return made;
    }

    /** Each subject fails once per interval; its event object counts on. */
    private static EventRecord event(long index, int subjects, int reasons) {
        if (all == null) {
            all = subjects(subjects, reasons);
        }
        MADE.lazySet(index);
        long round = index / subjects;
        Subject subject = all[(int) (index % subjects)];
        long offset = index % subjects * INTERVAL_MILLIS / subjects;
        Long time = BEGIN_MILLIS + round * INTERVAL_MILLIS + offset;
        String version = Long.toString(1_000_000 + index);
        return new EventRecord(
                new KubernetesRecord(
                        KubernetesRecord.Kind.UPSERTED,
                        KubernetesRecord.Origin.WATCH,
                        CLUSTER,
                        "events",
                        "*",
                        0,
                        "shop",
                        subject.name(),
                        subject.uid(),
                        version,
                        null,
                        0,
                        0,
                        null),
                new KubernetesEvent(
                        "shop",
                        subject.name(),
                        subject.uid(),
                        version,
                        subject.firstMillis(),
                        "Warning",
                        subject.reason(),
                        subject.note(),
                        null,
                        "kubelet",
                        "node-17",
                        subject.regarding(),
                        null,
                        null,
                        0,
                        null,
                        count(round, index, subjects),
                        subject.firstMillis(),
                        time));
    }

    /** One per round, and nine more where it rings: a subject rings every so many rounds. */
    private static long count(long round, long index, int subjects) {
        long offset = index % subjects % RINGS;
        return 1 + round + 9 * ((round + offset) / RINGS);
    }

    /**
     * What no detection on Flink can be without: each element goes through two keyBys and counts in
     * one state behind each. It has as many bytes as an event, made before, and nobody reads them.
     */
    private static void counts(StreamExecutionEnvironment environment, int subjects) {
        TypeInformation<Packed> type = new PackedType<>(Packed.class, new PackedBytes());
        DataGeneratorSource<Packed> source =
                new DataGeneratorSource<>(index -> packed(index, subjects), Long.MAX_VALUE, type);
        environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "packed")
                .uid("packed")
                .keyBy(Packed::key, Types.STRING)
                .process(new Counting())
                .returns(type)
                .uid("first")
                .keyBy(Packed::key, Types.STRING)
                .process(new Counting())
                .returns(type)
                .uid("second")
                .sinkTo(new DiscardingSink<>())
                .uid("discard");
    }

    private record Packed(String key, byte[] rest) {}

    private static Packed[] packed;

    private static Packed packed(long index, int subjects) throws IOException {
        if (packed == null) {
            packed = new Packed[subjects];
            EventRecordSerializer serializer = new EventRecordSerializer();
            DataOutputSerializer bytes = new DataOutputSerializer(1024);
            for (int i = 0; i < subjects; i++) {
                EventRecord event = event(i, subjects, 30);
                bytes.clear();
                serializer.serialize(event, bytes);
                packed[i] =
                        new Packed(OccurrenceFunction.lineageKey(event), bytes.getCopyOfBuffer());
            }
        }
        MADE.lazySet(index);
        return packed[(int) (index % subjects)];
    }

    private static final class PackedBytes extends PackedSerializer<Packed> {
        private static final long serialVersionUID = 1L;

        @Override
        protected void pack(Packed record, Packer to) {
            to.text(record.key());
            to.blob(record.rest());
        }

        @Override
        protected Packed unpack(int version, Unpacker from) {
            return new Packed(from.text(), from.blob());
        }

        @Override
        public TypeSerializer<Packed> duplicate() {
            return new PackedBytes();
        }

        @Override
        public TypeSerializerSnapshot<Packed> snapshotConfiguration() {
            throw new UnsupportedOperationException("no state holds it");
        }
    }

    private static final class Counting extends KeyedProcessFunction<String, Packed, Packed> {
        private static final long serialVersionUID = 1L;

        private transient ValueState<Long> count;

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
        }

        @Override
        public void processElement(Packed element, Context context, Collector<Packed> out)
                throws Exception {
            Long before = count.value();
            count.update(before == null ? 1 : before + 1);
            out.collect(element);
        }
    }

    private static DataStream<Occurrence> occurrences(DataStream<EventRecord> events) {
        return events.keyBy(OccurrenceFunction::lineageKey, Types.STRING)
                .process(new OccurrenceFunction(Duration.ofHours(1)))
                .returns(TypeInformation.of(Occurrence.class))
                .name("occurrences");
    }

    /** Each rule as one operator of flink-cep, fed only with what the rule matches. */
    private static void patterns(DataStream<Occurrence> occurrences, RuleSet set) {
        for (Rule rule : set.rules()) {
            When.Threshold threshold = (When.Threshold) rule.when();
            int atLeast = (int) threshold.atLeast();
            DataStream<Occurrence> matching =
                    occurrences
                            .flatMap(
                                    (Occurrence occurrence, Collector<Occurrence> out) -> {
                                        if (rule.match().matches(occurrence)) {
                                            // Patterns know no weights.
                                            long times = Math.min(occurrence.weight(), atLeast);
                                            for (long i = 0; i < times; i++) {
                                                out.collect(occurrence);
                                            }
                                        }
                                    })
                            .returns(TypeInformation.of(Occurrence.class))
                            .name("match " + rule.name());
            Pattern<Occurrence, Occurrence> pattern =
                    Pattern.<Occurrence>begin("all", AfterMatchSkipStrategy.skipPastLastEvent())
                            .times(atLeast)
                            .within(Duration.ofMillis(threshold.withinMillis()));
            CEP.pattern(
                            matching.keyBy(
                                    occurrence ->
                                            occurrence.regarding().uid()
                                                    + '\u001f'
                                                    + occurrence.regarding().fieldPath(),
                                    Types.STRING),
                            pattern)
                    .inEventTime()
                    .process(new Ringing(), Types.STRING)
                    .name(rule.name())
                    .sinkTo(new DiscardingSink<>());
        }
    }

    private static final class Ringing extends PatternProcessFunction<Occurrence, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processMatch(
                Map<String, List<Occurrence>> match, Context context, Collector<String> out) {
            out.collect(match.get("all").get(0).name());
        }
    }
}
