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
import static org.assertj.core.api.Assertions.tuple;

import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.source.api.Refusal;
import io.tocsin.source.api.Refusal.Cause;
import io.tocsin.testing.ScriptedApiServer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ObjectContactTest {

    private static final List<String> OBJECTS = List.of("deployments", "nodes", "pods");

    @TempDir private Path folder;

    @Test
    void eachResourceHasAProblemOfItsOwn() throws Exception {
        String no = "{\"kind\":\"Status\",\"message\":\"User \\\"eve\\\" cannot\"}";
        try (ScriptedApiServer server =
                Scripts.serving(
                        (request, exchange) -> {
                            if (request.contains("/deployments")) {
                                exchange.status(404).send("none");
                            } else if (request.contains("/nodes")) {
                                exchange.status(401).send(no);
                            } else {
                                exchange.status(403).send(no);
                            }
                        })) {
            assertThat(refusals(server, "shop"))
                    .extracting(Refusal::resource, Refusal::scope, Refusal::cause)
                    .containsExactly(
                            tuple("deployments", "shop", Cause.NOT_SERVED),
                            tuple("nodes", "*", Cause.UNAUTHORIZED),
                            tuple("pods", "shop", Cause.FORBIDDEN));
        }
    }

    @Test
    void troubleThatPassesIsNotTold() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (ScriptedApiServer server =
                Scripts.serving(
                        (request, exchange) -> {
                            if (asked.incrementAndGet() == 1) {
                                exchange.status(503).send("starting");
                            } else {
                                exchange.send(request.contains("watch=1") ? "" : Scripts.PAGE);
                            }
                        })) {
            assertThat(refusals(server, "*")).isEmpty();
            assertThat(asked).hasValue(7);
        }
    }

    @Test
    void troubleThatStaysIsTold() throws Exception {
        try (ScriptedApiServer server =
                Scripts.serving((request, exchange) -> exchange.status(503).send("ill"))) {
            assertThat(refusals(server, "*"))
                    .hasSize(3)
                    .allSatisfy(
                            refusal -> {
                                assertThat(refusal.cause()).isEqualTo(Cause.TROUBLE);
                                assertThat(refusal.message())
                                        .contains("list " + refusal.resource(), "HTTP 503: ill");
                            });
        }
    }

    @Test
    void whatIsNotAnsweredInTimeIsTrouble() throws Exception {
        ObjectContact contact = new ObjectContact(cluster("nowhere", "*"), List.of("pods"));

        assertThat(contact.refusals(1))
                .containsExactly(new Refusal("pods", "*", Cause.TROUBLE, "no answer yet"));
    }

    @Test
    void nothingIsTriedWhereOnlyTheRunFindsNamespaces() throws Exception {
        Cluster named = cluster("nowhere", "*");
        Cluster selected =
                new Cluster(
                        named.name(),
                        null,
                        named.kubeconfig(),
                        false,
                        List.of(),
                        named.eventTtl(),
                        "team=shop",
                        null);

        assertThat(new ObjectContact(selected, OBJECTS).refusals(1))
                .extracting(Refusal::resource, Refusal::scope)
                .containsExactly(tuple("nodes", "*"));
    }

    @Test
    void saysWhatIsForbiddenWhatItCostsAndHowToGrantIt() {
        assertThat(text("nodes", "*", Cause.FORBIDDEN, "not allowed to list nodes"))
                .isEqualTo(
                        "forbidden: not allowed to list nodes. Rules with state: nodes see nothing"
                                + " there; the others go on. Grant list and watch on nodes by a"
                                + " ClusterRole, or leave those rules out.");
    }

    @Test
    void namesTheApiGroupOfDeploymentsAndTheNamespaceOfARole() {
        assertThat(text("deployments", "shop", Cause.FORBIDDEN, "not allowed"))
                .contains("Grant list and watch on deployments.apps by a Role in namespace shop");
    }

    @Test
    void onlyWhatIsForbiddenCanBeGranted() {
        assertThat(text("pods", "*", Cause.UNAUTHORIZED, "who?"))
                .isEqualTo(
                        "unauthorized to watch pods: who?. Rules with state: pods see nothing there"
                                + " until the credentials are accepted again; the others go on."
                                + " Tocsin reads them anew, and tries on.");
        assertThat(text("deployments", "*", Cause.NOT_SERVED, "HTTP 404"))
                .isEqualTo(
                        "not served: HTTP 404. Rules with state: deployments see nothing there; the"
                                + " others go on. Make the API server, or what stands before it,"
                                + " serve deployments.apps, or leave those rules out.");
        assertThat(text("pods", "*", Cause.TROUBLE, "HTTP 503"))
                .isEqualTo(
                        "cannot watch pods yet: HTTP 503. Rules with state: pods see nothing there"
                                + " until the server answers; the others go on. Tocsin tries on.");
    }

    private static String text(String resource, String scope, Cause cause, String message) {
        return ObjectContact.text(new Refusal(resource, scope, cause, message));
    }

    private List<Refusal> refusals(ScriptedApiServer server, String namespace)
            throws InterruptedException {
        ObjectContact contact =
                new ObjectContact(
                        cluster(server.kubeconfig(folder).toString(), namespace), OBJECTS);
        contact.attempt(new StopSignal(), 1);
        return contact.refusals(0);
    }

    private static Cluster cluster(String kubeconfig, String namespace) {
        return new Cluster("scripted", null, kubeconfig, false, List.of(namespace));
    }
}
