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

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An HTTP server on the loopback that writes what a script says, byte for byte, and hangs up. One
 * answer per connection, in the order they were given.
 */
final class ScriptedServer implements AutoCloseable {

    /** Writes an answer, status line included. */
    interface Answer {
        void write(Request request, OutputStream out) throws Exception;
    }

    record Request(String target, Map<String, String> headers) {}

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    final List<Request> requests = new CopyOnWriteArrayList<>();
    final List<Throwable> failures = new CopyOnWriteArrayList<>();

    ScriptedServer() throws IOException {
        Thread acceptor = new Thread(this::accept, "scripted-server");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    ScriptedServer answer(Answer answer) {
        answers.add(answer);
        return this;
    }

    ScriptedServer answer(int status, String headers, String body) {
        return answer(
                (request, out) -> {
                    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                    head(out, status, headers + "Content-Length: " + bytes.length + "\r\n");
                    out.write(bytes);
                });
    }

    static void head(OutputStream out, int status, String headers) throws IOException {
        String head =
                "HTTP/1.1 " + status + " Scripted\r\n" + headers + "Connection: close\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    static void chunk(OutputStream out, byte[] bytes) throws IOException {
        out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    static void lastChunk(OutputStream out) throws IOException {
        out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** A kubeconfig for this server. */
    ClusterAccess access(Path directory) {
        return access(directory, "{}");
    }

    ClusterAccess access(Path directory, String user) {
        try {
            Path file = Files.createTempFile(directory, "kubeconfig", ".yaml");
            Files.writeString(
                    file,
                    String.join(
                            "\n",
                            "apiVersion: v1",
                            "kind: Config",
                            "current-context: scripted",
                            "contexts: [{name: scripted, context: {cluster: c, user: u}}]",
                            "clusters: [{name: c, cluster: {server: '" + url() + "'}}]",
                            "users: [{name: u, user: " + user + "}]",
                            ""));
            return new ClusterAccess(file.toString(), null, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return socket.getLocalPort();
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = socket.accept();
                sockets.add(connection);
                Thread thread = new Thread(() -> serve(connection), "scripted-connection");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(
                                    connection.getInputStream(), StandardCharsets.US_ASCII));
            String first = in.readLine();
            if (first == null || !first.startsWith("GET /")) {
                return;
            }
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            List<String> lines = new ArrayList<>();
            for (String line = in.readLine();
                    line != null && !line.isEmpty();
                    line = in.readLine()) {
                lines.add(line);
                headers.put(
                        line.substring(0, line.indexOf(':')),
                        line.substring(line.indexOf(':') + 1).trim());
            }
            Request request = new Request(first.split(" ")[1], headers);
            Answer answer = answers.poll();
            requests.add(request);
            if (answer == null) {
                head(connection.getOutputStream(), 599, "");
            } else {
                answer.write(request, connection.getOutputStream());
            }
        } catch (IOException e) {
            // The client hung up.
        } catch (Exception e) {
            failures.add(e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket connection : sockets) {
            connection.close();
        }
    }
}
