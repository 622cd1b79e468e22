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
package io.tocsin.job.replay;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small HTTP/1.1 server on loopback: GET only, a request per connection, chunked answers that may
 * last. Unlike the JDK's it lets its user say what time it is.
 *
 * <p>Threads: one that accepts, and one per connection, all daemons.
 */
final class LoopbackServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LoopbackServer.class);
    private static final int LONGEST_HEAD = 64 * 1024;
    private static final int BACKLOG = 50;
    private static final int HEAD_TIMEOUT_MILLIS = 10_000;

    private final ServerSocket listener;
    private final Handler handler;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** Answers requests, in the thread of their connection. */
    @FunctionalInterface
    interface Handler {
        void answer(Request request, Answer answer) throws IOException, InterruptedException;
    }

    /**
     * A request.
     *
     * @param path decoded path, with its leading slash
     * @param query decoded parameters; of a repeated one the last
     */
    record Request(String path, Map<String, String> query) {

        /** Whether a parameter is given and not empty. */
        boolean has(String parameter) {
            return !query.getOrDefault(parameter, "").isEmpty();
        }

        /** A parameter as a number; another one if it is none. */
        int number(String parameter, int otherwise) {
            try {
                return Integer.parseInt(query.getOrDefault(parameter, "" + otherwise));
            } catch (NumberFormatException e) {
                return otherwise;
            }
        }
    }

    private LoopbackServer(Handler handler) throws IOException {
        this.handler = handler;
        listener = listen();
    }

    private static ServerSocket listen() throws IOException {
        try {
            return new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            // A host without IPv4.
            return new ServerSocket(0, BACKLOG, InetAddress.getByName("::1"));
        }
    }

    /**
     * Starts a server on a free port.
     *
     * @throws ConnectException if this machine cannot reach it: names the remedy
     * @throws IOException if there is no loopback to listen on
     */
    static LoopbackServer start(Handler handler) throws IOException {
        LoopbackServer server = new LoopbackServer(handler);
        daemon("replay API", server::accept);
        try {
            reach(server.uri());
        } catch (IOException e) {
            server.close();
            throw e;
        }
        return server;
    }

    /** One can listen on a loopback that is down, and a client would try for ever. */
    static void reach(URI uri) throws ConnectException {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(uri.getHost(), uri.getPort()), HEAD_TIMEOUT_MILLIS);
        } catch (IOException e) {
            ConnectException unreachable =
                    new ConnectException(
                            "This machine cannot reach itself at "
                                    + uri
                                    + " ("
                                    + e.getMessage()
                                    + "), where a recording is served; expected a loopback interface"
                                    + " that is up, as after: ip link set lo up");
            unreachable.initCause(e);
            throw unreachable;
        }
    }

    URI uri() {
        InetAddress address = listener.getInetAddress();
        String host = address.getHostAddress();
        return URI.create(
                "http://"
                        + (host.contains(":") ? "[" + host.replaceAll("%.*", "") + "]" : host)
                        + ":"
                        + listener.getLocalPort());
    }

    /** Ends all connections. */
    @Override
    public void close() {
        closeQuietly(listener);
        open.forEach(LoopbackServer::closeQuietly);
    }

    /** An answer under way. One thread. */
    static final class Answer {
        private final Socket socket;
        private final OutputStream out;
        private boolean headSent;

        private Answer(Socket socket) throws IOException {
            this.socket = socket;
            this.out = new BufferedOutputStream(socket.getOutputStream(), 64 * 1024);
        }

        /** Sends the head; chunks follow. */
        void head(int status, String date) throws IOException {
            out.write(
                    ("HTTP/1.1 "
                                    + status
                                    + " Replayed\r\nDate: "
                                    + date
                                    + "\r\nContent-Type: application/json\r\n"
                                    + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            headSent = true;
        }

        /** Sends a part of the body; it leaves with the next {@link #flush}. */
        void write(byte[] bytes) throws IOException {
            if (bytes.length > 0) {
                out.write(
                        (Integer.toHexString(bytes.length) + "\r\n")
                                .getBytes(StandardCharsets.ISO_8859_1));
                out.write(bytes);
                out.write('\r');
                out.write('\n');
            }
        }

        void flush() throws IOException {
            out.flush();
        }

        /** Whether the other side has gone. Clients say nothing after their request. */
        boolean isAbandoned() {
            try {
                socket.setSoTimeout(1);
                return socket.getInputStream().read() < 0;
            } catch (SocketTimeoutException e) {
                return false;
            } catch (IOException e) {
                return true;
            }
        }

        private void end() throws IOException {
            if (headSent) {
                out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
            }
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                daemon("replay API, a connection", () -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(HEAD_TIMEOUT_MILLIS);
            Request request = request(socket.getInputStream());
            if (request != null) {
                Answer answer = new Answer(socket);
                handler.answer(request, answer);
                answer.end();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("The client of a replay went away", e);
        } catch (RuntimeException e) {
            LOG.error("A request to the replay failed", e);
        } finally {
            open.remove(socket);
        }
    }

    /** Null if the client said nothing, or something that is no GET. */
    private static Request request(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ends = 0;
        while (ends < 4) {
            int next = in.read();
            if (next < 0 || head.size() > LONGEST_HEAD) {
                return null;
            }
            ends = next == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : next == '\r' ? 1 : 0;
            head.write(next);
        }
        String[] line = head.toString(StandardCharsets.ISO_8859_1).split("\r\n")[0].split(" ");
        if (line.length != 3 || !line[0].equals("GET")) {
            return null;
        }
        String[] target = line[1].split("\\?", 2);
        Map<String, String> query = new HashMap<>();
        if (target.length == 2) {
            for (String parameter : target[1].split("&")) {
                String[] pair = parameter.split("=", 2);
                query.put(decode(pair[0]), pair.length == 2 ? decode(pair[1]) : "");
            }
        }
        return new Request(decode(target[0].replace("+", "%2B")), query);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static void closeQuietly(java.io.Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            LOG.debug("Closing the replay", e);
        }
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
