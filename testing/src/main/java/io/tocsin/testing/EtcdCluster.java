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
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One etcd, or several that elect a leader; can be saved, restored and made to change the leader.
 * One thread at a time.
 */
public final class EtcdCluster implements AutoCloseable {

    private static final Duration LEADER_WITHIN = Duration.ofSeconds(30);

    private final String name;
    private final Path folder;
    private final List<Member> members;
    private final List<ServerProcess> processes = new ArrayList<>();
    private final List<EtcdMaintenance> maintenance = new ArrayList<>();

    private record Member(String name, Path data, URI client, URI peer) {}

    /** Describes it; starts nothing. */
    EtcdCluster(String name, Path binaries, Path folder, int count) {
        this.name = name;
        this.folder = folder;
        members =
                IntStream.range(0, count)
                        .mapToObj(
                                i -> {
                                    String member = count == 1 ? name : name + "-" + i;
                                    return new Member(
                                            member,
                                            folder.resolve(member),
                                            loopback(FreePorts.next()),
                                            loopback(FreePorts.next()));
                                })
                        .toList();
        for (Member member : members) {
            EtcdMaintenance calls = new EtcdMaintenance(member.client());
            maintenance.add(calls);
            processes.add(
                    new ServerProcess(
                            member.name(),
                            command(binaries.resolve("etcd"), member),
                            folder.resolve(member.name() + ".log"),
                            calls::isHealthy));
        }
    }

    /** How many members it has. */
    public int size() {
        return members.size();
    }

    /** The process of a member, from 0. */
    public ServerProcess member(int index) {
        return processes.get(index);
    }

    /** Addresses for clients: http. */
    List<URI> clients() {
        return members.stream().map(Member::client).toList();
    }

    /** Starts all members that do not run, and waits until they are ready. */
    public void start() {
        List<ServerProcess> stopped =
                processes.stream().filter(process -> !process.isRunning()).toList();
        // No member is ready before there are enough of them to elect a leader.
        stopped.forEach(ServerProcess::launch);
        stopped.forEach(ServerProcess::awaitReady);
    }

    /** Kills all members that run. */
    public void kill() {
        processes.stream().filter(ServerProcess::isRunning).forEach(ServerProcess::kill);
    }

    /** Which member leads, from 0; waits for an election. */
    public int leader() {
        return awaitLeader(-1);
    }

    /** Has another member lead, without a failure; returns which. */
    public int moveLeader() {
        int from = leader();
        int to =
                IntStream.range(1, size())
                        .map(step -> (from + step) % size())
                        .filter(index -> processes.get(index).isRunning())
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                "No other member of " + name + " runs"));
        maintenance.get(from).moveLeader(maintenance.get(to).status().id());
        return awaitLeader(from);
    }

    /** Revision of the data at this moment: the version that an object written now would exceed. */
    public long revision() {
        return maintenance.get(leader()).status().revision();
    }

    /**
     * Forgets all that is older than a revision, as the API server does from time to time: a watch
     * can begin no earlier than there.
     */
    public void compact(long revision) {
        maintenance.get(leader()).compact(revision);
    }

    /** Writes all data to a file, as {@code etcdctl snapshot save} does. */
    public Path snapshot(Path file) {
        maintenance.get(leader()).snapshot(file);
        return file;
    }

    /**
     * Kills all members, replaces their data by that of a snapshot and starts them again.
     *
     * @param bumpRevision how far to go on before new revisions begin, with all older ones marked
     *     compacted; 0 for a plain restore, which gives out numbers anew
     */
    public void restore(Path snapshot, long bumpRevision) {
        Path etcdutl = ControlPlaneBinaries.etcdutl();
        kill();
        for (Member member : members) {
            ServerFiles.delete(member.data());
            List<String> command =
                    new ArrayList<>(
                            List.of(
                                    etcdutl.toString(),
                                    "snapshot",
                                    "restore",
                                    snapshot.toString(),
                                    "--data-dir=" + member.data(),
                                    "--name=" + member.name(),
                                    "--initial-cluster=" + initialCluster(),
                                    "--initial-advertise-peer-urls=" + member.peer()));
            if (bumpRevision > 0) {
                command.addAll(List.of("--bump-revision=" + bumpRevision, "--mark-compacted"));
            }
            run(command);
        }
        start();
    }

    /** Kills what runs and removes the data; logs stay. */
    @Override
    public void close() {
        processes.forEach(ServerProcess::close);
        members.forEach(member -> ServerFiles.delete(member.data()));
    }

    private List<String> command(Path program, Member member) {
        return List.of(
                program.toString(),
                "--name=" + member.name(),
                "--data-dir=" + member.data(),
                // What a test writes need not survive a power failure.
                "--unsafe-no-fsync",
                "--listen-client-urls=" + member.client(),
                "--advertise-client-urls=" + member.client(),
                "--listen-peer-urls=" + member.peer(),
                "--initial-advertise-peer-urls=" + member.peer(),
                "--initial-cluster=" + initialCluster());
    }

    private String initialCluster() {
        return members.stream()
                .map(member -> member.name() + "=" + member.peer())
                .collect(Collectors.joining(","));
    }

    private int awaitLeader(int otherThan) {
        long end = System.nanoTime() + LEADER_WITHIN.toNanos();
        while (System.nanoTime() < end) {
            for (int i = 0; i < size(); i++) {
                if (i != otherThan && processes.get(i).isRunning() && leads(i)) {
                    return i;
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        throw new IllegalStateException(
                "No leader of " + name + " within " + LEADER_WITHIN + "; logs are in " + folder);
    }

    private boolean leads(int index) {
        try {
            EtcdMaintenance.Status status = maintenance.get(index).status();
            return status.id().equals(status.leader());
        } catch (UncheckedIOException | IllegalStateException notNow) {
            // Paused, starting or without a quorum.
            return false;
        }
    }

    private static URI loopback(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    private static void run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed:\n" + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run " + command.get(0), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while restoring", e);
        }
    }
}
