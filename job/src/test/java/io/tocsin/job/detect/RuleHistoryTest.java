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

import io.tocsin.job.rule.RuleSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuleHistoryTest {

    private static final String FIVE =
            "\n- {name: Five, match: {reason: x}, when: {atLeast: 5, within: 3m}}";
    private static final String ORDER =
            "\n- {name: Order, match: {type: Warning}, when: {sequence: [A, B], within: 3m}}";
    private static final String GONE =
            "\n- {name: Gone, match: {reason: x}, when: {missing: {reason: y}, within: 3m}}";

    @Test
    void saysNothingOfRulesThatStayAsTheyAre() {
        assertThat(lines(FIVE + ORDER + GONE, GONE + FIVE + ORDER)).isEmpty();
    }

    @Test
    void tellsOfRulesThatComeAndGo() {
        assertThat(lines(FIVE + GONE, FIVE + ORDER))
                .containsExactly(
                        "Rule Gone is gone: what it had seen is dropped, and its open alerts end"
                                + " when nothing has confirmed them for 20 minutes",
                        "Rule Order is new: it begins now");
    }

    @Test
    void tellsWhatBecomesOfWhatAChangedRuleHadSeen() {
        assertThat(lines(FIVE, FIVE.replace("5,", "3,")))
                .containsExactly(
                        "Rule Five has another condition: it goes on with what it had seen");
        assertThat(lines(FIVE, FIVE.replace("atLeast: 5", "missing: {reason: y}")))
                .containsExactly(
                        "Rule Five has another condition: of another kind, so what it had seen is"
                                + " dropped, and its open alerts go on");
        assertThat(lines(ORDER, ORDER.replace("B]", "C]")))
                .containsExactly(
                        "Rule Order has another condition: of other stages, so its partial matches"
                                + " are dropped");
        assertThat(lines(ORDER, ORDER.replace("3m", "9m")))
                .containsExactly(
                        "Rule Order has another condition: it goes on with its partial matches");
    }

    @Test
    void tellsEachKindOfChangeOfOneRule() {
        String after =
                "\n- {name: Five, alert: Shared, match: {reason: z}, per: regarding.namespace,"
                        + " when: {atLeast: 6, within: 3m}, for: 5m, clears: {reason: y},"
                        + " resolveAfter: 5m, severity: critical, labels: {team: shop}}";

        assertThat(lines(FIVE, after))
                .containsExactly(
                        "Rule Five has another per: it begins anew; what it had seen of the old"
                                + " subjects is dropped, and their open alerts end by resolveAfter",
                        "Rule Five has another condition: it goes on with what it had seen",
                        "Rule Five has another alert: what is open keeps its name, and ends by"
                                + " resolveAfter unless another rule confirms it",
                        "Rule Five has another match, resolveAfter, severity, for, clears, labels:"
                                + " from now on, also for what is open");
    }

    @Test
    void recognizesARuleThatHasAnotherNameOnly() {
        String renamed = FIVE.replace("Five", "Renamed");

        assertThat(lines(FIVE + ORDER, renamed + ORDER.replace("Order", "Ordered")))
                .containsExactly(
                        "Rule Five is called Renamed now: it goes on with its open alerts, and with"
                                + " what it had seen",
                        "Rule Order is called Ordered now: it goes on with its open alerts, and its"
                                + " partial matches are dropped");
        assertThat(history(FIVE, renamed).renames())
                .isEqualTo(new Renames(Map.of("Five", "Renamed"), Map.of("Five", "Renamed")));
    }

    @Test
    void doesNotGuessWhichOfTwinsARuleHasBecome() {
        String twin = FIVE.replace("Five", "Twin");

        assertThat(history(FIVE + twin, FIVE.replace("Five", "Third")).renames().rules()).isEmpty();
        assertThat(
                        history(FIVE, FIVE.replace("Five", "One") + FIVE.replace("Five", "Two"))
                                .renames()
                                .rules())
                .isEmpty();
    }

    @Test
    void believesARuleThatNamesItsFormerName() {
        String renamed =
                "\n- {name: Renamed, formerly: Five, match: {reason: x}, when: {atLeast: 6,"
                        + " within: 3m}}";

        assertThat(lines(FIVE, renamed))
                .containsExactly(
                        "Rule Five is called Renamed now: it goes on with its open alerts, and with"
                                + " what it had seen",
                        "Rule Renamed has another condition: it goes on with what it had seen");
    }

    @Test
    void remembersFormerNamesOverFurtherRestores() {
        List<RuleEntry> second = entries(FIVE.replace("Five", "Second"));
        new RuleHistory(entries(FIVE), second);
        List<RuleEntry> third = entries(FIVE.replace("Five", "Third"));
        RuleHistory history = new RuleHistory(restored(second), third);

        Map<String, String> names = Map.of("Five", "Third", "Second", "Third");
        assertThat(history.renames()).isEqualTo(new Renames(names, names));
        assertThat(new RuleHistory(restored(third), entries(FIVE.replace("Five", "Third"))).lines())
                .isEmpty();
    }

    @Test
    void tellsThatAFormerNameIsUsedAgain() {
        List<RuleEntry> second = entries(FIVE.replace("Five", "Second"));
        new RuleHistory(entries(FIVE), second);
        List<RuleEntry> third =
                entries(FIVE.replace("Five", "Second") + GONE.replace("Gone", "Five"));
        RuleHistory history = new RuleHistory(restored(second), third);

        assertThat(history.renames()).isEqualTo(Renames.NONE);
        assertThat(history.lines())
                .containsExactly(
                        "Rule Five is new: it begins now; Second was called so: if it was until"
                                + " less than 10 minutes ago, what was seen under that name and not"
                                + " looked at since is taken for the new rule's");
    }

    @Test
    void anAlertThatOthersShareKeepsItsName() {
        String one = FIVE.replace("Five", "One, alert: Shared");
        String two = GONE.replace("Gone", "Two, alert: Shared");
        RuleHistory history = history(one + two, FIVE.replace("Five", "Uno, formerly: One") + two);

        assertThat(history.renames())
                .isEqualTo(new Renames(Map.of("One", "Uno"), Map.of("One", "Uno")));
    }

    @Test
    void putsWhatIsRememberedUnderTheNewNameOnce() {
        LifecycleState open = new LifecycleState(null, "Old", null, 1, 2, 3);
        SubjectBook book =
                SubjectBook.EMPTY
                        .with(Slot.Kind.WINDOW, "Old", "a", WindowState.EMPTY)
                        .with(Slot.Kind.WINDOW, "Old", "b", WindowState.EMPTY)
                        .with(Slot.Kind.WINDOW, "New", "b", WindowState.EMPTY)
                        .with(Slot.Kind.WINDOW, "Other", "a", WindowState.EMPTY)
                        .with(Slot.Kind.LIFECYCLE, "Old", "a", open)
                        .with(Slot.Kind.LIFECYCLE, "Other", "a", LifecycleState.IDLE);
        Renames renames = new Renames(Map.of("Old", "New"), Map.of("Old", "New"));

        SubjectBook renamed = renames.apply(book);

        assertThat(renamed.slots())
                .extracting(slot -> slot.kind() + " " + slot.name() + " " + slot.subject())
                .containsExactlyInAnyOrder(
                        "WINDOW New a",
                        "WINDOW Old b",
                        "WINDOW New b",
                        "WINDOW Other a",
                        "LIFECYCLE New a",
                        "LIFECYCLE Other a");
        LifecycleState life = (LifecycleState) renamed.get(Slot.Kind.LIFECYCLE, "New", "a");
        assertThat(life).isEqualTo(new LifecycleState(null, "New", null, 1, 2, 3));
        assertThat(renames.apply(renamed)).isSameAs(renamed);
        assertThat(Renames.NONE.apply(book)).isSameAs(book);
    }

    private static List<String> lines(String before, String now) {
        return history(before, now).lines();
    }

    private static RuleHistory history(String before, String now) {
        return new RuleHistory(restored(entries(before)), entries(now));
    }

    private static List<RuleEntry> restored(List<RuleEntry> entries) {
        return entries.stream().map(entry -> RuleEntry.read(entry.written())).toList();
    }

    private static List<RuleEntry> entries(String rules) {
        List<RuleEntry> entries = new ArrayList<>();
        RuleSet.parse("r.yaml", rules).rules().forEach(rule -> entries.add(RuleEntry.of(rule)));
        return entries;
    }
}
