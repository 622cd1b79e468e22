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
package io.tocsin.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ExitCodesTest {
    @TempDir private Path folder;
    private final StringWriter err = new StringWriter();
    private Path kubeconfig;

    @BeforeEach
    void writesAKubeconfig() throws Exception {
        kubeconfig = folder.resolve("kubeconfig");
        Files.writeString(
                kubeconfig,
                """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
                users: [{name: u, user: {token: hunter2}}]
                contexts: [{name: prod, context: {cluster: c, user: u}}]
                current-context: prod
                """);
    }

    private int tocsin(String... arguments) {
        CommandLine command = Tocsin.commandLine();
        command.setErr(new PrintWriter(err, true));
        command.setOut(new PrintWriter(new StringWriter(), true));
        return command.execute(arguments);
    }

    @Test
    void helpAndVersionAreFine() {
        assertThat(tocsin("--help")).isZero();
        assertThat(tocsin("run", "--help")).isZero();
        assertThat(tocsin("--version")).isZero();
    }

    @Test
    void aMissingOrUnknownCommandIsWrong() {
        assertThat(tocsin()).isEqualTo(2);
        assertThat(tocsin("rnu")).isEqualTo(2);
        assertThat(tocsin("run", "--kubecfg", "x")).isEqualTo(2);
        assertThat(tocsin("run", "--checkpoint-interval", "soon")).isEqualTo(2);
        assertThat(err.toString()).contains("\"soon\" is no duration");
    }

    @Test
    void aMissingKubeconfigIsNamed() {
        assertThat(tocsin("run", "--kubeconfig", folder.resolve("none").toString())).isEqualTo(2);
        assertThat(err.toString()).contains(folder.resolve("none") + "").contains("does not exist");
    }

    @Test
    void aBrokenKubeconfigIsNamedWithoutItsContent() throws Exception {
        Files.writeString(kubeconfig, "users: [{token: hunter2\nx: [");
        assertThat(tocsin("run", "--kubeconfig", kubeconfig.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("is not YAML at line").doesNotContain("hunter2");

        Files.writeString(kubeconfig, "hello");
        assertThat(tocsin("run", "--kubeconfig", kubeconfig.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("is no kubeconfig");
    }

    @Test
    void anUnknownContextIsNamedWithTheKnownOnes() {
        assertThat(tocsin("run", "--kubeconfig", kubeconfig.toString(), "--context", "prd"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("did you mean \"prod\"?");
    }

    @Test
    void aWrongPipelineListsItsErrors() throws Exception {
        Path pipeline = folder.resolve("pipeline.yaml");
        Files.writeString(pipeline, "rulez: []\nreceivers: 5\n");
        assertThat(tocsin("run", "-c", pipeline.toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains("pipeline.yaml:1: rulez: unknown key")
                .contains("pipeline.yaml:2: receivers: expected a list");
        assertThat(tocsin("run", "-c", folder.resolve("none.yaml").toString())).isEqualTo(2);
    }

    @Test
    void wrongRulesAreToldWithFileAndLine() throws Exception {
        Path rules = folder.resolve("rules.yaml");
        Files.writeString(
                rules,
                """
                rules:
                  - name: BackOff
                    match: {reason: BackOff}
                    when: {atLeast: none, within: 3m}
                  - name: Typo
                    mach: {reason: BackOff}
                    when: {atLeast: 1, within: 3m}
                """);
        assertThat(
                        tocsin(
                                "run",
                                "--kubeconfig",
                                kubeconfig.toString(),
                                "--rules",
                                rules.toString()))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("The rules are wrong:")
                .contains("rules.yaml:4")
                .contains("rules.yaml:6")
                .contains("did you mean \"match\"?");
        assertThat(
                        tocsin(
                                "run",
                                "--kubeconfig",
                                kubeconfig.toString(),
                                "--rules",
                                folder.resolve("none.yaml").toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("none.yaml");
    }

    @Test
    void missingSecretsAreToldTogetherBeforeAnythingStarts() throws Exception {
        Files.writeString(folder.resolve("empty"), "\n");
        Files.writeString(folder.resolve("token"), "hunter2");
        Path pipeline = folder.resolve("pipeline.yaml");
        Files.writeString(
                pipeline,
                """
                receivers:
                  - name: oncall
                    webhook:
                      url: {env: TOCSIN_TEST_NOT_SET}
                      headers: {Authorization: {file: gone}, X-Key: {file: empty}, X-Ok: {file: token}}
                """);
        assertThat(
                        tocsin(
                                "run",
                                "--kubeconfig",
                                kubeconfig.toString(),
                                "-c",
                                pipeline.toString(),
                                "--state",
                                folder.resolve("state").toString()))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "receiver oncall, url: the environment variable TOCSIN_TEST_NOT_SET is not"
                                + " set")
                .contains("header Authorization: the file " + folder.resolve("gone"))
                .contains("does not exist")
                .contains("header X-Key: the file " + folder.resolve("empty") + " is empty")
                .doesNotContain("X-Ok")
                .doesNotContain("hunter2");
        assertThat(folder.resolve("state")).doesNotExist();
    }

    @Test
    void aMissingOrBrokenRecordingIsNamedWithItsLine() throws Exception {
        Path recording = folder.resolve("r.jsonl.gz");
        assertThat(tocsin("demo", "--recording", recording.toString())).isEqualTo(2);
        assertThat(err.toString()).contains(recording + " does not exist");

        String line =
                "{\"t\":\"2026-03-04T10:00:00Z\",\"resource\":\"nodes\",\"line\":{\"type\":\"ADDED\","
                        + "\"object\":{\"metadata\":{\"name\":\"n\",\"resourceVersion\":\"7\"}}}}\n";
        Files.writeString(recording, line + "{\"t\":\n");
        assertThat(tocsin("demo", "--recording", recording.toString())).isEqualTo(2);
        assertThat(err.toString()).contains(recording + ":2: no JSON");

        Files.writeString(recording, line);
        assertThat(tocsin("demo", "--recording", recording.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("holds no events, only [nodes]");
        assertThat(tocsin("demo", "--duration", "10ms")).isEqualTo(2);
    }

    @Test
    void anUnknownOutputIsWrong() {
        assertThat(tocsin("run", "--kubeconfig", kubeconfig.toString(), "--output", "jsn"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("did you mean \"json\"?");
        assertThat(tocsin("run", "--kubeconfig", kubeconfig.toString(), "--output", "file:"))
                .isEqualTo(2);
    }

    @Test
    void aSecondRunOnOneStateDirectoryIsRefused() {
        Path state = folder.resolve("state");
        try (StateDirectory first = StateDirectory.open(state)) {
            assertThat(first.newest()).isEmpty();
            assertThat(
                            tocsin(
                                    "run",
                                    "--kubeconfig",
                                    kubeconfig.toString(),
                                    "--state",
                                    state.toString()))
                    .isEqualTo(2);
        }
        assertThat(err.toString())
                .contains(
                        "in use by another Tocsin (process " + ProcessHandle.current().pid() + ")");
    }
}
