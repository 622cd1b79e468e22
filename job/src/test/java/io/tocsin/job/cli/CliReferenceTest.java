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

import static io.tocsin.job.reference.GeneratedPage.code;
import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.reference.GeneratedPage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

class CliReferenceTest {

    @Test
    void theCommandLineIsThatOfTheCode() throws Exception {
        CommandSpec root = Tocsin.commandLine().getCommandSpec();
        List<List<String>> commands = new ArrayList<>();
        root.subcommands()
                .forEach(
                        (name, command) ->
                                commands.add(
                                        List.of(
                                                code("./tocsin " + name),
                                                description(command.getCommandSpec()))));
        List<List<String>> codes = new ArrayList<>();
        for (Map.Entry<String, String> exit :
                root.usageMessage().exitCodeList().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .toList()) {
            codes.add(List.of(code(exit.getKey().strip()), exit.getValue()));
        }
        GeneratedPage page =
                new GeneratedPage("cli.md", "Command line")
                        .paragraph("`./tocsin COMMAND [OPTIONS]`. " + description(root))
                        .table(List.of("command", "does"), commands)
                        .paragraph("Durations are a number and `ms`, `s`, `m` or `h`: `500ms`.")
                        .section("Exit codes")
                        .table(List.of("code", "means"), codes);
        for (Map.Entry<String, CommandLine> command : root.subcommands().entrySet()) {
            if (!command.getKey().equals("help")) {
                describe(page, "./tocsin " + command.getKey(), command.getValue());
            }
            if (command.getKey().equals("run")) {
                page.paragraph(
                        """
                        Of the launcher itself: `--local` starts a control plane of its own on this
                        machine (kube-apiserver and etcd, no kubelet), watches that, and throws it
                        away at the end, with its state. It excludes `--kubeconfig`, `--context` and
                        `--state`.
                        """);
            }
        }
        page.section("Variables")
                .table(
                        List.of("variable", "meaning"),
                        List.of(
                                List.of(
                                        code("KUBECONFIG"),
                                        "The kubeconfig, where no option names one."),
                                List.of(code("JAVA_HOME"), "The JDK to use, 17 or newer."),
                                List.of(code("TOCSIN_JAVA_OPTS"), "Further options of the JVM."),
                                List.of(
                                        code("NO_COLOR"),
                                        "If not empty: no colours. "
                                                + code("TERM=dumb")
                                                + " does the same.")))
                .check();
    }

    @Test
    void theLauncherHasTheOptionsThatThePageGivesIt() throws Exception {
        assertThat(Files.readString(Path.of("..", "tocsin")))
                .contains("--local)", "TOCSIN_JAVA_OPTS", "JAVA_HOME")
                .contains("--kubeconfig | --kubeconfig=* | --context | --context=* | --state");
    }

    private static void describe(GeneratedPage page, String name, CommandLine command) {
        page.section(code(name));
        page.paragraph(description(command.getCommandSpec()));
        List<List<String>> rows = options(command);
        if (!rows.isEmpty()) {
            page.table(List.of("option", "meaning"), rows);
        }
        command.getSubcommands().forEach((sub, each) -> describe(page, name + " " + sub, each));
    }

    private static String description(CommandSpec command) {
        return String.join(" ", command.usageMessage().description()).replace("%n", "");
    }

    private static List<List<String>> options(CommandLine command) {
        List<List<String>> rows = new ArrayList<>();
        for (PositionalParamSpec parameter : command.getCommandSpec().positionalParameters()) {
            String required = parameter.required() ? "Required. " : "";
            rows.add(
                    List.of(
                            code(parameter.paramLabel() + (parameter.arity().max() > 1 ? "…" : "")),
                            required + String.join(" ", parameter.description())));
        }
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (option.usageHelp() || option.versionHelp()) {
                continue;
            }
            String names =
                    Arrays.stream(option.names())
                            .map(name -> code(name + " " + option.paramLabel()))
                            .collect(Collectors.joining(", "));
            if (option.arity().max() == 0) {
                names = String.join(", ", Arrays.stream(option.names()).map(n -> code(n)).toList());
            }
            String required = option.required() ? "Required. " : "";
            rows.add(List.of(names, required + String.join(" ", option.description())));
        }
        return rows;
    }
}
