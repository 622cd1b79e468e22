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

import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.source.event.ObjectReference;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What rules can say, key by key; what nothing carries out yet is refused. */
class RuleLanguageTest {

    private static final String HEAD = "name: A, match: {reason: x}, ";
    private static final String WHEN = "when: {atLeast: 1, within: 1m}";

    /** A key, a rule that uses it, and what the rule then says. */
    enum Key {
        QUIET(
                "quiet",
                HEAD + WHEN + ", for: 15m, quiet: 7m",
                rule -> assertThat(rule.life().quietMillis()).isEqualTo(420_000)),
        NOTICE(
                "notice",
                HEAD + WHEN + ", notice: true",
                rule -> assertThat(rule.life().notice()).isTrue()),
        DESCRIPTION(
                "description",
                HEAD + WHEN + ", description: 'It is {{reason}}.'",
                rule -> assertThat(rule.texts().description()).isEqualTo("It is {{reason}}.")),
        RUNBOOK(
                "runbook",
                HEAD + WHEN + ", runbook: 'https://wiki/{{rule}}'",
                rule -> assertThat(rule.texts().runbook()).isEqualTo("https://wiki/{{rule}}")),
        FORMERLY(
                "formerly",
                HEAD + WHEN + ", formerly: [B, C]",
                rule -> assertThat(rule.formerly()).containsExactly("B", "C")),
        DISTINCT(
                "when.distinct",
                HEAD
                        + "per: [cluster, reportingInstance], when: {distinct: {field: regarding.uid,"
                        + " atLeast: 3}, within: 5m}",
                rule ->
                        assertThat(rule.when())
                                .isEqualTo(new When.Distinct(Field.REGARDING_UID, 3, 300_000))),
        WHEN_STATE(
                "when.state",
                HEAD
                        + "when: {state: pods}, clears: [{reason: y}, {reason: z, state: events}, run]",
                rule -> {
                    assertThat(rule.when()).isEqualTo(new When.Threshold(1, 600_000));
                    assertThat(rule.match().resource()).isEqualTo("pods");
                    assertThat(rule.life().clears())
                            .extracting(Matcher::resource)
                            .containsExactly("pods", "events", "events");
                }),
        WHEN_STATE_AND_MORE(
                "when.state",
                HEAD + "when: {state: pods, atLeast: 3, within: 1h}",
                rule -> assertThat(rule.when()).isEqualTo(new When.Threshold(3, 3_600_000))),
        STAGE_NOT(
                "stage.not",
                "name: A, when: {sequence: [F×2, '!C', {not: {reason: D, note: e}}, not G, H],"
                        + " within: 25h}",
                rule -> {
                    List<Stage> stages = ((When.Sequence) rule.when()).stages();
                    assertThat(stages)
                            .extracting(Stage::not)
                            .containsExactly(false, true, true, true, false);
                    assertThat(stages)
                            .extracting(Stage::written)
                            .containsExactly(
                                    "reason=F|;×2",
                                    "not reason=C|;×1",
                                    "not reason=D|;note=e|;×1",
                                    "not reason=G|;×1",
                                    "reason=H|;×1");
                }),
        STATE(
                "match.state",
                "name: A, match: {reason: x, state: nodes}, " + WHEN + ", keepAlive: {reason: x}",
                rule -> {
                    assertThat(rule.match().resource()).isEqualTo("nodes");
                    assertThat(rule.life().keepAlive())
                            .extracting(Matcher::resource)
                            .containsExactly("events");
                }),
        NAMES(
                "match.names",
                HEAD + WHEN + ", clears: {names: {kind: Pod, name: '/pod (\\S+)/'}}",
                rule -> {
                    Matcher clear = rule.life().clears().get(0);
                    assertThat(clear.about().kind()).isEqualTo("Pod");
                    assertThat(clear.nameIn(told("deleted pod web-1 ."))).isEqualTo("web-1");
                    assertThat(clear.matches(told("deleted pods"))).isFalse();
                }),
        LABELS(
                "match.labels",
                "name: A, match: {labels: {app: [shop, 'web-*'], example.com/tier: '!/^b/'}}, "
                        + WHEN,
                rule -> {
                    assertThat(rule.match().matches(labelled("web-1", "a"))).isTrue();
                    assertThat(rule.match().matches(labelled("shop", null))).isTrue();
                    assertThat(rule.match().matches(labelled("shop", "b"))).isFalse();
                    assertThat(rule.match().matches(labelled(null, "a"))).isFalse();
                }),
        OWNER(
                "match.owner",
                "name: A, match: {owner: Deployment/*}, " + WHEN,
                rule -> assertThat(rule.match().fields().get(0).field()).isEqualTo(Field.OWNER)),
        NODE(
                "match.node",
                "name: A, match: {node: node-1}, " + WHEN,
                rule -> assertThat(rule.match().fields().get(0).field()).isEqualTo(Field.NODE)),
        EXIT_CODE(
                "match.exitCode",
                "name: A, match: {exitCode: [137, 143], state: pods}, " + WHEN,
                rule ->
                        assertThat(rule.match().fields().get(0).field())
                                .isEqualTo(Field.EXIT_CODE)),
        RELATED(
                "match.related.name",
                "name: A, match: {related: {kind: Pod}, related.name: web-1}, " + WHEN,
                rule ->
                        assertThat(rule.match().fields())
                                .extracting(Matcher.FieldMatch::field)
                                .containsExactly(Field.RELATED_KIND, Field.RELATED_NAME)),
        PER_OWNER(
                "per.owner",
                HEAD + WHEN + ", per: [cluster, owner]",
                rule -> assertThat(rule.per()).containsExactly(Field.CLUSTER, Field.OWNER)),
        PER_NODE(
                "per.node",
                HEAD + WHEN + ", per: node",
                rule -> assertThat(rule.per()).containsExactly(Field.NODE)),
        TEMPLATE_OWNER(
                "template.owner",
                HEAD + WHEN + ", summary: 'of {{owner}}'",
                rule -> assertThat(rule.texts().summary()).isEqualTo("of {{owner}}")),
        TEMPLATE_LABELS(
                "template.labels",
                HEAD + WHEN + ", summary: 'of {{labels.app}}'",
                rule -> assertThat(rule.texts().summary()).isEqualTo("of {{labels.app}}")),
        KEEP_ALIVE(
                "keepAlive",
                HEAD + WHEN + ", keepAlive: [{reason: y}, run, act]",
                rule -> assertThat(rule.life().keepAlive()).hasSize(3)),
        NAMED(
                "matchers",
                HEAD + "when: {missing: run, within: 1m}, clears: [gone, {reason: z}]",
                rule -> {
                    assertThat(((When.Absence) rule.when()).awaited().reasons())
                            .containsExactly("Created", "Started");
                    assertThat(rule.life().clears()).hasSize(8);
                });

        private final String feature;
        private final String rule;
        private final Consumer<Rule> check;

        Key(String feature, String rule, Consumer<Rule> check) {
            this.feature = feature;
            this.rule = rule;
            this.check = check;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aKeyWorksOrIsRefused(Key key) {
        String yaml = "[{" + key.rule + "}]";
        if (Language.NOT_YET.contains(key.feature)) {
            assertThat(errors(yaml))
                    .isNotEmpty()
                    .allMatch(
                            error ->
                                    error.contains("which is not supported yet, expected")
                                            || error.contains("there is no field"));
        } else {
            key.check.accept(RuleSet.parse("r.yaml", yaml).rules().get(0));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[failed to pull, '!rate limit'] | failed to pull x             | true",
                "[failed to pull, '!rate limit'] | failed to pull: rate limit   | false",
                "[failed to pull, '!rate limit'] | pulled                       | false",
                "['!/rate.limit/']               | pulled                       | true",
                "['!/rate.limit/']               | rate limit                   | false",
                "[a, b]                          | b                            | true"
            })
    void valuesAreAlternativesAndExclusions(String note, String told, boolean matches) {
        String yaml = "[{name: A, match: {note: " + note + "}, " + WHEN + "}]";

        assertThat(RuleSet.parse("r.yaml", yaml).rules().get(0).match().matches(told(told)))
                .isEqualTo(matches);
    }

    @Test
    void rulesOfAFileShareItsMatchers() {
        Rule rule =
                RuleSet.parse(
                                "r.yaml",
                                """
                                matchers:
                                  fine: {reason: Fine, type: Normal}
                                  over:
                                    - {reason: Over}
                                    - {reason: Gone}
                                rules:
                                  - name: A
                                    match: {reason: x}
                                    when: {missing: fine, within: 1m}
                                    clears: [over, fine]
                                    keepAlive: over
                                """)
                        .rules()
                        .get(0);

        assertThat(((When.Absence) rule.when()).awaited().reasons()).containsExactly("Fine");
        assertThat(rule.life().clears())
                .extracting(matcher -> matcher.reasons().toString())
                .containsExactly("[Over]", "[Gone]", "[Fine]");
        assertThat(rule.life().keepAlive()).hasSize(2);
    }

    @Test
    void saysWhatIsWrongWithMatchersThatHaveNames() {
        assertThat(
                        errors(
                                """
                                matchers:
                                  fine: {reasn: Fine}
                                  run: {reason: x}
                                  a b: {reason: x}
                                  none: []
                                  other: fine
                                rules:
                                  - name: A
                                    match: gone
                                    when: {missing: fin, within: 1m}
                                    clears: gone
                                    per: [cluster, reason]
                                """))
                .extracting(error -> error.replaceFirst("(?s), expected one of .*(?=, did)", ""))
                .containsExactly(
                        "r.yaml:2: matchers.fine.reasn: got an unknown field, did you mean \"reason\"?",
                        "r.yaml:3: matchers.run: got a name that is built in, expected a name of its own",
                        "r.yaml:4: matchers.a b: got \"a b\", expected " + Language.NAME_EXPECTED,
                        "r.yaml:5: matchers.none: got an empty list, expected at least one matcher",
                        "r.yaml:6: matchers.other: got \"fine\", expected a mapping",
                        "r.yaml:9: A.match: got \"gone\", which is about an object that a note names, expected a matcher without names: only what ends or prolongs alerts may have them",
                        "r.yaml:9: A.match: got \"gone\", which stands for 7 matchers, expected a single matcher",
                        "r.yaml:10: A.when.missing: got \"fin\", which no matcher is named, expected a mapping, or one of a b, act, fine, gone, none, other, run, did you mean \"fine\"?",
                        "r.yaml:11: A.clears: got a matcher with names, expected regarding.uid or regarding.name in per, so that the name says something");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                HEAD + "when: {missing: {names: {kind: Pod}}, within: 1m}",
                HEAD + "when: {missing: {names: {kind: Pod, name: web}}, within: 1m}",
                HEAD + "when: {missing: {names: {kind: Pod, name: /web/}}, within: 1m}",
                HEAD + "when: {missing: {names: {kind: Pod, name: '/(/'}}, within: 1m}",
                HEAD + "when: {missing: {names: {kind: Pod, name: '/(a)/', of: b}}, within: 1m}",
                "name: A, match: {names: {kind: Pod, name: '/(a)/'}}, " + WHEN,
                "name: A, match: {deprecatedSource.component: kubelet}, " + WHEN,
                HEAD + WHEN + ", quiet: 5m",
                HEAD + WHEN + ", for: 5m, quiet: 5m",
                HEAD + WHEN + ", for: 5m, quiet: 0s",
                HEAD + WHEN + ", formerly: A",
                HEAD + WHEN + ", formerly: [B, B]",
                HEAD + WHEN + ", formerly: 'b c'",
                HEAD + WHEN + ", notice: 1",
                HEAD + WHEN + ", summary: '{{nte}}'",
                HEAD + WHEN + ", summary: '{{>other}}'",
                HEAD + WHEN + ", labels: {team: '{{regarding.labels}}'}",
                HEAD + "when: {distinct: {field: regarding.uid, atLeast: 3}, within: 1m}",
                HEAD + "when: {distinct: {field: note, atLeast: 3}, within: 1m}",
                HEAD + "when: {distinct: {field: reason}, within: 1m}",
                HEAD + "when: {state: events}",
                HEAD + "when: {state: pods, missing: {reason: y}}",
                "name: A, match: {exitCode: 1}, " + WHEN,
                "name: A, match: {state: nodes, exitCode: 1}, " + WHEN,
                "name: A, match: {regarding: {labels: {app: shop}}}, " + WHEN,
                "name: A, match: {labels: {}}, " + WHEN,
                "name: A, match: {labels: {'a b': c}}, " + WHEN,
                "name: A, match: {state: services}, " + WHEN,
                "name: A, when: {sequence: ['!A'], within: 1m}",
                "name: A, when: {sequence: [A, '!B×2'], within: 1m}",
                "name: A, when: {sequence: [A, {not: {reason: B}, times: 2}], within: 1m}",
                "name: A, when: {sequence: [A, {not: {reason: B}, match: {reason: B}}], within: 1m}",
                "name: A, when: {sequence: [A, {times: 2}], within: 1m}"
            })
    void refusesWithPlaceAndExpectation(String rule) {
        assertThat(errors("[{" + rule + "}]"))
                .isNotEmpty()
                .allSatisfy(
                        error ->
                                assertThat(error)
                                        .startsWith("r.yaml:1: A.")
                                        .contains(": got ", ", expected "));
    }

    @Test
    void aFormerNameBelongsToNoOtherRule() {
        List<String> errors =
                errors(
                        """
                        - {name: A, match: {reason: x}, when: {atLeast: 1, within: 1m}}
                        - {name: B, formerly: A, match: {reason: x}, when: {atLeast: 1, within: 1m}}
                        - {name: C, formerly: D, match: {reason: x}, when: {atLeast: 1, within: 1m}}
                        - {name: E, formerly: D, match: {reason: x}, when: {atLeast: 1, within: 1m}}
                        """);

        assertThat(errors)
                .contains(
                        "r.yaml:2: B.formerly: got A, the name of a rule at r.yaml:1, expected names that no rule has any more",
                        "r.yaml:4: E.formerly: got D, which C names too, expected names that no rule has any more");
    }

    @Test
    void theHashOfARuleIsThatOfItsText() {
        String yaml = "[{" + HEAD + WHEN + ", labels: {b: c, a: b}}]";
        Rule rule = RuleSet.parse("r.yaml", yaml).rules().get(0);

        assertThat(rule.hash()).isEqualTo(RuleSet.parse("s.yaml", yaml).rules().get(0).hash());
        assertThat(rule.hash())
                .isNotEqualTo(
                        RuleSet.parse("r.yaml", yaml.replace("1m", "2m")).rules().get(0).hash());
    }

    private static Occurrence told(String note) {
        return occurrence(note, Labels.NONE);
    }

    private static Occurrence labelled(String app, String tier) {
        return occurrence(
                "x",
                tier == null
                        ? Labels.of(java.util.Map.of("app", app))
                        : app == null
                                ? Labels.of(java.util.Map.of("example.com/tier", tier))
                                : Labels.of(
                                        java.util.Map.of("app", app, "example.com/tier", tier)));
    }

    private static Occurrence occurrence(String note, Labels labels) {
        return TestOccurrence.of("x")
                .type("Normal")
                .note(note)
                .regarding(new ObjectReference("v1", "ReplicaSet", "shop", "web", "u", null, null))
                .labels(labels)
                .make();
    }

    private static List<String> errors(String yaml) {
        return catchThrowableOfType(
                        InvalidRulesException.class, () -> RuleSet.parse("r.yaml", yaml))
                .errors();
    }
}
