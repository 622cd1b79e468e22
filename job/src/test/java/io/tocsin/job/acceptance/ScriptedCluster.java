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
package io.tocsin.job.acceptance;

import io.tocsin.testing.ScriptedApiServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An API server with nothing but events, which can fall ill in ways a real one cannot be brought
 * to. Falling ill cuts all watches.
 */
final class ScriptedCluster implements AutoCloseable {
    private static final Pattern VERSION = Pattern.compile("resourceVersion=(\\d+)");
    private static final int FIRST = 100;

    /** How it answers. */
    enum Health {
        WELL,
        /** HTTP 500 to everything. */
        ERRORS,
        /** A login page, with HTTP 200. */
        LOGIN_PAGE,
        /** HTTP 200 and half a JSON. */
        GARBAGE
    }

    private final ScriptedApiServer server = ScriptedApiServer.start(this::answer);
    private final List<String> lines = new ArrayList<>();
    private final List<String> objects = new ArrayList<>();
    private final AtomicInteger illAnswers = new AtomicInteger();
    private Health health = Health.WELL;

    Path kubeconfig(Path folder) {
        return server.kubeconfig(folder);
    }

    synchronized void become(Health next) {
        health = next;
        illAnswers.set(0);
        notifyAll();
    }

    /** How often it was asked since it fell ill. */
    int illAnswers() {
        return illAnswers.get();
    }

    /** Adds an event; its version is the next one. */
    synchronized void event(String name) {
        String now = Instant.now().toString();
        String object =
                """
                {"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"name":"%1$s",\
                "namespace":"shop","uid":"uid-%1$s","resourceVersion":"%2$d",\
                "creationTimestamp":"%3$s"},"type":"Warning","reason":"BackOff","note":"%1$s",\
                "eventTime":"%3$s","reportingController":"kubelet","regarding":{"kind":"Pod",\
                "namespace":"shop","name":"%1$s","uid":"pod-%1$s"}}"""
                        .formatted(name, FIRST + lines.size() + 1, now);
        objects.add(object);
        line("{\"type\":\"ADDED\",\"object\":" + object + "}");
    }

    /** Adds a line of the watch as it is. */
    synchronized void line(String line) {
        lines.add(line);
        notifyAll();
    }

    @Override
    public void close() {
        server.close();
    }

    private void answer(String request, ScriptedApiServer.Exchange exchange)
            throws IOException, InterruptedException {
        exchange.header(
                "Date",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.now().atZone(ZoneOffset.UTC)));
        Health now;
        synchronized (this) {
            now = health;
        }
        switch (now) {
            case ERRORS ->
                    exchange.status(500)
                            .send(
                                    "{\"kind\":\"Status\",\"code\":500,\"message\":\"etcd is down\"}");
            case LOGIN_PAGE ->
                    exchange.header("Content-Type", "text/html")
                            .status(200)
                            .send("<html>\n<title>Log in</title>\n</html>\n");
            case GARBAGE -> exchange.status(200).send("{\"type\":\"ADD\n");
            case WELL -> well(request, exchange);
        }
        if (now != Health.WELL) {
            illAnswers.incrementAndGet();
        }
    }

    private void well(String request, ScriptedApiServer.Exchange exchange)
            throws IOException, InterruptedException {
        if (request.startsWith("GET /version")) {
            exchange.status(200).send("{\"gitVersion\":\"v1.34.4\"}");
        } else if (!request.startsWith("GET /apis/events.k8s.io/v1/events?")) {
            exchange.status(404).send("{\"kind\":\"Status\",\"code\":404,\"message\":\"no\"}");
        } else if (request.contains("watch=")) {
            Matcher version = VERSION.matcher(request);
            watch(version.find() ? Integer.parseInt(version.group(1)) : FIRST, exchange);
        } else {
            synchronized (this) {
                exchange.status(200)
                        .send(
                                """
                                {"kind":"EventList","apiVersion":"events.k8s.io/v1",
                                 "metadata":{"resourceVersion":"%d"},"items":[%s]}"""
                                        .formatted(
                                                FIRST + lines.size(), String.join(",", objects)));
            }
        }
    }

    private void watch(int version, ScriptedApiServer.Exchange exchange)
            throws IOException, InterruptedException {
        exchange.status(200);
        int next = Math.max(0, version - FIRST);
        while (true) {
            String line;
            synchronized (this) {
                while (health == Health.WELL && next >= lines.size()) {
                    wait();
                }
                if (health != Health.WELL) {
                    break;
                }
                line = lines.get(next++);
            }
            exchange.send(line + "\n");
        }
        exchange.abort();
    }
}
