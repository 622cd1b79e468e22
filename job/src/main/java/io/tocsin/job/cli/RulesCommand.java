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

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code tocsin rules}: what can be said of rules without a cluster. */
@Command(
        name = "rules",
        description = "Checks, lists and explains rules, and runs their tests. Needs no cluster.",
        mixinStandardHelpOptions = true,
        versionProvider = Tocsin.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RulesCheckCommand.class,
            RulesTestCommand.class,
            RulesListCommand.class,
            RulesExplainCommand.class
        })
final class RulesCommand implements Runnable {
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "Missing command; expected one of "
                        + String.join(", ", spec.subcommands().keySet())
                        + ". For help: tocsin rules --help");
    }
}
