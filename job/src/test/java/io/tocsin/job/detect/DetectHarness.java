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
package io.tocsin.job.detect;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Interruption;
import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.time.KnownInterruptions;
import io.tocsin.source.event.ObjectReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;

/** Matching and alerts of some rules, without a cluster; times are in seconds. */
final class DetectHarness implements AutoCloseable {

    private static final long BEGIN = 1_800_000_000_000L;

    private final RuleSet rules;
    private final MatchFunction match;
    private final String[] scopes;
    private KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> harness;
    private int told;

    /** Of a cluster of which these scopes are watched. */
    DetectHarness(String yaml, String... scopes) throws Exception {
        this(RuleSet.parse("test.yaml", yaml), scopes);
    }

    DetectHarness(RuleSet rules, String... scopes) throws Exception {
        this.rules = rules;
        this.scopes = scopes.clone();
        match = new MatchFunction(rules);
        match.open(DefaultOpenContext.INSTANCE);
        harness = start(null);
    }

    static long at(long second) {
        return BEGIN + second * 1000;
    }

    /** An event of the kubelet of {@code node-1} about a container of a pod. */
    void event(String reason, long second, String pod, String uid, String part) throws Exception {
        event(reason, 1, at(second), pod, uid, part, Occurrence.Origin.LIVE);
    }

    void event(
            String reason,
            long weight,
            long millis,
            String pod,
            String uid,
            String part,
            Occurrence.Origin origin)
            throws Exception {
        String fieldPath = part == null ? null : "spec.containers{" + part + "}";
        event(
                TestOccurrence.of(reason)
                        .origin(origin)
                        .uid("u" + millis)
                        .by("kubelet", "node-1")
                        .regarding(
                                new ObjectReference("v1", "Pod", "shop", pod, uid, "1", fieldPath))
                        .weight(weight)
                        .at(millis)
                        .labels(Labels.of(Map.of("app", "shop", "app.kubernetes.io/name", "cart")))
                        .owner("Deployment/cart")
                        .make());
    }

    void event(Occurrence occurrence) throws Exception {
        List<Candidate> candidates = new ArrayList<>();
        match.flatMap(occurrence, new ListCollector<>(candidates));
        for (Candidate candidate : candidates) {
            harness.processElement(new StreamRecord<>(candidate, candidate.toMillis()));
        }
    }

    void watermark(long second) throws Exception {
        harness.watermark(at(second));
    }

    void tell(Interruption interruption) throws Exception {
        harness.processBroadcastElement(interruption, interruption.fromMillis());
    }

    /** What was told since the last call. */
    List<Alert> changes() {
        List<Alert> all = harness.extractOutputValues();
        List<Alert> fresh = List.copyOf(all.subList(told, all.size()));
        told = all.size();
        return fresh;
    }

    /** How many candidates came too late. */
    int late() {
        return harness.getSideOutput(AlertFunction.LATE) == null
                ? 0
                : harness.getSideOutput(AlertFunction.LATE).size();
    }

    /** Size of a checkpoint now, in bytes. */
    long stateBytes() throws Exception {
        return harness.snapshot(1, 1).getStateSize();
    }

    int entries() {
        CoBroadcastWithKeyedOperator<?, ?, ?, ?> operator =
                (CoBroadcastWithKeyedOperator<?, ?, ?, ?>) harness.getTwoInputOperator();
        return ((HeapKeyedStateBackend<?>) operator.getKeyedStateBackend())
                .numKeyValueStateEntries();
    }

    /** How many moments of event time it waits for. */
    int timers() {
        return harness.numEventTimeTimers();
    }

    void restart() throws Exception {
        OperatorSubtaskState snapshot = harness.snapshot(1, 1);
        harness.close();
        harness = start(snapshot);
        told = 0;
    }

    @Override
    public void close() {
        try {
            harness.close();
        } catch (Exception e) {
            throw new IllegalStateException("The harness cannot be closed", e);
        }
    }

    private KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> start(
            OperatorSubtaskState restored) throws Exception {
        KeyedBroadcastOperatorTestHarness<String, Candidate, Interruption, Alert> made =
                new KeyedBroadcastOperatorTestHarness<>(
                        new CoBroadcastWithKeyedOperator<>(
                                new AlertFunction(rules, 10_000, scopes),
                                List.of(KnownInterruptions.BLIND)),
                        Candidate::key,
                        Types.STRING,
                        10,
                        1,
                        0);
        made.setup();
        if (restored != null) {
            made.initializeState(restored);
        }
        made.open();
        return made;
    }
}
