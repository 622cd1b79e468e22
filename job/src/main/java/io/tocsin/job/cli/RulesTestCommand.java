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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.job.cli.RuleTestRun.Case;
import io.tocsin.job.cli.RuleTestRun.Outcome;
import io.tocsin.job.rule.InvalidRulesException;
import io.tocsin.job.rule.OpenAlerts.Difference;
import io.tocsin.job.rule.RuleTestCase;
import io.tocsin.job.rule.RuleTestFile;
import io.tocsin.job.yaml.Durations;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tocsin rules test}: runs tests of rules, as promtool does. */
@Command(
        name = "test",
        description =
                "Runs tests of rules: what happens in a cluster, and which alerts are open when."
                        + " Ends with 0 if all pass, 1 if one fails, 2 if a file is wrong.",
        mixinStandardHelpOptions = true,
        versionProvider = Tocsin.Version.class,
        sortOptions = false)
final class RulesTestCommand implements Callable<Integer> {
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    /** How results look. */
    enum Format {
        text,
        json
    }

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Files of rule tests.")
    private List<Path> files = List.of();

    @Option(
            names = "--run",
            paramLabel = "NAME",
            description = "Only tests whose name holds this text, repeatable; letter case matters.")
    private List<String> names = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}); json is a line per test.")
    private Format format;

    @Override
    public Integer call() throws Exception {
        List<Case> cases = new ArrayList<>();
        List<String> errors = new ArrayList<>();
        for (Path file : files) {
            try {
                RuleTestFile.Loaded loaded = RuleTestFile.load(file);
                loaded.tests().stream()
                        .filter(test -> chosen(test.name()))
                        .forEach(test -> cases.add(new Case(loaded.file(), loaded.rules(), test)));
            } catch (InvalidRulesException e) {
                errors.addAll(e.errors());
            }
        }
        if (!errors.isEmpty()) {
            throw new UsageException("The tests are wrong:\n" + String.join("\n", errors));
        }
        if (cases.isEmpty()) {
            throw new UsageException(
                    "No test has a name that holds " + String.join(" or ", names) + ".");
        }
        List<Outcome> outcomes = RuleTestRun.run(cases);
        PrintWriter out = spec.commandLine().getOut();
        for (Outcome outcome : outcomes) {
            if (format == Format.json) {
                out.println(json(outcome));
            } else {
                text(outcome).forEach(out::println);
            }
        }
        long failed = outcomes.stream().filter(outcome -> !outcome.passed()).count();
        if (format == Format.text) {
            out.println(outcomes.size() - failed + " passed, " + failed + " failed");
        }
        out.flush();
        return failed == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private boolean chosen(String name) {
        return names.isEmpty() || names.stream().anyMatch(name::contains);
    }

    private static List<String> text(Outcome outcome) {
        Case tested = outcome.tested();
        RuleTestCase test = tested.test();
        if (outcome.passed()) {
            return List.of("PASS  " + test.name());
        }
        List<String> lines = new ArrayList<>();
        lines.add("FAIL  " + test.name());
        for (Difference difference : outcome.differences()) {
            RuleTestCase.Expectation expectation = difference.expectation();
            lines.add(
                    "  %s:%d: at %s"
                            .formatted(
                                    tested.file(),
                                    expectation.line(),
                                    Durations.write(expectation.atMillis())));
            difference.missing().forEach(words -> lines.add("    expected, not open:  " + words));
            difference
                    .unexpected()
                    .forEach(words -> lines.add("    open, not expected:  " + words));
        }
        return lines;
    }

    private static String json(Outcome outcome) throws JsonProcessingException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("file", outcome.tested().file());
        document.put("line", outcome.tested().test().line());
        document.put("name", outcome.tested().test().name());
        document.put("passed", outcome.passed());
        List<Map<String, Object>> differences = new ArrayList<>();
        for (Difference difference : outcome.differences()) {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("line", difference.expectation().line());
            each.put("at", Durations.write(difference.expectation().atMillis()));
            each.put("missing", difference.missing());
            each.put("unexpected", difference.unexpected());
            differences.add(each);
        }
        document.put("differences", differences);
        return new ObjectMapper().writeValueAsString(document);
    }
}
