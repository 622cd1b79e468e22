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
package io.tocsin.job.detect;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.rule.RuleSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownRulesTest {

    private static final String SAME =
            "\n- {name: Same, match: {reason: x}, when: {atLeast: 5, within: 3m}}";
    private static final String LOWERED =
            "\n- {name: Lowered, match: {reason: x}, when: {atLeast: 5, within: 3m}}";
    private static final String ORDER =
            "\n- {name: Order, match: {type: Warning}, when: {sequence: [A, B], within: 3m}}";
    private static final String GONE =
            "\n- {name: Gone, match: {reason: x}, when: {missing: {reason: y}, within: 3m}}";

    @Test
    void tellsWhatBecomesOfTheStateOfEachRuleThatChanged() {
        List<String> before = entries(SAME + LOWERED + ORDER + GONE);
        List<String> now =
                entries(
                        SAME
                                + LOWERED.replace("5", "3")
                                + ORDER.replace("B]", "C]")
                                + GONE.replace("Gone", "Added"));

        assertThat(KnownRules.changes(before, now))
                .containsExactly(
                        "Rule Gone is gone: what it had seen is dropped, and its open alerts end when nothing has confirmed them for 20 minutes",
                        "Rule Lowered has another condition: it goes on with what it had seen, where that is of the same kind",
                        "Rule Order has another condition: if its stages changed, its partial matches are dropped",
                        "Rule Added is new: it begins now");
        assertThat(KnownRules.changes(before, entries(SAME + LOWERED + ORDER + GONE))).isEmpty();
    }

    private static List<String> entries(String rules) {
        return KnownRules.entries(RuleSet.parse("r.yaml", rules));
    }
}
