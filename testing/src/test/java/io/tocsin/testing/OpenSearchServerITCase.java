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

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

class OpenSearchServerITCase {

    @RegisterExtension static final BeforeEachCallback NOTE = RealServers::note;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void findsWhatWasIndexedAlsoAfterAKill() throws Exception {
        try (OpenSearchServer server = OpenSearchServer.start()) {
            String bulk =
                    """
                    {"index":{"_id":"1"}}
                    {"reason":"BackOff","note":"Größe"}
                    {"index":{"_id":"2"}}
                    {"reason":"Unhealthy"}
                    """;
            assertThat(call(server, "POST", "/alerts/_bulk?refresh=true", bulk))
                    .contains("\"errors\":false");
            String search = "/alerts/_search?q=reason:BackOff";
            assertThat(call(server, "GET", search, ""))
                    .contains("\"value\":1", "Größe")
                    .doesNotContain("Unhealthy");
            server.process().kill();
            server.process().start();
            assertThat(call(server, "GET", search, "")).contains("\"value\":1", "Größe");
        }
    }

    private String call(OpenSearchServer server, String method, String path, String body)
            throws Exception {
        HttpResponse<String> response =
                client.send(
                        HttpRequest.newBuilder(server.uri().resolve(path))
                                .header("Content-Type", "application/x-ndjson")
                                .method(method, HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }
}
