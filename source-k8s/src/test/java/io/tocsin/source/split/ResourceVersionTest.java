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
package io.tocsin.source.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceVersionTest {

    @Test
    void ordersByLengthThenLexically() {
        assertThat(ResourceVersion.parse("10")).isGreaterThan(ResourceVersion.parse("9"));
        assertThat(ResourceVersion.parse("19")).isLessThan(ResourceVersion.parse("20"));
        assertThat(ResourceVersion.parse("1")).isGreaterThan(ResourceVersion.NONE);
        assertThat(ResourceVersion.parse("340282366920938463463374607431768211455"))
                .isGreaterThan(ResourceVersion.parse("9223372036854775808"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "abc", "-1", "01", "1.0", "340282366920938463463374607431768211456"})
    void rejectsWhatCannotBeOrdered(String text) {
        assertThatThrownBy(() -> ResourceVersion.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("decimal number of at most 128 bits");
        assertThat(ResourceVersion.isValid(text)).isFalse();
    }
}
