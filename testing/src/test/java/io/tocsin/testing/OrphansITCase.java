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

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nothing stays behind, whatever happens to the process that started it. */
class OrphansITCase {

    @RegisterExtension static final BeforeEachCallback NOTE = RealServers::note;

    @Test
    void serversDieWithAKilledJvm() throws Exception {
        Process jvm =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx128m",
                                "-Dtocsin.root=" + ControlPlaneBinaries.repository(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                AbandonedControlPlane.class.getName())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            List<Long> servers = Stream.of(line(jvm).split(" ")).map(Long::valueOf).toList();
            assertThat(servers).hasSize(2).allMatch(pid -> ServerProcess.stateOf(pid) != '-');
            jvm.destroyForcibly().waitFor();
            await().atMost(Duration.ofSeconds(10)).until(() -> gone(servers));
        } finally {
            jvm.destroyForcibly();
        }
    }

    @Test
    void serversDieWithAStoppedOrKilledRun() throws Exception {
        for (boolean kill : List.of(false, true)) {
            Process run =
                    new ProcessBuilder(
                                    "bash",
                                    ControlPlaneBinaries.repository()
                                            .resolve("testing/control-plane/run")
                                            .toString(),
                                    "--dir",
                                    Path.of("target", "run-" + kill).toAbsolutePath().toString(),
                                    "--node",
                                    "node-1=8")
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            try {
                assertThat(line(run)).matches("export KUBECONFIG=/.*/run-" + kill + "/kubeconfig");
                List<Long> servers = run.descendants().map(ProcessHandle::pid).toList();
                assertThat(servers).hasSizeGreaterThanOrEqualTo(2);
                if (kill) {
                    run.destroyForcibly();
                } else {
                    run.destroy();
                }
                assertThat(run.waitFor()).isEqualTo(kill ? 137 : 0);
                await().atMost(Duration.ofSeconds(10)).until(() -> gone(servers));
            } finally {
                run.descendants().forEach(ProcessHandle::destroyForcibly);
                run.destroyForcibly();
            }
        }
    }

    private static boolean gone(List<Long> pids) {
        // A zombie is dead: what adopts orphans may be slow to collect them.
        return pids.stream().allMatch(pid -> "-ZX".indexOf(ServerProcess.stateOf(pid)) >= 0);
    }

    private static String line(Process process) throws IOException {
        BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        assertThat(line).as("first line of output").isNotNull();
        return line;
    }
}
