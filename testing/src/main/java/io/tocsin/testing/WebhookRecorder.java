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

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A webhook receiver on loopback that records each request verbatim and answers as it is told.
 *
 * <p>Answers queued with {@link #answer} are used once each, in order; then {@link
 * #answerByDefault} holds (200 without a body at first). It can be stopped and started again on the
 * same port: while stopped, connections are refused. Any thread may call it; requests are handled
 * at the same time.
 */
public final class WebhookRecorder implements AutoCloseable {

    private final InetSocketAddress address;
    private final List<Recorded> requests = new ArrayList<>();
    private final Queue<Answer> queued = new ArrayDeque<>();
    private Function<Recorded, Answer> byDefault = request -> Answer.status(200);
    private HttpServer server;
    private ExecutorService threads;
    private CountDownLatch stopping;

    private WebhookRecorder(InetAddress host) {
        address = new InetSocketAddress(host, FreePorts.next());
    }

    /**
     * A request as it arrived.
     *
     * @param time when its body was complete
     * @param headers names in lower case
     */
    public record Recorded(
            Instant time,
            String method,
            String path,
            Map<String, List<String>> headers,
            byte[] bytes) {

        /** The body as UTF-8 text. */
        public String body() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        /** First value of a header, or null; the name in any case. */
        public String header(String name) {
            List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
            return values == null ? null : values.get(0);
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
            DISCONNECT
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
        if (server != null) {
            throw new IllegalStateException("The recorder at " + uri("/") + " is running already");
        }
        try {
            server = HttpServer.create(address, 0);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen on " + address, e);
        }
        stopping = new CountDownLatch(1);
        CountDownLatch stopped = stopping;
        threads =
                Executors.newCachedThreadPool(
                        task -> {
                            Thread thread = new Thread(task, "webhook recorder");
                            thread.setDaemon(true);
                            return thread;
                        });
        server.setExecutor(threads);
        server.createContext("/", exchange -> handle(exchange, stopped));
        server.start();
    }

    /**
     * Closes all connections, also those that hang, and refuses new ones. What is recorded stays.
     */
    public synchronized void stop() {
        if (server == null) {
            return;
        }
        stopping.countDown();
        server.stop(0);
        threads.shutdownNow();
        server = null;
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

    private void handle(HttpExchange exchange, CountDownLatch stopped) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Map<String, List<String>> headers = new LinkedHashMap<>();
        exchange.getRequestHeaders()
                .forEach(
                        (name, values) ->
                                headers.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
        Recorded request =
                new Recorded(
                        Instant.now(),
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        headers,
                        body);
        Answer answer;
        synchronized (requests) {
            requests.add(request);
            answer = queued.isEmpty() ? byDefault.apply(request) : queued.remove();
        }
        try {
            if (answer.kind() == Answer.Kind.HANG) {
                stopped.await();
            } else if (!stopped.await(answer.delay().toMillis(), TimeUnit.MILLISECONDS)
                    && answer.kind() == Answer.Kind.RESPOND) {
                respond(exchange, answer);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // Without headers sent before, this closes the connection.
            exchange.close();
        }
    }

    private static void respond(HttpExchange exchange, Answer answer) throws IOException {
        answer.headers().forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }
}
