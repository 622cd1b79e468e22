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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.source.api.ClusterContact;
import io.tocsin.testing.ScriptedApiServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FirstContactTest {

    @TempDir private Path folder;

    @Test
    void troubleWithObjectsKeepsNobodyFromWatchingEvents() throws Exception {
        try (ScriptedApiServer server =
                Scripts.serving(
                        (request, exchange) -> {
                            if (request.contains("/pods")) {
                                exchange.status(503).send("ill");
                            } else if (request.contains("/deployments")) {
                                exchange.status(404).send("none");
                            } else {
                                exchange.abort();
                            }
                        })) {
            Cluster cluster =
                    new Cluster(
                            "scripted",
                            null,
                            server.kubeconfig(folder).toString(),
                            false,
                            List.of("*"));

            assertThatCode(
                            () ->
                                    new FirstContact(Duration.ofSeconds(40))
                                            .require(
                                                    List.of(cluster),
                                                    List.of("deployments", "nodes", "pods"),
                                                    false,
                                                    new StopSignal()))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void credentialsThatAreNotKnownNeedNoRight() {
        assertThat(FirstContact.problem(new ClusterContact.Unauthorized("who is it")))
                .isEqualTo("unauthorized: who is it.");
    }

    @Test
    void whatIsForbiddenIsToldWithTheRightToGrant() {
        assertThat(FirstContact.problem(new ClusterContact.Forbidden("not allowed")))
                .startsWith("forbidden: not allowed. Grant list and watch on events.events.k8s.io");
    }
}
