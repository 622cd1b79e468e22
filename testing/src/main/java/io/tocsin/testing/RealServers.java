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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Notes which tests ran on real servers: {@code .ci/run} counts the lines. */
public final class RealServers {

    private static final Path NOTES = Path.of("target", "real-servers.txt");

    private RealServers() {}

    /** Adds the test's unique id as a line to {@code target/real-servers.txt} of its module. */
    public static synchronized void note(ExtensionContext context) {
        try {
            Files.createDirectories(NOTES.getParent());
            Files.write(
                    NOTES,
                    (context.getUniqueId() + "\n").getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + NOTES.toAbsolutePath(), e);
        }
    }
}
