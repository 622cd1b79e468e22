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

import io.tocsin.job.cli.RuleTestRun.Case;
import io.tocsin.job.cli.RuleTestRun.Outcome;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.RuleTestFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The tests of the built-in rules, and the hard cases. */
class RuleTestsITCase {
    private static final Path FOLDER = Path.of("src/test/resources/io/tocsin/job/rules");

    @TestFactory
    List<DynamicTest> pass() throws Exception {
        List<Case> cases = new ArrayList<>();
        for (Path file : files()) {
            RuleTestFile.Loaded loaded = RuleTestFile.load(file);
            loaded.tests().forEach(t -> cases.add(new Case(loaded.file(), loaded.rules(), t)));
        }
        List<DynamicTest> tests = new ArrayList<>();
        for (Outcome outcome : RuleTestRun.run(cases)) {
            Case tested = outcome.tested();
            tests.add(
                    DynamicTest.dynamicTest(
                            tested.test().name(),
                            () ->
                                    assertThat(outcome.differences())
                                            .as(tested.file() + ": " + tested.test().name())
                                            .isEmpty()));
        }
        return tests;
    }

    @Test
    void everyBuiltInRuleHasATestThatNamesIt() throws Exception {
        Set<String> untested = new TreeSet<>();
        RuleSet.load(List.of("default")).rules().forEach(rule -> untested.add(rule.name()));
        String text = Files.readString(FOLDER.resolve("default.test.yaml"));
        untested.removeIf(rule -> text.contains("name: \"" + rule + ": "));
        assertThat(untested).isEmpty();
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".test.yaml")).sorted().toList();
        }
    }
}
