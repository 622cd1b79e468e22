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

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways of testing/control-plane/get, with a Go and a curl that are played by scripts. */
class GetScriptTest {

    private static final List<String> TOOLS =
            List.of(
                    "bash",
                    "env",
                    "dirname",
                    "uname",
                    "tr",
                    "awk",
                    "mkdir",
                    "flock",
                    "mktemp",
                    "rm",
                    "mv",
                    "chmod",
                    "sed",
                    "sort",
                    "head",
                    "sleep",
                    "cut",
                    "sha256sum",
                    "cat");

    @TempDir Path folder;

    @Test
    void takesTheFolderThatTheEnvironmentNames() throws Exception {
        Path assets = assets("etcd", "kube-apiserver", "kubectl");
        Run run = await(start(assets));
        assertThat(run.exit()).isZero();
        assertThat(run.out()).isEqualTo(assets + "\n");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void looksElsewhereWhenThatFolderLacksAProgram() throws Exception {
        tool("go", goOfVersion("go1.24.2"));
        Run run = await(start(assets("etcd", "kube-apiserver", "kubectl"), "--scheduler"));
        assertThat(run.exit()).isZero();
        assertThat(run.err()).contains("lacks one of etcd kube-apiserver kubectl kube-scheduler");
        assertThat(Path.of(run.out().trim()).resolve("kube-scheduler")).isExecutable();
    }

    @Test
    void buildsEachProgramOnceWhenRunTwiceAtOnce() throws Exception {
        tool("go", goOfVersion("go1.26"));
        Process first = start(null, "--scheduler", "--controller-manager");
        Process second = start(null, "--controller-manager", "--scheduler");
        Run one = await(first);
        Run two = await(second);
        assertThat(List.of(one.exit(), two.exit())).containsExactly(0, 0);
        assertThat(one.out()).isEqualTo(two.out());
        assertThat(Files.readAllLines(folder.resolve("built")))
                .containsExactlyInAnyOrder(
                        "./cmd/etcd",
                        "./cmd/kube-apiserver",
                        "./cmd/kubectl",
                        "./cmd/kube-scheduler",
                        "./cmd/kube-controller-manager");
        try (Stream<Path> left = Files.list(Path.of(one.out().trim()))) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            ".lock",
                            "etcd",
                            "kube-apiserver",
                            "kubectl",
                            "kube-scheduler",
                            "kube-controller-manager");
        }
        assertThat(await(start(null)).err()).as("third run finds the cache").isEmpty();
    }

    @Test
    void getsEtcdutlAlone() throws Exception {
        tool("go", goOfVersion("go1.26"));
        Run run = await(start(assets("etcd", "kube-apiserver", "kubectl"), "--etcdutl"));
        assertThat(run.exit()).isZero();
        assertThat(Files.readAllLines(folder.resolve("built"))).containsExactly("./cmd/etcdutl");
        assertThat(Path.of(run.out().trim()).resolve("etcdutl")).isExecutable();
    }

    @Test
    void takesNoDownloadWhoseChecksumIsWrong() throws Exception {
        tool("go", goOfVersion("go1.24"));
        tool(
                "curl",
                """
                while [ $# -gt 0 ]; do
                  if [ "$1" = --output ]; then echo tampered >"$2"; shift; fi
                  shift
                done""");
        Run run = await(start(null));
        assertThat(run.exit()).isZero();
        assertThat(run.err()).contains("wrong checksum").contains("building etcd (1 of 3)");
    }

    @Test
    void saysWhatToInstallWithoutGo() throws Exception {
        Run run = await(start(null));
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("Go is not installed")
                .contains("Install Go 1.24 or newer")
                .contains("KUBEBUILDER_ASSETS");
    }

    @Test
    void saysWhatToInstallWhenGoIsTooOld() throws Exception {
        tool("go", goOfVersion("go1.19.8"));
        Run run = await(start(null));
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).contains("Go 1.19.8 is too old").contains("Install Go 1.24 or newer");
    }

    @Test
    void leavesNothingBehindWhenABuildFails() throws Exception {
        tool("go", "[ \"$1\" = env ] && { echo go1.24.0; exit; }\necho 'no network' >&2\nexit 1");
        Run run = await(start(null));
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).contains("no network").contains("building etcd failed");
        try (Stream<Path> left = Files.walk(folder.resolve("cache"))) {
            assertThat(left.filter(Files::isRegularFile).map(path -> path.getFileName().toString()))
                    .containsExactly(".lock");
        }
    }

    @Test
    void refusesWhatItDoesNotKnow() throws Exception {
        Run run = await(start(null, "--kubelet"));
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).contains("unknown argument --kubelet");
    }

    private record Run(int exit, String out, String err) {}

    /** Notes each build and takes long enough for a second run to meet it. */
    private String goOfVersion(String version) {
        return """
        if [ "$1" = env ]; then echo %s; exit; fi
        while [ $# -gt 1 ]; do
          if [ "$1" = -o ]; then printf '#!/bin/sh\\n' >"$2"; fi
          shift
        done
        sleep 0.3
        echo "$1" >>%s"""
                .formatted(version, folder.resolve("built"));
    }

    private Path assets(String... names) throws IOException {
        Path assets = Files.createDirectories(folder.resolve("assets"));
        for (String name : names) {
            script(assets.resolve(name), "exit 0");
        }
        return assets.toRealPath();
    }

    private void tool(String name, String script) throws IOException {
        script(Files.createDirectories(folder.resolve("bin")).resolve(name), script);
    }

    private static void script(Path path, String text) throws IOException {
        Files.writeString(path, "#!/bin/sh\n" + text + "\n");
        assertThat(path.toFile().setExecutable(true)).isTrue();
    }

    private Process start(Path assets, String... arguments) throws IOException {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        for (String name : TOOLS) {
            if (!Files.exists(bin.resolve(name))) {
                script(bin.resolve(name), "exec " + installed(name) + " \"$@\"");
            }
        }
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "bash",
                                ControlPlaneBinaries.repository()
                                        .resolve("testing/control-plane/get")
                                        .toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().put("PATH", bin.toString());
        builder.environment().put("TOCSIN_CACHE", folder.resolve("cache").toString());
        if (assets != null) {
            builder.environment().put("KUBEBUILDER_ASSETS", assets.toString());
        }
        return builder.start();
    }

    private static Path installed(String name) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(at -> Path.of(at, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(name + " is not installed"));
    }

    private static Run await(Process process) throws IOException, InterruptedException {
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), out, err);
    }
}
