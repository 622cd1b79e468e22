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
package io.tocsin.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.testing.ClusterOracle.Act;
import io.tocsin.testing.ClusterOracle.Version;
import io.tocsin.testing.fault.FaultProxy;
import io.tocsin.testing.fault.LineEdit;
import io.tocsin.testing.fault.Request;
import io.tocsin.testing.fault.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ClusterOracleITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER = new KubeControlPlaneExtension();

    private final KubeControlPlane plane = CLUSTER.controlPlane();
    private final KubeRest rest = plane.rest();

    @Test
    void knowsEveryVersionThatAWatchTells() throws Exception {
        rest.createNamespace("watched");
        String before = rest.currentVersion();
        try (ClusterOracle oracle = ClusterOracle.on(rest, "watched", 3, 2, 7)) {
            oracle.write(250);
            oracle.settle();
            assertThatThrownBy(() -> oracle.write(1)).hasMessageContaining("settled");
            assertKnown(oracle, "watched", before);
            for (Act act : Act.values()) {
                if (act != Act.AMBIGUOUS) {
                    assertThat(oracle.count(act)).as("%s of %s", act, oracle).isPositive();
                }
            }
        }
    }

    @Test
    void believesNoAnswerThatIsWrongOrGetsLost() throws Exception {
        rest.createNamespace("misled");
        String before = rest.currentVersion();
        AtomicInteger writes = new AtomicInteger();
        try (FaultProxy proxy =
                        FaultProxy.before(plane)
                                .script(
                                        Rule.on(each("PATCH", 5, writes)).answer(404, "{}"),
                                        Rule.on(each("PATCH", 3, writes))
                                                .line(1, LineEdit.resetAfter(5)),
                                        Rule.on(each("POST", 3, writes))
                                                .line(1, LineEdit.resetAfter(5)),
                                        Rule.on(each("POST", 7, writes)).answer(500, "{}"));
                ClusterOracle oracle =
                        ClusterOracle.on(
                                new KubeRest(proxy.uri(), plane.token(), proxy.caCertificate()),
                                "misled",
                                3,
                                2,
                                13)) {
            oracle.write(80);
            proxy.assertAllHappened();
            proxy.pass();
            oracle.settle();
            assertKnown(oracle, "misled", before);
        }
    }

    /** Each n-th of the writes, if it is of this method. */
    private static Predicate<Request> each(String method, int n, AtomicInteger writes) {
        return request -> request.method().equals(method) && writes.incrementAndGet() % n == 0;
    }

    /** The oracle knows exactly the versions, with their counts, that a watch tells. */
    private void assertKnown(ClusterOracle oracle, String namespace, String from) throws Exception {
        Map<String, String> known = new HashMap<>();
        oracle.versions()
                .forEach(version -> known.put(version.id(), version.event() + version.count()));
        Map<String, String> told = new HashMap<>();
        Map<String, Long> highest = new TreeMap<>();
        for (JsonNode line : watch(namespace, from)) {
            JsonNode event = line.path("object");
            if (!line.path("type").asText().equals("DELETED")) {
                String name = namespace + "/" + event.at("/metadata/name").asText();
                told.put(
                        event.at("/metadata/uid").asText()
                                + "@"
                                + event.at("/metadata/resourceVersion").asText(),
                        name + count(event));
                highest.merge(name, count(event), Math::max);
            }
        }
        assertThat(known).isEqualTo(told);
        assertThat(oracle.weights()).isEqualTo(highest);
    }

    @Test
    void isSureOfEachWriteWhileServersAreKilled() {
        rest.createNamespace("killed");
        try (ClusterOracle oracle = ClusterOracle.on(rest, "killed", 2, 2, 11)) {
            oracle.start();
            for (int round = 0; round < 3; round++) {
                long versions = oracle.versions().size();
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> oracle.versions().size() > versions + 20);
                plane.apiServer().kill();
                plane.apiServer().start();
            }
            oracle.stop();
            oracle.settle();
            Map<String, Long> stored = new TreeMap<>();
            Set<String> last = new HashSet<>();
            for (JsonNode event :
                    rest.get("/apis/events.k8s.io/v1/namespaces/killed/events").path("items")) {
                stored.put("killed/" + event.at("/metadata/name").asText(), count(event));
                last.add(
                        event.at("/metadata/uid").asText()
                                + "@"
                                + event.at("/metadata/resourceVersion").asText());
            }
            assertThat(oracle.weights()).isEqualTo(stored);
            assertThat(oracle.versions()).extracting(Version::id).containsAll(last);
            assertThat(oracle.count(Act.AMBIGUOUS)).as(oracle.toString()).isPositive();
        }
    }

    private static long count(JsonNode event) {
        return Math.max(
                event.at("/series/count").asLong(1), event.path("deprecatedCount").asLong(1));
    }

    private List<JsonNode> watch(String namespace, String from) throws Exception {
        String body =
                rest.call(
                                "GET",
                                "/apis/events.k8s.io/v1/namespaces/"
                                        + namespace
                                        + "/events?watch=1&timeoutSeconds=3&resourceVersion="
                                        + from,
                                null,
                                null)
                        .body();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : body.split("\n")) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }
}
