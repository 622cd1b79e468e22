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

import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tocsin rules check}: whether rules can be used together. */
@Command(
        name = "check",
        description =
                "Reads rules as a job would and tells everything that is wrong with them: file,"
                        + " line, field, and what was expected. Ends with 0 if nothing is, else 2.",
        mixinStandardHelpOptions = true,
        versionProvider = Tocsin.Version.class)
final class RulesCheckCommand implements Callable<Integer> {
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description =
                    "Rule files or globs, read together as one job's; \"default\" for the built-in"
                            + " rules, - for standard input.")
    private List<String> files = List.of();

    @Override
    public Integer call() {
        RuleSet rules = RuleFiles.load(files);
        long alerts = rules.rules().stream().map(Rule::alert).distinct().count();
        spec.commandLine()
                .getOut()
                .println(
                        counted(rules.rules().size(), "rule")
                                + " with "
                                + counted(alerts, "alert")
                                + ": no errors");
        return CommandLine.ExitCode.OK;
    }

    private static String counted(long number, String word) {
        return number + " " + word + (number == 1 ? "" : "s");
    }
}
