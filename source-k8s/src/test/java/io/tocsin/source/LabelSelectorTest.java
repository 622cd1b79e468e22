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
package io.tocsin.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelSelectorTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "team=shop",
                "team==shop",
                "team = shop",
                "team!=shop",
                "team=",
                "team",
                "!team",
                "env in (prod, stage),!legacy",
                "env notin (dev)",
                "env in(prod)",
                "kubernetes.io/metadata.name=a.b-c_d",
                "weight>3,weight < 9",
            })
    void takesWhatKubectlTakes(String text) {
        assertThat(LabelSelector.parse(text).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"|is empty",
                "team=shop,|'' is no requirement",
                "team:shop|'team:shop' is no label key",
                "team=shop team=pay|'team=shop team=pay' is no requirement",
                "env in (prod|'env in (prod' is no requirement",
                "env in (p d)|'p d' is no label value",
                "-team=shop|'-team' is no label key",
                "a/b/c=d|'a/b/c' is no label key",
                "weight>much|'much' is no number",
            })
    void namesTheRequirementThatIsWrongAndWhatWasExpected(String text, String problem) {
        assertThatThrownBy(() -> LabelSelector.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem)
                .hasMessageContaining("expected requirements separated by commas");
    }
}
