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
package io.tocsin.sink.webhook;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends over the JDK's HTTP client: HTTP/1.1, no redirects, every attempt bounded from connecting
 * to the end of the body, bodies read up to a bound. Reasons it reports hold no URL beyond scheme
 * and host and no header value.
 *
 * <p>Threads: everything that may block (files with secrets, name lookup) runs on its own daemon
 * threads, as many as are in flight, so that a hanging destination delays no other.
 */
final class HttpTransport implements Transport {
    private static final AtomicInteger THREADS = new AtomicInteger();

    private final ExecutorService threads;
    private final HttpClient client;

    HttpTransport(Duration connectTimeout) {
        this.threads =
                Executors.newCachedThreadPool(
                        task -> {
                            Thread thread =
                                    new Thread(task, "tocsin-webhook-" + THREADS.incrementAndGet());
                            thread.setDaemon(true);
                            return thread;
                        });
        this.client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(connectTimeout)
                        .executor(threads)
                        .build();
    }

    @Override
    public CompletableFuture<Answer> send(WebhookDestination destination, Lane.Sending sending) {
        return CompletableFuture.supplyAsync(() -> start(destination, sending), threads)
                .thenCompose(answer -> answer)
                .exceptionally(problem -> failure("", problem));
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private CompletableFuture<Answer> start(WebhookDestination destination, Lane.Sending sending) {
        URI url;
        HttpRequest request;
        try {
            url = url(destination);
            request = request(destination, sending, url);
        } catch (IOException e) {
            return CompletableFuture.completedFuture(
                    new Answer.Failure(Answer.Kind.NOT_SENT, e.getMessage()));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(
                    new Answer.Failure(Answer.Kind.IMPOSSIBLE, e.getMessage()));
        }
        String where = url.getScheme() + "://" + url.getHost();
        CompletableFuture<HttpResponse<String>> exchange =
                client.sendAsync(request, BoundedBody.handler());
        // The client's own timeout ends with the headers; a body that trickles needs this one.
        return exchange.copy()
                .orTimeout(destination.timeoutMillis(), TimeUnit.MILLISECONDS)
                .handle(
                        (response, problem) -> {
                            if (problem == null) {
                                return answer(response);
                            }
                            exchange.cancel(true);
                            return failure(where, problem);
                        });
    }

    private static URI url(WebhookDestination destination) throws IOException {
        String expected =
                "the URL ("
                        + destination.url()
                        + ") is not of the form http://host/path or https://host/path";
        try {
            URI url = new URI(destination.url().resolve());
            boolean http =
                    "http".equalsIgnoreCase(url.getScheme())
                            || "https".equalsIgnoreCase(url.getScheme());
            if (!http || url.getHost() == null) {
                throw new IOException(expected);
            }
            return url;
        } catch (URISyntaxException e) {
            // The cause quotes the URL, so it stays out.
            throw new IOException(expected);
        }
    }

    /**
     * @throws IOException a configured value is missing or unusable: may be corrected at any time
     * @throws IllegalArgumentException the request itself can never be sent
     */
    private static HttpRequest request(
            WebhookDestination destination, Lane.Sending sending, URI url) throws IOException {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(url)
                        .timeout(Duration.ofMillis(destination.timeoutMillis()))
                        .setHeader("User-Agent", "tocsin");
        for (Map.Entry<String, Secret> header : destination.headers().entrySet()) {
            String value = header.getValue().resolve();
            if (!set(builder, header.getKey(), value)) {
                throw new IOException(
                        "header "
                                + header.getKey()
                                + " ("
                                + header.getValue()
                                + ") is not allowed or has characters HTTP does not permit");
            }
        }
        WebhookRequest request = sending.request();
        if (!set(builder, "Content-Type", request.contentType())
                || !set(builder, "Idempotency-Key", request.idempotencyKey())) {
            throw new IllegalArgumentException(
                    "its content type or idempotency key is not a valid header value");
        }
        if (sending.afterDeadLetter()) {
            builder.setHeader("Tocsin-After-Dead-Letter", "true");
        }
        return builder.POST(HttpRequest.BodyPublishers.ofByteArray(request.body())).build();
    }

    private static boolean set(HttpRequest.Builder builder, String name, String value) {
        try {
            builder.setHeader(name, value);
            return true;
        } catch (IllegalArgumentException e) {
            // Its message quotes the value, which may be a secret.
            return false;
        }
    }

    private static Answer answer(HttpResponse<String> response) {
        return new Answer.Response(
                response.statusCode(),
                response.headers().firstValue("Retry-After").orElse(null),
                response.headers().firstValue("Date").orElse(null),
                response.headers().firstValue("Content-Type").orElse(null),
                response.body());
    }

    private static Answer failure(String where, Throwable thrown) {
        Throwable problem = thrown;
        while (problem instanceof CompletionException && problem.getCause() != null) {
            problem = problem.getCause();
        }
        String at = where.isEmpty() ? "" : " at " + where;
        if (problem instanceof HttpConnectTimeoutException) {
            return new Answer.Failure(Answer.Kind.NOT_SENT, "no connection in time" + at);
        }
        if (problem instanceof HttpTimeoutException || problem instanceof TimeoutException) {
            return new Answer.Failure(Answer.Kind.UNKNOWN, "no complete answer in time" + at);
        }
        if (problem instanceof ConnectException || problem instanceof UnresolvedAddressException) {
            boolean unknown =
                    problem instanceof UnresolvedAddressException
                            || problem.getCause() instanceof UnresolvedAddressException;
            return new Answer.Failure(
                    Answer.Kind.NOT_SENT,
                    (unknown ? "unknown host" : "connection refused or impossible") + at);
        }
        // Messages of the client may quote the URL: the class says enough.
        return new Answer.Failure(
                Answer.Kind.UNKNOWN, "connection failed" + at + " (" + chain(problem) + ")");
    }

    private static String chain(Throwable problem) {
        StringBuilder names = new StringBuilder(problem.getClass().getSimpleName());
        Throwable cause = problem.getCause();
        for (int depth = 0; cause != null && depth < 3; depth++) {
            names.append(" < ").append(cause.getClass().getSimpleName());
            cause = cause.getCause();
        }
        return names.toString();
    }
}
