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

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldSelectorTest {

    @Test
    void readsWhatKubectlTakes() {
        FieldSelector selector =
                FieldSelector.parse(" type==Warning,regarding.kind!=Node,reason= ");

        assertThat(selector.text()).isEqualTo("type==Warning,regarding.kind!=Node,reason=");
        assertThat(selector.requirements())
                .containsExactly(
                        new FieldSelector.Requirement(Field.TYPE, false, "Warning"),
                        new FieldSelector.Requirement(Field.REGARDING_KIND, true, "Node"),
                        new FieldSelector.Requirement(Field.REASON, false, ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "type",
                "type=",
                "=a",
                "a=b",
                "type=a=b",
                "type=a,",
                "type=a\\\\,b",
                "note=a"
            })
    void refusesWhatTheServerWouldRefuse(String text) {
        if (text.equals("type=")) {
            assertThat(FieldSelector.parse(text).requirements()).hasSize(1);
            return;
        }
        assertThatThrownBy(() -> FieldSelector.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected ");
    }

    @Test
    void theBuiltInRulesNeedMoreThanWarnings() {
        List<String> excluded =
                FieldSelector.parse("type=Warning").excluded(RuleSet.load(List.of("default")));

        assertThat(excluded)
                .contains(
                        "rule PodUnschedulable: when.missing needs events that the fieldSelector"
                                + " type=Warning keeps out by type=Warning, expected type: Warning"
                                + " in that matcher, or a selector without type")
                .anyMatch(line -> line.startsWith("rule ContainerBackOff: clears[0] "))
                .noneMatch(line -> line.contains("clears[1] needs") && line.contains("BackOff"))
                .anyMatch(line -> line.startsWith("rule LivenessKillLoop: when.sequence[1] "))
                .noneMatch(line -> line.startsWith("rule LivenessKillLoop: when.sequence[0] "))
                .noneMatch(line -> line.contains("keepAlive"))
                .noneMatch(line -> line.contains(": match "));
        assertThat(
                        FieldSelector.parse("regarding.namespace!=kube-system")
                                .excluded(RuleSet.load(List.of("default"))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "type=Warning             | {reason: x}                        | true",
                "type=Warning             | {type: Warning}                    | true",
                "type=Warning             | {type: [Warning, Normal]}          | true",
                "type=Warning             | {type: /W/}                        | true",
                "type=Warning             | {type: Normal}                     | false",
                "type=Warning             | {type: '!Warning'}                 | false",
                "type!=Normal             | {type: Normal}                     | false",
                "type!=Normal             | {type: [Normal, Warning]}          | true",
                "type!=Normal             | {type: '!Warning'}                 | true",
                "regarding.namespace=shop | {regarding.namespace: pay}         | false",
                "regarding.namespace=shop | {regarding.namespace: 's*'}        | true",
                "type=Warning,reason=y    | {reason: x, type: Warning}         | false"
            })
    void ofATriggerSomethingMustBeSent(String selector, String match, boolean met) {
        RuleSet rules =
                RuleSet.parse(
                        "r.yaml",
                        "[{name: A, match: " + match + ", when: {atLeast: 1, within: 1m}}]");

        assertThat(FieldSelector.parse(selector).excluded(rules).isEmpty()).isEqualTo(met);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "type=Warning             | {reason: x}                        | false",
                "type=Warning             | {type: Warning}                    | true",
                "type=Warning             | {type: [Warning, Normal]}          | false",
                "type=Warning             | {type: /W/}                        | false",
                "type!=Normal             | {type: Warning}                    | true",
                "type!=Normal             | {type: '!Normal'}                  | true",
                "type!=Normal             | {type: '!Warning'}                 | false",
                "type!=Normal             | {reason: x}                        | false",
                "regarding.kind!=Node     | {regarding: {kind: Pod}}           | true",
                "regarding.namespace=shop | {reason: x}                        | true",
                "regarding.namespace=shop | {regarding.namespace: pay}         | false"
            })
    void ofWhatEndsAlertsAllMustBeSent(String selector, String clears, boolean met) {
        String trigger = "{type: Warning, regarding.kind: Pod, regarding.namespace: [shop, pay]}";
        for (String rest :
                List.of(
                        "match: %s, when: {atLeast: 1, within: 1m}, clears: %s",
                        "match: %s, when: {atLeast: 1, within: 1m}, keepAlive: [%s]",
                        "match: %s, when: {missing: %s, within: 1m}",
                        "when: {sequence: [{match: %s}, {match: %s}], within: 1m}")) {
            RuleSet rules =
                    RuleSet.parse("r.yaml", "[{name: A, " + rest.formatted(trigger, clears) + "}]");

            assertThat(FieldSelector.parse(selector).excluded(rules).isEmpty())
                    .as(rest)
                    .isEqualTo(met);
        }
    }
}
