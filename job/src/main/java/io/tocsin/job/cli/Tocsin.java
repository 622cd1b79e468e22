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

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line. Exit codes: 0 done; 2 the command, the configuration or the kubeconfig is
 * wrong; 1 the cluster could not be reached or forbade it at first contact, or the run failed.
 */
@Command(
        name = "tocsin",
        description = "Watches Kubernetes clusters and rings when something really fails.",
        mixinStandardHelpOptions = true,
        versionProvider = Tocsin.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            RecordCommand.class,
            RulesCommand.class,
            CommandLine.HelpCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "2:the command, the configuration or the kubeconfig is wrong",
            "1:the cluster is unreachable or forbidden at first contact, the run failed, or a test of"
                    + " rules did"
        })
public final class Tocsin implements Runnable {
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        // Rules and notes of events are UTF-8, whatever the locale of this process says.
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        int code = commandLine().setOut(out).execute(arguments);
        out.flush();

        System.exit(code);
    }

    /** The command line, for {@link #main} and tests. */
    static CommandLine commandLine() {
        return new CommandLine(new Tocsin())
                .setExecutionExceptionHandler(
                        (failure, command, result) -> {
                            PrintWriter err = command.getErr();
                            if (failure instanceof UsageException) {
                                err.println("tocsin: " + failure.getMessage());
                                return CommandLine.ExitCode.USAGE;
                            }
                            if (failure instanceof UnreachableException) {
                                err.println("tocsin: " + failure.getMessage());
                                return CommandLine.ExitCode.SOFTWARE;
                            }
                            err.println("tocsin: the run failed:");
                            failure.printStackTrace(err);
                            return CommandLine.ExitCode.SOFTWARE;
                        });
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "Missing command; expected demo, run, record or rules. For help: tocsin --help");
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "tocsin "
                        + Optional.ofNullable(Tocsin.class.getPackage().getImplementationVersion())
                                .orElse("(development)")
            };
        }
    }
}
