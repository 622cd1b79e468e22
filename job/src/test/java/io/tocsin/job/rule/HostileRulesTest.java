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
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.tocsin.testing.Simulation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules that would cost too much are refused, at little cost. */
@Timeout(60)
class HostileRulesTest {

    private static final String WHEN = "when: {atLeast: 1, within: 1m}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{1000}){1000}){1000}",
                "(?:(?:(?:x{100}){100}){100}){100}",
                "a{1000}b{1000}c{1000}",
                "[]a]{1000}[^]a]{1000}[[:alpha:]]{1000}",
                "(\\Q)\\E a{1000}){1000}",
                "(\\x{41}{1000}){1000}",
                "((((((((((a{2,10}){2,10}){2,10}){2,10}){2,10}){2,10}){2,10}){2,10}){2,10}){2,10})"
            })
    void refusesRepetitionsThatUnfold(String regex) {
        assertThatThrownBy(() -> Patterns.regex(regex))
                .isInstanceOf(PatternSyntaxException.class)
                .hasMessageContaining("repetitions that unfold to more than 2000 steps");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "back-?off.{0,200}container",
                "([a-z0-9]{5}-){3}[0-9]{8,10}",
                "(?i)\\bfailed\\b|\\x{1F600}|\\p{Greek}+|[[:alpha:]_]{1,63}",
                "^\\d{1,3}(\\.\\d{1,3}){3}$"
            })
    void acceptsWhatPeopleWrite(String regex) {
        assertThat(Patterns.regex(regex).pattern()).isEqualTo(regex);
    }

    /** Of patterns that RE2 accepts, none that passes becomes a large program. */
    @Test
    void neverTakesALargeProgramForASmallOne() {
        List<String> parts =
                List.of(
                        "(",
                        "(?:",
                        ")",
                        ")",
                        "[",
                        "]",
                        "^",
                        "-",
                        "a",
                        "b",
                        "\\Q",
                        "\\E",
                        "\\x{41}",
                        "\\p{Greek}",
                        "\\",
                        "{9}",
                        "{1,9}",
                        "{30}",
                        "{,9}",
                        "{9,}",
                        "*",
                        "+?",
                        "|",
                        ".",
                        "[:alpha:]",
                        "(?i)",
                        "$",
                        "\\]",
                        "\\)");
        Simulation.run(
                "steps of patterns",
                5_000,
                (random, seed) -> {
                    StringBuilder regex = new StringBuilder();
                    for (int i = random.nextInt(1, 14); i > 0; i--) {
                        regex.append(parts.get(random.nextInt(parts.size())));
                    }
                    Pattern pattern;
                    try {
                        pattern = Patterns.regex(regex.toString());
                    } catch (PatternSyntaxException e) {
                        return;
                    }
                    assertThat((long) pattern.programSize())
                            .as(regex.toString())
                            .isLessThanOrEqualTo(4 * Patterns.steps(regex.toString()) + 10);
                });
    }

    @Test
    void aPatternIsRefusedByItsLine() {
        assertThat(
                        errors(
                                "- name: A\n  match:\n    note: /((a{1000}){1000}){1000}/\n  "
                                        + WHEN
                                        + "\n"))
                .singleElement()
                .asString()
                .startsWith("r.yaml:3: A.match.note: got \"/((a{1000}){1000}){1000}/\" (")
                .contains("unfold");
        assertThat(errors("[{name: A, match: {note: " + "a".repeat(1001) + "}, " + WHEN + "}]"))
                .singleElement()
                .asString()
                .contains("longer than 1000 characters")
                .hasSizeLessThan(500);
    }

    @Test
    void depthAndSizeAreBounded(@TempDir Path folder) throws Exception {
        assertThat(errors("[".repeat(100_000))).hasSize(1);
        assertThat(errors("{a: ".repeat(100_000))).hasSize(1);
        assertThat(errors("- ".repeat(100_000))).hasSize(1);
        Path file = folder.resolve("large.yaml");
        Files.writeString(file, "# " + "a".repeat(3_000_000));
        assertThat(
                        catchThrowableOfType(
                                        InvalidRulesException.class,
                                        () -> RuleSet.load(List.of(file.toString())))
                                .errors())
                .singleElement()
                .asString()
                .endsWith("expected rules of at most 3000000 bytes");
    }

    @Test
    void tellsOnlyTheFirstHundredErrors() {
        List<String> errors = errors("- {nme: A}\n".repeat(900));

        assertThat(errors).hasSize(Problems.MOST_TOLD + 1);
        assertThat(errors.get(100)).endsWith(" more errors; correct these first");
    }

    @Test
    void rulesAndSequencesAreBounded() {
        assertThat(errors(rules(1_001, "match: {reason: x}, " + WHEN)))
                .containsExactly("r.yaml:1: rules: got 1001 rules, expected at most 1000");
        assertThat(RuleSet.parse("r.yaml", rules(1_000, "match: {reason: x}, " + WHEN)).rules())
                .hasSize(1_000);
        assertThat(errors(rules(101, "when: {sequence: [A, B], within: 1m}")))
                .singleElement()
                .asString()
                .startsWith("r.yaml:101: R100.when.sequence: got more than 100 sequences");
    }

    @Test
    void templatesAreBounded() {
        assertThatThrownBy(() -> Template.compile("a".repeat(4_001)))
                .hasMessage("longer than 4000 characters");
        assertThatThrownBy(() -> Template.compile("{{> other}}"))
                .hasMessage("there are no other templates to include");
        assertThatThrownBy(() -> Template.compile("{{#type}}{{> other}}{{/type}}"))
                .hasMessage("there are no other templates to include");
        assertThatThrownBy(() -> Template.compile("{{< other}}{{/ other}}"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Template.compile("{{regarding.nmae}}"))
                .hasMessage("there is no field regarding.nmae, did you mean \"regarding.name\"?");
        assertThatThrownBy(() -> Template.compile("{{.}}"))
                .isInstanceOf(IllegalArgumentException.class);
        Template.compile(
                "{{{note}}} {{&type}} {{#regarding}}{{kind}}/{{name}}{{/regarding}}"
                        + "{{^container}}none{{/container}}{{#reason}}{{.}}{{/reason}}");
    }

    @Test
    void aBackslashTakesTheMeaningFromWhatHasOne() {
        assertThat(value(Field.REASON, "\\!x").matches("!x")).isTrue();
        assertThat(value(Field.REASON, "\\/x/").matches("/x/")).isTrue();
        assertThat(value(Field.REASON, "!\\/x/").negated()).isTrue();
        assertThat(value(Field.REASON, "!\\/x/").matches("/x/")).isTrue();
        assertThat(value(Field.REASON, "a\\*").matches("a*")).isTrue();
        assertThat(value(Field.REASON, "a\\*").matches("ab")).isFalse();
        assertThat(value(Field.REASON, "a\\**").matches("a*b")).isTrue();
        assertThat(value(Field.REASON, "a\\**").matches("ab")).isFalse();
        assertThat(value(Field.REASON, "a\\\\?").matches("a\\b")).isTrue();
        assertThat(value(Field.NOTE, "\\!x\\?").matches("a !x? b")).isTrue();
        assertThat(value(Field.REASON, "C:\\dir").matches("C:\\dir")).isTrue();
    }

    private static Matcher.Value value(Field field, String written) {
        return Matcher.Value.parse(field, written);
    }

    private static String rules(int number, String rest) {
        StringBuilder yaml = new StringBuilder();
        for (int i = 0; i < number; i++) {
            yaml.append("- {name: R").append(i).append(", ").append(rest).append("}\n");
        }
        return yaml.toString();
    }

    private static List<String> errors(String yaml) {
        return catchThrowableOfType(
                        InvalidRulesException.class, () -> RuleSet.parse("r.yaml", yaml))
                .errors();
    }
}
