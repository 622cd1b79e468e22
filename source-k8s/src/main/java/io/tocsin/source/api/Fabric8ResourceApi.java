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

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.tocsin.source.api.Exchange.CancelledException;
import io.tocsin.source.api.Exchange.IdleException;
import io.tocsin.source.api.Exchange.WaitInterruptedException;
import io.tocsin.source.api.Signal.Closed;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;

/**
 * Speaks to a real API server. fabric8 supplies addresses, credentials, TLS, proxies and the HTTP
 * client; bodies are read as bytes, because its typed watch costs several times the CPU.
 *
 * <p>Every call ends with exactly one of Page, Expired, Refused and Closed.
 *
 * <p>Threads: one call at a time, told to the handler in the calling thread; the HTTP client's
 * threads only hand over chunks, and no more of them than were asked for, so a slow handler stops
 * the connection. {@link #cancel}, {@link #reloadCredentials} and {@link #close} from any thread.
 *
 * <p>Semantics: Kubernetes API concepts; events are read from events.k8s.io/v1, and from core/v1
 * where a server, or its access rules, know only that.
 */
final class Fabric8ResourceApi implements ResourceApi {

    private static final int CHUNKS_AHEAD = 4;
    private static final long NONE = -1;

    private final Fabric8Connection connection;
    private final ResourcePath path;
    private final Timeouts timeouts;
    private final Bounds bounds;

    private volatile Exchange<HttpResponse<AsyncBody>> current;
    private volatile boolean reload;
    private volatile boolean closed;
    private boolean useFallback;
    private int generation;

    /**
     * @param headMillis how long to wait for the beginning of an answer
     * @param listIdleMillis how long a list may pause
     * @param watchMarginMillis how much longer than asked for a watch may be silent
     */
    record Timeouts(long headMillis, long listIdleMillis, long watchMarginMillis) {
        static final Timeouts DEFAULT = new Timeouts(30_000, 60_000, 5_000);
    }

    Fabric8ResourceApi(
            Fabric8Connection connection, ResourcePath path, Timeouts timeouts, Bounds bounds) {
        this.connection = connection;
        this.path = path;
        this.timeouts = timeouts;
        this.bounds = bounds;
    }

    @Override
    public void list(int limit, String continueToken, String exactVersion, Handler handler)
            throws InterruptedException {
        StringBuilder query = new StringBuilder("?limit=").append(limit);
        if (continueToken != null) {
            query.append("&continue=").append(ResourcePath.encode(continueToken));
        } else if (exactVersion != null) {
            query.append("&resourceVersionMatch=Exact&resourceVersion=")
                    .append(ResourcePath.encode(exactVersion));
        }
        call(path, query.toString(), true, NONE, handler);
    }

    @Override
    public void probe(String resourceVersion, Handler handler) throws InterruptedException {
        call(
                path,
                "?limit=1&resourceVersionMatch=NotOlderThan&resourceVersion="
                        + ResourcePath.encode(resourceVersion),
                false,
                NONE,
                new Probe(handler));
    }

    @Override
    public void watch(String resourceVersion, Duration timeout, Handler handler)
            throws InterruptedException {
        long seconds = Math.max(1, timeout.toSeconds());
        call(
                path,
                "?watch=1&allowWatchBookmarks=true&timeoutSeconds="
                        + seconds
                        + "&resourceVersion="
                        + ResourcePath.encode(resourceVersion),
                true,
                TimeUnit.SECONDS.toMillis(seconds) + timeouts.watchMarginMillis(),
                handler);
    }

    @Override
    public void look(String namespace, String name, Handler handler) throws InterruptedException {
        call(
                path.in(namespace),
                "?fieldSelector=" + ResourcePath.encode("metadata.name=" + name),
                false,
                NONE,
                handler);
    }

    @Override
    public void cancel() {
        Exchange<?> exchange = current;
        if (exchange != null) {
            exchange.cancel();
        }
    }

    @Override
    public void reloadCredentials() {
        reload = true;
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        cancel();
        connection.close();
    }

    /**
     * @param byFields whether only objects with selected fields are asked for
     * @param watchIdleMillis how long a watch may be silent; {@link #NONE} for a list
     */
    private void call(
            ResourcePath path,
            String query,
            boolean byFields,
            long watchIdleMillis,
            Handler handler)
            throws InterruptedException {
        if (reload) {
            reload = false;
            connection.reload(generation);
        }
        String collection = useFallback ? path.fallback() : path.path();
        String asked = query + path.labelQuery();
        String selected = asked + (byFields ? path.fieldQuery(useFallback) : "");
        Call call = new Call(handler, watchIdleMillis);
        if (useFallback || path.fallback() == null) {
            call.run(collection + selected, null);
            // The access rules may have changed to the newer one.
            useFallback &= !call.denied;
        } else if (!call.run(collection + selected, path.fallback())) {
            Call second = new Call(handler, watchIdleMillis);
            useFallback = true;
            String older = asked + (byFields ? path.fieldQuery(true) : "");
            second.run(path.fallback() + older, null);
            // Where the older API refuses as well, the newer one stays the one to ask.
            useFallback = second.reader.isAccepted();
        }
    }

    /** One request and its answer. */
    private final class Call {
        private final Handler handler;
        private final long watchIdleMillis;
        private final long begin = System.nanoTime();
        private final Exchange<HttpResponse<AsyncBody>> exchange = new Exchange<>();
        private final AnswerReader reader;

        /** Not served, or not allowed. */
        private boolean denied;

        Call(Handler handler, long watchIdleMillis) {
            this.handler = handler;
            this.watchIdleMillis = watchIdleMillis;
            this.reader =
                    new AnswerReader(bounds, handler, exchange::throwIfCancelled, this::openMillis);
        }

        /**
         * @param fallback an API to ask instead where this one is not served or not allowed
         * @return false if the caller shall ask the fallback; then nothing was told
         */
        boolean run(String pathAndQuery, String fallback) throws InterruptedException {
            current = exchange;
            if (closed) {
                exchange.cancel();
            }
            HttpResponse<AsyncBody> response = null;
            Signal last;
            try {
                CompletableFuture<HttpResponse<AsyncBody>> future = send(pathAndQuery);
                try {
                    response = exchange.awaitHead(timeouts.headMillis());
                } finally {
                    if (response == null) {
                        abandon(future);
                    }
                }
                int code = response.code();
                denied = code == 404 || code == 403;
                if (fallback != null && denied) {
                    return false;
                }
                last = answer(response);
            } catch (CancelledException e) {
                last = reader.closed(Closed.Cause.CANCELLED, "cancelled");
            } catch (IdleException e) {
                last = reader.closed(Closed.Cause.IDLE, e.getMessage());
            } catch (WaitInterruptedException e) {
                throw new InterruptedException("interrupted while reading from the API server");
            } catch (IOException e) {
                last = reader.closed(Closed.Cause.BROKEN, e.getMessage());
            } finally {
                current = null;
                if (response != null) {
                    response.body().cancel();
                }
            }
            handler.on(last);
            return true;
        }

        private CompletableFuture<HttpResponse<AsyncBody>> send(String pathAndQuery)
                throws IOException {
            Fabric8Connection.Client client = connection.client();
            generation = client.generation();
            HttpRequest.Builder request =
                    client.http()
                            .newHttpRequestBuilder()
                            .uri(URI.create(client.server() + pathAndQuery))
                            .setHeader("Accept", "application/json");
            if (watchIdleMillis == NONE) {
                // The client sends and decodes none of its own.
                request.setHeader("Accept-Encoding", "gzip");
            }
            try {
                CompletableFuture<HttpResponse<AsyncBody>> future =
                        client.http()
                                .consumeBytes(
                                        request.build(),
                                        (buffers, body) -> exchange.onChunk(buffers));
                future.whenComplete(
                        (response, failure) -> {
                            if (failure != null) {
                                exchange.onFailure(failure);
                            } else {
                                exchange.onHead(response);
                            }
                        });
                return future;
            } catch (RuntimeException e) {
                // Such as a token file that is gone, or a client that was closed meanwhile.
                throw new IOException(NetworkFailure.describe(e), e);
            }
        }

        /** Nobody waits for the answer any more: its connection must not stay open. */
        private static void abandon(CompletableFuture<HttpResponse<AsyncBody>> future) {
            if (!future.cancel(true) && !future.isCompletedExceptionally()) {
                // It came at this very moment, and nobody will look at it.
                future.join().body().cancel();
            }
        }

        private Signal answer(HttpResponse<AsyncBody> response)
                throws IOException, InterruptedException {
            boolean watch = watchIdleMillis != NONE;
            AsyncBody body = response.body();
            body.done()
                    .whenComplete(
                            (done, failure) -> {
                                if (failure != null) {
                                    exchange.onFailure(failure);
                                } else {
                                    exchange.onEnd();
                                }
                            });
            exchange.beginBody(body::consume, watch ? watchIdleMillis : timeouts.listIdleMillis());
            for (int i = 0; i < CHUNKS_AHEAD; i++) {
                body.consume();
            }
            InputStream in = exchange;
            if ("gzip".equalsIgnoreCase(response.header("Content-Encoding"))) {
                in = new GZIPInputStream(exchange, 16 * 1024);
            }
            AnswerReader.Head head =
                    new AnswerReader.Head(
                            response.code(),
                            response.header("Content-Type"),
                            response.header("Date"),
                            response.header("Retry-After"));
            return watch ? reader.watch(head, in) : reader.list(head, in);
        }

        private long openMillis() {
            return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        }
    }

    /** Only the page matters to a probe. */
    private record Probe(Handler handler) implements Handler {
        @Override
        public boolean wants(String namespace, String name, String resourceVersion) {
            return false;
        }

        @Override
        public void on(Signal signal) throws InterruptedException {
            if (!(signal instanceof Signal.Malformed)) {
                handler.on(signal);
            }
        }
    }
}
