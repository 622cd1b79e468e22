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

import org.junit.jupiter.api.Test;

class CheckedObjectsTest {

    private static final int LENGTH = 60;

    private final CheckedObjects checked = new CheckedObjects();

    @Test
    void knowsTheSameBytesAgain() {
        byte[] object = object(1);
        checked.add(object, 0, LENGTH);
        byte[] longer = new byte[LENGTH + 20];
        System.arraycopy(object, 0, longer, 10, LENGTH);

        assertThat(checked.lengthAt(longer, 10, longer.length)).isEqualTo(LENGTH);
        assertThat(checked.lengthAt(longer, 10, 10 + LENGTH)).isEqualTo(LENGTH);
        assertThat(checked.lengthAt(longer, 10, 10 + LENGTH - 1)).isZero();
        assertThat(checked.lengthAt(longer, 9, longer.length)).isZero();
        longer[LENGTH] ^= 1;
        assertThat(checked.lengthAt(longer, 10, longer.length)).isZero();
    }

    @Test
    void keepsTheNewest() {
        for (int i = 0; i < 100; i++) {
            checked.add(object(i), 0, LENGTH);
        }

        assertThat(checked.lengthAt(object(99), 0, LENGTH)).isEqualTo(LENGTH);
        assertThat(checked.lengthAt(object(93), 0, LENGTH)).isEqualTo(LENGTH);
        assertThat(checked.lengthAt(object(3), 0, LENGTH)).isZero();
    }

    @Test
    void keepsNothingSmallOrHuge() {
        byte[] bytes = new byte[5_000];
        checked.add(bytes, 0, 31);
        checked.add(bytes, 0, 4_097);

        assertThat(checked.lengthAt(bytes, 0, bytes.length)).isZero();
    }

    private static byte[] object(int number) {
        return "{\"f:n%04d\":{%s}}"
                .formatted(number, " ".repeat(LENGTH - 13 - 1))
                .substring(0, LENGTH)
                .getBytes(UTF_8);
    }
}
