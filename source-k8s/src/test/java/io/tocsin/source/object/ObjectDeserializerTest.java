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
package io.tocsin.source.object;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.RecordDeserializer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ObjectDeserializerTest {

    private final ObjectDeserializer deserializer = new ObjectDeserializer();

    @Test
    void readsARecordedPodThatRanOutOfMemory() throws IOException {
        WatchedObject pod = recorded("pods", "oom-pod.json");

        assertThat(pod.kind()).isEqualTo("Pod");
        assertThat(pod.name()).isEqualTo("indexer-7644c754f-8cldv");
        assertThat(pod.label("pod-template-hash")).isEqualTo("7644c754f");
        assertThat(pod.label("release")).isNull();
        assertThat(pod.ownerKind()).isEqualTo("ReplicaSet");
        assertThat(pod.ownerName()).isEqualTo("indexer-7644c754f");
        assertThat(pod.node()).isEqualTo("node-1");
        assertThat(pod.phase()).isEqualTo("Running");
        assertThat(pod.creationMillis()).isEqualTo(millis("2026-11-21T02:13:09Z"));
        assertThat(pod.deletionMillis()).isZero();
        assertThat(pod.condition("Ready").status()).isEqualTo("False");
        assertThat(pod.condition("Ready").transitionMillis())
                .isEqualTo(millis("2026-11-21T02:13:22Z"));
        assertThat(pod.condition("Ready").reason()).isEqualTo("ContainersNotReady");
        assertThat(pod.containers()).hasSize(1);
        ContainerState container = pod.containers()[pod.container("indexer", false)];
        assertThat(container.waiting()).isEqualTo("CrashLoopBackOff");
        assertThat(container.message()).startsWith("back-off 10s restarting failed container");
        assertThat(container.restarts()).isEqualTo(1);
        assertThat(container.runningMillis()).isZero();
        assertThat(container.end()).isNull();
        assertThat(container.lastEnd())
                .isEqualTo(new ContainerEnd("OOMKilled", 137, millis("2026-11-21T02:13:21Z")));
        assertThat(pod.timeMillis())
                .as("of the last write, as its fields' managers tell it")
                .isEqualTo(millis("2026-11-21T02:13:34Z"));
    }

    @Test
    void readsARecordedNodeThatIsLost() throws IOException {
        WatchedObject node = recorded("nodes", "lost-node.json");

        assertThat(node.kind()).isEqualTo("Node");
        assertThat(node.namespace()).isNull();
        assertThat(node.condition("Ready").status()).isEqualTo("Unknown");
        assertThat(node.condition("Ready").message())
                .isEqualTo("Kubelet stopped posting node status.");
        assertThat(node.condition("DiskPressure").transitionMillis())
                .isEqualTo(millis("2026-11-21T02:28:02Z"));
        assertThat(node.ownerKind()).isNull();
        assertThat(node.containers()).isEmpty();
        assertThat(node.timeMillis()).isEqualTo(millis("2026-11-21T02:28:02Z"));
    }

    @Test
    void readsARecordedDeploymentThatIsStuck() throws IOException {
        WatchedObject deployment = recorded("deployments", "stuck-deployment.json");

        assertThat(deployment.kind()).isEqualTo("Deployment");
        assertThat(deployment.condition("Progressing").reason())
                .isEqualTo("ProgressDeadlineExceeded");
        assertThat(deployment.condition("Progressing").status()).isEqualTo("False");
        assertThat(deployment.condition("Available").status()).isEqualTo("True");
        assertThat(deployment.condition("ReplicaFailure")).isNull();
        assertThat(deployment.container("any", false)).isEqualTo(-1);
    }

    /** deletionTimestamp is when the grace period ends. */
    @Test
    void tellsWhenADeletionWasAskedFor() throws IOException {
        WatchedObject pod =
                object(
                        "{\"metadata\":{\"deletionTimestamp\":\"2026-11-21T02:13:40Z\","
                                + "\"deletionGracePeriodSeconds\":30}}");

        assertThat(pod.deletionMillis()).isEqualTo(millis("2026-11-21T02:13:10Z"));
        assertThat(pod.timeMillis()).isEqualTo(millis("2026-11-21T02:13:10Z"));
    }

    @Test
    void aDeletionHasNoTimeOfItsOwn() throws IOException {
        byte[] json = bytes("deleted-pod.json");

        ObjectRecord deleted = deserializer.deserialize(record(Kind.DELETED, "pods", json));
        ObjectRecord upserted = deserializer.deserialize(record(Kind.UPSERTED, "pods", json));

        assertThat(deserializer.timestampMillis(deleted))
                .isEqualTo(RecordDeserializer.NO_TIMESTAMP);
        assertThat(deserializer.timestampMillis(upserted))
                .isEqualTo(upserted.object().timeMillis())
                .isPositive();
    }

    @Test
    void takesInitContainersFirstAndCodesOfAnySign() throws IOException {
        WatchedObject pod =
                object(
                        "{\"status\":{\"containerStatuses\":[{\"name\":\"app\",\"state\":"
                                + "{\"running\":{\"startedAt\":\"2026-11-21T02:13:40Z\"}}}],"
                                + "\"initContainerStatuses\":[{\"name\":\"app\",\"state\":"
                                + "{\"terminated\":{\"exitCode\":-1073741510}}}]}}");

        assertThat(pod.containers()).extracting(ContainerState::init).containsExactly(true, false);
        assertThat(pod.containers()[0].end()).isEqualTo(new ContainerEnd(null, -1073741510, 0));
        assertThat(pod.containers()[pod.container("app", false)].runningMillis())
                .isEqualTo(millis("2026-11-21T02:13:40Z"));
    }

    @Test
    void whatIsOddCountsAsAbsent() throws IOException {
        WatchedObject pod =
                object(
                        "{\"metadata\":{\"labels\":[1],\"ownerReferences\":[5,{\"kind\":\"Job\","
                                + "\"controller\":\"yes\"}],\"managedFields\":{\"time\":1}},"
                                + "\"spec\":[],\"status\":{\"phase\":{},\"conditions\":[null,"
                                + "{\"status\":\"True\"},[[]],{\"type\":\"Ready\",\"status\":7}],"
                                + "\"containerStatuses\":{\"name\":\"app\"}}}");

        assertThat(pod.labels().names()).isEmpty();
        assertThat(pod.ownerKind()).isNull();
        assertThat(pod.phase()).isNull();
        assertThat(pod.conditions())
                .containsExactly(new ObjectCondition("Ready", null, null, null, 0));
        assertThat(pod.containers()).isEmpty();
        assertThat(pod.timeMillis()).isZero();
    }

    @Test
    void everythingIsBounded() throws IOException {
        String text = "x".repeat(100_000);
        StringBuilder labels = new StringBuilder();
        StringBuilder conditions = new StringBuilder();
        StringBuilder containers = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            String comma = i == 0 ? "" : ",";
            labels.append(comma).append("\"l%d\":\"%s\"".formatted(i, text));
            conditions
                    .append(comma)
                    .append("{\"type\":\"%d\",\"message\":\"%s\"}".formatted(i, text));
            containers
                    .append(comma)
                    .append(
                            "{\"name\":\"%d%s\",\"state\":{\"waiting\":{\"message\":\"%s\"}}}"
                                    .formatted(i, text, text));
        }
        WatchedObject pod =
                object(
                        "{\"metadata\":{\"labels\":{%s}},\"status\":{\"conditions\":[%s],\"containerStatuses\":[%s]}}"
                                .formatted(labels, conditions, containers));

        assertThat(pod.labels().names()).hasSize(64);
        assertThat(pod.labels().values()).allMatch(value -> value.length() == 256);
        assertThat(pod.conditions()).hasSize(32).allMatch(each -> each.message().length() == 1024);
        assertThat(pod.containers()).hasSize(64).allMatch(each -> each.name().length() == 512);
    }

    @Test
    void whatIsNoObjectFails() {
        assertThatThrownBy(() -> object("[]")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> object("{\"status\":{\"conditions\":[{]}}"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("shop/web of pods at version 7 is no JSON");
    }

    @Test
    void recordsAboutTheWatchPassThrough() throws IOException {
        KubernetesRecord present = record(Kind.PRESENT, "pods", null);

        assertThat(deserializer.deserialize(present)).isEqualTo(new ObjectRecord(present, null));
    }

    private WatchedObject object(String json) throws IOException {
        return deserializer
                .deserialize(record(Kind.UPSERTED, "pods", json.getBytes(UTF_8)))
                .object();
    }

    private WatchedObject recorded(String resource, String file) throws IOException {
        ObjectRecord record =
                deserializer.deserialize(
                        new KubernetesRecord(
                                Kind.UPSERTED,
                                Origin.WATCH,
                                "prod",
                                resource,
                                "*",
                                0,
                                null,
                                null,
                                null,
                                null,
                                bytes(file),
                                0,
                                0,
                                null));
        assertThat(record.envelope().object()).isNull();
        return record.object();
    }

    static KubernetesRecord record(Kind kind, String resource, byte[] json) {
        return new KubernetesRecord(
                kind,
                Origin.WATCH,
                "prod",
                resource,
                "*",
                0,
                "shop",
                "web",
                "u",
                "7",
                json,
                0,
                0,
                null);
    }

    static byte[] bytes(String file) throws IOException {
        try (InputStream in = ObjectDeserializerTest.class.getResourceAsStream(file)) {
            return in.readAllBytes();
        }
    }

    private static long millis(String time) {
        return Instant.parse(time).toEpochMilli();
    }
}
