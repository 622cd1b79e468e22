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

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ScriptedApiServerTest {

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void saysWhatTheScriptSays() throws Exception {
        try (ScriptedApiServer server =
                ScriptedApiServer.start(
                        (request, exchange) ->
                                exchange.header("Retry-After", "3")
                                        .status(request.contains("watch") ? 429 : 200)
                                        .send("{\"a\":")
                                        .send("1}\n"))) {
            HttpResponse<InputStream> answer = get(server, "/api?watch=1");
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.headers().firstValue("Retry-After")).contains("3");
            assertThat(text(answer)).isEqualTo("{\"a\":1}\n");
            assertThat(get(server, "/version").statusCode()).isEqualTo(200);
            assertThat(server.requests()).containsExactly("GET /api?watch=1", "GET /version");
        }
    }

    @Test
    void resetsInTheMiddleOfALine() throws Exception {
        try (ScriptedApiServer server =
                ScriptedApiServer.start(
                        (request, exchange) -> {
                            exchange.send("{\"type\":\"ADD");
                            throw new IOException("scripted");
                        })) {
            assertThatThrownBy(() -> text(get(server, "/"))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void hangsUntilItIsClosed() throws Exception {
        ScriptedApiServer server =
                ScriptedApiServer.start(
                        (request, exchange) -> {
                            exchange.send("line\n");
                            exchange.hang();
                        });
        try (InputStream body = get(server, "/").body()) {
            assertThat(new String(body.readNBytes(5), StandardCharsets.UTF_8)).isEqualTo("line\n");
            server.close();
            // Whether the end or a reset is seen first depends on which thread wins.
            assertThat(endsOrBreaks(body)).isTrue();
        }
    }

    private static boolean endsOrBreaks(InputStream body) {
        try {
            return body.read() < 0;
        } catch (IOException reset) {
            return true;
        }
    }

    private HttpResponse<InputStream> get(ScriptedApiServer server, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(server.uri().resolve(path)).build(),
                HttpResponse.BodyHandlers.ofInputStream());
    }

    private static String text(HttpResponse<InputStream> answer) throws IOException {
        try (InputStream body = answer.body()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
