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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The users of a control plane, their tokens and the files that hold these. */
final class ControlPlaneUsers {

    private final Path folder;
    private final Map<String, String> tokens = new LinkedHashMap<>();

    /**
     * Writes the API server's list of tokens.
     *
     * @param groups of each user
     */
    ControlPlaneUsers(Path folder, Map<String, List<String>> groups) {
        this.folder = folder;
        StringBuilder lines = new StringBuilder();
        groups.forEach(
                (user, names) -> {
                    tokens.put(user, "token-of-" + user);
                    lines.append(
                            "token-of-%s,%s,%s,\"%s\"%n"
                                    .formatted(user, user, user, String.join(",", names)));
                });
        write(tokenFile(), lines.toString());
    }

    Path tokenFile() {
        return folder.resolve("tokens.csv");
    }

    String token(String user) {
        String token = tokens.get(user);
        if (token == null) {
            throw new IllegalStateException(
                    "No user " + user + "; known: " + tokens.keySet() + ". See Builder.user");
        }
        return token;
    }

    Path kubeconfig(String user) {
        token(user);
        return folder.resolve(user + ".kubeconfig");
    }

    void writeKubeconfigs(URI server, Path caCertificate) {
        tokens.forEach(
                (user, token) ->
                        write(kubeconfig(user), Kubeconfig.of(server, caCertificate, user, token)));
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }
}
