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
package io.tocsin.job.rule;

import io.tocsin.job.yaml.Suggestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A file of tests of rules.
 *
 * @param file its name
 * @param sources the rules that it tests: {@code default}, files or globs, relative to its folder
 * @param tests the tests
 */
public record RuleTestFile(String file, List<String> sources, List<RuleTestCase> tests) {

    /**
     * A file with the rules that it tests.
     *
     * @param file its name
     */
    public record Loaded(String file, RuleSet rules, List<RuleTestCase> tests) {}

    /**
     * Reads tests from a text.
     *
     * @param file name of the file, for messages
     * @throws InvalidRulesException if anything in it is wrong; it lists all errors
     */
    public static RuleTestFile read(String file, String yaml) {
        Problems problems = new Problems(file);
        RuleTestFile read = new RuleTestReader(problems, file).read(yaml);
        if (!problems.errors().isEmpty()) {
            throw new InvalidRulesException(problems.errors());
        }
        return read;
    }

    /**
     * Reads a file, and the rules that it tests.
     *
     * @throws InvalidRulesException if anything in them is wrong; it lists all errors
     */
    public static Loaded load(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new InvalidRulesException(
                    List.of(file + ": got " + e + ", expected a readable file of rule tests"));
        }
        List<String> errors = new ArrayList<>();
        RuleTestFile read = null;
        try {
            read = read(file.toString(), text);
        } catch (InvalidRulesException e) {
            errors.addAll(e.errors());
        }
        RuleSet rules = null;
        if (read != null) {
            try {
                rules = RuleSet.load(read.sources().stream().map(s -> resolve(file, s)).toList());
                errors.addAll(unknownAlerts(read, rules));
            } catch (InvalidRulesException e) {
                errors.addAll(e.errors());
            }
        }
        if (!errors.isEmpty()) {
            throw new InvalidRulesException(errors);
        }
        return new Loaded(read.file(), rules, read.tests());
    }

    private static String resolve(Path file, String source) {
        return source.equals(RuleSet.DEFAULT)
                        || Path.of(source).isAbsolute()
                        || file.getParent() == null
                ? source
                : file.getParent() + "/" + source;
    }

    /** A test that expects what no rule rings would fail for ever, and not say why. */
    private static List<String> unknownAlerts(RuleTestFile read, RuleSet rules) {
        TreeSet<String> known = new TreeSet<>();
        rules.rules().forEach(rule -> known.add(rule.alert()));
        Problems problems = new Problems(read.file());
        for (RuleTestCase test : read.tests()) {
            for (RuleTestCase.Expectation expectation : test.expectations()) {
                for (RuleTestCase.ExpectedAlert alert : expectation.alerts()) {
                    if (!known.contains(alert.rule())) {
                        problems.expected(
                                expectation.line(),
                                test.name() + ".expect.alerts.rule",
                                "\"" + alert.rule() + "\"",
                                "one of "
                                        + String.join(", ", known)
                                        + Suggestion.of(alert.rule(), known));
                    }
                }
            }
        }
        return problems.errors();
    }
}
