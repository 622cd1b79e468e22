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
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.testing.Simulation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rules as nobody should write them: errors that say where, or rules that cost a bounded amount.
 */
class RuleFuzzTest {

    private static final int RUNS = Boolean.getBoolean("tocsin.nightly") ? 50_000 : 1_000;

    /** As many errors as a person reads, and one that says that there are more. */
    private static final int MOST_ERRORS = 1_000;

    private static final String KEYS =
            """
            matchers:
              going:
                - {reason: [Killing, Evicted], reportingController: kubelet}
                - {reason: SuccessfulDelete, names: {kind: Pod, name: "/Deleted pod: (.+)/"}}
            rules:
              - name: Counted
                alert: Failing
                match:
                  type: Warning
                  reason: ["Fail*", "/^Bad|Worse$/", "!Failure", "\\\\!Odd"]
                  note: "/(?i)cannot.*(open|read)/"
                  regarding: {kind: Pod, namespace: [shop, "team-*"]}
                  related.kind: "!Node"
                per: [cluster, regarding.uid, regarding.fieldPath]
                when: {atLeast: 5, within: 10m}
                for: 3m
                clears: [going, run, {reason: Started}]
                keepAlive: [act, {type: Warning}]
                resolveAfter: 16m
                severity: critical
                labels: {team: "{{regarding.namespace}}"}
                summary: "{{regarding.name}} fails: {{note}}"
              - name: Awaited
                match: {reason: FailedScheduling}
                when: {missing: {reason: Scheduled}, within: 3m}
                resolveAfter: 35m
              - name: Ordered
                when:
                  sequence: ["Unhealthy×3", {match: {reason: Killing}, times: 2}, BackOff]
                  within: 10m
                resolveAfter: 30m
            """;

    /** Further keys, whether they are supported yet or not. */
    private static final String FURTHER_KEYS =
            """
            rules:
              - name: Counted
                formerly: [Numbered]
                match: {reason: Failed, labels: {app: shop}, state: pods}
                when: {atLeast: 5, within: 10m}
                for: 3m
                quiet: 2m
                resolveAfter: 16m
                description: "{{occurrences}} times"
                runbook: https://example.org/{{reason}}
              - name: Many
                match: {reason: Evicted}
                per: [cluster, owner]
                when: {distinct: {field: regarding.uid, atLeast: 3}, within: 5m}
                notice: true
                resolveAfter: 30m
              - name: Ordered
                when: {sequence: [Unhealthy×3, {not: {reason: Started}}, Killing], within: 10m}
                resolveAfter: 30m
            """;

    private static final List<String> ODD =
            List.of(
                    "",
                    "~",
                    "null",
                    "!",
                    "'!'",
                    "//",
                    "'/(a+)+$/'",
                    "'/((a{100}){100}){100}/'",
                    "'/(?=a)/'",
                    "'/[/'",
                    "'**********'",
                    "[]",
                    "{}",
                    "[[[[[[[[",
                    "{a: {b: {c: d}}}",
                    "&a [*a, *a]",
                    "*unknown",
                    "!!java.net.URL [http://localhost]",
                    "!!binary AAAA",
                    "\u0000",
                    "\t",
                    "\ud83d\ude00",
                    "\u0085\u2028",
                    "-1",
                    "0",
                    "1e9",
                    "99999999999999999999",
                    "999999999d",
                    "-5m",
                    "0s",
                    "5 m",
                    ".nan",
                    "{{",
                    "{{> x}}",
                    "{{#a}}{{/b}}",
                    "{{{note}}}",
                    "true",
                    "2026-11-21",
                    "\"\\x00\\ud800\"");

    @Test
    void mutationsOfTheBuiltInRulesAreReadOrRefused() throws IOException {
        fuzz("built-in rules", builtIn());
    }

    @Test
    void mutationsOfAllKeysAreReadOrRefused() {
        assertThat(RuleSet.parse("keys.yaml", KEYS).rules()).hasSize(3);
        fuzz("all keys of rules", KEYS);
        fuzz("further keys of rules", FURTHER_KEYS);
    }

    private static void fuzz(String name, String original) {
        Simulation.run(
                name,
                RUNS,
                (random, seed) -> {
                    String yaml = original;
                    for (int i = random.nextInt(1, 4); i > 0; i--) {
                        yaml = mutated(yaml, random);
                    }
                    readOrRefused(yaml);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/(a+)+$/",
                "/(a|aa)*b/",
                "/(.*a){20}$/",
                "a*a*a*a*a*a*a*a*a*b",
                "/^(([a-z])+.)+[A-Z]([a-z])+$/"
            })
    @Timeout(120)
    void expressionsThatAreCatastrophicElsewhereTakeTimeByTheLengthOfTheText(String value) {
        RuleSet rules =
                RuleSet.parse(
                        "test.yaml",
                        rule("Catastrophic", "note: \"" + value + "\"", "resolveAfter: 1m"));

        assertThat(rules.rules().get(0).match().matches(occurrence("a".repeat(16 * 1024) + "!")))
                .isIn(true, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/(a{1000}){1000}/", "/((a{100}){100}){100}/", "/(((a{30}){30}){30}){30}/"})
    void expressionsThatUnfoldWithoutBoundAreRefused(String value) {
        assertThatExceptionOfType(InvalidRulesException.class)
                .isThrownBy(
                        () ->
                                RuleSet.parse(
                                        "test.yaml",
                                        rule(
                                                "Unfolds",
                                                "note: \"" + value + "\"",
                                                "resolveAfter: 1m")))
                .withMessageContaining("Unfolds")
                .withMessageContaining("test.yaml:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{a: ", "- "})
    void whatIsNestedWithoutBoundIsRefused(String opening) {
        assertThatExceptionOfType(InvalidRulesException.class)
                .isThrownBy(() -> RuleSet.parse("test.yaml", "rules: " + opening.repeat(100_000)));
    }

    @Test
    void aliasesThatMultiplyAreRefused() {
        StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 20; i++) {
            yaml.append("a%d: &a%d [".formatted(i, i));
            yaml.append("*a%d, ".formatted(i - 1).repeat(9)).append("x]\n");
        }
        yaml.append("rules: *a19\n");

        assertThatExceptionOfType(InvalidRulesException.class)
                .isThrownBy(() -> RuleSet.parse("test.yaml", yaml.toString()));
    }

    @Test
    void manyRulesAreReadOrRefusedWithABoundedMessage() {
        StringBuilder yaml = new StringBuilder("rules:\n");
        for (int i = 0; i < 10_000; i++) {
            yaml.append(
                    "  - {name: R%d, match: {reason: Fail%d}, when: {atLeast: 3, within: 5m}, resolveAfter: 9m}\n"
                            .formatted(i, i));
        }

        readOrRefused(yaml.toString());
    }

    @Test
    void namesThatAreTakenAreToldWithBothPlaces() {
        String twice =
                rule("Same", "reason: A", "resolveAfter: 1m")
                        + rule("Same", "reason: B", "resolveAfter: 1m")
                                .substring("rules:\n".length());

        assertThatExceptionOfType(InvalidRulesException.class)
                .isThrownBy(() -> RuleSet.parse("test.yaml", twice))
                .withMessageContaining("test.yaml:6")
                .withMessageContaining("test.yaml:2");
    }

    private static void readOrRefused(String yaml) {
        RuleSet rules;
        try {
            rules = RuleSet.parse("fuzzed.yaml", yaml);
        } catch (InvalidRulesException e) {
            assertThat(e.getMessage()).contains("fuzzed.yaml").hasSizeLessThan(1_000_000);
            assertThat(e.getMessage().lines().count()).isLessThanOrEqualTo(MOST_ERRORS);
            return;
        }
        Occurrence occurrence = occurrence("Cannot open a file of checkout-7d4b9c6f5");
        for (Rule rule : rules.rules()) {
            assertThat(rule.perId()).isNotEmpty();
            assertThat(rule.life().resolveAfterMillis()).isPositive();
            assertThat(rule.life().forMillis()).isNotNegative();
            assertThat(rule.when().withinMillis()).isNotNegative();
            if (rule.match() != null) {
                assertThat(rule.match().matches(occurrence)).isIn(true, false);
            }
        }
    }

    private static String mutated(String yaml, Random random) {
        List<String> lines = new ArrayList<>(yaml.lines().toList());
        if (lines.isEmpty()) {
            return ODD.get(random.nextInt(ODD.size()));
        }
        int at = random.nextInt(lines.size());
        String line = lines.get(at);
        switch (random.nextInt(9)) {
            case 0 -> lines.remove(at);
            case 1 -> lines.add(random.nextInt(lines.size() + 1), line);
            case 2 -> lines.set(at, " ".repeat(random.nextInt(6)) + line);
            case 3 -> lines.set(at, line.stripLeading());
            case 4 -> lines.set(at, line.substring(0, random.nextInt(line.length() + 1)));
            case 5 -> {
                int colon = line.indexOf(':');
                lines.set(at, line.substring(0, colon + 1) + " " + odd(random));
            }
            case 6 -> {
                int cut = random.nextInt(line.length() + 1);
                lines.set(at, line.substring(0, cut) + odd(random) + line.substring(cut));
            }
            case 7 -> {
                int cut = random.nextInt(line.length() + 1);
                String rest = cut < line.length() ? line.substring(cut + 1) : "";
                lines.set(at, line.substring(0, cut) + (char) random.nextInt(32, 127) + rest);
            }
            default ->
                    lines.add(
                            at,
                            "x".repeat(random.nextInt(3)) + odd(random).repeat(random.nextInt(50)));
        }
        return String.join("\n", lines);
    }

    private static String odd(Random random) {
        return ODD.get(random.nextInt(ODD.size()));
    }

    private static String rule(String name, String match, String life) {
        return """
                rules:
                  - name: %s
                    match: {%s}
                    when: {atLeast: 3, within: 5m}
                    %s
                """
                .formatted(name, match, life);
    }

    private static Occurrence occurrence(String note) {
        return TestOccurrence.of("Failed")
                .note(note)
                .regarding(new ObjectReference("v1", "Pod", "shop", "web", "uid", null, null))
                .make();
    }

    private static String builtIn() throws IOException {
        try (InputStream in =
                RuleSet.class.getResourceAsStream("/io/tocsin/job/rules/default.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
