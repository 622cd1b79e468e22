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
package io.tocsin.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.tocsin.testing.house.detect.BadPolicy;
import io.tocsin.testing.house.detect.GoodPolicy;
import io.tocsin.testing.house.detect.HiddenState;
import io.tocsin.testing.house.split.WaitingPosition;
import java.util.List;
import org.junit.jupiter.api.Test;

class HouseRulesTest {

    @Test
    void letsPolicyPassThatIsHandedTheTime() {
        assertThat(violations(HouseRules.all(), GoodPolicy.class)).isEmpty();
    }

    @Test
    void findsClocksWaitingAndAddressesInData() {
        assertThat(violations(HouseRules.pure(), WaitingPosition.class))
                .anyMatch(line -> line.contains("System.currentTimeMillis"))
                .anyMatch(line -> line.contains("Thread.sleep"))
                .anyMatch(line -> line.contains("java.net.URI"));
    }

    @Test
    void findsClocksInClassesMarkedPureAlsoByReferenceAndInside() {
        assertThat(violations(HouseRules.pure(), BadPolicy.class))
                .anyMatch(line -> line.contains("Instant.now"))
                .anyMatch(line -> line.contains("BadPolicy$Inner") && line.contains("nanoTime"));
    }

    @Test
    void findsClocksOutsideOfReadersAndTransports() {
        assertThat(violations(HouseRules.clock(), BadPolicy.class)).isNotEmpty();
        assertThat(violations(HouseRules.clock(), WebhookRecorder.class)).isEmpty();
    }

    @Test
    void findsUsersOfLeaves() {
        assertThat(violations(HouseRules.leaves(), BadPolicy.class))
                .anyMatch(line -> line.contains("house.table.Leaf"));
    }

    @Test
    void findsStateThatFlinkCannotCreate() {
        assertThat(violations(HouseRules.stateTypes(), HiddenState.class)).hasSize(1);
    }

    @Test
    void findsAllOfThemAtOnce() {
        assertThat(violations(HouseRules.all(), BadPolicy.class))
                .anyMatch(line -> line.contains("Instant.now"))
                .anyMatch(line -> line.contains("house.table.Leaf"));
    }

    @Test
    void refusesToCheckNothing() {
        assertThatThrownBy(() -> HouseRules.check("io.tocsin.nowhere"))
                .hasMessageContaining("No production class below io.tocsin.nowhere");
    }

    private static List<String> violations(ArchRule rule, Class<?> type) {
        JavaClasses classes = new ClassFileImporter().importPackagesOf(type);
        return rule.evaluate(classes).getFailureReport().getDetails().stream()
                .filter(line -> line.contains(type.getName()))
                .toList();
    }
}
