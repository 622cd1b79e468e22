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
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests to a Flink JobManager, as operators make them. Semantics: Flink 1.20 REST API, v1.
 *
 * <p>An answer other than 2xx throws {@link IllegalStateException} with what it says, no answer
 * {@link UncheckedIOException}. Any thread.
 */
public final class FlinkRest {

    /** Running main() on a busy machine takes its time; so does a savepoint. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final String BOUNDARY = "tocsin-jar-boundary";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI server;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();

    FlinkRest(URI server) {
        this.server = server;
    }

    /** The answer to a GET. */
    public JsonNode get(String path) {
        return send(request(path, Duration.ofSeconds(20)).GET());
    }

    /** Whether the JobManager answers. */
    public boolean answers() {
        try {
            return get("/overview").has("flink-version");
        } catch (UncheckedIOException | IllegalStateException notYet) {
            return false;
        }
    }

    /** Ids of the TaskManagers that are registered; those that died are until they are missed. */
    public Set<String> taskManagers() {
        Set<String> ids = new TreeSet<>();
        get("/taskmanagers").path("taskmanagers").forEach(one -> ids.add(one.path("id").asText()));
        return ids;
    }

    /** Uploads a job jar; the answer is its id for {@link #run}. */
    public String upload(Path jar) {
        String head =
                "--%s\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"%s\"\r\n"
                        + "Content-Type: application/x-java-archive\r\n\r\n";
        try {
            BodyPublisher body =
                    BodyPublishers.concat(
                            BodyPublishers.ofString(head.formatted(BOUNDARY, jar.getFileName())),
                            BodyPublishers.ofFile(jar),
                            BodyPublishers.ofString("\r\n--" + BOUNDARY + "--\r\n"));
            String name =
                    send(request("/jars/upload", PATIENCE)
                                    .header(
                                            "Content-Type",
                                            "multipart/form-data; boundary=" + BOUNDARY)
                                    .POST(body))
                            .path("filename")
                            .asText();
            return name.substring(name.lastIndexOf('/') + 1);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + jar, e);
        }
    }

    /**
     * Runs the entry point that a jar names; the answer is the job's id.
     *
     * @param from savepoint or retained checkpoint to start from, or null
     */
    public String run(String jar, int parallelism, Path from, List<String> arguments) {
        ObjectNode body = JSON.createObjectNode().put("parallelism", parallelism);
        ArrayNode list = body.putArray("programArgsList");
        arguments.forEach(list::add);
        if (from != null) {
            body.put("savepointPath", from.toUri().toString());
        }
        return post("/jars/" + jar + "/run", body).path("jobid").asText();
    }

    /** The job's status and that of its vertices. */
    public JsonNode job(String id) {
        return get("/jobs/" + id);
    }

    /** What the job says of its checkpoints, and of those it was restored from. */
    public JsonNode checkpoints(String id) {
        return get("/jobs/" + id + "/checkpoints");
    }

    /** Stops a job, without draining it, with a savepoint; the answer is the savepoint. */
    public Path stop(String id, Path folder) {
        String trigger =
                post(
                                "/jobs/" + id + "/stop",
                                JSON.createObjectNode()
                                        .put("drain", false)
                                        .put("targetDirectory", folder.toUri().toString()))
                        .path("request-id")
                        .asText();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            JsonNode answer = get("/jobs/" + id + "/savepoints/" + trigger);
            if (answer.at("/status/id").asText().equals("COMPLETED")) {
                if (!answer.at("/operation/location").isTextual()) {
                    throw new IllegalStateException("No savepoint of " + id + ": " + answer);
                }
                return Path.of(URI.create(answer.at("/operation/location").asText()).getPath());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        throw new IllegalStateException("Job " + id + " did not stop within " + PATIENCE);
    }

    private JsonNode post(String path, JsonNode body) {
        return send(
                request(path, PATIENCE)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body.toString())));
    }

    private HttpRequest.Builder request(String path, Duration timeout) {
        return HttpRequest.newBuilder(server.resolve("/v1" + path)).timeout(timeout);
    }

    private JsonNode send(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        try {
            var response = http.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (response.statusCode() / 100 != 2) {
                throw new IllegalStateException(
                        "%s %s was answered %d: %s"
                                .formatted(
                                        request.method(),
                                        request.uri(),
                                        response.statusCode(),
                                        response.body()));
            }
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException("No answer to " + request.uri(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while asking " + request.uri(), e);
        }
    }
}
