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

import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

    private final Path folder;
    private final URI server;
    private final ControlPlaneUsers users;
    private final EtcdCluster etcd;
    private final EtcdCluster eventsEtcd;
    private final ServerProcess apiServer;
    private final ServerProcess scheduler;
    private volatile KubeRest admin;

    private KubeControlPlane(Builder builder) {
        Path binaries = ControlPlaneBinaries.folder(builder.scheduler, false);
        folder = ServerFiles.folder("control-plane");
        int port = FreePorts.next();
        server = URI.create("https://127.0.0.1:" + port);
        users = new ControlPlaneUsers(folder, builder.users);
        ControlPlaneCommands commands = new ControlPlaneCommands(binaries, folder);
        etcd = new EtcdCluster("etcd", binaries, folder, builder.etcdMembers);
        List<String> flags = new ArrayList<>(builder.apiServerFlags);
        if (builder.eventsElsewhere) {
            eventsEtcd = new EtcdCluster("etcd-events", binaries, folder, 1);
            flags.add(ControlPlaneCommands.eventsElsewhere(eventsEtcd.clients()));
        } else {
            eventsEtcd = null;
        }
        if (builder.compactionInterval != null) {
            flags.add("--etcd-compaction-interval=" + seconds(builder.compactionInterval));
        }
        if (builder.eventTtl != null) {
            flags.add("--event-ttl=" + seconds(builder.eventTtl));
        }
        apiServer =
                new ServerProcess(
                        "kube-apiserver",
                        commands.apiServer(port, etcd.clients(), users.tokenFile(), flags),
                        folder.resolve("kube-apiserver.log"),
                        this::isReady);
        scheduler =
                builder.scheduler
                        ? new ServerProcess(
                                "kube-scheduler",
                                commands.scheduler(users.kubeconfig(ADMIN)),
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

    /** The process of etcd; with several members, of the first one. */
    public ServerProcess etcd() {
        return etcd.member(0);
    }

    /** The etcd of everything, or of everything but events. */
    public EtcdCluster etcdCluster() {
        return etcd;
    }

    /** The etcd of events alone. */
    public EtcdCluster eventsEtcd() {
        if (eventsEtcd == null) {
            throw new IllegalStateException(
                    "Events are with all the rest: ask the builder for withEventsInTheirOwnEtcd()");
        }
        return eventsEtcd;
    }

    /**
     * Puts back what a snapshot of {@link #etcdCluster} holds, as after a disaster: kills the API
     * server and etcd, replaces the data and starts both again. Versions written after the snapshot
     * are gone, and their numbers are given out anew, unless they are bumped.
     *
     * @param bumpRevision how far to go on before new versions begin, with all older ones marked
     *     compacted; 0 for a plain restore
     */
    public void restore(Path snapshot, long bumpRevision) {
        if (apiServer.isRunning()) {
            apiServer.kill();
        }
        etcd.restore(snapshot, bumpRevision);
        apiServer.start();
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
        return users.token(user);
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
        return users.kubeconfig(user);
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
            // Kept only when it works: of a certificate file that is half written it trusts nobody.
            KubeRest rest = admin == null ? restAs(ADMIN) : admin;
            boolean ready =
                    rest.call("GET", "/readyz", null, null, Duration.ofSeconds(2)).status() == 200;
            if (ready) {
                admin = rest;
            }
            return ready;
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
        if (eventsEtcd != null) {
            eventsEtcd.close();
        }
    }

    private void startAll() {
        try {
            etcd.start();
            if (eventsEtcd != null) {
                eventsEtcd.start();
            }
            apiServer.start();
            users.writeKubeconfigs(server, caCertificate());
            // Created by a controller of the API server a moment after it is ready.
            admin.awaitStatus("/api/v1/namespaces/default", 200, Duration.ofSeconds(30));
            if (scheduler != null) {
                scheduler.start();
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + "s";
    }

    /** What a control plane shall be like. */
    public static final class Builder {
        private final Map<String, List<String>> users = new LinkedHashMap<>();
        private final List<String> apiServerFlags = new ArrayList<>();
        private Duration compactionInterval;
        private Duration eventTtl;
        private boolean scheduler;
        private int etcdMembers = 1;
        private boolean eventsElsewhere;

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

        /** Runs so many etcds as one: 3 go on when one is killed. */
        public Builder etcdMembers(int members) {
            etcdMembers = members;
            return this;
        }

        /** Keeps events in an etcd of their own, so that their versions are counted apart. */
        public Builder withEventsInTheirOwnEtcd() {
            eventsElsewhere = true;
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
