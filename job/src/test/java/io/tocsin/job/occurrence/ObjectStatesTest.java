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
import static org.assertj.core.api.Assertions.tuple;

import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Occurrence.Origin;
import io.tocsin.source.object.WatchedObject;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ObjectStatesTest {

    private ObjectSeen seen;
    private long version;
    private int epoch;

    @BeforeEach
    void nothingIsKnown() {
        seen = null;
        version = 10;
        epoch = 0;
    }

    // ------------------------------------------------------------------ containers

    /** As a kubelet writes it: terminated, started again, terminated, waiting, started again. */
    @Test
    void tellsEachEndOnceAtItsOwnTime() {
        live(pod().waiting(0, "ContainerCreating", null), 1);
        live(pod().running(0, 2, null), 2);
        assertThat(told(live(pod().terminated(0, end("OOMKilled", 137, 10)), 14)))
                .containsExactly(tuple("Warning", "OOMKilled", "137", 1L, at(10), at(10)));
        assertThat(live(pod().running(1, 15, end("OOMKilled", 137, 10)), 16)).isEmpty();
        assertThat(told(live(pod().terminated(1, end("Error", 1, 20)), 21)))
                .containsExactly(tuple("Warning", "Error", "1", 1L, at(20), at(20)));
        assertThat(reasons(live(pod().waiting(1, "CrashLoopBackOff", end("Error", 1, 20)), 22)))
                .containsExactly("CrashLoopBackOff");
        assertThat(live(pod().running(2, 40, end("Error", 1, 20)), 41)).isEmpty();
    }

    @Test
    void anEndThatIsSeenAsTheLastStateOnlyIsToldToo() {
        live(pod().running(0, 2, null), 2);

        List<Occurrence> told =
                live(pod().waiting(0, "CrashLoopBackOff", end("OOMKilled", 137, 10)), 30);

        assertThat(told(told))
                .containsExactly(
                        tuple("Warning", "OOMKilled", "137", 1L, at(10), at(10)),
                        tuple("Warning", "CrashLoopBackOff", null, 1L, at(10), at(10)));
    }

    /** Why the container ended that nobody saw is not known; it was between those that are. */
    @Test
    void countsWhatAGapHid() {
        live(pod().terminated(3, end("Error", 1, 10)), 11);

        assertThat(told(listed(pod().running(8, 90, end("OOMKilled", 137, 80)), 95)))
                .containsExactly(
                        tuple("Warning", "Unknown", null, 3L, at(10), at(80)),
                        tuple("Warning", "OOMKilled", "137", 1L, at(80), at(80)));
    }

    @Test
    void whatEndsWellEndedWellUnseen() {
        live(pod().terminated(3, end("Completed", 0, 10)), 11);

        assertThat(told(listed(pod().running(8, 90, end("Completed", 0, 80)), 95)))
                .containsExactly(
                        tuple("Normal", "Unknown", null, 3L, at(10), at(80)),
                        tuple("Normal", "Completed", "0", 1L, at(80), at(80)));
    }

    /** The count is raised, and nothing tells of an end. */
    @Test
    void anEndOfWhichOnlyTheCountTellsIsCountedToo() {
        live(pod().running(3, 2, null), 11);

        List<Occurrence> told = listed(pod().running(5, 90, null), 95);
        assertThat(told(told))
                .containsExactly(tuple("Warning", "Unknown", null, 2L, at(0), at(95)));
        assertThat(told.get(0).note()).isEqualTo("Container app ended unseen");
    }

    @Test
    void tellsAWaitingContainerAgainWhenItEndedMeanwhile() {
        live(pod().waiting(3, "CrashLoopBackOff", end("Error", 1, 10)), 11);

        assertThat(reasons(listed(pod().waiting(5, "CrashLoopBackOff", end("Error", 1, 80)), 95)))
                .containsExactly("Unknown", "Error", "CrashLoopBackOff");
        assertThat(listed(pod().waiting(5, "CrashLoopBackOff", end("Error", 1, 80)), 96)).isEmpty();
    }

    @Test
    void aPodThatIsFoundTellsOnlyItsLastEnd() {
        assertThat(told(found(pod().running(50, 90, end("OOMKilled", 137, 80)), 95)))
                .containsExactly(tuple("Warning", "OOMKilled", "137", 1L, at(80), at(80)));
        assertThat(told(live(pod().terminated(50, end("Error", 2, 100)), 101)))
                .containsExactly(tuple("Warning", "Error", "2", 1L, at(100), at(100)));
    }

    @Test
    void aPodThatCameAfterAListHasEndedTellsAllItsEnds() {
        assertThat(told(listed(pod().running(5, 90, end("Error", 1, 80)), 95)))
                .containsExactly(
                        tuple("Warning", "Unknown", null, 4L, at(0), at(80)),
                        tuple("Warning", "Error", "1", 1L, at(80), at(80)));
    }

    @Test
    void noTimeIsLaterThanItWasSeen() {
        live(pod().running(0, 2, null), 2);

        assertThat(told(live(pod().terminated(0, end("Error", 1, 500)), 20)))
                .containsExactly(tuple("Warning", "Error", "1", 1L, at(20), at(20)));
    }

    @Test
    void aCountThatWentBackIsForgotten() {
        live(pod().running(7, 2, end("Error", 1, 1)), 2);

        assertThat(live(pod().running(0, 10, null), 10)).isEmpty();
        assertThat(told(live(pod().terminated(0, end("Error", 1, 20)), 20)))
                .containsExactly(tuple("Warning", "Error", "1", 1L, at(20), at(20)));
        assertThat(live(pod().running(1, 21, end("Error", 1, 20)), 21)).isEmpty();
    }

    /** The kubelet writes again what it knows: that was told. */
    @Test
    void whatARestoreOfEtcdTookBackIsNotToldAgain() {
        live(pod().running(7, 2, end("Error", 1, 1)), 2);
        epoch = 1;
        assertThat(listed(pod().running(4, 10, end("Error", 1, -50)), 10)).isEmpty();
        assertThat(live(pod().running(7, 10, end("Error", 1, 1)), 11)).isEmpty();
        assertThat(told(live(pod().terminated(7, end("Error", 1, 20)), 20)))
                .containsExactly(tuple("Warning", "Error", "1", 1L, at(20), at(20)));
    }

    @Test
    void whatIsToldToEndIsNoFailure() {
        live(pod().running(0, 2, null).condition("Ready", "True", 3), 3);

        assertThat(
                        told(
                                live(
                                        pod().terminated(0, end("Error", 143, 20))
                                                .condition("Ready", "False", 20)
                                                .deleted(10),
                                        21)))
                .containsExactly(tuple("Normal", "Error", "143", 1L, at(20), at(20)));
    }

    @Test
    void aJobsPodThatCompletesIsNoFailureAndOneThatFailsIs() {
        live(pod().running(0, 2, null).condition("Ready", "True", 3), 3);
        ObjectSeen running = seen;

        TestPod done = pod().terminated(0, end("Completed", 0, 20)).phase("Succeeded", null);
        assertThat(told(live(done.condition("Ready", "False", 20), 21)))
                .containsExactly(tuple("Normal", "Completed", "0", 1L, at(20), at(20)));

        seen = running;
        TestPod failed = pod().terminated(0, end(null, 1, 20)).phase("Failed", "Evicted");
        assertThat(told(live(failed.condition("Ready", "False", 20), 21)))
                .containsExactly(
                        tuple("Warning", "Error", "1", 1L, at(20), at(20)),
                        tuple("Warning", "Failed", null, 1L, at(21), at(21)));
    }

    @Test
    void tellsEachReasonToWait() {
        assertThat(reasons(live(pod().waiting(0, "PodInitializing", null), 1))).isEmpty();
        assertThat(told(live(pod().waiting(0, "ErrImagePull", null), 5)))
                .containsExactly(tuple("Warning", "ErrImagePull", null, 1L, at(5), at(5)));
        assertThat(reasons(live(pod().waiting(0, "ImagePullBackOff", null), 9)))
                .containsExactly("ImagePullBackOff");
        assertThat(live(pod().waiting(0, "ImagePullBackOff", null), 12)).isEmpty();
    }

    // ------------------------------------------------------------------ pods

    @Test
    void tellsWhetherAPodIsReadyOnceItWas() {
        assertThat(live(pod().running(0, 2, null).condition("Ready", "False", 2), 3)).isEmpty();
        assertThat(told(live(pod().running(0, 2, null).condition("Ready", "True", 8), 9)))
                .containsExactly(tuple("Normal", "Ready", null, 1L, at(8), at(8)));
        assertThat(told(live(pod().running(0, 2, null).condition("Ready", "False", 20), 21)))
                .containsExactly(tuple("Warning", "NotReady", null, 1L, at(20), at(20)));
        assertThat(told(listed(pod().running(0, 2, null).condition("Ready", "False", 40), 41)))
                .as("was ready meanwhile")
                .containsExactly(tuple("Warning", "NotReady", null, 1L, at(40), at(40)));
    }

    @Test
    void aPodThatIsFoundTellsThatItIsNotReadyAndNotThatItIs() {
        assertThat(found(pod().running(0, 2, null).condition("Ready", "True", 8), 90)).isEmpty();
        seen = null;
        assertThat(told(found(pod().running(0, 2, null).condition("Ready", "False", 8), 90)))
                .containsExactly(tuple("Warning", "NotReady", null, 1L, at(8), at(8)));
    }

    /** A kubelet dates both conditions when it sees the pod first, up to a second apart. */
    @Test
    void aPodThatWasNeverReadyIsNotToldAsNotReady() {
        TestPod starting = pod().running(0, 20, null).condition("Initialized", "True", 8);
        assertThat(found(starting.condition("Ready", "False", 9), 90)).isEmpty();
        seen = null;
        TestPod prepared = pod().running(0, 20, null).condition("Initialized", "True", 60);
        assertThat(found(prepared.condition("Ready", "False", 8), 90)).isEmpty();
        seen = null;
        TestPod lost = pod().running(0, 20, null).condition("Initialized", "True", 8);
        assertThat(told(found(lost.condition("Ready", "False", 70), 90)))
                .containsExactly(tuple("Warning", "NotReady", null, 1L, at(70), at(70)));
    }

    @Test
    void aPodThatAGapHidIsToldAsNotReadyIfItWasReady() {
        TestPod lost = pod().running(0, 20, null).condition("Initialized", "True", 8);
        assertThat(told(listed(lost.condition("Ready", "False", 70), 90)))
                .containsExactly(tuple("Warning", "NotReady", null, 1L, at(70), at(70)));
    }

    @Test
    void anotherPodOfThatNameBeginsAnew() {
        live(pod().running(7, 2, end("Error", 1, 1)), 2);

        TestPod other = new TestPod("web-0", "other").running(1, 30, end("Error", 1, 25));
        assertThat(told(listed(other, 31)))
                .containsExactly(tuple("Warning", "Error", "1", 1L, at(25), at(25)));
    }

    @Test
    void whatIsToldNamesTheObject() {
        live(pod().running(0, 2, null), 2);
        TestPod ended =
                pod().terminated(0, end("Error", 1, 10))
                        .ownedBy("StatefulSet", "web")
                        .label("app", "web");

        Occurrence told = live(ended, 11).get(0);

        assertThat(told.cluster()).isEqualTo("prod");
        assertThat(told.resource()).isEqualTo("pods");
        assertThat(told.reportingController()).isEqualTo("pods");
        assertThat(told.regarding().kind()).isEqualTo("Pod");
        assertThat(told.regarding().namespace()).isEqualTo("shop");
        assertThat(told.regarding().uid()).isEqualTo("u");
        assertThat(told.regarding().fieldPath()).isEqualTo("spec.containers{app}");
        assertThat(told.labels().get("app")).isEqualTo("web");
        assertThat(told.owner()).isEqualTo("StatefulSet/web");
        assertThat(told.node()).isEqualTo("node-1");
        assertThat(told.note()).isEqualTo("Container app ended with exit code 1");
    }

    @Test
    void aBaselineTellsNothingThatCounts() {
        assertThat(states(pod().running(5, 90, end("Error", 1, 80)), 95, Origin.BASELINE, true))
                .extracting(Occurrence::weight)
                .containsExactly(0L);
    }

    // ------------------------------------------------------------------ nodes, deployments

    @Test
    void tellsTheConditionsOfNodes() {
        live(node().condition("Ready", "True", 5).condition("DiskPressure", "False", 1), 6);
        Occurrence lost =
                live(
                                node().condition("Ready", "Unknown", 50)
                                        .condition("DiskPressure", "True", 49),
                                51)
                        .get(0);
        assertThat(lost.reason()).isEqualTo("NotReady");
        assertThat(lost.regarding().uid()).as("as in events").isEqualTo("node-1");
        assertThat(lost.node()).isEqualTo("node-1");
        assertThat(lost.regarding().namespace()).isNull();
        assertThat(
                        reasons(
                                live(
                                        node().condition("Ready", "True", 60)
                                                .condition("DiskPressure", "False", 61),
                                        62)))
                .containsExactly("Ready", "NoDiskPressure");
    }

    /** It joins the cluster before its network is there. */
    @Test
    void aNodeThatIsNewIsNotToldAsNotReady() {
        assertThat(live(node().condition("Ready", "False", 1), 1)).isEmpty();
        assertThat(reasons(live(node().condition("Ready", "True", 20), 21)))
                .containsExactly("Ready");
        assertThat(reasons(live(node().condition("Ready", "False", 30), 31)))
                .containsExactly("NotReady");
        seen = null;
        assertThat(reasons(found(node().condition("Ready", "False", 1), 31)))
                .as("it is there since nobody knows when")
                .containsExactly("NotReady");
        seen = null;
        assertThat(reasons(listed(node().condition("Ready", "Unknown", 400), 401)))
                .as("it was ready while nobody looked")
                .containsExactly("NotReady");
    }

    /** The controller writes its conditions when it has made the first pods. */
    @Test
    void aDeploymentThatIsNewIsNotToldAsUnavailable() {
        live(deployment(), 1);
        assertThat(
                        reasons(
                                live(
                                        deployment()
                                                .condition("Progressing", "True", 40)
                                                .condition("Available", "False", 40),
                                        41)))
                .containsExactly("Progressing");
        seen = null;
        assertThat(live(deployment().condition("Available", "False", 1), 1)).isEmpty();
        assertThat(reasons(live(deployment().condition("Available", "True", 9), 9)))
                .containsExactly("Available");
        assertThat(reasons(live(deployment().condition("Available", "False", 20), 20)))
                .containsExactly("Unavailable");
    }

    @Test
    void aDeploymentThatCannotMakePodsIsToldAtOnce() {
        live(deployment(), 1);
        TestPod refused =
                deployment().condition("Progressing", "False", "ReplicaSetCreateError", 2);

        assertThat(reasons(live(refused, 3))).containsExactly("ReplicaSetCreateError");
    }

    /** The condition keeps its transition time: it was false before. */
    @Test
    void aRolloutThatFailsForAnotherReasonIsToldAgain() {
        live(deployment().condition("Progressing", "True", 1), 2);
        TestPod refused =
                deployment().condition("Progressing", "False", "ReplicaSetCreateError", 10);
        live(refused, 11);
        TestPod late =
                deployment().condition("Progressing", "False", "ProgressDeadlineExceeded", 10);

        assertThat(told(live(late, 600)))
                .containsExactly(
                        tuple("Warning", "ProgressDeadlineExceeded", null, 1L, at(600), at(600)));
        assertThat(live(late, 700)).isEmpty();
        TestPod done = deployment().condition("Progressing", "True", "ReplicaSetUpdated", 800);
        live(done, 801);
        TestPod other =
                deployment().condition("Progressing", "True", "NewReplicaSetAvailable", 800);
        assertThat(live(other, 900)).as("progress is told once").isEmpty();
    }

    @Test
    void tellsTheConditionsOfDeployments() {
        live(deployment().condition("Progressing", "True", 1).condition("Available", "True", 2), 2);

        TestPod stuck =
                deployment()
                        .condition("Progressing", "False", "ProgressDeadlineExceeded", 30)
                        .condition("Available", "False", 20)
                        .condition("ReplicaFailure", "True", 25);
        assertThat(told(live(stuck, 31)))
                .containsExactly(
                        tuple("Warning", "ProgressDeadlineExceeded", null, 1L, at(30), at(30)),
                        tuple("Warning", "Unavailable", null, 1L, at(20), at(20)),
                        tuple("Warning", "ReplicaFailure", null, 1L, at(25), at(25)));
        assertThat(
                        told(
                                live(
                                        deployment()
                                                .condition("Progressing", "True", 40)
                                                .condition("Available", "True", 41),
                                        42)))
                .containsExactly(
                        tuple("Normal", "Progressing", null, 1L, at(40), at(40)),
                        tuple("Normal", "Available", null, 1L, at(41), at(41)),
                        tuple("Normal", "NoReplicaFailure", null, 1L, at(42), at(42)));
        assertThat(
                        live(
                                deployment()
                                        .condition(
                                                "Progressing", "Unknown", "DeploymentPaused", 50),
                                51))
                .as("paused")
                .isEmpty();
    }

    @Test
    void aStuckDeploymentIsToldWhenItIsFound() {
        TestPod stuck =
                deployment()
                        .condition("Progressing", "False", "ProgressDeadlineExceeded", 30)
                        .condition("Available", "True", 20);

        assertThat(told(found(stuck, 90)))
                .containsExactly(
                        tuple("Warning", "ProgressDeadlineExceeded", null, 1L, at(30), at(30)));
    }

    private static TestPod pod() {
        return new TestPod("web-0", "u");
    }

    private static TestPod node() {
        return new TestPod("Node", "node-1", "n");
    }

    private static TestPod deployment() {
        return new TestPod("Deployment", "web", "d");
    }

    private List<Occurrence> live(TestPod pod, long second) {
        return states(pod, second, Origin.LIVE, false);
    }

    /** By a list, but not by the first one. */
    private List<Occurrence> listed(TestPod pod, long second) {
        return states(pod, second, Origin.LISTED, false);
    }

    private List<Occurrence> found(TestPod pod, long second) {
        return states(pod, second, Origin.LISTED, true);
    }

    private List<Occurrence> states(TestPod pod, long second, Origin origin, boolean first) {
        WatchedObject now = pod.version(++version, second).object();
        String resource = now.kind().toLowerCase(java.util.Locale.ROOT) + "s";
        ObjectStates.Changes changes =
                ObjectStates.changes(
                        seen, now, new Sight("prod", resource, epoch, origin, first, at(second)));
        seen = changes.next();
        return changes.occurrences();
    }

    private static List<String> reasons(List<Occurrence> told) {
        return told.stream().map(Occurrence::reason).toList();
    }

    private static List<org.assertj.core.groups.Tuple> told(List<Occurrence> told) {
        return told.stream()
                .map(
                        each ->
                                tuple(
                                        each.type(),
                                        each.reason(),
                                        each.exitCode(),
                                        each.weight(),
                                        each.fromMillis(),
                                        each.toMillis()))
                .toList();
    }
}
