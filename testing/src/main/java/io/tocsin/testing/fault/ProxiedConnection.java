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
package io.tocsin.testing.fault;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Serves the requests of one client connection, each through a connection of its own to the server.
 * One thread; a second one looks out for the client's leaving while a watch is open.
 */
final class ProxiedConnection {

    private static final String[] HOP_BY_HOP = {
        "Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Proxy-Connection"
    };

    /** A client that reads nothing for ten seconds loses what is under way. */
    private static final int DELIVERY_CHECKS = 5_000;

    private static final Duration DELIVERY_CHECK = Duration.ofMillis(2);

    private final FaultProxy proxy;
    private final Wire client;

    ProxiedConnection(FaultProxy proxy, Wire client) {
        this.proxy = proxy;
        this.client = client;
    }

    /** Serves until one side or a fault ends the connection. */
    void run() {
        try {
            proxy.pause(Duration.ZERO);
            boolean goOn = true;
            while (goOn) {
                Head head = Head.read(client.in());
                if (head == null) {
                    break;
                }
                if ("100-continue".equalsIgnoreCase(head.value("Expect"))) {
                    proxy.pause(Duration.ZERO);
                    client.send(new Head("HTTP/1.1 100 Continue", List.of()).bytes());
                }
                byte[] body = head.readBody(client.in());
                proxy.pause(Duration.ZERO);
                goOn = serve(Request.of(head, body));
            }
            client.close();
        } catch (IOException e) {
            // One side broke off: so does the proxy.
            client.reset();
        } catch (RuntimeException | Error e) {
            proxy.failed(e);
            client.reset();
        }
    }

    /** Whether the connection serves another request. */
    private boolean serve(Request request) throws IOException {
        proxy.counts().request(request.path());
        Rule rule = proxy.ruleFor(request);
        Consumer<Fault> did =
                fault -> {
                    proxy.counts().add(fault, request.path());
                    if (rule != null) {
                        rule.did(fault);
                    }
                };
        if (rule == null) {
            return passOn(request, null, did);
        }
        if (!rule.delay().isZero()) {
            did.accept(Fault.DELAY);
            proxy.pause(rule.delay());
        }
        if (rule.meanwhile() != null) {
            rule.meanwhile().run();
            did.accept(Fault.MEANWHILE);
        }
        if (rule.instead() == null) {
            return passOn(request, rule, did);
        }
        did.accept(rule.instead());
        if (rule.instead() == Fault.ANSWER) {
            Head head =
                    new Head(
                            "HTTP/1.1 " + rule.status() + " Scripted",
                            List.of(
                                    new Head.Header("Content-Type", "application/json"),
                                    new Head.Header("Date", FaultProxy.DATE.format(Instant.now())),
                                    new Head.Header("Content-Length", "" + rule.body().length)));
            return answer(request, head, new ByteArrayInputStream(rule.body()), rule, did);
        }
        return end(BodyWriter.End.valueOf(rule.instead().name()));
    }

    private boolean passOn(Request request, Rule rule, Consumer<Fault> did) throws IOException {
        try (Wire server = proxy.connect()) {
            Head head = request.head().without(HOP_BY_HOP).without("Host", "Expect");
            if (rule != null && rule.editsLines()) {
                // What is compressed has no lines.
                head = head.without("Accept-Encoding");
            }
            head = head.with("Host", proxy.serverName()).with("Connection", "close");
            if (request.body().length > 0) {
                head = head.with("Content-Length", "" + request.body().length);
            }
            server.send(head.bytes());
            server.send(request.body());
            Head answer = Head.read(server.in());
            if (answer == null) {
                throw new IOException("The server closed without an answer");
            }
            if (request.isWatch()) {
                proxy.daemon("fault proxy: end of client", () -> awaitClientsEnd(server));
            }
            return answer(
                    request,
                    answer,
                    Body.ofAnswer(request.method(), answer, server.in()),
                    rule,
                    did);
        }
    }

    /** The server shall know at once when the client has left. */
    private void awaitClientsEnd(Wire server) {
        try {
            // A client sends nothing while it watches, and the connection serves no other request.
            client.in().read();
        } catch (IOException e) {
            // Left without a word.
        }
        server.abandon();
    }

    private boolean answer(
            Request request, Head from, InputStream body, Rule rule, Consumer<Fault> did)
            throws IOException {
        Head head = from.without(HOP_BY_HOP);
        if (rule != null) {
            head = changed(head, rule, did);
        }
        boolean bare =
                request.method().equals("HEAD") || from.status() == 204 || from.status() == 304;
        boolean chunked =
                !bare
                        && (head.value("Content-Length") == null
                                || (rule != null && (rule.editsLines() || rule.pieces() > 0)));
        if (chunked) {
            head = head.without("Content-Length").with("Transfer-Encoding", "chunked");
        }
        boolean last =
                request.isWatch() || "close".equalsIgnoreCase(request.head().value("Connection"));
        if (last) {
            head = head.with("Connection", "close");
        }
        proxy.pause(Duration.ZERO);
        client.send(head.bytes());
        if (bare) {
            return !last;
        }
        BodyWriter.End end =
                new BodyWriter(client.out(), chunked, rule, did, proxy::pause).write(body);
        return end(end) && !last;
    }

    private boolean end(BodyWriter.End end) throws IOException {
        switch (end) {
            case RESET -> {
                for (int i = 0; i < DELIVERY_CHECKS && !client.isDelivered(); i++) {
                    proxy.pause(DELIVERY_CHECK);
                }
                client.reset();
            }
            case SILENCE -> {
                while (client.in().read() >= 0) {
                    // Open and silent, whatever the client says, until it leaves.
                }
            }
            case CLOSE -> client.close();
            default -> {
                return true;
            }
        }
        return false;
    }

    private static Head changed(Head head, Rule rule, Consumer<Fault> did) {
        Head result = head;
        String date = head.value("Date");
        if (rule.skew() != null && date != null) {
            ZonedDateTime skewed =
                    ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .plus(rule.skew());
            result = result.with("Date", FaultProxy.DATE.format(skewed));
            did.accept(Fault.DATE);
        }
        for (Map.Entry<String, String> header : rule.headers().entrySet()) {
            result = result.with(header.getKey(), header.getValue());
            did.accept(Fault.HEADER);
        }
        return result;
    }
}
