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
package io.tocsin.job.occurrence;

import static io.tocsin.job.occurrence.TestPod.at;
import static io.tocsin.job.occurrence.TestPod.end;
import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.model.Occurrence;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.object.ObjectRecord;
import io.tocsin.source.object.WatchedObject;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ObjectStateFunctionTest {

    private KeyedOneInputStreamOperatorTestHarness<String, ObjectRecord, Occurrence> harness;
    private long version = 100;

    @BeforeEach
    void start() throws Exception {
        harness = harness(List.of());
        harness.open();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, ObjectRecord, Occurrence> harness(
            List<String> scopes) throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new ObjectStateFunction(scopes)),
                ObjectStateFunction::key,
                Types.STRING);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    // ------------------------------------------------------------------ objects that are gone

    /** What is told of the successor is newer than that its predecessor is gone. */
    @Test
    void aReplacedObjectWasGoneBeforeItsSuccessorWasMade() throws Exception {
        upserted("*", new TestPod("Node", "node-1", "a").condition("Ready", "True", 5), 10);
        TestPod successor = new TestPod("Node", "node-1", "b").created(60);
        upserted("*", successor.condition("Ready", "True", 70), 300);
        List<String> told = upserted("*", successor.condition("Ready", "Unknown", 200), 301);

        assertThat(told).containsExactly("NotReady b 200000");
        assertThat(all()).contains("Gone a 59999", "Ready b 70000");
    }

    /** Both tell whole seconds: what the old one told of that second was before. */
    @Test
    void aReplacedObjectIsNotGoneBeforeItsLastState() throws Exception {
        upserted("shop", pod("kv-0", "a").running(0, 2, null), 10);
        upserted("shop", pod("kv-0", "a").terminated(0, end("OOMKilled", 137, 60)), 60);

        assertThat(upserted("shop", pod("kv-0", "b").created(60).waiting(0, null, null), 90))
                .containsExactly("Gone a 60000");
    }

    /** A watch that was interrupted tells it later. */
    @Test
    void aDeletedPodWasGoneWhenItsLastContainerHadEnded() throws Exception {
        upserted("shop", pod("kv-0", "a").running(0, 2, null), 10);

        assertThat(
                        deleted(
                                "shop",
                                pod("kv-0", "a").terminated(0, end("Error", 143, 60)).deleted(40),
                                600))
                .containsExactly("Error a 60000", "Gone a 60000");
    }

    /** Events about it may be newer than its last version. */
    @Test
    void whatIsDeletedWithoutAWordIsGoneWhenThatIsSeen() throws Exception {
        upserted("shop", pod("kv-0", "a").running(0, 2, null), 10);
        upserted("shop", pod("kv-1", "b").running(0, 2, null), 10);

        assertThat(deleted("shop", pod("kv-0", "a").running(0, 2, null), 600))
                .containsExactly("Gone a 600000");
        assertThat(deleted("shop", pod("kv-1", "b").running(0, 2, null).deleted(40), 601))
                .as("of a node that is lost: nobody knows how it ended")
                .containsExactly("Gone b 601000");
    }

    // ------------------------------------------------------------------ scopes

    /** The pods of a namespace that is not watched any more live on, as far as anybody knows. */
    @Test
    void objectsOfNamespacesThatAreNotWatchedAreForgottenInSilence() throws Exception {
        watching("shop", "etl");
        listEnd("shop", 9);
        listEnd("etl", 9);
        upserted("shop", pod("kv-0", "a").running(0, 2, null), 10);
        upserted("etl", pod("kv-1", "b").in("etl").running(0, 2, null), 10);
        watching("shop");

        listEnd("shop", 500);
        assertThat(all()).filteredOn(each -> each.startsWith("Gone b")).isEmpty();
        assertThat(deleted("etl", pod("kv-1", "b").in("etl").running(0, 2, null), 501))
                .as("nothing is known of it")
                .isEmpty();
    }

    /** What happened while nobody looked is told as of what is found by a first list. */
    @Test
    void aNamespaceThatIsWatchedAgainIsFoundAnew() throws Exception {
        watching("shop", "etl");
        listEnd("shop", 11);
        listEnd("etl", 11);
        watching("shop");
        listEnd("shop", 500);
        watching("shop", "etl");
        listEnd("shop", 900);

        TestPod found = pod("load", "b").in("etl").running(50, 800, end("Error", 1, 790));
        assertThat(object(Kind.UPSERTED, Origin.LISTED, "etl", found, 901))
                .containsExactly("Error b 790000");
        assertThat(
                        object(
                                Kind.UPSERTED,
                                Origin.LISTED,
                                "shop",
                                pod("load", "c").running(50, 800, end("Error", 1, 790)),
                                901))
                .as("watched all the time")
                .containsExactly("Unknown c 790000", "Error c 790000");
    }

    /** Labels select it, and no longer, and again, while the job runs. */
    @Test
    void aNamespaceThatIsSelectedAgainIsFoundAnew() throws Exception {
        listEnd("shop", 9);
        listEnd("etl", 9);
        upserted("shop", pod("load", "c").running(0, 2, null), 10);
        upserted("etl", pod("load", "b").in("etl").running(0, 2, null), 10);
        upserted("etl", pod("kv-1", "a").in("etl").running(0, 2, null), 10);

        assertThat(tell(Kind.UNWATCHED, null, "pods", "etl", null, 500)).isEmpty();
        for (String scope : List.of("etl", "shop")) {
            TestPod found = pod("load", scope.equals("etl") ? "b" : "c").in(scope);
            assertThat(
                            object(
                                    Kind.UPSERTED,
                                    Origin.LISTED,
                                    scope,
                                    found.running(50, 800, end("Error", 1, 790)),
                                    901))
                    .hasSize(scope.equals("etl") ? 1 : 2);
        }
        listEnd("etl", 901);
        assertThat(all()).as("what went meanwhile went unseen").doesNotContain("Gone a 901000");
    }

    @Test
    void allNamespacesAndSomeMayFollowEachOther() throws Exception {
        watching("*");
        listEnd("*", 9);
        upserted("*", pod("kv-1", "b").in("etl").running(0, 2, null), 10);
        upserted("*", pod("kv-0", "a").running(0, 2, null), 10);
        watching("shop");
        assertThat(
                        object(
                                Kind.UPSERTED,
                                Origin.LISTED,
                                "shop",
                                pod("load", "d").running(5, 8, end("Error", 1, 7)),
                                12))
                .as("all were watched until now")
                .containsExactly("Unknown d 7000", "Error d 7000");
        assertThat(listEnd("shop", 12)).containsExactly("Gone a 12000", "Gone d 12000");
        watching("*");
        assertThat(
                        object(
                                Kind.UPSERTED,
                                Origin.LISTED,
                                "*",
                                pod("load", "c").running(50, 800, end("Error", 1, 790)),
                                901))
                .containsExactly("Error c 790000");
        assertThat(listEnd("*", 902))
                .as("nothing of what was forgotten")
                .containsExactly("Gone c 902000");
    }

    /** The next run watches these, with the state of the last one. */
    private void watching(String... scopes) throws Exception {
        OperatorSubtaskState state = harness.snapshot(1, 1);
        List<Object> told = new ArrayList<>(harness.getOutput());
        harness.close();
        harness = harness(List.of(scopes));
        harness.initializeState(state);
        harness.open();
        harness.getOutput().addAll(told);
    }

    private List<String> listEnd(String scope, long second) throws Exception {
        version++;
        return tell(Kind.LIST_END, null, "pods", scope, null, second);
    }

    // ------------------------------------------------------------------ records

    private static TestPod pod(String name, String uid) {
        return new TestPod(name, uid);
    }

    private List<String> upserted(String scope, TestPod pod, long second) throws Exception {
        return object(Kind.UPSERTED, Origin.WATCH, scope, pod, second);
    }

    private List<String> deleted(String scope, TestPod pod, long second) throws Exception {
        return object(Kind.DELETED, Origin.WATCH, scope, pod, second);
    }

    private List<String> object(Kind kind, Origin origin, String scope, TestPod pod, long second)
            throws Exception {
        WatchedObject object = pod.version(++version).object();
        String resource = object.kind().equals("Node") ? "nodes" : "pods";
        return tell(kind, origin, resource, scope, object, second);
    }

    private List<String> tell(
            Kind kind,
            Origin origin,
            String resource,
            String scope,
            WatchedObject object,
            long second)
            throws Exception {
        int before = harness.getOutput().size();
        harness.processElement(
                new ObjectRecord(
                        new KubernetesRecord(
                                kind,
                                origin,
                                "prod",
                                resource,
                                scope,
                                0,
                                object == null ? null : object.namespace(),
                                object == null ? null : object.name(),
                                object == null ? null : object.uid(),
                                Long.toString(version),
                                null,
                                0,
                                0,
                                null),
                        object),
                at(second));
        return all().subList(before, harness.getOutput().size());
    }

    /** Reason, uid and millisecond of what was told. */
    private List<String> all() {
        List<String> told = new ArrayList<>();
        for (Object each : harness.getOutput()) {
            Occurrence occurrence = (Occurrence) ((StreamRecord<?>) each).getValue();
            told.add(
                    occurrence.reason()
                            + " "
                            + occurrence.uid()
                            + " "
                            + (occurrence.toMillis() - TestPod.BEGIN));
        }
        return told;
    }
}
