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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RulesTestCommandITCase {
    private static final String RULES =
            """
            rules:
              - name: Crash
                match: {type: Warning, reason: BackOff}
                when: {atLeast: 3, within: 10m}
                resolveAfter: 5m
            """;
    private static final String TESTS =
            """
            rules: [rules.yaml]
            common: {reason: BackOff, regarding: {namespace: shop, name: web}}
            tests:
              - name: rings at the third crash
                events: [{at: 10s, every: 10s, times: 3}]
                expect:
                  - {at: 29s, alerts: []}
                  - {at: 30s, alerts: [{rule: Crash, subject: Pod shop/web}]}
                  - {at: 5m29s, alerts: [{rule: Crash}]}
                  - {at: 5m30s, alerts: []}
              - name: expects too little and too much
                events:
                  - {at: 10s, every: 10s, times: 3}
                expect:
                  - {at: 30s, alerts: []}
                  - {at: 6m, alerts: [{rule: Crash, since: 30s}]}
              - name: does not know the other tests
                expect:
                  - {at: 10m, alerts: []}
            """;

    @TempDir private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int test(String... options) throws Exception {
        Files.writeString(folder.resolve("rules.yaml"), RULES);
        String file = Files.writeString(folder.resolve("rules.test.yaml"), TESTS).toString();
        CommandLine command = Tocsin.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        String[] arguments = new String[options.length + 3];
        arguments[0] = "rules";
        arguments[1] = "test";
        arguments[2] = file;
        System.arraycopy(options, 0, arguments, 3, options.length);
        return command.execute(arguments);
    }

    @Test
    void saysWhatIsNotAsExpectedAndWhere() throws Exception {
        assertThat(test()).isEqualTo(1);
        String file = folder.resolve("rules.test.yaml").toString();
        assertThat(out.toString())
                .isEqualTo(
                        """
                        PASS  rings at the third crash
                        FAIL  expects too little and too much
                          FILE:15: at 30s
                            open, not expected:  Crash firing, subject "Pod shop/web", since 30s
                          FILE:16: at 6m
                            expected, not open:  Crash firing, since 30s
                        PASS  does not know the other tests
                        2 passed, 1 failed
                        """
                                .replace("FILE", file));
    }

    @Test
    void runsOnlyWhatIsNamed() throws Exception {
        assertThat(test("--run", "third crash", "--run", "does not know")).isZero();
        assertThat(out.toString()).endsWith("2 passed, 0 failed\n");
        assertThat(test("--run", "nothing of it")).isEqualTo(2);
        assertThat(err.toString()).contains("No test has a name that holds nothing of it.");
    }

    @Test
    void tellsMachines() throws Exception {
        assertThat(test("-o", "json", "--run", "expects")).isEqualTo(1);
        JsonNode line = new ObjectMapper().readTree(out.toString());
        assertThat(line.path("name").asText()).isEqualTo("expects too little and too much");
        assertThat(line.path("passed").asBoolean()).isFalse();
        assertThat(line.path("differences").get(1).path("at").asText()).isEqualTo("6m");
        assertThat(line.path("differences").get(1).path("missing")).hasSize(1);
        assertThat(out.toString().lines()).hasSize(1);
    }

    @Test
    void wrongFilesAreToldTogether() throws Exception {
        String one = Files.writeString(folder.resolve("1.yaml"), "test: []").toString();
        assertThat(test(one, folder.resolve("none.yaml").toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains("The tests are wrong:")
                .contains(
                        "1.yaml:1: test: got an unknown key, expected one of rules, common, tests")
                .contains("none.yaml: got ");
    }
}
