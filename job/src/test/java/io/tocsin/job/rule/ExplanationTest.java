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

import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.rule.Explanation.Miss;
import io.tocsin.job.rule.Explanation.Wrong;
import io.tocsin.source.event.ObjectReference;
import org.junit.jupiter.api.Test;

class ExplanationTest {

    @Test
    void namesEveryRoleOnce() {
        Rule rule =
                rule(
                        "{name: A, match: {reason: Pulled}, when: {missing: {reason: P*}, within: 1m},"
                                + " clears: [{type: Normal}, {reason: Pulled}], keepAlive: {type: W*}}");

        Explanation explanation = Explanation.of(rule, occurrence("Normal", "Pulled", "note"));

        assertThat(explanation.matches()).isTrue();
        assertThat(explanation.roles()).containsExactly("trigger", "awaited", "clear");
        assertThat(explanation.nearest()).isNull();
    }

    @Test
    void blamesTheFieldsOfTheNearestRoleAndNoOthers() {
        Rule rule =
                rule(
                        "{name: A, match: {type: Warning, reason: Failed, note: /pull/},"
                                + " when: {atLeast: 3, within: 1m},"
                                + " clears: {type: Warning, reason: [Pulled, '!Failed'], note: pull}}");

        Explanation explanation = Explanation.of(rule, occurrence("Warning", "Pulling", "pulls"));

        assertThat(explanation.nearest())
                .isEqualTo(
                        new Miss(
                                "trigger",
                                java.util.List.of(new Wrong("reason", "Pulling", "Failed"))));
        assertThat(Explanation.of(rule, occurrence("Normal", "Pulled", "pulls")).nearest())
                .isEqualTo(
                        new Miss(
                                "clear",
                                java.util.List.of(new Wrong("type", "Normal", "Warning"))));
        assertThat(Explanation.of(rule, occurrence("Warning", "Failed", "")).text())
                .isEqualTo("no trigger: note is empty, expected /pull/");
        assertThat(Explanation.of(rule, occurrence("Normal", "Failed", "pull")).text())
                .isEqualTo("no trigger: type is Normal, expected Warning");
    }

    private static Rule rule(String yaml) {
        return RuleSet.parse("rules.yaml", "[" + yaml + "]").rules().get(0);
    }

    private static Occurrence occurrence(String type, String reason, String note) {
        return TestOccurrence.of(reason)
                .cluster("cluster")
                .type(type)
                .note(note)
                .regarding(new ObjectReference("v1", "Pod", "shop", "web", "u", "1", null))
                .at(0)
                .make();
    }
}
