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
package io.tocsin.job.reference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.testing.Simulation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The JSON Schemas of {@code docs/reference} accept what the readers accept, and refuse the rest.
 */
class SchemaTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path DEFAULT_RULES =
            Path.of("src/main/resources/io/tocsin/job/rules/default.yaml");
    private static final Pattern MODELINE =
            Pattern.compile("# yaml-language-server: \\$schema=(\\S+)\\R");

    @ParameterizedTest
    @EnumSource
    void isASchemaOfDraft202012(SchemaCheck check) {
        assertThat(check.metaSchemaSays()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void describesEveryKeyForEditors(SchemaCheck check) {
        List<String> bare = new ArrayList<>();
        for (JsonNode properties : check.document().findValues("properties")) {
            properties
                    .properties()
                    .forEach(
                            key -> {
                                if (takesAValue(key.getValue())
                                        && key.getValue().path("description").asText().isEmpty()) {
                                    bare.add(key.getKey());
                                }
                            });
        }
        assertThat(bare).isEmpty();
    }

    @Test
    void acceptsTheBuiltInRules() throws Exception {
        assertAgreed(SchemaCheck.RULES, Files.readString(DEFAULT_RULES), true);
    }

    @Test
    void theBuiltInRulesTellEditorsTheirSchema() throws Exception {
        Matcher modeline = MODELINE.matcher(Files.readString(DEFAULT_RULES));
        assertThat(modeline.lookingAt()).isTrue();
        assertThat(DEFAULT_RULES.getParent().resolve(modeline.group(1)))
                .hasSameBinaryContentAs(GeneratedFile.FOLDER.resolve("rules.schema.json"));
    }

    @Test
    void acceptsThePipelineOfTheDeployment() throws Exception {
        Matcher pipeline =
                Pattern.compile("(?m)^  pipeline\\.yaml: \\|\\n((?:    .*\\n)+)")
                        .matcher(Files.readString(ROOT.resolve("k8s-flinkdeployment.yaml")));
        assertThat(pipeline.find()).isTrue();
        assertAgreed(SchemaCheck.PIPELINE, pipeline.group(1).indent(-4), true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}}]",
                "rules: [{name: A, match: {reason: x}, when: {missing: {note: '/a|b/'}, within: 1h}}]",
                "[{name: A, when: {sequence: [A×3, 'B x 2', {match: {type: [W, '!N']}, times: 2}], within: 1h}}]",
                "[{name: A, match: {regarding: {kind: Pod}, regarding.name: 17}, for: 0, per: reason,"
                        + " clears: [], when: {atLeast: 1, within: 1m}, labels: {n: 5}}]",
                "[{name: A, match: run, keepAlive: [act, {related: {kind: Pod}}], clears: gone,"
                        + " when: {missing: {names: {kind: Pod, name: '/(a)/'}}, within: 1m}}]",
                "{matchers: {a: {reason: x}, b: [{names: {kind: Pod, name: '/(a)/'}}]},"
                        + " rules: [{name: A, match: a, clears: [a, b], when: {atLeast: 1, within: 1s}}]}"
            })
    void bothAcceptRules(String yaml) {
        assertAgreed(SchemaCheck.RULES, yaml, true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "rules: []",
                "alerts: []",
                "[{name: A, mach: {reason: x}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {reson: x}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {regarding: {}}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {reason: x, regarding: {}}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {reason: []}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {reason: }, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {labels: a}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: no name, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {related: {uid: a}}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {names: {kind: a, name: /(b)/}}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {reason: x}, clears: {names: {kind: a}}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {reason: x}, clears: {names: {kind: a, name: b}}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {reason: %s}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {reason: x}, summary: %s, when: {atLeast: 1, within: 1s}}]",
                "{matchers: {'a b': {reason: x}}, rules: [{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}}]}",
                "{matchers: {a: []}, rules: [{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}}]}",
                "{matchers: {a: b}, rules: [{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}}]}",
                "{matchers: {a: {reason: x}}}",
                "{matchers: , rules: [{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}}]}",
                "[{name: A, when: {atLeast: 1, within: 1s}}]",
                "[{match: {reason: x}, when: {atLeast: 1, within: 1s}}]",
                "[{name: 1A, match: {reason: x}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {reason: x}}]",
                "[{name: A, match: {reason: x}, when: {within: 1s}}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1}}]",
                "[{name: A, match: {reason: x}, when: {atLeast: many, within: 1s}}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 100001, within: 1s}}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 10 minutes}}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 0s}}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, missing: {reason: y}, within: 1s}}]",
                "[{name: A, match: {reason: x}, when: {distinct: {field: note}, within: 1s}}]",
                "[{name: A, when: {sequence: [], within: 1s}}]",
                "[{name: A, when: {sequence: [A×0], within: 1s}}]",
                "[{name: A, when: {sequence: ['A x 101'], within: 1s}}]",
                "[{name: A, when: {sequence: ['!A'], within: 1s}}]",
                "[{name: A, when: {sequence: [not A], within: 1s}}]",
                "[{name: A, when: {sequence: [{not: {reason: A}}], within: 1s}}]",
                "[{name: A, when: {sequence: [B, {not: {reason: A}, times: 2}], within: 1s}}]",
                "[{name: A, when: {sequence: [B, {not: {reason: A}, match: {reason: B}}], within: 1s}}]",
                "[{name: A, when: {sequence: [B, '!A×2'], within: 1s}}]",
                "[{name: A, when: {sequence: [B, not A x 2], within: 1s}}]",
                "[{name: A, when: {sequence: [{match: {reason: A}, times: 0}], within: 1s}}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}, per: [reason, reason]}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}, severity: warnin}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}, labels: {a-b: c}}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}, notice: maybe}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}, quiet: 1m}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}, formerly: a b}]",
                "[{name: A, match: {reason: x}, when: {state: events}}]",
                "[{name: A, match: {reason: x}, when: {state: pods, atLeast: 1}}]",
                "[{name: A, match: {reason: x}, when: {distinct: {field: reason, atLeast: 1001}, within: 1s}}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}, for: 5}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}, resolveAfter: 0}]"
            })
    void bothRefuseRules(String yaml) {
        // Too long for a value, and for a template.
        assertAgreed(SchemaCheck.RULES, yaml.replace("%s", "a".repeat(4_001)), false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "clusters: []",
                "clusters: [{name: 5, context: 5, eventTtl: 59s1000ms, namespaces: [5, a]}]",
                "clusters: [{name: a, inCluster: true, namespaces: {selector: 'team in (a, b)'}}]",
                "clusters: [{name: a, inCluster: false, context: b, namespaces: ['*']}]",
                "clusters: [{name: a, fieldSelector: 'type==Warning,reason!=x,regarding.name='}]",
                "receivers: [{name: a, webhook: {url: {env: A}, headers: {X-A: {file: b}, B: c}}}]",
                "{receivers: [{name: a, webhook: {url: 'https://[::1]/a'}}], route: {receiver: a}}"
            })
    void bothAcceptPipelines(String yaml) {
        assertAgreed(SchemaCheck.PIPELINE, yaml, true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "clutsers: []",
                "logs: {}",
                "clusters:",
                "clusters: [{context: a}]",
                "clusters: [{name: a b}]",
                "clusters: [{name: a, inCluster: maybe}]",
                "clusters: [{name: a, inCluster: true, context: b}]",
                "clusters: [{name: a, inCluster: true, kubeconfig: b}]",
                "clusters: [{name: a, fieldSelector: type}]",
                "clusters: [{name: a, fieldSelector: 'type=a,'}]",
                "clusters: [{name: a, fieldSelector: ''}]",
                "clusters: [{name: a, fieldSelector: [type=Warning]}]",
                "clusters: [{name: a, context: ''}]",
                "clusters: [{name: a, namespaces: [Shop]}]",
                "clusters: [{name: a, namespaces: [a, '*']}]",
                "clusters: [{name: a, namespaces: a}]",
                "clusters: [{name: a, namespaces: {}}]",
                "clusters: [{name: a, namespaces: {selectors: a=b}}]",
                "clusters: [{name: a, namespaces: {selector: ''}}]",
                "clusters: [{name: a, eventTtl: 3}]",
                "clusters: [{name: a, eventTtl: 30s}]",
                "rules: default",
                "rules: []",
                "receivers: [{name: a}]",
                "receivers: [{name: a, slack: {url: {env: A}}}]",
                "receivers: [{name: a, webhook: {}}]",
                "receivers: [{name: a, webhook: {url: 'ftp://a'}}]",
                "receivers: [{name: a, webhook: {url: {evn: A}}}]",
                "receivers: [{name: a, webhook: {url: {env: A, file: b}}}]",
                "receivers: [{name: a, webhook: {url: {env: A}, headers: {a b: c}}}]",
                "receivers: [{name: a, webhook: {url: {env: A}, headers: {a: }}}]",
                "{receivers: [{name: a, webhook: {url: {env: A}}}], route: {}}",
                "{receivers: [{name: a, webhook: {url: {env: A}}}], route: {receiver: a, groupBy: [rule]}}"
            })
    void bothRefusePipelines(String yaml) {
        assertAgreed(SchemaCheck.PIPELINE, yaml, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tests: [{name: a, expect: [{at: 0, alerts: []}]}]",
                "{rules: [default, a.yaml], common: {reason: x, regarding: {name: 5}},"
                        + " tests: [{name: a, events: [{at: 1s, every: 1s, times: 2, count: 7}],"
                        + " blind: [{from: 0, to: 1m}, {from: 1h}], expect: [{at: 1h, alerts: []}]}]}",
                "tests: [{name: a, objects: [{at: 0, deleted: true, pod: {metadata: {name: a}}}],"
                        + " expect: [{at: 0, alerts: []}]}]",
                "tests: [{name: a, events: [{at: 1m, since: 0s, copies: 3, reason: x, type: Normal,"
                        + " regarding.name: a, related: {kind: Node, name: '#'}}], expect: [{at: 1m,"
                        + " alerts: [{rule: A, status: pending, subject: Pod a, since: 1m,"
                        + " severity: info, summary: '', labels: {a: b}}, {rule: B}]}]}]"
            })
    void bothAcceptRuleTests(String yaml) {
        assertAgreed(SchemaCheck.RULE_TESTS, yaml, true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "tests: []",
                "{rules: default, tests: [{name: a, expect: [{at: 0, alerts: []}]}]}",
                "{rules: [], tests: [{name: a, expect: [{at: 0, alerts: []}]}]}",
                "{rule: [default], tests: [{name: a, expect: [{at: 0, alerts: []}]}]}",
                "{common: {at: 1s}, tests: [{name: a, expect: [{at: 0, alerts: []}]}]}",
                "tests: [{expect: [{at: 0, alerts: []}]}]",
                "tests: [{name: ' ', expect: [{at: 0, alerts: []}]}]",
                "tests: [{name: a}]",
                "tests: [{name: a, expect: []}]",
                "tests: [{name: a, expect: [{alerts: []}]}]",
                "tests: [{name: a, expect: [{at: 0}]}]",
                "tests: [{name: a, expect: [{at: soon, alerts: []}]}]",
                "tests: [{name: a, expect: [{at: 0, alerts: [{}]}]}]",
                "tests: [{name: a, expect: [{at: 0, alerts: [{rule: A, status: resolved}]}]}]",
                "tests: [{name: a, expect: [{at: 0, alerts: [{rule: A, labels: {a-b: c}}]}]}]",
                "tests: [{name: a, events: {}, expect: [{at: 0, alerts: []}]}]",
                "tests: [{name: a, events: [{reason: x, regarding.name: a}],"
                        + " expect: [{at: 0, alerts: []}]}]",
                "tests: [{name: a, events: [{at: 0, reason: x, regarding: {nam: a}}],"
                        + " expect: [{at: 0, alerts: []}]}]",
                "tests: [{name: a, events: [{at: 0, times: 0, reason: x, regarding.name: a}],"
                        + " expect: [{at: 0, alerts: []}]}]",
                "tests: [{name: a, objects: [{at: 0}], expect: [{at: 0, alerts: []}]}]",
                "tests: [{name: a, objects: [{pod: {metadata: {name: a}}}],"
                        + " expect: [{at: 0, alerts: []}]}]",
                "tests: [{name: a, blind: [{to: 1m}], expect: [{at: 0, alerts: []}]}]"
            })
    void bothRefuseRuleTests(String yaml) {
        assertAgreed(SchemaCheck.RULE_TESTS, yaml, false);
    }

    /** Whether they are supported yet or not. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{name: A, match: {labels: {a: b}}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {reason: x}, when: {state: pods}}]",
                "[{name: A, match: {reason: x}, when: {state: pods, atLeast: 1, within: 1s}}]",
                "[{name: A, match: {reason: x, state: pods, exitCode: 1}, when: {atLeast: 1, within: 1s}}]",
                "[{name: A, match: {regarding: {labels: {a/b: [c]}}}, when: {state: nodes}}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}, per: owner}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}, notice: true}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}, for: 5m, quiet: 3m}]",
                "[{name: A, match: {reason: x}, when: {atLeast: 1, within: 1s}, formerly: [B]}]",
                "[{name: A, match: {reason: x}, when: {distinct: {field: reason, atLeast: 3}, within: 1s}}]",
                "[{name: A, when: {sequence: ['!A', B×2, not C, D, {not: {reason: E}}], within: 1s}}]"
            })
    void bothSayTheSameOf(String yaml) {
        assertAgreed(SchemaCheck.RULES, yaml, SchemaCheck.RULES.readerSays(yaml).isEmpty());
    }

    @Test
    void agreesOnRandomRules() {
        agrees("schema of rules", SchemaCheck.RULES, random -> new RandomRules(random).file());
    }

    @Test
    void agreesOnRandomPipelines() {
        agrees(
                "schema of pipelines",
                SchemaCheck.PIPELINE,
                random -> new RandomPipelines(random).file());
    }

    private static void agrees(String name, SchemaCheck check, Function<Random, Object> files) {
        Map<Boolean, Integer> verdicts = new TreeMap<>();
        Simulation.run(
                name,
                1000,
                (random, seed) -> {
                    // JSON is YAML
                    String yaml = new ObjectMapper().writeValueAsString(files.apply(random));
                    List<String> reader = check.readerSays(yaml);
                    assertAgreed(check, yaml, reader, reader.isEmpty());
                    verdicts.merge(reader.isEmpty(), 1, Integer::sum);
                });
        if (System.getProperty("tocsin.seed") == null) {
            assertThat(verdicts).as("accepted and refused files").hasSize(2);
        }
    }

    private static void assertAgreed(SchemaCheck check, String yaml, boolean accepted) {
        assertAgreed(check, yaml, check.readerSays(yaml), accepted);
    }

    private static void assertAgreed(
            SchemaCheck check, String yaml, List<String> reader, boolean accepted) {
        List<String> schema = check.schemaSays(yaml);
        assertThat(List.of(reader.isEmpty(), schema.isEmpty()))
                .as(
                        "what reader and schema accept of %s; the reader says %s, the schema %s",
                        yaml, reader, schema)
                .isEqualTo(List.of(accepted, accepted));
    }

    /** Unlike what a condition says of a key that is described elsewhere. */
    private static boolean takesAValue(JsonNode key) {
        return key.has("type") || key.has("$ref") || key.has("enum") || key.has("anyOf");
    }
}
