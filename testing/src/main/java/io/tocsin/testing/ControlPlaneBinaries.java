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
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds the programs of the control plane by running {@code testing/control-plane/get}. */
final class ControlPlaneBinaries {

    private ControlPlaneBinaries() {}

    /**
     * The folder with the programs; takes minutes when they have to be built first.
     *
     * @throws IllegalStateException if there is no way to get them; the message says how to
     */
    static Path folder(boolean scheduler, boolean controllerManager) {
        List<String> wanted = new ArrayList<>();
        if (scheduler) {
            wanted.add("--scheduler");
        }
        if (controllerManager) {
            wanted.add("--controller-manager");
        }
        return get(wanted);
    }

    /**
     * The program that restores snapshots of etcd; takes a minute when it has to be built first.
     */
    static Path etcdutl() {
        return get(List.of("--etcdutl")).resolve("etcdutl");
    }

    private static Path get(List<String> wanted) {
        Path script = repository().resolve("testing/control-plane/get");
        List<String> command = new ArrayList<>(List.of("bash", script.toString()));
        command.addAll(wanted);
        StringBuilder said = new StringBuilder();
        try {
            Process process = new ProcessBuilder(command).start();
            Thread progress =
                    new Thread(() -> relay(process, said), "progress of testing/control-plane/get");
            progress.setDaemon(true);
            progress.start();
            String folder =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                            .trim();
            int exit = process.waitFor();
            progress.join();
            if (exit != 0 || folder.isEmpty()) {
                throw new IllegalStateException(
                        "testing/control-plane/get did not find what tests need:\n" + said);
            }
            return Path.of(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run bash " + script, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while getting the control plane", e);
        }
    }

    /**
     * Root of the working copy: a system property in the build, else the folder above with mvnw.
     */
    static Path repository() {
        String root = System.getProperty("tocsin.root");
        if (root != null) {
            return Path.of(root);
        }
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("mvnw"))) {
                return folder;
            }
        }
        throw new IllegalStateException(
                "No folder above " + start + " holds mvnw; set -Dtocsin.root to the repository");
    }

    private static void relay(Process process, StringBuilder said) {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.append(line).append('\n');
                System.err.println(line);
            }
        } catch (IOException e) {
            said.append("(output ended: ").append(e).append(')');
        }
    }
}
