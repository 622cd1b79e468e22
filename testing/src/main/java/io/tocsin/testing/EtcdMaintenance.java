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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Calls to one etcd through its JSON gateway. Threads may share it.
 *
 * <p>Semantics: etcd 3.6, services KV and Maintenance of api/etcdserverpb/rpc.proto; numbers of 64
 * bits are strings in JSON.
 */
final class EtcdMaintenance {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MAINTENANCE = "/v3/maintenance/";
    private static final Duration SHORTLY = Duration.ofSeconds(2);
    private static final Duration PATIENTLY = Duration.ofSeconds(60);

    private final URI uri;

    EtcdMaintenance(URI uri) {
        this.uri = uri;
    }

    /**
     * What a member knows.
     *
     * @param leader id of the member that leads; 0 if it knows of none
     */
    record Status(String id, String leader, long revision) {}

    boolean isHealthy() {
        try (InputStream body = send(HttpRequest.newBuilder(uri.resolve("/health")), SHORTLY)) {
            return body.readAllBytes().length > 0;
        } catch (IOException | UncheckedIOException | IllegalStateException notYet) {
            return false;
        }
    }

    Status status() {
        try (InputStream body = post(MAINTENANCE + "status", "{}", SHORTLY)) {
            JsonNode status = JSON.readTree(body);
            return new Status(
                    status.at("/header/member_id").asText(),
                    status.path("leader").asText("0"),
                    status.at("/header/revision").asLong());
        } catch (IOException e) {
            throw new UncheckedIOException("No status of " + uri, e);
        }
    }

    /** To be asked of the leader. */
    void moveLeader(String targetId) {
        try (InputStream body =
                post(
                        MAINTENANCE + "transfer-leadership",
                        "{\"targetID\":\"" + targetId + "\"}",
                        PATIENTLY)) {
            body.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("The leader " + uri + " did not resign", e);
        }
    }

    void snapshot(Path file) {
        try (BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        post(MAINTENANCE + "snapshot", "{}", PATIENTLY),
                                        StandardCharsets.UTF_8));
                OutputStream out = Files.newOutputStream(file)) {
            // The last parts hold a checksum, which the restoring program checks.
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode part = JSON.readTree(line);
                if (part.has("error")) {
                    throw new IllegalStateException("No snapshot of " + uri + ": " + line);
                }
                out.write(part.at("/result/blob").binaryValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot save a snapshot of " + uri + " to " + file, e);
        }
    }

    /** To be forgotten: all that is older than a revision, and not the newest of its key. */
    void compact(long revision) {
        try (InputStream body =
                post("/v3/kv/compaction", "{\"revision\":\"" + revision + "\"}", PATIENTLY)) {
            body.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot compact " + uri + " to " + revision, e);
        }
    }

    private InputStream post(String path, String body, Duration timeout) {
        return send(
                HttpRequest.newBuilder(uri.resolve(path))
                        .POST(HttpRequest.BodyPublishers.ofString(body)),
                timeout);
    }

    private static InputStream send(HttpRequest.Builder builder, Duration timeout) {
        HttpRequest request = builder.timeout(timeout).build();
        try {
            HttpResponse<InputStream> response =
                    HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                try (InputStream body = response.body()) {
                    throw new IllegalStateException(
                            "%s was answered %d: %s"
                                    .formatted(
                                            request.uri(),
                                            response.statusCode(),
                                            new String(
                                                    body.readAllBytes(), StandardCharsets.UTF_8)));
                }
            }
            return response.body();
        } catch (IOException e) {
            throw new UncheckedIOException(request.uri() + " got no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(request.uri() + " was interrupted", e);
        }
    }
}
