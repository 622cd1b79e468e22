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

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith;
import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;

/**
 * The architecture of the house as rules; a test of each module checks {@link #all} over its
 * production classes. There is no baseline of known violations.
 *
 * <p>Rules without a matching class pass: modules have different packages.
 */
public final class HouseRules {

    private static final String PURE = "io.tocsin.annotation.Pure";
    private static final String STATE_TYPE = "io.tocsin.annotation.StateType";

    /** Methods and constructors that read a clock or wait. */
    private static final Map<String, Set<String>> CLOCK =
            Map.of(
                    "java.lang.System",
                    Set.of("currentTimeMillis", "nanoTime"),
                    "java.lang.Thread",
                    Set.of("sleep", "onSpinWait"),
                    "java.time.Clock",
                    Set.of("system", "systemUTC", "systemDefaultZone", "tickMillis", "tickSeconds"),
                    "java.time.Instant",
                    Set.of("now"),
                    "java.time.LocalDateTime",
                    Set.of("now"),
                    "java.time.OffsetDateTime",
                    Set.of("now"),
                    "java.time.ZonedDateTime",
                    Set.of("now"),
                    "java.util.concurrent.TimeUnit",
                    Set.of("sleep"));

    private HouseRules() {}

    /** The production classes under a package, without tests and jars. */
    public static JavaClasses productionClasses(String rootPackage) {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
                .importPackages(rootPackage);
    }

    /** Every rule of this class. */
    public static ArchRule all() {
        return CompositeArchRule.of(clients())
                .and(pure())
                .and(leaves())
                .and(executionEnvironment())
                .and(clock())
                .and(stateTypes());
    }

    /** Checks every rule over the production classes of a package. */
    public static void check(String rootPackage) {
        JavaClasses production = productionClasses(rootPackage);
        if (production.isEmpty()) {
            throw new IllegalArgumentException(
                    "No production class below " + rootPackage + ": nothing would be checked");
        }
        all().check(production);
    }

    /** Rule 1: each foreign client is touched in one place. */
    public static ArchRule clients() {
        return CompositeArchRule.of(
                        noClasses()
                                .that(
                                        DescribedPredicate.not(
                                                DescribedPredicate.describe(
                                                        "are named Fabric8*",
                                                        HouseRules::isNamedFabric8)))
                                .should()
                                .dependOnClassesThat()
                                .resideInAPackage("io.fabric8..")
                                .allowEmptyShould(true)
                                .because("the network seam must be exchangeable"))
                .and(
                        noClasses()
                                .that()
                                .resideOutsideOfPackage("..sequence..")
                                .should()
                                .dependOnClassesThat()
                                .resideInAPackage("org.apache.flink.cep..")
                                .allowEmptyShould(true)
                                .because("a threshold is no pattern: CEP is for order only"))
                .and(
                        noClasses()
                                .that()
                                .resideOutsideOfPackage("..opensearch..")
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage("org.opensearch..")
                                .allowEmptyShould(true)
                                .because("no other receiver needs that client"));
    }

    /** Rule 2: policy and data know no streaming API, I/O, thread or clock. */
    public static ArchRule pure() {
        DescribedPredicate<JavaClass> io =
                resideInAnyPackage("java.io..", "java.nio.file..", "java.nio.channels..")
                        .and(
                                DescribedPredicate.not(
                                        belongToAnyOf(
                                                Serializable.class,
                                                IOException.class,
                                                UncheckedIOException.class)));
        DescribedPredicate<JavaClass> impure =
                resideInAPackage("org.apache.flink.streaming..")
                        .or(resideInAPackage("org.apache.flink.connector.base.."))
                        .or(io)
                        .or(resideInAnyPackage("java.net..", "java.util.concurrent.locks.."))
                        .or(belongToAnyOf(Thread.class, java.time.Clock.class))
                        .or(
                                named(
                                        "java.util.concurrent.Executor",
                                        "java.util.concurrent.ExecutorService",
                                        "java.util.concurrent.Executors",
                                        "java.util.concurrent.ScheduledExecutorService",
                                        "java.util.concurrent.CompletableFuture",
                                        "java.util.Timer"))
                        .or(
                                named(
                                        "java.util.concurrent.ThreadLocalRandom",
                                        "java.security.SecureRandom"))
                        .as("streaming API, I/O, threads, clocks or chance");
        DescribedPredicate<JavaClass> policy =
                resideInAnyPackage("..split..", "..model..")
                        .and(DescribedPredicate.not(serializer()))
                        .or(within(annotatedWith(PURE)));
        return CompositeArchRule.of(
                        noClasses()
                                .that(policy.as("are policy or data"))
                                .should()
                                .dependOnClassesThat(impure)
                                .allowEmptyShould(true)
                                .because(
                                        "what decides is simulated, hence a function of its input"))
                .and(
                        noClasses()
                                .that(policy.as("are policy or data"))
                                .should()
                                .accessTargetWhere(readsTheClock())
                                .allowEmptyShould(true)
                                .because("time is handed in"));
    }

    /** Rule 3: SQL and command line are leaves. */
    public static ArchRule leaves() {
        return CompositeArchRule.of(leaf("..tocsin..table..")).and(leaf("..tocsin..cli.."));
    }

    /** Rule 5: who builds and who starts the topology. */
    public static ArchRule executionEnvironment() {
        return noClasses()
                .that()
                .resideOutsideOfPackages("..pipeline..", "..cli..", "..table..")
                .and()
                .doNotHaveSimpleName("Main")
                .should()
                .dependOnClassesThat()
                .haveSimpleName("StreamExecutionEnvironment")
                .allowEmptyShould(true)
                .because("operators are handed their streams");
    }

    /**
     * Rule 6: only readers and transports read clocks or wait; elsewhere time is injected. Readers
     * and transports are the packages {@code reader}, {@code api} and {@code cli} and classes named
     * {@code …Transport}, {@code …Clock}, {@code …Writer} or {@code …Recorder}.
     */
    public static ArchRule clock() {
        return noClasses()
                .that()
                .resideOutsideOfPackages("..reader..", "..api..", "..cli..")
                .and(
                        DescribedPredicate.not(
                                DescribedPredicate.describe(
                                        "may read clocks", HouseRules::mayReadClocks)))
                .should()
                .accessTargetWhere(readsTheClock())
                .allowEmptyShould(true)
                .because("a test must be able to say what time it is");
    }

    /** Part of rule 7: what is stored in state is public, and a record or instantiable by Flink. */
    public static ArchRule stateTypes() {
        return classes()
                .that(annotatedWith(STATE_TYPE))
                .should()
                .bePublic()
                .andShould(
                        be(
                                DescribedPredicate.describe(
                                        "a record, an enum or a class with a public constructor"
                                                + " without parameters",
                                        HouseRules::instantiable)))
                .allowEmptyShould(true)
                .because("Flink falls back to Kryo, which cannot evolve, for other types");
    }

    private static ArchRule leaf(String leaf) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(leaf)
                .and()
                .doNotHaveSimpleName("Main")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(leaf)
                .allowEmptyShould(true)
                .because("nothing may need the surface to do its work");
    }

    private static DescribedPredicate<JavaAccess<?>> readsTheClock() {
        return DescribedPredicate.describe(
                "read a clock or wait",
                call ->
                        CLOCK.getOrDefault(call.getTargetOwner().getName(), Set.of())
                                .contains(call.getName()));
    }

    /** The class or one that encloses it: lambdas and nested types share the marker. */
    private static DescribedPredicate<JavaClass> within(
            DescribedPredicate<? super JavaClass> outer) {
        return DescribedPredicate.describe(
                "lie within " + outer.getDescription(),
                type -> {
                    for (JavaClass at = type;
                            at != null;
                            at = at.getEnclosingClass().orElse(null)) {
                        if (outer.test(at)) {
                            return true;
                        }
                    }
                    return false;
                });
    }

    /** Serializers turn data into bytes: byte streams in memory are their trade. */
    private static DescribedPredicate<JavaClass> serializer() {
        return DescribedPredicate.describe(
                "are serializers", type -> type.getName().contains("Serializer"));
    }

    private static DescribedPredicate<JavaClass> named(String... names) {
        Set<String> all = Set.of(names);
        return DescribedPredicate.describe("one of " + all, type -> all.contains(type.getName()));
    }

    private static boolean instantiable(JavaClass type) {
        return type.isRecord()
                || type.isEnum()
                || type.getConstructors().stream()
                        .anyMatch(
                                constructor ->
                                        constructor.getModifiers().contains(JavaModifier.PUBLIC)
                                                && constructor.getRawParameterTypes().isEmpty());
    }

    private static boolean isNamedFabric8(JavaClass type) {
        return outermost(type).getSimpleName().startsWith("Fabric8");
    }

    private static boolean mayReadClocks(JavaClass type) {
        return outermost(type).getSimpleName().matches(".*(Transport|Clock|Writer|Recorder)");
    }

    private static JavaClass outermost(JavaClass type) {
        JavaClass outermost = type;
        while (outermost.getEnclosingClass().isPresent()) {
            outermost = outermost.getEnclosingClass().get();
        }
        return outermost;
    }
}
