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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Plain requests to an API server, with a token: what tests write and look at, independent of the
 * client under test.
 *
 * <p>Paths start with a slash and may hold a query. Threads may share it. A lost connection is an
 * {@link UncheckedIOException}; an answer that is no success is an {@link ApiStatusException},
 * except from {@link #call}, which returns every answer.
 */
public final class KubeRest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI server;
    private final String token;
    private final HttpClient client;

    /**
     * Opens no connection.
     *
     * @param caCertificate PEM file of the certificates to trust
     */
    public KubeRest(URI server, String token, Path caCertificate) {
        this.server = server;
        this.token = token;
        this.client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(5))
                        .sslContext(Tls.trusting(caCertificate))
                        .build();
    }

    /** An answer of the server. */
    public record Answer(int status, HttpHeaders headers, String body) {

        /** The body as JSON. */
        public JsonNode json() {
            return parse(body);
        }
    }

    /** The server answered a request, but not with success. */
    public static final class ApiStatusException extends RuntimeException {
        private final int status;

        ApiStatusException(String request, Answer answer) {
            super(request + " was answered " + answer.status() + ": " + answer.body());
            this.status = answer.status();
        }

        /** HTTP status. */
        public int status() {
            return status;
        }
    }

    /** Reads an object or a list. */
    public JsonNode get(String path) {
        return succeed("GET", path, null, null);
    }

    /** Creates an object in a collection. */
    public JsonNode create(String collection, JsonNode object) {
        return succeed("POST", collection, "application/json", object.toString());
    }

    /** Creates an object, given as JSON, in a collection. */
    public JsonNode create(String collection, String json) {
        return succeed("POST", collection, "application/json", json);
    }

    /** Replaces an object. */
    public JsonNode replace(String path, JsonNode object) {
        return succeed("PUT", path, "application/json", object.toString());
    }

    /** Changes an object by a JSON merge patch. */
    public JsonNode patch(String path, String mergePatch) {
        return succeed("PATCH", path, "application/merge-patch+json", mergePatch);
    }

    /** Deletes an object at once. */
    public JsonNode delete(String path) {
        return succeed(
                "DELETE",
                path,
                "application/json",
                "{\"gracePeriodSeconds\":0,\"propagationPolicy\":\"Background\"}");
    }

    /** Creates a namespace. */
    public JsonNode createNamespace(String name) {
        return create("/api/v1/namespaces", "{\"metadata\":{\"name\":\"" + name + "\"}}");
    }

    /** Sends any request and returns its answer, whatever the status. Timeout 30 s. */
    public Answer call(String method, String path, String contentType, String body) {
        return call(method, path, contentType, body, Duration.ofSeconds(30));
    }

    Answer call(String method, String path, String contentType, String body, Duration timeout) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.resolve(path))
                        .timeout(timeout)
                        .header("Authorization", "Bearer " + token)
                        .header("Accept", "application/json")
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body));
        if (contentType != null) {
            request.header("Content-Type", contentType);
        }
        try {
            HttpResponse<String> response =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + server + path + " got no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(method + " " + path + " was interrupted", e);
        }
    }

    /**
     * Waits until reading a path is answered with this status; lost connections are tried again.
     */
    public void awaitStatus(String path, int status, Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        Object last = null;
        while (true) {
            try {
                Answer answer = call("GET", path, null, null);
                if (answer.status() == status) {
                    return;
                }
                last = answer;
            } catch (UncheckedIOException e) {
                last = e.getCause();
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "GET %s was not answered %d within %s; last: %s"
                                .formatted(path, status, atMost, last));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /** The version of the cluster's data at this moment: that of a list of events. */
    public String currentVersion() {
        return get("/api/v1/events?limit=1").at("/metadata/resourceVersion").asText();
    }

    /**
     * Waits until this version is compacted away, so that a watch of events from it is answered
     * 410: two or three compaction intervals. Events are read from etcd, past the watch cache.
     */
    public void awaitExpired(String resourceVersion, Duration atMost) {
        // A watch from R reads from R + 1, and a list of exactly R fails one revision earlier.
        awaitStatus(
                "/api/v1/events?limit=1&resourceVersionMatch=Exact&resourceVersion="
                        + new BigInteger(resourceVersion).add(BigInteger.ONE),
                410,
                atMost);
    }

    private JsonNode succeed(String method, String path, String contentType, String body) {
        Answer answer = call(method, path, contentType, body);
        if (answer.status() / 100 != 2) {
            throw new ApiStatusException(method + " " + path, answer);
        }
        return answer.json();
    }

    private static JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("Not JSON: " + body, e);
        }
    }
}
