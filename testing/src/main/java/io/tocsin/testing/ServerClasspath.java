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

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Class paths of servers that run in child JVMs, apart from that of the tests: resolved by Maven
 * from {@code testing/servers/NAME/pom.xml} and remembered until that file changes.
 */
final class ServerClasspath {

    private static final String PLUGIN =
            "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath";

    private ServerClasspath() {}

    /**
     * The class path, its parts separated as the JVM wants it; takes a minute the first time.
     *
     * @throws IllegalStateException if Maven cannot resolve it, with what Maven said
     */
    static synchronized String of(String name) {
        Path pom = folder(name).resolve("pom.xml");
        try {
            Path known = cache().resolve(name + "-" + hash(pom) + ".classpath");
            if (Files.exists(known)) {
                String classpath = Files.readString(known).strip();
                if (Arrays.stream(classpath.split(File.pathSeparator))
                        .allMatch(jar -> Files.exists(Path.of(jar)))) {
                    return classpath;
                }
            }
            Files.createDirectories(known.getParent());
            Path fresh = Files.createTempFile(known.getParent(), name, ".tmp");
            resolve(pom, fresh);
            // A rename: another test sees the whole file or none.
            Files.move(
                    fresh,
                    known,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            return Files.readString(known).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot get the class path of " + pom, e);
        }
    }

    /** Folder of a server's files in the working copy. */
    static Path folder(String name) {
        return ControlPlaneBinaries.repository().resolve("testing/servers").resolve(name);
    }

    private static void resolve(Path pom, Path into) throws IOException {
        Process maven =
                new ProcessBuilder(
                                List.of(
                                        ControlPlaneBinaries.repository()
                                                .resolve("mvnw")
                                                .toString(),
                                        "-B",
                                        "-q",
                                        "-f",
                                        pom.toString(),
                                        PLUGIN,
                                        "-Dmdep.outputFile=" + into))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(maven.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (maven.waitFor() != 0) {
                throw new IllegalStateException("Maven did not resolve " + pom + ":\n" + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while resolving " + pom, e);
        }
    }

    private static Path cache() {
        String own = System.getenv("TOCSIN_CACHE");
        if (own != null && !own.isEmpty()) {
            return Path.of(own, "servers");
        }
        String shared = System.getenv("XDG_CACHE_HOME");
        return shared != null && !shared.isEmpty()
                ? Path.of(shared, "tocsin", "servers")
                : Path.of(System.getProperty("user.home"), ".cache", "tocsin", "servers");
    }

    private static String hash(Path pom) throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(pom));
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }
}
