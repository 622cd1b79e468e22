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
package io.tocsin.job.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Ids are in documents, in states and in uids: they must never change. Expected by sha256sum. */
class FingerprintTest {

    @Test
    void isTheSameForEver() {
        assertThat(Fingerprint.of("prod", "CrashLoop", "Pod shop/web", 1_700_000_000_000L))
                .isEqualTo("652a14eb5581342c317aa563ed1aac8f");
        assertThat(Fingerprint.of(4, "https://hooks.example/a")).isEqualTo("f318d4b4");
    }

    @Test
    void partsDoNotRunIntoEachOther() {
        assertThat(Fingerprint.of(16, List.of("ab", "c")))
                .isNotEqualTo(Fingerprint.of(16, List.of("a", "bc")));
    }
}
