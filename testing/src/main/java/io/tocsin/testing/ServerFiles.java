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
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Files and programs of servers in child processes. */
final class ServerFiles {

    private static final AtomicInteger COUNT = new AtomicInteger();

    /** How long a JVM may take to serve: seconds, but not on a machine with much else to do. */
    static final Duration JVM_READY_WITHIN = Duration.ofMinutes(4);

    private ServerFiles() {}

    /**
     * Command line of a JVM that starts quickly rather than running fast.
     *
     * @param arguments class or source file to run, and what it is told
     */
    static List<String> java(String heap, String classpath, List<String> arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx" + heap,
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                                "-Dlog4j2.level=WARN",
                                "-cp",
                                classpath));
        command.addAll(arguments);
        return command;
    }

    /**
     * A new, empty folder below {@code target/}. A killed JVM leaves its data behind, and in a
     * container the next one easily has the same process id: what exists is not taken again.
     */
    static Path folder(String name) {
        Path parent = Path.of("target", name).toAbsolutePath();
        try {
            Files.createDirectories(parent);
            while (true) {
                Path folder =
                        parent.resolve(
                                ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
                try {
                    return Files.createDirectory(folder);
                } catch (FileAlreadyExistsException taken) {
                    // Left by another: the next one.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create a folder in " + parent, e);
        }
    }

    static void delete(Path folder) {
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
}
