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

import io.tocsin.testing.fault.Head;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A webhook receiver on loopback that records each request verbatim and answers as it is told.
 *
 * <p>HTTP/1.1 without TLS. Answers queued with {@link #answer} are used once each, in order; then
 * {@link #answerByDefault} holds (200 without a body at first). It can be stopped and started again
 * on the same port: while stopped, connections are refused. Any thread may call it; requests are
 * handled at the same time.
 */
public final class WebhookRecorder implements AutoCloseable {

    private final InetSocketAddress address;
    private final List<Recorded> requests = new ArrayList<>();
    private final Queue<Answer> queued = new ArrayDeque<>();
    private Function<Recorded, Answer> byDefault = request -> Answer.status(200);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private ServerSocket listener;
    private Thread acceptor;
    private CountDownLatch stopping;

    private WebhookRecorder(InetAddress host) {
        address = new InetSocketAddress(host, FreePorts.next());
    }

    /**
     * A request as it arrived.
     *
     * @param time when its body was complete
     * @param head request line and headers, in their order and spelling
     * @param bytes body, without framing
     */
    public record Recorded(Instant time, Head head, byte[] bytes) {

        /** Such as {@code POST}. */
        public String method() {
            return head.start().split(" ")[0];
        }

        /** Target of the request: path and query. */
        public String path() {
            return head.start().split(" ")[1];
        }

        /** Values of each header; names in lower case. */
        public Map<String, List<String>> headers() {
            Map<String, List<String>> values = new LinkedHashMap<>();
            head.headers()
                    .forEach(
                            header ->
                                    values.computeIfAbsent(
                                                    header.name().toLowerCase(Locale.ROOT),
                                                    absent -> new ArrayList<>())
                                            .add(header.value()));
            return values;
        }

        /** The body as UTF-8 text. */
        public String body() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        /** First value of a header, or null; the name in any case. */
        public String header(String name) {
            return head.value(name);
        }
    }

    /**
     * What a request gets.
     *
     * @param delay time between the request and its answer
     * @param kind whether there is an answer at all
     */
    public record Answer(
            int status, Map<String, String> headers, String body, Duration delay, Kind kind) {

        /** Ways to answer. */
        public enum Kind {
            /** With the status, headers and body. */
            RESPOND,
            /** Never; the connection stays open until the recorder stops. */
            HANG,
            /** The connection is closed without a byte. */
            DISCONNECT,
            /** The connection is reset without a byte. */
            RESET,
            /** As to respond, but the connection is closed after half of the body. */
            TRUNCATE
        }

        /** An answer without a body. */
        public static Answer status(int status) {
            return new Answer(status, Map.of(), "", Duration.ZERO, Kind.RESPOND);
        }

        /** No answer until the recorder stops. */
        public static Answer hang() {
            return new Answer(0, Map.of(), "", Duration.ZERO, Kind.HANG);
        }

        /** A closed connection in place of an answer. */
        public static Answer disconnect() {
            return new Answer(0, Map.of(), "", Duration.ZERO, Kind.DISCONNECT);
        }

        /** A reset connection in place of an answer. */
        public static Answer reset() {
            return new Answer(0, Map.of(), "", Duration.ZERO, Kind.RESET);
        }

        /** The same, but broken off after half of the body. */
        public Answer truncated() {
            return new Answer(status, headers, body, delay, Kind.TRUNCATE);
        }

        /** The same with a body. */
        public Answer withBody(String newBody) {
            return new Answer(status, headers, newBody, delay, kind);
        }

        /** The same with one more header. */
        public Answer withHeader(String name, String value) {
            Map<String, String> all = new LinkedHashMap<>(headers);
            all.put(name, value);
            return new Answer(status, all, body, delay, kind);
        }

        /** The same, later. */
        public Answer after(Duration newDelay) {
            return new Answer(status, headers, body, newDelay, kind);
        }
    }

    /** A recorder on 127.0.0.1, started. */
    public static WebhookRecorder start() {
        return startOn("127.0.0.1");
    }

    /** A recorder on an address of this host, such as {@code ::1}, started. */
    public static WebhookRecorder startOn(String literalAddress) {
        try {
            WebhookRecorder recorder = new WebhookRecorder(InetAddress.getByName(literalAddress));
            recorder.resume();
            return recorder;
        } catch (IOException e) {
            throw new UncheckedIOException("Not an address: " + literalAddress, e);
        }
    }

    /** Accepts connections again after {@link #stop}, on the same port. */
    public synchronized void resume() {
        if (listener != null) {
            throw new IllegalStateException("The recorder at " + uri("/") + " is running already");
        }
        try {
            listener = new ServerSocket();
            listener.setReuseAddress(true);
            listener.bind(address, 200);
        } catch (IOException e) {
            listener = null;
            throw new UncheckedIOException("Cannot listen on " + address, e);
        }
        stopping = new CountDownLatch(1);
        ServerSocket listening = listener;
        CountDownLatch stopped = stopping;
        acceptor = daemon(() -> accept(listening, stopped));
    }

    /**
     * Closes all connections, also those that hang, and refuses new ones. What is recorded stays.
     */
    public synchronized void stop() {
        if (listener == null) {
            return;
        }
        stopping.countDown();
        try {
            listener.close();
            // The port is free only when nobody waits in accept any more.
            acceptor.join();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot stop listening on " + address, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            listener = null;
            open.forEach(WebhookRecorder::close);
        }
    }

    /** Its address with a path. */
    public URI uri(String path) {
        InetAddress host = address.getAddress();
        String literal = host.getHostAddress();
        return URI.create(
                "http://%s:%d%s"
                        .formatted(
                                host instanceof Inet6Address ? "[" + literal + "]" : literal,
                                address.getPort(),
                                path));
    }

    /** Answers the next requests with these, one each, in order. */
    public void answer(Answer... answers) {
        synchronized (requests) {
            queued.addAll(List.of(answers));
        }
    }

    /** Answers a request for which nothing is queued. */
    public void answerByDefault(Answer answer) {
        answerByDefault(request -> answer);
    }

    /** Answers a request for which nothing is queued, depending on what it is. */
    public void answerByDefault(Function<Recorded, Answer> answers) {
        synchronized (requests) {
            byDefault = answers;
        }
    }

    /** All requests so far, in the order in which their bodies were complete. */
    public List<Recorded> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** Forgets the requests and the queued answers. */
    public void clear() {
        synchronized (requests) {
            requests.clear();
            queued.clear();
        }
    }

    @Override
    public void close() {
        stop();
    }

    private void accept(ServerSocket listening, CountDownLatch stopped) {
        while (true) {
            try {
                Socket socket = listening.accept();
                open.add(socket);
                if (stopped.getCount() == 0) {
                    close(socket);
                }
                daemon(() -> serve(socket, stopped));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket, CountDownLatch stopped) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            Answer answer;
            do {
                Head head = Head.read(in);
                if (head == null) {
                    return;
                }
                if ("100-continue".equalsIgnoreCase(head.value("Expect"))) {
                    send(socket, new Head("HTTP/1.1 100 Continue", List.of()).bytes());
                }
                answer = record(head, head.readBody(in));
            } while (answer(answer, socket, stopped));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // The client left, or the recorder stopped.
        } finally {
            open.remove(socket);
        }
    }

    private Answer record(Head head, byte[] body) {
        Recorded request = new Recorded(Instant.now(), head, body);
        Function<Recorded, Answer> answers;
        synchronized (requests) {
            requests.add(request);
            if (!queued.isEmpty()) {
                return queued.remove();
            }
            answers = byDefault;
        }
        // Outside: what takes its time holds up no other request.
        return answers.apply(request);
    }

    /** Whether the connection goes on. */
    private static boolean answer(Answer answer, Socket socket, CountDownLatch stopped)
            throws IOException, InterruptedException {
        if (answer.kind() == Answer.Kind.HANG) {
            stopped.await();
        }
        if (stopped.await(answer.delay().toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        switch (answer.kind()) {
            case RESPOND, TRUNCATE -> {
                byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
                boolean whole = answer.kind() == Answer.Kind.RESPOND;
                ByteArrayOutputStream message = new ByteArrayOutputStream();
                message.writeBytes(head(answer, body.length).bytes());
                message.write(body, 0, whole ? body.length : body.length / 2);
                send(socket, message.toByteArray());
                return whole;
            }
            case RESET -> socket.setSoLinger(true, 0);
            default -> {
                // Closed without a byte.
            }
        }
        return false;
    }

    private static Head head(Answer answer, int length) {
        List<Head.Header> headers = new ArrayList<>();
        headers.add(
                new Head.Header(
                        "Date",
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                ZonedDateTime.now(ZoneId.of("GMT")))));
        answer.headers().forEach((name, value) -> headers.add(new Head.Header(name, value)));
        if (answer.status() != 204 && answer.status() != 304) {
            headers.add(new Head.Header("Content-Length", Integer.toString(length)));
        }
        return new Head("HTTP/1.1 " + answer.status() + " Recorded", headers);
    }

    private static void send(Socket socket, byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyBroken) {
            // Then it is closed.
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "webhook recorder");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
