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

import com.google.re2j.Pattern;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Reach;
import io.tocsin.job.model.References;
import io.tocsin.job.model.Roles;
import io.tocsin.job.model.Severity;
import io.tocsin.job.model.TestOccurrence;
import io.tocsin.job.rule.About;
import io.tocsin.job.rule.Field;
import io.tocsin.job.rule.Life;
import io.tocsin.job.rule.Matcher;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.Stage;
import io.tocsin.job.rule.Texts;
import io.tocsin.job.rule.When;
import io.tocsin.source.event.ObjectReference;
import io.tocsin.testing.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.junit.jupiter.api.Test;

class MatchIndexTest {

    private static final int RUNS = Boolean.getBoolean("tocsin.nightly") ? 50_000 : 2_000;
    private static final List<String> RESOURCES = List.of("events", "pods");
    private static final List<List<Field>> PERS =
            List.of(
                    List.of(Field.CLUSTER),
                    List.of(Field.CLUSTER, Field.REGARDING_UID),
                    List.of(Field.CLUSTER, Field.REGARDING_NAME));
    private static final Map<Field, List<String>> WRITTEN =
            Map.of(
                    Field.REASON, List.of("A", "B", "C", "", "A*", "/[BC]/", "!A", "!/B/"),
                    Field.REGARDING_KIND, List.of("A", "B", "", "/A|B/", "!C"),
                    Field.REPORTING_CONTROLLER, List.of("A", "B", "?", "!B"),
                    Field.TYPE, List.of("A", "B", "!A"),
                    Field.NOTE, List.of("A", "/B/", "!C"));

    @Test
    void findsWhatAllMatchersWouldFindAndMeetsOnlyThoseThatMayMatch() {
        Simulation.run(
                "match index",
                RUNS,
                (random, seed) -> {
                    List<Rule> rules = new ArrayList<>();
                    for (int i = random.nextInt(1, 12); i > 0; i--) {
                        rules.add(rule("R" + i, random));
                    }
                    MatchIndex index = new MatchIndex(rules);
                    for (int i = 0; i < 20; i++) {
                        Occurrence occurrence =
                                occurrence(
                                        RESOURCES.get(random.nextInt(2)),
                                        text(random),
                                        text(random),
                                        text(random),
                                        text(random),
                                        text(random));
                        List<String> expected = new ArrayList<>();
                        int[] met = new int[1];
                        rules.forEach(rule -> compare(rule, occurrence, expected, met));

                        List<MatchIndex.Role> played = index.played(occurrence);

                        assertThat(played.stream().map(MatchIndexTest::described))
                                .containsExactlyInAnyOrderElementsOf(new TreeSet<>(expected));
                        assertThat(index.met()).isLessThanOrEqualTo(met[0]);
                        assertThat(together(played)).isTrue();
                    }
                });
    }

    @Test
    void twoHundredRulesCostWhatOneCosts() {
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            rules.add(
                    rule(
                            "R" + i,
                            PERS.get(i % 3),
                            matcher("events", null, Field.REASON, "Reason" + i),
                            List.of(matcher("events", null, Field.REASON, "Fine" + i))));
        }
        for (int of : List.of(1, 200)) {
            MatchIndex index = new MatchIndex(rules.subList(0, of));

            List<MatchIndex.Role> played =
                    index.played(occurrence("events", "Warning", "Reason0", "Pod", "k", "n"));

            assertThat(played).extracting(MatchIndex.Role::name).containsExactly("R0/trigger");
            assertThat(index.met()).isEqualTo(1);
            assertThat(index.played(occurrence("pods", "Warning", "Reason0", "Pod", "k", "n")))
                    .isEmpty();
            assertThat(index.played(occurrence("events", "Warning", "Other", "Pod", "k", "n")))
                    .isEmpty();
            assertThat(index.met()).isZero();
        }
    }

    @Test
    void whatANoteNamesIsToldOfThatObjectOnceForAllRules() {
        About about = new About("Pod", Pattern.compile("Deleted pod: (\\S+)"));
        List<Rule> rules = new ArrayList<>();
        for (String name : List.of("One", "Two")) {
            rules.add(
                    rule(
                            name,
                            List.of(Field.CLUSTER, Field.REGARDING_UID),
                            matcher("events", null, Field.REASON, "Fail"),
                            List.of(
                                    matcher("events", about, Field.REASON, "SuccessfulDelete"),
                                    matcher("events", null, Field.REASON, "SuccessfulDelete"))));
        }

        List<Candidate> candidates =
                candidates(rules, "SuccessfulDelete", "Deleted pod: web-7d4b9c6f5-x2x4z");

        assertThat(candidates).hasSize(2);
        assertThat(candidates.get(0).reach()).isEqualTo(Reach.SUBJECT);
        assertThat(candidates.get(0).subjectKey()).startsWith("uid\u001d");
        assertThat(candidates.get(0).subjectValues()).contains("\u001fuid");
        assertThat(candidates.get(0).subjectKey().indexOf("uid", 1)).isNegative();
        Candidate named = candidates.get(1);
        assertThat(named.reach()).isEqualTo(Reach.PLACE);
        assertThat(named.roles()).containsExactly("One/clear", "Two/clear");
        assertThat(named.key()).isEqualTo("cu\u001ePod\u001fshop\u001fweb-7d4b9c6f5-x2x4z\u001f");
        assertThat(candidates(rules, "SuccessfulDelete", "Deleted pods")).hasSize(1);
        assertThat(candidates(rules, "SuccessfulDelete", "Deleted pod: " + "x".repeat(254)))
                .hasSize(1);
    }

    @Test
    void nodesAreKnownByTheirNamesWhateverUidIsReported() {
        Subjects subjects = new Subjects("u", List.of(Field.REGARDING_UID));
        List<Occurrence> reported =
                Stream.of("node-1", "4711-uid", null)
                        .map(
                                uid ->
                                        regarding(
                                                References.known(
                                                        new ObjectReference(
                                                                "v1", "Node", null, "node-1", uid,
                                                                null, null))))
                        .toList();

        assertThat(reported)
                .extracting(subjects::subjectKey)
                .containsOnly("node-1\u001d\u001c\u001f");
        assertThat(reported)
                .extracting(subjects::key)
                .hasSize(3)
                .containsOnly(subjects.key(reported.get(0)));
        assertThat(reported).extracting(subjects::reach).containsOnly(Reach.SUBJECT);
    }

    /** An event about a node lies in a namespace, and the autoscaler's are about a ConfigMap. */
    @Test
    void whatANoteNamesOfNoNamespaceIsTheSameObject() {
        Subjects subjects = new Subjects("u", List.of(Field.REGARDING_UID));
        Occurrence scaling =
                regarding(
                        new ObjectReference(
                                "v1", "ConfigMap", "kube-system", "status", "u", null, null));
        Occurrence node =
                regarding(
                        References.known(
                                new ObjectReference(
                                        "v1", "Node", null, "node-1", "4711-uid", null, null)));

        Occurrence named = Subjects.about(scaling, "Node", "node-1");
        assertThat(subjects.key(named)).isEqualTo(subjects.key(node));
        assertThat(subjects.subjectKey(named)).isEqualTo(subjects.subjectKey(node));
        assertThat(Subjects.about(scaling, "Node", "node-1").regarding().namespace()).isNull();
        assertThat(Subjects.about(scaling, "PersistentVolume", "pv").regarding().namespace())
                .isNull();
        assertThat(Subjects.about(scaling, "Pod", "web").regarding().namespace())
                .isEqualTo("kube-system");
    }

    private static List<Candidate> candidates(List<Rule> rules, String reason, String note) {
        List<Candidate> candidates = new ArrayList<>();
        MatchFunction match = new MatchFunction(rules);
        match.open(DefaultOpenContext.INSTANCE);
        match.flatMap(
                occurrence("events", "Normal", reason, "ReplicaSet", "any", note),
                new ListCollector<>(candidates));
        return candidates;
    }

    /** Those that one candidate tells lie together, sorted by name. */
    private static boolean together(List<MatchIndex.Role> played) {
        List<String> ended = new ArrayList<>();
        for (int i = 1; i < played.size(); i++) {
            MatchIndex.Role before = played.get(i - 1);
            MatchIndex.Role role = played.get(i);
            if (role.isWith(before)) {
                if (before.name().compareTo(role.name()) >= 0) {
                    return false;
                }
            } else {
                ended.add(System.identityHashCode(before.subjects()) + "/" + before.about());
            }
            if (ended.contains(System.identityHashCode(role.subjects()) + "/" + role.about())) {
                return false;
            }
        }
        return true;
    }

    private static String described(MatchIndex.Role role) {
        return role.name() + (role.about() == null ? "" : " about " + role.about());
    }

    private static void compare(
            Rule rule, Occurrence occurrence, List<String> expected, int[] met) {
        if (rule.when() instanceof When.Sequence sequence) {
            for (int i = 0; i < sequence.stages().size(); i++) {
                compare(
                        Roles.stage(rule.name(), i),
                        sequence.stages().get(i).match(),
                        occurrence,
                        expected,
                        met);
            }
        } else {
            compare(rule.name() + "/trigger", rule.match(), occurrence, expected, met);
        }
        if (rule.when() instanceof When.Absence absence) {
            compare(rule.name() + "/awaited", absence.awaited(), occurrence, expected, met);
        }
        for (Matcher clear : rule.life().clears()) {
            compare(rule.name() + "/clear", clear, occurrence, expected, met);
        }
        for (Matcher alive : rule.life().keepAlive()) {
            compare(rule.name() + "/keepAlive", alive, occurrence, expected, met);
        }
    }

    private static void compare(
            String name, Matcher matcher, Occurrence occurrence, List<String> all, int[] met) {
        met[0] += mayMatch(matcher, occurrence) ? 1 : 0;
        if (matcher.matches(occurrence)) {
            all.add(name + (matcher.about() == null ? "" : " about " + matcher.about()));
        }
    }

    /** Whether the first field that tells matchers apart, if there is one, is as demanded. */
    private static boolean mayMatch(Matcher matcher, Occurrence occurrence) {
        for (Field field : MatchIndex.FILED_BY) {
            for (Matcher.FieldMatch test : matcher.fields()) {
                List<Matcher.Value> wanted =
                        test.values().stream().filter(value -> !value.negated()).toList();
                if (test.field() == field
                        && !wanted.isEmpty()
                        && wanted.stream().allMatch(value -> value.pattern() == null)) {
                    return wanted.stream()
                            .anyMatch(value -> value.text().equals(field.of(occurrence)));
                }
            }
        }
        return matcher.resource().equals(occurrence.resource());
    }

    private static Rule rule(String name, Random random) {
        When when =
                switch (random.nextInt(3)) {
                    case 0 -> new When.Threshold(2, 1_000);
                    case 1 -> new When.Absence(matcher(random), 1_000);
                    default ->
                            new When.Sequence(
                                    List.of(
                                            new Stage(matcher(random), 1, false, "one"),
                                            new Stage(matcher(random), 2, false, "two")),
                                    1_000);
                };
        return rule(
                name,
                PERS.get(random.nextInt(PERS.size())),
                matcher(random),
                when,
                matchers(random),
                matchers(random));
    }

    private static Rule rule(String name, List<Field> per, Matcher match, List<Matcher> clears) {
        return rule(name, per, match, new When.Threshold(2, 1_000), clears, List.of());
    }

    private static Rule rule(
            String name,
            List<Field> per,
            Matcher match,
            When when,
            List<Matcher> clears,
            List<Matcher> alive) {
        return new Rule(
                name,
                List.of(),
                name,
                per,
                match,
                when,
                new Life(0, 0, clears, alive, 1_000, false),
                Severity.WARNING,
                new Texts("", null, null, Map.of()));
    }

    private static List<Matcher> matchers(Random random) {
        return Stream.generate(() -> matcher(random)).limit(random.nextInt(3)).toList();
    }

    private static Matcher matcher(Random random) {
        List<Matcher.FieldMatch> tests = new ArrayList<>();
        for (Field field :
                List.of(
                        Field.NOTE,
                        Field.TYPE,
                        Field.REASON,
                        Field.REPORTING_CONTROLLER,
                        Field.REGARDING_KIND,
                        Field.REASON)) {
            if (random.nextInt(3) == 0) {
                List<String> written = WRITTEN.get(field);
                tests.add(
                        new Matcher.FieldMatch(
                                field,
                                null,
                                Stream.generate(() -> written.get(random.nextInt(written.size())))
                                        .limit(random.nextInt(1, 4))
                                        .map(text -> Matcher.Value.parse(field, text))
                                        .toList()));
            }
        }
        About about =
                random.nextInt(4) == 0
                        ? new About("Pod", Pattern.compile(random.nextBoolean() ? "(A)" : "(B)"))
                        : null;
        return new Matcher(RESOURCES.get(random.nextInt(2)), tests, about);
    }

    private static Matcher matcher(String resource, About about, Field field, String written) {
        return new Matcher(
                resource,
                List.of(
                        new Matcher.FieldMatch(
                                field, null, List.of(Matcher.Value.parse(field, written)))),
                about);
    }

    private static String text(Random random) {
        return random.nextInt(8) == 0 ? null : String.valueOf("ABCD".charAt(random.nextInt(4)));
    }

    private static Occurrence regarding(ObjectReference regarding) {
        return occurrence("events", "Normal", "NodeReady", "kubelet", "note", regarding);
    }

    private static Occurrence occurrence(
            String resource,
            String type,
            String reason,
            String kind,
            String controller,
            String note) {
        return occurrence(
                resource,
                type,
                reason,
                controller,
                note,
                new ObjectReference("v1", kind, "shop", "web", "uid", null, null));
    }

    private static Occurrence occurrence(
            String resource,
            String type,
            String reason,
            String controller,
            String note,
            ObjectReference regarding) {
        return TestOccurrence.of(reason)
                .type(type)
                .note(note)
                .by(controller, "instance")
                .regarding(regarding)
                .resource(resource)
                .make();
    }
}
