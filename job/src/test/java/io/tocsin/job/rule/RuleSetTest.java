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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tocsin.job.yaml.YamlKey;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleSetTest {

    private static final String FIELDS =
            String.join(", ", new TreeSet<>(YamlKey.names(MatcherKeys.keys(true))));
    private static final String SUBJECTS =
            String.join(", ", RuleKeys.PER_FIELDS.keySet()).replaceFirst("^.*, reason", "");
    private static final String CONDITIONS =
            Language.NOT_YET.contains("when.distinct")
                    ? "atLeast, missing, sequence"
                    : "atLeast, missing, sequence, distinct";
    private static final String KINDS = CONDITIONS.replaceFirst(", (?=[a-z]+$)", " or ");

    @Test
    void loadsTheBuiltInRules() throws Exception {
        RuleSet rules = RuleSet.load(List.of("default"));

        assertThat(rules.rules())
                .extracting(Rule::name)
                .containsExactly(
                        "ContainerBackOff",
                        "PodUnschedulable",
                        "PodUnschedulableRepeated",
                        "LivenessKillLoop",
                        "VolumeMountFailing",
                        "JobFailed");
        assertThat(rules.rules().get(2).alert()).isEqualTo("PodUnschedulable");
        new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(rules);
    }

    @Test
    void listsAllErrorsWithPlaceFieldAndExpectation() {
        String yaml =
                """
                rules:
                  - name: Crash
                    mach: {reason: BackOff}
                    match: {reson: BackOff, note: "/(/"}
                    when: {atLeast: many, within: 10 minutes}
                    severity: warnin
                  - name: Crash
                    match: {reason: [BackOff]}
                    per: [cluster, regarding.uuid]
                    when: {missing: {reason: A}, sequence: [B], within: 5m}
                    summary: "{{#open}}"
                  - match: {}
                """;

        assertThat(errors(yaml))
                .containsExactly(
                        "r.yaml:3: Crash.mach: got an unknown key, expected one of "
                                + String.join(", ", YamlKey.names(RuleKeys.RULE))
                                + ", did you mean \"match\"?",
                        "r.yaml:4: Crash.match.reson: got an unknown field, expected one of "
                                + FIELDS
                                + ", did you mean \"reason\"?",
                        "r.yaml:4: Crash.match.note: got \"/(/\" (error parsing regexp: missing closing ): `(`), expected a regular expression of RE2",
                        "r.yaml:5: Crash.when.within: got \"10 minutes\", expected a duration such as 90s, 10m or 1h30m",
                        "r.yaml:5: Crash.when.atLeast: got \"many\", expected a whole number from 1 to 100000",
                        "r.yaml:6: Crash.severity: got \"warnin\", expected one of info, warning, critical, did you mean \"warning\"?",
                        "r.yaml:7: Crash.name: got a name that is taken at r.yaml:2, expected a name of its own",
                        "r.yaml:9: Crash.per: got \"regarding.uuid\", expected one of cluster, regarding.uid, regarding.fieldPath, regarding.kind, regarding.namespace, regarding.name, "
                                + "reportingInstance, reason"
                                + SUBJECTS
                                + ", did you mean \"regarding.uid\"?",
                        "r.yaml:10: Crash.when: got 2 conditions, expected exactly one of "
                                + CONDITIONS,
                        "r.yaml:11: Crash.summary: got \"{{#open}}\" (Section missing close tag 'open' @ line 1), expected a mustache template",
                        "r.yaml:12: rules[2].name: got nothing, expected a name of letters, digits, - and _ that begins with a letter, at most 100",
                        "r.yaml:12: rules[2].match: got an empty mapping, expected at least one field to match",
                        "r.yaml:12: rules[2].when: got nothing, expected "
                                + KINDS
                                + ", and within");
    }

    @Test
    void saysWhereYamlIsBroken() {
        assertThat(errors("rules:\n  - name: [a\n  - b\n"))
                .singleElement()
                .asString()
                .startsWith("r.yaml:4: this is not YAML: ")
                .endsWith("while parsing a flow sequence from line 2");
        assertThat(errors(""))
                .containsExactly("r.yaml:1: rules: got an empty file, expected at least one rule");
        assertThat(errors("rules: []"))
                .containsExactly("r.yaml:1: rules: got no rule, expected at least one rule");
        assertThat(
                        errors(
                                "- {name: A, name: B, match: {reason: x}, when: {atLeast: 1, within: 1s}}"))
                .containsExactly(
                        "r.yaml:1: name: got it twice, expected it once (first at line 1)");
    }

    @Test
    void rulesOfOneAlertMustBeAboutTheSameSubject() {
        String yaml =
                """
                rules:
                  - {name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}}
                  - {name: B, alert: A, per: [cluster], match: {reason: x}, when: {atLeast: 1, within: 1s}}
                """;

        assertThat(errors(yaml))
                .containsExactly(
                        "r.yaml:3: B.per: got cluster, expected cluster,regarding.uid, as in A, which has the same alert A");
    }

    @Test
    void loadsFilesByNameAndGlobAndSaysWhichIsMissing(@TempDir Path folder) throws Exception {
        Files.writeString(
                folder.resolve("one.yaml"),
                "rules: [{name: One, match: {reason: x}, when: {sequence: [A×3, B], within: 1h30m}}]");

        RuleSet rules = RuleSet.load(List.of(folder + "/*.yaml", "default"));

        assertThat(rules.rules()).hasSize(7);
        When.Sequence sequence = (When.Sequence) rules.rules().get(0).when();
        assertThat(sequence.withinMillis()).isEqualTo(5_400_000);
        assertThat(sequence.stages()).extracting(Stage::times).containsExactly(3, 1);
        InvalidRulesException missing =
                catchThrowableOfType(
                        InvalidRulesException.class,
                        () -> RuleSet.load(List.of(folder + "/no.yaml", folder + "/x*.yml")));
        assertThat(missing.errors()).hasSize(2);
    }

    private static List<String> errors(String yaml) {
        return catchThrowableOfType(
                        InvalidRulesException.class, () -> RuleSet.parse("r.yaml", yaml))
                .errors();
    }
}
