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
                "ReplicaSet, checkout, ReplicaSet/checkout",
                "Job, nightly-29384756, CronJob/nightly",
                "Job, load, Job/load",
                "CronJob, nightly, CronJob/nightly",
                "Deployment, checkout, Deployment/checkout",
                "DaemonSet, fluent-bit, DaemonSet/fluent-bit",
                "Node, node-1, -",
                "PersistentVolumeClaim, data-kv-0, -",
                "-, x, -",
                "Pod, -, -"
            })
    void findsTheOwnerByTheFormOfAName(String kind, String name, String owner) {
        assertThat(Owners.byName(kind, name)).isEqualTo(owner);
    }

    @Test
    void aWatchedPodNamesItsController() {
        TestPod pod = new TestPod("checkout-7644c754f-8cldv", "u");

        assertThat(Owners.of(pod.object())).isNull();
        assertThat(Owners.of(pod.ownedBy("ReplicaSet", "bare").object()))
                .isEqualTo("ReplicaSet/bare");
        assertThat(Owners.of(pod.ownedBy("ReplicaSet", "checkout-7644c754f").object()))
                .as("of no Deployment, whatever it is called")
                .isEqualTo("ReplicaSet/checkout-7644c754f");
        assertThat(
                        Owners.of(
                                pod.ownedBy("ReplicaSet", "checkout-7644c754f")
                                        .label("pod-template-hash", "7644c754f")
                                        .object()))
                .isEqualTo("Deployment/checkout");
        assertThat(Owners.of(pod.ownedBy("Job", "nightly-29384756").object()))
                .isEqualTo("CronJob/nightly");
        assertThat(Owners.of(pod.ownedBy("DaemonSet", "fluent-bit").object()))
                .isEqualTo("DaemonSet/fluent-bit");
        assertThat(Owners.of(pod.ownedBy("Node", "node-1").object()))
                .as("a static pod's mirror")
                .isNull();
    }
}
