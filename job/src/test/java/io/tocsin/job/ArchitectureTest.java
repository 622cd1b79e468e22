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
package io.tocsin.job;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import io.tocsin.testing.HouseRules;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final String JOB = "io.tocsin.job";

    /** What packages of functions and policy may use of this module, besides themselves. */
    private static final Map<String, Set<String>> MAY_USE =
            Map.ofEntries(
                    entry("model", Set.of()),
                    entry("time", Set.of("model", "rule")),
                    entry("yaml", Set.of()),
                    entry("rule", Set.of("model", "yaml")),
                    entry("occurrence", Set.of("model", "rule")),
                    entry("detect", Set.of("model", "rule", "time")),
                    entry("sequence", Set.of("model", "rule", "time")),
                    entry("enrich", Set.of("model", "rule")),
                    entry("notify", Set.of("model", "rule")),
                    entry("logs", Set.of("model", "rule")),
                    entry("output", Set.of("model", "rule")),
                    entry("replay", Set.of("model", "rule")));

    private static final JavaClasses PRODUCTION = HouseRules.productionClasses(JOB);

    @Test
    void keepsTheHouseRules() {
        HouseRules.check(JOB);
    }

    @Test
    void functionPackagesUseModelAndRulesAndNeverTheirSiblings() {
        MAY_USE.forEach((name, used) -> usesOnly(name, used).check(PRODUCTION));
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(JOB + ".(*)..").should().beFreeOfCycles().check(PRODUCTION);
    }

    private static ArchRule usesOnly(String name, Set<String> used) {
        return classes()
                .that()
                .resideInAPackage(JOB + "." + name + "..")
                .should()
                .onlyDependOnClassesThat(
                        DescribedPredicate.describe(
                                "are outside of the job, or in " + used,
                                type -> allowed(type, name, used)))
                .allowEmptyShould(true)
                .because("a function is understood, tested and changed without its siblings");
    }

    private static boolean allowed(JavaClass type, String own, Set<String> used) {
        // An array is where its elements are.
        String in = type.getBaseComponentType().getPackageName();
        if (!in.equals(JOB) && !in.startsWith(JOB + ".")) {
            return true;
        }
        String first = in.equals(JOB) ? "" : in.substring(JOB.length() + 1).split("\\.")[0];
        return first.equals(own) || used.contains(first);
    }
}
