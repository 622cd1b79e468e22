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

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnersTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "Pod, checkout-7644c754f-8cldv, Deployment/checkout",
                "Pod, invoice-worker-5f665494ff-8cqsf, Deployment/invoice-worker",
                "Pod, nightly-29384756-x7k2p, CronJob/nightly",
                "Pod, kv-0, StatefulSet/kv",
                "Pod, kv-12, StatefulSet/kv",
                "Pod, fluent-bit-x7k2p, Workload/fluent-bit",
                "Pod, debug, -",
                "Pod, web-abcde, -",
                "Pod, -0, -",
                "Pod, 0, -",
                "Pod, x7k2p, -",
                "Pod, -x7k2p, -",
                "ReplicaSet, checkout-7644c754f, Deployment/checkout",
                "ReplicaSet, checkout, Workload/checkout",
                "Job, nightly-29384756, CronJob/nightly",
                "Job, load, Workload/load",
                "CronJob, nightly, CronJob/nightly",
                "Deployment, checkout, Deployment/checkout",
                "DaemonSet, fluent-bit, Workload/fluent-bit",
                "Node, node-1, -",
                "PersistentVolumeClaim, data-kv-0, -",
                "-, x, -",
                "Pod, -, -"
            })
    void findsTheOwnerByTheFormOfAName(String kind, String name, String owner) {
        assertThat(Owners.byName(kind, name)).isEqualTo(owner);
    }

    /** Rules count by owner what events tell and what states do. */
    @ParameterizedTest
    @CsvSource({
        "checkout-7644c754f-8cldv, ReplicaSet, checkout-7644c754f",
        "nightly-29384756-x7k2p, Job, nightly-29384756",
        "load-x7k2p, Job, load",
        "kv-0, StatefulSet, kv",
        "fluent-bit-x7k2p, DaemonSet, fluent-bit",
        "bare-x7k2p, ReplicaSet, bare"
    })
    void aWatchedPodItsEventsAndItsControllerHaveOneOwner(
            String pod, String ownerKind, String ownerName) {
        String owner = Owners.of(new TestPod(pod, "u").ownedBy(ownerKind, ownerName).object());

        assertThat(owner).isNotNull().isEqualTo(Owners.byName("Pod", pod));
        assertThat(Owners.byName(ownerKind, ownerName)).isEqualTo(owner);
    }

    @Test
    void aWatchedPodNamesItsControllerWhereItsNameSaysNothing() {
        TestPod pod = new TestPod("main", "u");

        assertThat(Owners.of(pod.object())).isNull();
        assertThat(Owners.of(pod.ownedBy("Workflow", "build").object()))
                .isEqualTo("Workflow/build");
        assertThat(Owners.of(pod.ownedBy("Node", "node-1").object()))
                .as("a static pod's mirror")
                .isNull();
    }
}
