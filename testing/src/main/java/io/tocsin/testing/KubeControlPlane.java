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
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A real kube-apiserver and etcd, and on request kube-scheduler, as child processes; each can be
 * stopped, killed, paused and restarted on its own.
 *
 * <p>Ready in about four seconds; 300 MB. Authorization is RBAC, users have tokens, certificates
 * are generated; addresses and data stay the same over restarts. Files lie in a folder of their own
 * under {@code target/}, logs stay there. Nothing is left running when this JVM dies, by whatever
 * means. No kubelet and no controllers: pods, nodes and events are what a test writes, and a
 * deleted namespace stays terminating.
 *
 * <p>One thread at a time starts, stops and closes.
 */
public final class KubeControlPlane implements AutoCloseable {

    /** Name of the user who may do everything (group {@code system:masters}). */
    public static final String ADMIN = "admin";

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Path folder;
    private final URI server;
    private final Map<String, String> tokens;
    private final ServerProcess etcd;
    private final ServerProcess apiServer;
    private final ServerProcess scheduler;
    private volatile KubeRest admin;

    private KubeControlPlane(Builder builder) {
        Path binaries = ControlPlaneBinaries.folder(builder.scheduler, false);
        folder =
                Path.of("target", "control-plane")
                        .resolve(ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet())
                        .toAbsolutePath();
        int port = FreePorts.next();
        server = URI.create("https://127.0.0.1:" + port);
        tokens = new LinkedHashMap<>();
        StringBuilder tokenFile = new StringBuilder();
        builder.users.forEach(
                (user, groups) -> {
                    tokens.put(user, "token-of-" + user);
                    tokenFile.append(
                            "token-of-%s,%s,%s,\"%s\"%n"
                                    .formatted(user, user, user, String.join(",", groups)));
                });
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("tokens.csv"), tokenFile);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write to " + folder, e);
        }
        URI etcdUri = URI.create("http://127.0.0.1:" + FreePorts.next());
        ControlPlaneCommands commands = new ControlPlaneCommands(binaries, folder, etcdUri);
        etcd =
                new ServerProcess(
                        "etcd",
                        commands.etcd(FreePorts.next()),
                        folder.resolve("etcd.log"),
                        () -> answers(etcdUri.resolve("/health")));
        List<String> flags = new ArrayList<>(builder.apiServerFlags);
        if (builder.compactionInterval != null) {
            flags.add("--etcd-compaction-interval=" + seconds(builder.compactionInterval));
        }
        if (builder.eventTtl != null) {
            flags.add("--event-ttl=" + seconds(builder.eventTtl));
        }
        apiServer =
                new ServerProcess(
                        "kube-apiserver",
                        commands.apiServer(port, folder.resolve("tokens.csv"), flags),
                        folder.resolve("kube-apiserver.log"),
                        this::isReady);
        scheduler =
                builder.scheduler
                        ? new ServerProcess(
                                "kube-scheduler",
                                commands.scheduler(folder.resolve(ADMIN + ".kubeconfig")),
                                folder.resolve("kube-scheduler.log"),
                                () -> true)
                        : null;
    }

    /** A control plane with the defaults, started. */
    public static KubeControlPlane start() {
        return builder().start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The API server's process. */
    public ServerProcess apiServer() {
        return apiServer;
    }

    /** The process of etcd. */
    public ServerProcess etcd() {
        return etcd;
    }

    /** The scheduler's process. */
    public ServerProcess scheduler() {
        if (scheduler == null) {
            throw new IllegalStateException("No scheduler: ask the builder for withScheduler()");
        }
        return scheduler;
    }

    /** Address of the API server: https, loopback. */
    public URI server() {
        return server;
    }

    /** Token of the user who may do everything. */
    public String token() {
        return token(ADMIN);
    }

    /** Token of a user whom the builder was told. */
    public String token(String user) {
        String token = tokens.get(user);
        if (token == null) {
            throw new IllegalStateException(
                    "No user " + user + "; known: " + tokens.keySet() + ". See Builder.user");
        }
        return token;
    }

    /** The API server's generated certificates, PEM: what a client has to trust. */
    public Path caCertificate() {
        return folder.resolve(ControlPlaneCommands.CERTIFICATES).resolve("apiserver.crt");
    }

    /** Kubeconfig of the user who may do everything. */
    public Path kubeconfig() {
        return kubeconfigFor(ADMIN);
    }

    /** Kubeconfig of a user whom the builder was told. */
    public Path kubeconfigFor(String user) {
        token(user);
        return folder.resolve(user + ".kubeconfig");
    }

    /** Requests as the user who may do everything. */
    public KubeRest rest() {
        return admin;
    }

    /** Requests as a user whom the builder was told. */
    public KubeRest restAs(String user) {
        return new KubeRest(server, token(user), caCertificate());
    }

    /** Folder of this control plane's files and logs. */
    public Path folder() {
        return folder;
    }

    /** Whether the API server says that it is ready. */
    public boolean isReady() {
        try {
            if (admin == null) {
                admin = restAs(ADMIN);
            }
            return admin.call("GET", "/readyz", null, null, Duration.ofSeconds(2)).status() == 200;
        } catch (UncheckedIOException | IllegalStateException notYet) {
            // Not listening yet, or its certificate is not written or only half written.
            return false;
        }
    }

    /** Kills what runs and removes the data; logs stay. */
    @Override
    public void close() {
        if (scheduler != null) {
            scheduler.close();
        }
        apiServer.close();
        etcd.close();
        delete(folder.resolve("etcd"));
    }

    private void startAll() {
        try {
            etcd.start();
            apiServer.start();
            for (Map.Entry<String, String> user : tokens.entrySet()) {
                Files.writeString(
                        folder.resolve(user.getKey() + ".kubeconfig"),
                        Kubeconfig.of(server, caCertificate(), user.getKey(), user.getValue()));
            }
            // Created by a controller of the API server a moment after it is ready.
            admin.awaitStatus("/api/v1/namespaces/default", 200, Duration.ofSeconds(30));
            if (scheduler != null) {
                scheduler.start();
            }
        } catch (IOException e) {
            close();
            throw new UncheckedIOException("Cannot write to " + folder, e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + "s";
    }

    private static boolean answers(URI uri) {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(2)).build();
            HttpResponse<InputStream> response =
                    HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
            response.body().close();
            return response.statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + folder, e);
        }
    }

    /** What a control plane shall be like. */
    public static final class Builder {
        private final Map<String, List<String>> users = new LinkedHashMap<>();
        private final List<String> apiServerFlags = new ArrayList<>();
        private Duration compactionInterval;
        private Duration eventTtl;
        private boolean scheduler;

        private Builder() {
            users.put(ADMIN, List.of("system:masters"));
        }

        /**
         * How often the API server compacts etcd; without it every 5 minutes. A version is expired
         * (410) after at most two intervals.
         */
        public Builder compactionInterval(Duration interval) {
            compactionInterval = interval;
            return this;
        }

        /** How long events live; without it an hour. */
        public Builder eventTtl(Duration ttl) {
            eventTtl = ttl;
            return this;
        }

        /** One more flag of kube-apiserver, as {@code --name=value}. */
        public Builder apiServerFlag(String flag) {
            apiServerFlags.add(flag);
            return this;
        }

        /** More flags of kube-apiserver. */
        public Builder apiServerFlags(List<String> flags) {
            apiServerFlags.addAll(flags);
            return this;
        }

        /** A user with a token and, until a test grants some, no rights but discovery. */
        public Builder user(String name, String... groups) {
            if (!name.matches("[A-Za-z0-9._-]+")) {
                throw new IllegalArgumentException(
                        "User '" + name + "' is part of a file name: letters, digits and ._-");
            }
            users.put(name, List.of(groups));
            return this;
        }

        /** Runs kube-scheduler, too. */
        public Builder withScheduler() {
            scheduler = true;
            return this;
        }

        /** Starts it and waits until it is ready. */
        public KubeControlPlane start() {
            KubeControlPlane controlPlane = new KubeControlPlane(this);
            controlPlane.startAll();
            return controlPlane;
        }
    }
}
