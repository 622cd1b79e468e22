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

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A real OpenSearch node in a child JVM on loopback, without plugins for security or index
 * management; ready in a few seconds, 290 MB.
 *
 * <p>Address and data stay the same when its process is stopped, killed, paused or started again.
 * Nothing is left running when this JVM dies. One thread at a time.
 */
public final class OpenSearchServer implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Path folder;
    private final int port;
    private final ServerProcess process;

    private OpenSearchServer() {
        String classpath = ServerClasspath.of("opensearch");
        folder = ServerFiles.folder("opensearch");
        port = FreePorts.next();
        process =
                new ServerProcess(
                        "opensearch",
                        ServerFiles.java(
                                "512m",
                                classpath,
                                List.of(
                                        ServerClasspath.folder("opensearch")
                                                .resolve("OpenSearchNode.java")
                                                .toString(),
                                        folder.resolve("home").toString(),
                                        Integer.toString(port))),
                        folder.resolve("opensearch.log"),
                        this::isReady,
                        ServerFiles.JVM_READY_WITHIN);
    }

    /** A node, started and ready. */
    public static OpenSearchServer start() {
        OpenSearchServer server = new OpenSearchServer();
        try {
            server.process.start();
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Its address: http. */
    public URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Its process. */
    public ServerProcess process() {
        return process;
    }

    /** Kills it and removes the data; its log stays. */
    @Override
    public void close() {
        process.close();
        ServerFiles.delete(folder.resolve("home"));
    }

    private boolean isReady() {
        HttpRequest request =
                HttpRequest.newBuilder(
                                uri().resolve("/_cluster/health?wait_for_status=yellow&timeout=1s"))
                        .timeout(Duration.ofSeconds(10))
                        .build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
