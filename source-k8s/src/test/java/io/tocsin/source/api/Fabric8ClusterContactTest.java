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
package io.tocsin.source.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.api.ClusterContact.BadConfig;
import io.tocsin.source.api.ClusterContact.Forbidden;
import io.tocsin.source.api.ClusterContact.NotKubernetes;
import io.tocsin.source.api.ClusterContact.Ready;
import io.tocsin.source.api.ClusterContact.Unauthorized;
import io.tocsin.source.api.ClusterContact.Unreachable;
import io.tocsin.source.api.Refusal.Cause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class Fabric8ClusterContactTest {

    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String VERSION = "{\"major\":\"1\",\"gitVersion\":\"v1.34.4\"}";

    private static final String LIST = "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[]}";

    @TempDir Path directory;
    private ScriptedServer server;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedServer();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        assertThat(server.failures).isEmpty();
    }

    @Test
    void aServerThatListsAndWatchesIsReady() throws Exception {
        server.answer(200, JSON, VERSION).answer(200, JSON, LIST).answer(200, JSON, "");

        assertThat(check()).isEqualTo(new Ready("v1.34.4", "scripted", server.url()));
    }

    @Test
    void oneAllowedNamespaceIsEnough() throws Exception {
        server.answer(200, JSON, VERSION)
                .answer(403, JSON, "{\"kind\":\"Status\",\"message\":\"no\"}")
                .answer(403, JSON, "{\"kind\":\"Status\",\"message\":\"no\"}")
                .answer(200, JSON, LIST)
                .answer(200, JSON, "");

        assertThat(check("shop", "cart")).isInstanceOf(Ready.class);
    }

    @Test
    void aWatchThatIsNotAllowedIsForbidden() throws Exception {
        String no = "{\"kind\":\"Status\",\"message\":\"User \\\"eve\\\" cannot watch\"}";
        server.answer(200, JSON, VERSION)
                .answer(200, JSON, LIST)
                .answer(403, JSON, no)
                .answer(403, JSON, no);

        assertThat(check("shop"))
                .isInstanceOfSatisfying(
                        Forbidden.class,
                        f ->
                                assertThat(f.message())
                                        .contains("watch events in namespace shop", "eve"));
    }

    @Test
    void otherResourcesThatMayNotBeWatchedAreNamedWithTheVerb() throws Exception {
        String no = "{\"kind\":\"Status\",\"message\":\"User \\\"eve\\\" cannot\"}";
        server.answer(403, JSON, no).answer(200, JSON, LIST).answer(403, JSON, no);

        Refusal nodes = refusal("nodes", "*");
        Refusal pods = refusal("pods", "shop");

        assertThat(nodes.cause()).isEqualTo(Cause.FORBIDDEN);
        assertThat(nodes.message()).contains("not allowed to list nodes (", "eve");
        assertThat(pods.cause()).isEqualTo(Cause.FORBIDDEN);
        assertThat(pods.message()).contains("not allowed to watch pods in namespace shop", "eve");
    }

    @Test
    void otherResourcesThatMayBeWatchedAreNotRefused() throws Exception {
        server.answer(200, JSON, LIST).answer(200, JSON, "");

        assertThat(refusal("deployments", "*")).isNull();
        assertThat(server.requests.get(0).toString()).contains("/apis/apps/v1/deployments");
    }

    @Test
    void whatElseIsWrongWithOtherResourcesIsNoLackOfRights() throws Exception {
        server.answer(401, JSON, "{\"kind\":\"Status\",\"message\":\"Unauthorized\"}")
                .answer(404, "", "nothing here")
                .answer(429, "", "slowly")
                .answer(500, "", "ill")
                .answer((request, out) -> {});

        assertThat(refusal("pods", "*").cause()).isEqualTo(Cause.UNAUTHORIZED);
        assertThat(refusal("deployments", "*").cause()).isEqualTo(Cause.NOT_SERVED);
        for (int i = 0; i < 3; i++) {
            assertThat(refusal("pods", "*").cause()).isEqualTo(Cause.TROUBLE);
        }
    }

    @Test
    void credentialsThatAreNotKnownAreUnauthorized() throws Exception {
        server.answer(401, JSON, "{\"kind\":\"Status\",\"message\":\"Unauthorized\"}");

        assertThat(check())
                .isInstanceOfSatisfying(
                        Unauthorized.class,
                        u -> assertThat(u.message()).contains("credentials of context scripted"));
    }

    @Test
    void anythingElseThatSpeaksHttpIsNotKubernetes() throws Exception {
        server.answer(200, "Content-Type: text/html\r\n", "<html>Welcome</html>")
                .answer(404, "", "nothing here")
                .answer(200, JSON, "{\"hello\":\"world\"}");

        for (int i = 0; i < 3; i++) {
            assertThat(check()).isInstanceOf(NotKubernetes.class);
        }
    }

    @Test
    void versionsThatCannotBeComparedAreTold() throws Exception {
        server.answer(200, JSON, VERSION)
                .answer(200, JSON, "{\"metadata\":{\"resourceVersion\":\"7-a\"},\"items\":[]}");

        assertThat(check())
                .isInstanceOfSatisfying(
                        NotKubernetes.class,
                        n -> assertThat(n.message()).contains("'7-a'", "decimal"));
    }

    @Test
    void nobodyThereIsUnreachable() throws Exception {
        server.close();

        assertThat(check())
                .isInstanceOfSatisfying(
                        Unreachable.class,
                        u -> assertThat(u.message()).contains(server.url(), "onnection refused"));
    }

    @Test
    void aServerThatIsStartingIsUnreachable() throws Exception {
        server.answer(503, "", "starting");

        assertThat(check()).isInstanceOf(Unreachable.class);
    }

    @Test
    void plainHttpBehindHttpsIsUnreachable() throws Exception {
        server.answer(200, "", "");
        ClusterAccess access = server.access(directory);
        Path file = Path.of(access.kubeconfig());
        Files.writeString(file, Files.readString(file).replace("http:", "https:"));

        assertThat(Fabric8ClusterContact.check(access, List.of("*")))
                .isInstanceOfSatisfying(
                        Unreachable.class, u -> assertThat(u.message()).contains("TLS"));
    }

    @Test
    void kubeconfigsThatCannotBeUsedAreToldWithARemedy() throws Exception {
        assertBad(directory.resolve("none").toString(), null, "does not exist", "--kubeconfig");
        assertBad(write(""), null, "is empty", "write it anew");
        assertBad(write("a: [b"), null, "cannot be read as YAML", "kubectl config view");
        assertBad(write("just text"), null, "cannot be read as YAML", "kubectl config view");
        assertBad(server.access(directory).kubeconfig(), "prod", "context 'prod'", "[scripted]");
        String good = Files.readString(Path.of(server.access(directory).kubeconfig()));
        assertBad(
                write(good.replace("current-context: scripted", "")),
                null,
                "no current context",
                "[scripted]");
        assertBad(write(good.replace("{name: c,", "{name: d,")), null, "cluster 'c'", "--context");
        assertBad(write(good.replace("http:", "")), null, "no usable server", "https://");
        assertBad(
                write(good.replace("server:", "certificate-authority: ca.crt, server:")),
                null,
                "certificate-authority ca.crt",
                "correct the path");
        assertBad(
                write(good.replace("user: {}", "user: {tokenFile: gone}")),
                null,
                "token file",
                "check");
        assertBad(
                write(
                        good.replace(
                                "user: {}",
                                "user: {client-certificate-data: YQ==, client-key-data: YQ==}")),
                null,
                "cannot be used",
                "client-certificate");
        assertThat(server.requests).isEmpty();
    }

    @Test
    void listsContexts() throws Exception {
        String path = server.access(directory).kubeconfig();

        assertThat(Fabric8ClusterContact.contexts(path)).containsExactly("scripted");
        assertThat(Fabric8ClusterContact.contextName(new ClusterAccess(path, null, false)))
                .isEqualTo("scripted");
    }

    private void assertBad(String kubeconfig, String context, String message, String remedy)
            throws InterruptedException {
        assertThat(
                        Fabric8ClusterContact.check(
                                new ClusterAccess(kubeconfig, context, false), List.of("*")))
                .isInstanceOfSatisfying(
                        BadConfig.class,
                        bad -> {
                            assertThat(bad.message()).contains(message);
                            assertThat(bad.remedy()).contains(remedy);
                        });
    }

    private String write(String text) throws IOException {
        return Files.writeString(Files.createTempFile(directory, "config", ""), text).toString();
    }

    private ClusterContact check(String... namespaces) throws InterruptedException {
        return Fabric8ClusterContact.check(
                server.access(directory),
                namespaces.length == 0 ? List.of("*") : List.of(namespaces));
    }

    private Refusal refusal(String resource, String scope) throws InterruptedException {
        return Fabric8ClusterContact.refusal(server.access(directory), resource, scope);
    }
}
