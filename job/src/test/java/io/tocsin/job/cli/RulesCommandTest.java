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

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.tocsin.job.rule.RuleSet;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RulesCommandTest {
    private static final String RULES =
            """
            rules:
              - name: Crash
                match: {type: Warning, reason: BackOff, note: [restarting, "!quiet"]}
                per: [cluster, regarding.uid, regarding.fieldPath]
                when: {atLeast: 5, within: 10m}
                for: 90s
                clears: [{reason: Killing}, {type: Warning, reason: Evicted}]
                keepAlive: {type: Warning, reportingController: kubelet}
              - name: NotPlaced
                alert: Pending
                match: {reason: FailedScheduling}
                when: {missing: {reason: Scheduled}, within: 3m}
                severity: critical
              - name: Kills
                match: {reportingController: kubelet}
                when: {sequence: [Unhealthy×3, {match: {reason: Killing, note: liveness}}], within: 1h}
            """;
    private static final String EVENT =
            """
            {"apiVersion": "v1", "kind": "Event", "reason": "BackOff", "type": "Warning",
             "metadata": {"namespace": "shop", "name": "web.1", "uid": "e", "resourceVersion": "7"},
             "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web", "uid": "u",
               "fieldPath": "spec.containers{app}"},
             "source": {"component": "kubelet", "host": "node-1"}, "count": 26,
             "message": "Back-off restarting failed container\\u001b[2J",
             "firstTimestamp": "2026-11-21T02:00:00Z", "lastTimestamp": "2026-11-21T02:10:00Z"}
            """;

    @TempDir private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int tocsin(String... arguments) {
        CommandLine command = Tocsin.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    private String file(String name, String text) throws Exception {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    @Test
    void checkCountsRightRules() throws Exception {
        assertThat(tocsin("rules", "check", "default", file("a.yaml", RULES))).isZero();
        assertThat(out.toString()).isEqualTo(rulesAndAlerts(3, 3) + ": no errors\n");
    }

    private static String rulesAndAlerts(int moreRules, int moreAlerts) {
        List<String> alerts =
                RuleSet.load(List.of("default")).rules().stream().map(r -> r.alert()).toList();
        return (alerts.size() + moreRules)
                + " rules with "
                + (alerts.stream().distinct().count() + moreAlerts)
                + " alerts";
    }

    @Test
    void checkTellsAllErrorsOfAllFilesAtOnce() throws Exception {
        String one = file("one.yaml", "[{name: A, mach: {reason: x}, when: {atLeast: 1}}]");
        String two = file("two.yaml", "[{name: A, match: {reason: x}, when: {atLeast: none}}]");

        assertThat(tocsin("rules", "check", one, two)).isEqualTo(2);
        assertThat(err.toString().lines())
                .contains("tocsin: The rules are wrong:")
                .anyMatch(line -> line.startsWith(one + ":1: ") && line.contains("\"match\"?"))
                .anyMatch(line -> line.startsWith(two + ":1: A.when.atLeast: got \"none\""))
                .anyMatch(line -> line.startsWith(two + ":1: A.name: got a name that is taken"));
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void checkNeedsAFile() {
        assertThat(tocsin("rules", "check")).isEqualTo(2);
        assertThat(tocsin("rules")).isEqualTo(2);
        assertThat(tocsin("rules", "chekc", "default")).isEqualTo(2);
        assertThat(err.toString()).contains("expected one of check, ");
    }

    @Test
    void readsStandardInput() {
        var in = new ByteArrayInputStream(RULES.getBytes(StandardCharsets.UTF_8));
        assertThat(RuleFiles.load(List.of("-"), in).rules()).hasSize(3);
        assertThat(tocsin("rules", "check", "-", "default")).isEqualTo(2);
        assertThat(err.toString()).contains("must be alone");
    }

    @Test
    void listsATable() throws Exception {
        assertThat(tocsin("rules", "list", file("a.yaml", RULES))).isZero();
        assertThat(out.toString())
                .isEqualTo(
                        """
                        NAME        SEVERITY   WHEN                          FOR
                        Crash       warning    atLeast 5 within 10m          1m30s
                        NotPlaced   critical   missing Scheduled within 3m   -
                        Kills       warning    sequence of 2 within 1h       -
                        """);
    }

    @Test
    void listsForMachines() throws Exception {
        String rules = file("a.yaml", RULES);
        assertThat(tocsin("rules", "list", rules, "-o", "json")).isZero();
        var json = new ObjectMapper().readTree(out.toString());
        assertThat(json.findValuesAsText("name")).containsExactly("Crash", "NotPlaced", "Kills");
        assertThat(json.get(1).path("alert").asText()).isEqualTo("Pending");

        out.getBuffer().setLength(0);
        assertThat(tocsin("rules", "list", rules, "-o", "yaml")).isZero();
        assertThat(new YAMLMapper().readTree(out.toString())).isEqualTo(json);
        assertThat(tocsin("rules", "list", "-o", "xml")).isEqualTo(2);
    }

    @Test
    void explainsARuleInWords() throws Exception {
        assertThat(tocsin("rules", "explain", file("a.yaml", RULES), "Crash")).isZero();
        assertThat(out.toString())
                .isEqualTo(
                        """
                        Crash (warning)
                          trigger     type Warning, reason BackOff, note restarting, not quiet
                          for each    cluster, regarding.uid, regarding.fieldPath
                          true        as soon as 5 lie within 10m
                          rings       when it was pending for 1m30s
                          ends by     reason Killing
                          ends by     type Warning, reason Evicted
                          ends        12m after the last trigger, or what keeps it alive
                          kept alive  type Warning, reportingController kubelet
                          watches     events
                        """);
    }

    @Test
    void explainsStagesWithoutWhatTheyHaveInCommon() throws Exception {
        assertThat(tocsin("rules", "explain", "Kills", file("a.yaml", RULES))).isZero();
        assertThat(out.toString())
                .contains("  of          reportingController kubelet\n")
                .contains("  stage 1     3 times reason Unhealthy\n")
                .contains("  stage 2     reason Killing, note liveness\n");
    }

    @Test
    void findsRulesByTheirAlertAndSuggestsWhatWasMeant() throws Exception {
        String rules = file("a.yaml", RULES);
        assertThat(tocsin("rules", "explain", rules, "Pending")).isZero();
        assertThat(out.toString()).startsWith("NotPlaced (critical, alert Pending)\n");
        assertThat(tocsin("rules", "explain", rules, "Crush")).isEqualTo(2);
        assertThat(err.toString()).contains("no rule \"Crush\", did you mean \"Crash\"?");
    }

    @Test
    void explainsWhatAnEventIsToEachRuleAndWhichFieldsKeepItFromTheOthers() throws Exception {
        String rules = file("a.yaml", RULES);
        assertThat(tocsin("rules", "explain", rules, "--event", file("e.json", EVENT))).isZero();
        assertThat(out.toString())
                .isEqualTo(
                        """
                        Warning BackOff of Pod shop/web spec.containers{app} by kubelet, 26 times: Back-off restarting failed container [2J
                          Crash      trigger, keep-alive
                          NotPlaced  no trigger: reason is BackOff, expected FailedScheduling
                          Kills      no stage 1: reason is BackOff, expected Unhealthy
                        """);
    }

    @Test
    void readsListsAndRecordings() throws Exception {
        String rules = file("a.yaml", RULES);
        String list =
                file("l.json", "{\"kind\": \"List\", \"items\": [" + EVENT + "," + EVENT + "]}");
        assertThat(tocsin("rules", "explain", rules, "Crash", "--event", list)).isZero();
        assertThat(out.toString().lines()).hasSize(5);

        out.getBuffer().setLength(0);
        String line = EVENT.replace("\n", " ");
        String recording =
                file(
                        "r.jsonl",
                        "{\"resource\": \"nodes\", \"line\": {\"object\": {\"reason\": \"x\"}}}\n"
                                + "{\"resource\": \"events\", \"line\": {\"object\": "
                                + line
                                + "}}\n");
        assertThat(tocsin("rules", "explain", rules, "Crash", "--event", recording)).isZero();
        assertThat(out.toString().lines()).hasSize(2);
    }

    @Test
    void saysWhatAnEventFileShouldBe() throws Exception {
        assertThat(tocsin("rules", "explain", "--event", folder + "/none.json")).isEqualTo(2);
        assertThat(err.toString()).contains("none.json does not exist");
        assertThat(tocsin("rules", "explain", "--event", file("x.json", "{\"a\": "))).isEqualTo(2);
        assertThat(err.toString()).contains("is no JSON");
        assertThat(tocsin("rules", "explain", "--event", file("y.json", "{}"))).isEqualTo(2);
        assertThat(err.toString()).contains("holds no event");
    }
}
