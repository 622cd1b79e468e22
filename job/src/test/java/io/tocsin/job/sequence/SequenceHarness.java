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
package io.tocsin.job.sequence;

import io.tocsin.job.detect.AlertFunction;
import io.tocsin.job.detect.MatchFunction;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.time.KnownInterruptions;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.api.transformations.KeyedBroadcastStateTransformation;
import org.apache.flink.streaming.api.transformations.OneInputTransformation;
import org.apache.flink.streaming.api.transformations.PhysicalTransformation;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/**
 * The operators of one sequence and the one that keeps its alerts, as the job connects them. An
 * element passes all of them at once; watermarks are passed on by the test.
 */
final class SequenceHarness {

    private final RuleSet rules;
    private final MatchFunction match;
    private final OneInputStreamOperatorTestHarness<Candidate, Candidate> input;
    private final KeyedOneInputStreamOperatorTestHarness<String, Candidate, Candidate> ration;
    private final KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Candidate>
            guard;
    private final KeyedOneInputStreamOperatorTestHarness<String, Candidate, Candidate> cep;
    private final KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> alerts;
    private int guarded;
    private int passed;
    private int rationed;
    private int detected;

    /** The state of all operators. */
    record Snapshot(
            OperatorSubtaskState input,
            OperatorSubtaskState ration,
            OperatorSubtaskState guard,
            OperatorSubtaskState cep,
            OperatorSubtaskState alerts) {

        long bytes() {
            return input.getStateSize()
                    + ration.getStateSize()
                    + (guard == null ? 0 : guard.getStateSize())
                    + cep.getStateSize()
                    + alerts.getStateSize();
        }
    }

    /**
     * @param restored the state to begin with, or null
     */
    SequenceHarness(RuleSet rules, Snapshot restored) throws Exception {
        this.rules = rules;
        match = new MatchFunction(rules);
        match.open(DefaultOpenContext.INSTANCE);
        List<PhysicalTransformation<Candidate>> operators = operators(rules);
        cep = keyed(operators.get(0));
        guard = operators.size() == 4 ? broadcast(userFunction(operators.get(1))) : null;
        ration = keyed(operators.get(operators.size() - 2));
        input =
                new OneInputStreamOperatorTestHarness<>(
                        oneInput(operators.get(operators.size() - 1)).getOperator());
        alerts =
                new KeyedBroadcastOperatorTestHarness<>(
                        new CoBroadcastWithKeyedOperator<>(
                                new AlertFunction(rules, 10_000),
                                List.of(KnownInterruptions.BLIND)),
                        Candidate::key,
                        Types.STRING,
                        10,
                        1,
                        0);
        TypeInformation<Candidate> type = TypeInformation.of(Candidate.class);
        var config = new SerializerConfigImpl();
        input.setup(type.createSerializer(config));
        ration.setup(type.createSerializer(config));
        if (guard != null) {
            guard.setup();
        }
        cep.setup(type.createSerializer(config));
        alerts.setup();
        if (restored != null) {
            input.initializeState(restored.input());
            ration.initializeState(restored.ration());
            if (guard != null) {
                guard.initializeState(restored.guard());
            }
            cep.initializeState(restored.cep());
            alerts.initializeState(restored.alerts());
        }
        input.open();
        ration.open();
        if (guard != null) {
            guard.open();
        }
        cep.open();
        alerts.open();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Candidate, Candidate> keyed(
            PhysicalTransformation<Candidate> operator) throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                oneInput(operator).getOperatorFactory(), Candidate::sequenceKey, Types.STRING);
    }

    /** A guard by itself, as the job runs it. */
    static KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Candidate> broadcast(
            KeyedBroadcastProcessFunction<String, Candidate, Interruption, Candidate> guard)
            throws Exception {
        return new KeyedBroadcastOperatorTestHarness<>(
                new CoBroadcastWithKeyedOperator<>(guard, List.of(KnownInterruptions.BLIND)),
                Candidate::sequenceKey,
                Types.STRING,
                10,
                1,
                0);
    }

    /** How much is remembered by a guard. */
    static int entries(
            KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Candidate> guard) {
        var operator = (CoBroadcastWithKeyedOperator<?, ?, ?, ?>) guard.getTwoInputOperator();
        var state = (HeapKeyedStateBackend<?>) operator.getKeyedStateBackend();
        return state.numKeyValueStateEntries() + guard.numEventTimeTimers();
    }

    @SuppressWarnings("unchecked")
    private static OneInputTransformation<Candidate, Candidate> oneInput(
            PhysicalTransformation<Candidate> operator) {
        return (OneInputTransformation<Candidate, Candidate>) operator;
    }

    @SuppressWarnings("unchecked")
    private static KeyedBroadcastProcessFunction<String, Candidate, Interruption, Candidate>
            userFunction(PhysicalTransformation<Candidate> operator) {
        return ((KeyedBroadcastStateTransformation<String, Candidate, Interruption, Candidate>)
                        operator)
                .getUserFunction();
    }

    /** From the last to the first. */
    @SuppressWarnings("unchecked")
    private static List<PhysicalTransformation<Candidate>> operators(RuleSet rules) {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        TypeInformation<Candidate> type = TypeInformation.of(Candidate.class);
        TypeInformation<Interruption> told = TypeInformation.of(Interruption.class);
        List<PhysicalTransformation<Candidate>> operators = new ArrayList<>();
        Transformation<?> at =
                new SequencePatterns(
                                environment.fromData(List.<Candidate>of(), type),
                                environment
                                        .fromData(List.<Interruption>of(), told)
                                        .broadcast(KnownInterruptions.BLIND),
                                List.of("*", "shop"),
                                new TestUids())
                        .apply(rules)
                        .get(0)
                        .detections()
                        .getTransformation();
        while (!at.getInputs().isEmpty()) {
            if (at instanceof OneInputTransformation
                    || at instanceof KeyedBroadcastStateTransformation) {
                operators.add((PhysicalTransformation<Candidate>) at);
            }
            at = at.getInputs().get(0);
        }
        return operators;
    }

    /** Event time of all operators, one behind the other. */
    void watermark(long millis) throws Exception {
        inputWatermark(millis);
        guardWatermark(millis);
        cepWatermark(millis);
        alertsWatermark(millis);
    }

    /** Something happened. */
    void happens(Occurrence occurrence) throws Exception {
        List<Candidate> candidates = new ArrayList<>();
        match.flatMap(occurrence, new ListCollector<>(candidates));
        for (Candidate candidate : candidates) {
            // Its version was written at another time than it tells of.
            input.processElement(new StreamRecord<>(candidate, candidate.toMillis() + 3_600_000));
            List<StreamRecord<? extends Candidate>> through = input.extractOutputStreamRecords();
            for (; passed < through.size(); passed++) {
                ration.processElement(copy(through.get(passed)));
            }
            List<StreamRecord<? extends Candidate>> next = ration.extractOutputStreamRecords();
            for (; rationed < next.size(); rationed++) {
                if (guard == null) {
                    cep.processElement(copy(next.get(rationed)));
                } else {
                    guard.processElement(copy(next.get(rationed)));
                }
            }
            alerts.processElement(new StreamRecord<>(candidate, candidate.toMillis()));
        }
    }

    void inputWatermark(long millis) throws Exception {
        input.processWatermark(millis);
    }

    void guardWatermark(long millis) throws Exception {
        ration.processWatermark(millis);
        if (guard == null) {
            return;
        }
        guard.watermark(millis);
        List<StreamRecord<? extends Candidate>> through = guard.extractOutputStreamRecords();
        for (; guarded < through.size(); guarded++) {
            cep.processElement(copy(through.get(guarded)));
        }
    }

    void cepWatermark(long millis) throws Exception {
        cep.processWatermark(millis);
        List<StreamRecord<? extends Candidate>> through = cep.extractOutputStreamRecords();
        for (; detected < through.size(); detected++) {
            alerts.processElement(copy(through.get(detected)));
        }
    }

    void alertsWatermark(long millis) throws Exception {
        alerts.watermark(millis);
    }

    /** Something could not be seen. */
    void tell(Interruption interruption) throws Exception {
        alerts.processBroadcastElement(interruption, interruption.fromMillis());
        if (guard != null) {
            guard.processBroadcastElement(interruption, interruption.fromMillis());
        }
    }

    private static StreamRecord<Candidate> copy(StreamRecord<? extends Candidate> record) {
        return new StreamRecord<>(record.getValue(), record.getTimestamp());
    }

    /** All that was told since it began. */
    List<Alert> told() {
        return alerts.extractOutputValues();
    }

    /** What may be remembered of the subject. */
    List<Candidate> elements() {
        return ration.extractOutputValues();
    }

    /** What came too late. */
    int late() {
        var late = input.getSideOutput(SequenceInput.LATE);
        var more = ration.getSideOutput(SequenceInput.LATE);
        return (late == null ? 0 : late.size()) + (more == null ? 0 : more.size());
    }

    /** How many things are remembered of where sequences may begin, and of how much came. */
    int guardEntries() {
        return ration.numKeyedStateEntries()
                + ration.numEventTimeTimers()
                + (guard == null ? 0 : entries(guard));
    }

    Snapshot snapshot(long id) throws Exception {
        return new Snapshot(
                input.snapshot(id, id),
                ration.snapshot(id, id),
                guard == null ? null : guard.snapshot(id, id),
                cep.snapshot(id, id),
                alerts.snapshot(id, id));
    }

    SequenceHarness restored(Snapshot snapshot) throws Exception {
        close();
        return new SequenceHarness(rules, snapshot);
    }

    void close() throws Exception {
        input.close();
        ration.close();
        if (guard != null) {
            guard.close();
        }
        cep.close();
        alerts.close();
    }

    private static final class TestUids implements SequencePatterns.Uids {
        @Override
        public String input(String sequence) {
            return "input-" + sequence;
        }

        @Override
        public String ration(String sequence) {
            return "ration-" + sequence;
        }

        @Override
        public String guard(String sequence) {
            return "guard-" + sequence;
        }

        @Override
        public String sequence(String sequence) {
            return "sequence-" + sequence;
        }
    }
}
