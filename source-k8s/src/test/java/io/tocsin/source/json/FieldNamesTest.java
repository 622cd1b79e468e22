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
package io.tocsin.source.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FieldNamesTest {

    private static final FieldNames NAMES = FieldNames.of("name", "namespace", "uid", "a");

    @Test
    void findsItsNamesAndNoOther() {
        for (String name : new String[] {"name", "namespace", "uid", "a"}) {
            assertThat(NAMES.find(name)).isEqualTo(name);
        }
        for (String other : new String[] {"", "nome", "names", "Name", "uida", "b", "ünd"}) {
            assertThat(NAMES.find(other)).as(other).isEqualTo(FieldNames.OTHER);
        }
    }

    @Test
    void findsThemWithinOtherBytes() {
        byte[] bytes = "\"namespace\"".getBytes(UTF_8);

        assertThat(NAMES.find(bytes, 1, 10)).isEqualTo("namespace");
        assertThat(NAMES.find(bytes, 1, 5)).isEqualTo("name");
        assertThat(NAMES.find(bytes, 1, 6)).isEqualTo(FieldNames.OTHER);
    }

    @Test
    void refusesNamesThatItCannotTellApart() {
        assertThatThrownBy(() -> FieldNames.of("hat", "hut"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[hat, hut]");
    }
}
