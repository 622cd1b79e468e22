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

import java.util.Map;
import org.junit.jupiter.api.Test;

class RenamesTest {

    private static final Renames RENAMES =
            new Renames(Map.of("Old", "New"), Map.of("OldAlert", "NewAlert"));

    @Test
    void whatARuleRemembersBesideItsAlertIsRenamedWithIt() {
        LifecycleState came = Lifecycle.cleared(LifecycleState.IDLE, 7);
        SubjectBook book =
                SubjectBook.EMPTY
                        .with(Slot.Kind.LIFECYCLE, RuleIndex.mark("Old"), "pod", came)
                        .with(Slot.Kind.LIFECYCLE, RuleIndex.mark("Stays"), "pod", came)
                        .with(Slot.Kind.LIFECYCLE, "OldAlert", "pod", came);

        SubjectBook renamed = RENAMES.apply(book);

        assertThat(renamed.slots())
                .extracting(Slot::name)
                .containsExactlyInAnyOrder(
                        RuleIndex.mark("New"), RuleIndex.mark("Stays"), "NewAlert");
        assertThat(renamed.slots()).extracting(Slot::value).containsOnly(came);
    }
}
