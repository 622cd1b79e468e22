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

import java.util.List;
import org.junit.jupiter.api.Test;

class FieldTest {

    @Test
    void keysOfStateNameFieldsByLettersThatNeverChange() {
        assertThat(Field.letters(List.of(Field.values()))).isEqualTo("ctrmapivksnufKSNlodx");
    }

    @Test
    void everyFieldIsFoundByItsLetterInAnyOrder() {
        List<Field> fields = List.of(Field.values());
        assertThat(Field.ofLetters(Field.letters(fields))).isEqualTo(fields);
        assertThat(Field.ofLetters("fc"))
                .containsExactly(Field.REGARDING_FIELD_PATH, Field.CLUSTER);
        assertThat(Field.ofLetters("c?")).containsExactly(Field.CLUSTER);
    }
}
