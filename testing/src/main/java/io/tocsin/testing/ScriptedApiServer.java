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

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * An HTTP/1.1 server on loopback that says exactly what a test wants an API server to say: broken
 * lines, half a line, silence, a reset.
 *
 * <p>The script runs once per request, in a thread of its own; each connection serves one request.
 * A script that returns ends its answer properly; one that throws resets the connection.
 */
public final class ScriptedApiServer implements AutoCloseable {

    private final ServerSocket listener;
    private final Script script;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);

    private ScriptedApiServer(Script script) throws IOException {
        this.script = script;
        listener = new ServerSocket();
        listener.bind(
                new InetSocketAddress(InetAddress.getByName("127.0.0.1"), FreePorts.next()), 50);
    }

    /** What a test says to a request. */
    @FunctionalInterface
    public interface Script {
        /**
         * Answers.
         *
         * @param request request line without the protocol, such as {@code GET /version}
         */
        void answer(String request, Exchange exchange) throws IOException, InterruptedException;
    }

    /** The server, started. */
    public static ScriptedApiServer start(Script script) {
        try {
            ScriptedApiServer server = new ScriptedApiServer(script);
            server.daemon("scripted API server", server::accept);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen on loopback", e);
        }
    }

    /** Its address: http. */
    public URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /** Request lines so far, without the protocol. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    /** Writes a kubeconfig for this server into a folder. */
    public Path kubeconfig(Path folder) {
        try {
            return Files.writeString(
                    folder.resolve("scripted.kubeconfig"),
                    Kubeconfig.of(uri(), null, "scripted", "token"));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write to " + folder, e);
        }
    }

    /** Resets all connections. */
    @Override
    public void close() {
        closed.countDown();
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot stop listening", e);
        } finally {
            open.forEach(ScriptedApiServer::reset);
        }
    }

    /** The answer to one request, byte by byte. One thread. */
    public final class Exchange {
        private final Socket socket;
        private final OutputStream out;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private boolean started;

        private Exchange(Socket socket) throws IOException {
            this.socket = socket;
            this.out = socket.getOutputStream();
            headers.put("Content-Type", "application/json");
        }

        /** Sets a header, before {@link #status}. */
        public Exchange header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        /** Sends the status and the headers; a chunked body may follow. */
        public Exchange status(int status) throws IOException {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
            headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
            head.append("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
            write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
            started = true;
            return this;
        }

        /** Sends a part of the body at once. */
        public Exchange send(String text) throws IOException {
            return send(text.getBytes(StandardCharsets.UTF_8));
        }

        /** Sends a part of the body at once. */
        public Exchange send(byte[] bytes) throws IOException {
            if (!started) {
                status(200);
            }
            if (bytes.length > 0) {
                write(
                        (Integer.toHexString(bytes.length) + "\r\n")
                                .getBytes(StandardCharsets.UTF_8));
                write(bytes);
                write("\r\n".getBytes(StandardCharsets.UTF_8));
            }
            return this;
        }

        /** Says nothing more until the server is closed. */
        public void hang() throws InterruptedException {
            closed.await();
        }

        /** Resets the connection in the middle of whatever was said. */
        public void abort() {
            reset(socket);
        }

        private void end() throws IOException {
            if (!socket.isClosed()) {
                send(new byte[0]);
                write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            }
        }

        private void write(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                daemon("scripted answer", () -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            String request = head(socket.getInputStream());
            if (request == null) {
                return;
            }
            requests.add(request);
            Exchange exchange = new Exchange(socket);
            script.answer(request, exchange);
            exchange.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | AssertionError e) {
            reset(socket);
        } finally {
            open.remove(socket);
        }
    }

    /** Reads up to the empty line; bodies are left unread. Null when the client said nothing. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            head.write(next);
        }
        String line = head.toString(StandardCharsets.ISO_8859_1).lines().findFirst().orElse("");
        return line.replaceFirst(" HTTP/1\\..$", "");
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException alreadyClosed) {
            // Then there is nothing to reset.
        }
    }

    private void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
