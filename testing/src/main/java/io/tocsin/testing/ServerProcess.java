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

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A server in a child process that a test starts, stops, kills, pauses and starts again.
 *
 * <p>It never outlives this JVM, not even when that dies by {@code kill -9}: a shell stands between
 * them, kills the server when its standard input ends, and passes on the signals that it reads
 * there. Since the shell does not collect a dead server before its input ends, the process id stays
 * taken and a signal cannot hit a stranger. Linux only (reads {@code /proc}, since {@code kill -0}
 * calls a zombie alive).
 *
 * <p>Failures to start, and signals to a server that is not running, throw {@link
 * IllegalStateException} with the end of the server's log. One thread at a time.
 */
public final class ServerProcess implements AutoCloseable {

    /** How long {@link #start} waits for the server to be ready, unless it is told otherwise. */
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);

    /** How long {@link #stop} waits after SIGTERM before it kills. */
    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(10);

    /** $1 is the log; the rest is the command. Signals of the terminal are left to the server. */
    private static final String SUPERVISOR =
            """
            trap '' INT TERM HUP
            exec 3<&0
            log=$1; shift
            "$@" </dev/null >>"$log" 2>&1 3<&- &
            child=$!
            echo "$child"
            exec >/dev/null
            while read -r signal <&3; do kill -s "$signal" "$child" 2>/dev/null; done
            kill -s KILL "$child" 2>/dev/null
            wait "$child"
            """;

    private final String name;
    private final List<String> command;
    private final Path log;
    private final BooleanSupplier ready;
    private final Duration readyWithin;
    private Process supervisor;
    private long pid = -1;

    /**
     * Describes a server; starts nothing.
     *
     * @param name what errors call it
     * @param log file to which its output is appended
     * @param ready asked repeatedly after a start until it says true; must not block for long
     */
    public ServerProcess(String name, List<String> command, Path log, BooleanSupplier ready) {
        this(name, command, log, ready, READY_WITHIN);
    }

    /** Describes a server that may take longer, or less long, to be ready; starts nothing. */
    public ServerProcess(
            String name,
            List<String> command,
            Path log,
            BooleanSupplier ready,
            Duration readyWithin) {
        this.name = name;
        this.command = List.copyOf(command);
        this.log = log;
        this.ready = ready;
        this.readyWithin = readyWithin;
    }

    /** Starts the server and waits until it is ready. */
    public void start() {
        launch();
        awaitReady();
    }

    /** Starts the server and returns at once: for a test in which it cannot become ready. */
    public void launch() {
        if (isRunning()) {
            throw new IllegalStateException(name + " is already running as process " + pid);
        }
        collect();
        List<String> line = new ArrayList<>(List.of("sh", "-c", SUPERVISOR, name, log.toString()));
        line.addAll(command);
        try {
            supervisor =
                    new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            BufferedReader answer =
                    new BufferedReader(
                            new InputStreamReader(
                                    supervisor.getInputStream(), StandardCharsets.UTF_8));
            String said = answer.readLine();
            if (said == null) {
                throw new IllegalStateException("The shell that starts " + name + " ended at once");
            }
            pid = Long.parseLong(said.trim());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start " + name + " with " + command.get(0), e);
        }
    }

    /** Waits until the server says that it is ready; at most a minute unless told otherwise. */
    public void awaitReady() {
        await(
                () -> {
                    if (!isRunning()) {
                        throw new IllegalStateException(
                                name + " ended while starting; its log ends with\n" + logTail());
                    }
                    return ready.getAsBoolean();
                },
                readyWithin,
                "become ready");
    }

    /** Asks the server to end (SIGTERM); kills it if it is still there after ten seconds. */
    public void stop() {
        stop(STOPPED_WITHIN);
    }

    /**
     * Asks the server to end (SIGTERM) and kills it if it is still there after the grace. An API
     * server keeps open watches for a minute.
     */
    public void stop(Duration grace) {
        signal("TERM");
        long end = System.nanoTime() + grace.toNanos();
        while (isRunning() && System.nanoTime() < end) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        if (isRunning()) {
            signal("KILL");
            await(() -> !isRunning(), STOPPED_WITHIN, "die");
        }
        collect();
    }

    /** Kills the server (SIGKILL), also a paused one, and waits until it is gone. */
    public void kill() {
        signal("KILL");
        await(() -> !isRunning(), STOPPED_WITHIN, "die");
        collect();
    }

    /** Freezes the server (SIGSTOP): its connections stay open and nothing answers. */
    public void pause() {
        signal("STOP");
        await(this::isPaused, STOPPED_WITHIN, "freeze");
    }

    /** Lets a frozen server go on (SIGCONT). */
    public void resume() {
        signal("CONT");
        await(() -> !isPaused(), STOPPED_WITHIN, "go on");
    }

    /** Stops the server if it runs, starts it again and waits until it is ready. */
    public void restart() {
        if (isRunning()) {
            stop(Duration.ofSeconds(2));
        }
        start();
    }

    /** Whether the process is there and not a zombie; a paused one is running. */
    public boolean isRunning() {
        char state = state();
        return state != 'Z' && state != 'X' && state != '-';
    }

    /** Whether the process is frozen. */
    public boolean isPaused() {
        return state() == 'T';
    }

    /** Process id of the server, also after its end; -1 before the first start. */
    public long pid() {
        return pid;
    }

    /** The file to which the server's output goes, over all starts. */
    public Path log() {
        return log;
    }

    /** The last lines of the server's log. */
    public String logTail() {
        try {
            List<String> lines =
                    new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 25), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e + ")";
        }
    }

    /** Kills the server if it runs. */
    @Override
    public void close() {
        collect();
    }

    private void signal(String signal) {
        if (!isRunning()) {
            throw new IllegalStateException(
                    "Cannot send SIG" + signal + " to " + name + ": it is not running");
        }
        try {
            OutputStream commands = supervisor.getOutputStream();
            commands.write((signal + "\n").getBytes(StandardCharsets.US_ASCII));
            commands.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("The shell that guards " + name + " is gone", e);
        }
    }

    /** Ends the shell, which kills and collects the server. */
    private void collect() {
        if (supervisor == null) {
            return;
        }
        try {
            supervisor.getOutputStream().close();
            if (!supervisor.waitFor(STOPPED_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
                supervisor.destroyForcibly();
                throw new IllegalStateException("The shell that guards " + name + " does not end");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The shell that guards " + name + " is gone", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            supervisor.destroyForcibly();
        } finally {
            supervisor = null;
        }
    }

    /** State letter of the process as in proc(5); '-' when there is none. */
    private char state() {
        return supervisor == null ? '-' : stateOf(pid);
    }

    static char stateOf(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The second field is the name in parentheses and may itself hold any character.
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return '-';
        }
    }

    private void await(BooleanSupplier condition, Duration atMost, String what) {
        long end = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "%s did not %s within %s; its log ends with%n%s"
                                .formatted(name, what, atMost, logTail()));
            }
            if (Thread.interrupted()) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(
                        "Interrupted while waiting for " + name + " to " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
