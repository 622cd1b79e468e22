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
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tocsin.source.event.KubernetesEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleTestFileTest {
    private static final String EXPECT = ", expect: [{at: 1m, alerts: []}]}]";

    @TempDir private Path folder;

    @Test
    void repetitionsRaiseTheCountOfOneEvent() {
        List<KubernetesEvent> events =
                events("{at: 10s, every: 5s, times: 3, reason: A, regarding: {name: web}}");

        assertThat(events).extracting(KubernetesEvent::deprecatedCount).containsExactly(1L, 2L, 3L);
        assertThat(events)
                .extracting(event -> event.timeMillis() - RuleTestCase.BEGIN_MILLIS)
                .containsExactly(10_000L, 15_000L, 20_000L);
        assertThat(events).extracting(KubernetesEvent::uid).containsOnly(events.get(0).uid());
        assertThat(events).extracting(KubernetesEvent::firstMillis).containsOnly(at(10));
        KubernetesEvent event = events.get(0);
        assertThat(event.type()).isEqualTo("Warning");
        assertThat(event.regarding().kind()).isEqualTo("Pod");
        assertThat(event.regarding().namespace()).isEqualTo("default");
        assertThat(event.regarding().uid()).isNotEmpty();
        assertThat(event.regarding().fieldPath()).isNull();
    }

    @Test
    void aFurtherEntryWithTheSameFieldsGoesOnAndASmallerCountBeginsANewEvent() {
        List<KubernetesEvent> events =
                events(
                        "{at: 60s, count: 25, reason: A, regarding.name: web},"
                                + " {at: 5s, since: 1s, count: 4, reason: A, regarding.name: web},"
                                + " {at: 70s, reason: A, regarding.name: web},"
                                + " {at: 80s, count: 2, reason: A, regarding.name: web}");

        assertThat(events)
                .extracting(KubernetesEvent::deprecatedCount)
                .containsExactly(4L, 25L, 26L, 2L);
        assertThat(events)
                .extracting(KubernetesEvent::firstMillis)
                .containsExactly(at(1), at(1), at(1), at(80));
        assertThat(events.get(3).name()).isNotEqualTo(events.get(2).name());
    }

    @Test
    void copiesAreOfDifferentObjects() {
        List<KubernetesEvent> events =
                events("{at: 1s, copies: 3, reason: A, note: '#/3', regarding: {name: web-#}}");

        assertThat(events)
                .extracting(event -> event.regarding().name() + " " + event.note())
                .containsExactly("web-1 1/3", "web-2 2/3", "web-3 3/3");
    }

    @Test
    void fieldsOfAnEventWinOverThoseOfTheTestAndTheseOverThoseOfTheFile() {
        RuleTestFile file =
                RuleTestFile.read(
                        "t.yaml",
                        "{common: {reason: A, note: file, type: Normal, regarding: {name: web}},"
                                + " tests: [{name: a, common: {note: test, regarding.kind: Node},"
                                + " events: [{at: 0s, note: event}, {at: 1s}]"
                                + EXPECT
                                + "}");

        List<KubernetesEvent> events = file.tests().get(0).events();
        assertThat(events).extracting(KubernetesEvent::note).containsExactly("event", "test");
        assertThat(events).extracting(KubernetesEvent::type).containsOnly("Normal");
        assertThat(events.get(0).regarding().kind()).isEqualTo("Node");
        assertThat(events.get(0).regarding().namespace()).as("of a node").isNull();
        assertThat(events.get(0).namespace()).isEqualTo("default");
        assertThat(file.sources()).containsExactly("default");
    }

    @Test
    void allErrorsAreToldAtOnce() {
        String yaml =
                """
                ruls: [default]
                tests:
                  - name: one
                    events:
                      - {at: soon, reason: A, regarding.name: web}
                      - {reasn: A, regarding: {nam: web}}
                      - {at: 1s, times: 5, reason: A, regarding.name: web}
                      - {at: 1s, since: 2s, copies: 0, reason: A, regarding.name: web}
                    blind: [{from: 5m, to: 1m}]
                    expect:
                      - {at: 1m}
                      - {alerts: [{status: resolved}]}
                  - name: one
                  - 7
                """;

        List<String> errors =
                catchThrowableOfType(
                                InvalidRulesException.class,
                                () -> RuleTestFile.read("t.yaml", yaml))
                        .errors();

        assertThat(String.join("\n", errors))
                .contains("t.yaml:1: ruls: got an unknown key")
                .contains("did you mean \"rules\"?")
                .contains("t.yaml:5: one.events[0].at: got \"soon\", expected a duration")
                .contains("t.yaml:6: one.events[1].reasn: got an unknown key")
                .contains("t.yaml:6: one.events[1].regarding.nam: got an unknown key")
                .contains("t.yaml:6: one.events[1].at: got nothing")
                .contains("t.yaml:6: one.events[1].reason: got nothing, expected one, here or in")
                .contains("t.yaml:7: one.events[2].every: got nothing")
                .contains("t.yaml:8: one.events[3].since: got \"2s\", expected no later than at")
                .contains("t.yaml:8: one.events[3].copies: got \"0\"")
                .contains("t.yaml:9: one.blind.to: got \"1m\", expected later than from")
                .contains("t.yaml:11: one.expect.alerts: got nothing")
                .contains("t.yaml:12: one.expect.at: got nothing")
                .contains("t.yaml:12: one.expect.alerts.status: got \"resolved\"")
                .contains("t.yaml:12: one.expect.alerts.rule: got nothing")
                .contains("t.yaml:13: one.expect: got nothing")
                .contains("t.yaml:13: one.name: got a name that is taken at line 3")
                .contains("t.yaml:14: tests[2]: got \"7\", expected a mapping");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | got an empty file",
                "'[]' | got a list, expected a mapping",
                "'{}' | tests: got nothing",
                "'tests: []' | tests: got an empty list",
                "'tests: {}' | tests: got a mapping",
                "'tests: [' | this is not YAML",
                "'{tests: [{name: a, expect: 5}]}' | a.expect: got \"5\"",
                "'{rules: [], tests: []}' | rules: got an empty list"
            })
    void saysWhatIsNoFileOfTests(String yaml, String error) {
        assertThat(
                        catchThrowableOfType(
                                        InvalidRulesException.class,
                                        () -> RuleTestFile.read("t.yaml", yaml))
                                .errors())
                .anyMatch(each -> each.contains(error));
    }

    @Test
    void manyOccurrencesAreRefusedBeforeTheyAreMade() {
        String many =
                "{at: 0s, every: 1s, times: 10000, copies: 1000, reason: A, regarding.name: a}";
        assertThat(catchThrowableOfType(InvalidRulesException.class, () -> events(many)).errors())
                .hasSize(1)
                .allMatch(
                        each -> each.contains("got 10000000 occurrences, expected at most 50000"));
        String half = "{at: 0s, every: 1s, times: 300, copies: 100, reason: A, regarding.name: a}";
        assertThat(
                        catchThrowableOfType(
                                        InvalidRulesException.class,
                                        () -> events(half + "," + half))
                                .errors())
                .allMatch(each -> each.contains("more than 50000 occurrences"));
    }

    @Test
    void rulesAreFoundBesideTheFileAndTheirAlertsMustExist() throws Exception {
        Files.writeString(
                folder.resolve("r.yaml"),
                "[{name: A, alert: Crash, match: {reason: x}, when: {atLeast: 1, within: 1s}}]");
        Path file = folder.resolve("r.test.yaml");
        String test =
                "{rules: [r.yaml], tests: [{name: a, expect: [{at: 1m, alerts: [{rule: %s}]}]}]}";

        Files.writeString(file, test.formatted("Crash"));
        assertThat(RuleTestFile.load(file).rules().rules()).hasSize(1);

        Files.writeString(file, test.formatted("Crush"));
        assertThat(
                        catchThrowableOfType(
                                        InvalidRulesException.class, () -> RuleTestFile.load(file))
                                .errors())
                .singleElement()
                .asString()
                .endsWith("got \"Crush\", expected one of Crash, did you mean \"Crash\"?");

        Files.writeString(file, test.formatted("Crash").replace("r.yaml", "none.yaml"));
        assertThat(
                        catchThrowableOfType(
                                        InvalidRulesException.class, () -> RuleTestFile.load(file))
                                .errors())
                .anyMatch(
                        each -> each.contains(folder.resolve("none.yaml") + ": got no such file"));
    }

    private static long at(long seconds) {
        return RuleTestCase.BEGIN_MILLIS + seconds * 1000;
    }

    private static List<KubernetesEvent> events(String events) {
        return RuleTestFile.read(
                        "t.yaml", "{tests: [{name: a, events: [" + events + "]" + EXPECT + "}")
                .tests()
                .get(0)
                .events();
    }
}
