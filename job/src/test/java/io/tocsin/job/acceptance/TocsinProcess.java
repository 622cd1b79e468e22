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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code tocsin run} as a JVM of its own, as the launcher starts it, with state and output in one
 * folder, so that it can be killed and started again.
 */
final class TocsinProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> OPENED =
            List.of("lang", "net", "io", "nio", "util", "util.concurrent", "time", "text");

    private final Path folder;
    private final List<String> arguments;
    private Process process;
    private int starts;

    /**
     * @param folder holds {@code state}, {@code out} and the log of each start
     * @param arguments of {@code tocsin run}, without state and output
     */
    TocsinProcess(Path folder, String... arguments) {
        this.folder = folder;
        this.arguments = List.of(arguments);
    }

    void start() throws IOException {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "run",
                                "--state",
                                folder.resolve("state").toString(),
                                "--output",
                                "file:" + folder.resolve("out"),
                                "--events",
                                "--checkpoint-interval",
                                "500ms"));
        all.addAll(arguments);
        Files.createDirectories(folder);
        process =
                new ProcessBuilder(command(all))
                        .redirectErrorStream(true)
                        .redirectOutput(log(++starts).toFile())
                        .start();
    }

    /** The command line of {@code tocsin} with these arguments, as the launcher makes it. */
    static List<String> command(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        // A test run in the background of a shell ignores SIGINT, and so would its children.
        command.addAll(List.of("env", "--default-signal=INT"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String opened : OPENED) {
            command.add("--add-opens=java.base/java." + opened + "=ALL-UNNAMED");
        }
        command.addAll(
                List.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-Dlog4j2.configurationFile="
                                + Path.of("..", "flink-conf", "log4j2-cli.properties")
                                        .toAbsolutePath(),
                        "-cp",
                        jar() + ":" + Path.of("target", "runtime").toAbsolutePath() + "/*",
                        "io.tocsin.job.cli.Tocsin"));
        command.addAll(arguments);
        return command;
    }

    /** The job jar, which is also what runs on a Flink cluster. */
    static Path jar() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            return files.filter(file -> file.getFileName().toString().matches("tocsin-job-.*jar"))
                    .findFirst()
                    .orElseThrow(
                            () -> new IOException("No job jar in target: run mvnw package first"))
                    .toAbsolutePath();
        }
    }

    /** SIGKILL: no hook runs, nothing is flushed. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM; returns the exit code. */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("tocsin did not stop within 60 s of SIGTERM");
        }
        return process.exitValue();
    }

    /** SIGINT, as by Ctrl-C; returns the exit code. */
    int interrupt() throws IOException, InterruptedException {
        interrupt(process);
        return awaitEnd();
    }

    /** Sends SIGINT. */
    static void interrupt(Process process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    /** Waits until it ends by itself; returns the exit code. */
    int awaitEnd() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("tocsin did not end within 60 s:\n" + log());
        }
        return process.exitValue();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    private Path log(int start) {
        return folder.resolve("log-" + start + ".txt");
    }

    /** What the newest start has logged so far. */
    String log() {
        try {
            return Files.readString(log(starts));
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lines of a kind that have been committed; what is in progress is hidden by its name. */
    List<JsonNode> lines(String kind) {
        return lines(folder.resolve("out"), kind);
    }

    /**
     * Lines of a kind that have been committed to a folder by any job; none if it is not there.
     *
     * @throws UncheckedIOException if what is there cannot be read, or is no JSON
     */
    static List<JsonNode> lines(Path folder, String kind) {
        while (Files.exists(folder)) {
            try {
                return read(folder, kind);
            } catch (NoSuchFileException e) {
                // A part was renamed while the folder was read: look again.
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof NoSuchFileException)) {
                    throw e;
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read the lines in " + folder, e);
            }
        }
        return List.of();
    }

    private static List<JsonNode> read(Path folder, String kind) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<JsonNode> lines = new ArrayList<>();
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                if (file.getFileName().toString().startsWith(".") || !Files.isRegularFile(file)) {
                    continue;
                }
                for (String line : Files.readAllLines(file)) {
                    JsonNode node = JSON.readTree(line);
                    if (node.path("kind").asText().equals(kind)) {
                        lines.add(node);
                    }
                }
            }
            return lines;
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }
}
