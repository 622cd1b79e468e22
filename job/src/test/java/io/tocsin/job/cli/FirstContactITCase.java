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

import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.ScriptedApiServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * What {@code tocsin run} says, and with which code it ends, when first contact fails. Each case is
 * tried for as long as a user would have to wait, so all are started together.
 */
class FirstContactITCase {

    @RegisterExtension
    static final KubeControlPlaneExtension CLUSTER =
            KubeControlPlaneExtension.with(
                    builder -> builder.user("nobody").user("lister").user("guest"));

    @TempDir private static Path folder;

    private static ScriptedApiServer html;
    private static ScriptedApiServer json;
    private static CompletableFuture<Result> forbidden;
    private static CompletableFuture<Result> watchForbidden;
    private static CompletableFuture<Result> unauthorized;
    private static CompletableFuture<Result> ofHtml;
    private static CompletableFuture<Result> ofJson;
    private static CompletableFuture<Result> ofNobody;

    private record Result(int code, String err) {}

    @BeforeAll
    static void tryEverything() throws Exception {
        KubeControlPlane plane = CLUSTER.controlPlane();
        new ClusterFixtures(plane.rest())
                .allow("lister", null, "events.k8s.io", "events", "list", "get");
        forbidden = tocsin("forbidden", plane.kubeconfigFor("nobody"), "--namespace", "shop");
        watchForbidden = tocsin("watch", plane.kubeconfigFor("lister"));

        Path stranger = folder.resolve("stranger");
        String token = plane.token("guest");
        Files.writeString(
                stranger,
                Files.readString(plane.kubeconfigFor("guest")).replace(token, "not-" + token));
        unauthorized = tocsin("unauthorized", stranger);

        html =
                ScriptedApiServer.start(
                        (request, exchange) ->
                                exchange.header("Content-Type", "text/html")
                                        .status(200)
                                        .send("<html><title>Welcome</title></html>"));
        json =
                ScriptedApiServer.start(
                        (request, exchange) -> exchange.status(200).send("{\"status\":\"up\"}"));
        ofHtml = tocsin("html", html.kubeconfig(Files.createDirectory(folder.resolve("h"))));
        ofJson = tocsin("json", json.kubeconfig(Files.createDirectory(folder.resolve("j"))));

        ScriptedApiServer gone = ScriptedApiServer.start((request, exchange) -> {});
        Path kubeconfig = gone.kubeconfig(Files.createDirectory(folder.resolve("g")));
        gone.close();
        ofNobody = tocsin("gone", kubeconfig);
    }

    @AfterAll
    static void closeTheServers() {
        html.close();
        json.close();
    }

    @Test
    void whoMayNotListIsToldVerbResourceScopeAndUser() throws Exception {
        assertThat(forbidden.get().code()).isEqualTo(1);
        assertThat(forbidden.get().err())
                .contains("forbidden", "list events in namespace shop", "\"nobody\"")
                .contains("Grant list and watch on events.events.k8s.io");
    }

    @Test
    void whoMayListButNotWatchIsToldSo() throws Exception {
        assertThat(watchForbidden.get().code()).isEqualTo(1);
        assertThat(watchForbidden.get().err())
                .contains("forbidden", "watch events in all namespaces", "\"lister\"");
    }

    @Test
    void credentialsThatAreNotAcceptedAreNamedByContextOnly() throws Exception {
        assertThat(unauthorized.get().code()).isEqualTo(1);
        assertThat(unauthorized.get().err())
                .contains("does not accept the credentials of context", "HTTP 401")
                .doesNotContain(CLUSTER.controlPlane().token("guest"));
    }

    @Test
    void aServerThatIsNotKubernetesIsCalledSo() throws Exception {
        assertThat(ofHtml.get().code()).isEqualTo(1);
        assertThat(ofHtml.get().err())
                .contains("no Kubernetes API server", html.uri().toString())
                .contains("Check the server's address in the kubeconfig");
        assertThat(ofJson.get().code()).isEqualTo(1);
        assertThat(ofJson.get().err()).contains("no Kubernetes API server", json.uri().toString());
    }

    @Test
    void aServerThatDoesNotAnswerIsUnreachable() throws Exception {
        assertThat(ofNobody.get().code()).isEqualTo(1);
        assertThat(ofNobody.get().err())
                .contains("unreachable", "onnection refused")
                .contains("Check the network, and the server's address in the kubeconfig");
    }

    private static CompletableFuture<Result> tocsin(
            String name, Path kubeconfig, String... options) {
        StringWriter err = new StringWriter();
        CommandLine command = Tocsin.commandLine();
        command.setErr(new PrintWriter(err, true));
        String[] arguments = {
            "run",
            "--kubeconfig",
            kubeconfig.toString(),
            "--state",
            folder.resolve("state-" + name).toString()
        };
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + options.length);
        System.arraycopy(options, 0, all, arguments.length, options.length);
        return CompletableFuture.supplyAsync(
                () -> new Result(command.execute(all), err.toString()),
                task -> new Thread(task, "tocsin run of " + name).start());
    }
}
