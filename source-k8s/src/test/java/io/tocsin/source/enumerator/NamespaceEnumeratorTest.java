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
package io.tocsin.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.mocks.MockSplitEnumeratorContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NamespaceEnumeratorTest {

    private MockSplitEnumeratorContext<ResourceSplit> context = contextOf(2);

    private static MockSplitEnumeratorContext<ResourceSplit> contextOf(int parallelism) {
        return new MockSplitEnumeratorContext<>(parallelism);
    }

    @AfterEach
    void close() throws Exception {
        context.close();
    }

    private static List<ResourceSplit> splits(String... scopes) {
        return Arrays.stream(scopes)
                .map(scope -> ResourceSplit.unread("c", "events", scope))
                .toList();
    }

    private NamespaceEnumerator start(EnumeratorState restored, String... scopes) {
        NamespaceEnumerator enumerator =
                new NamespaceEnumerator(context, splits(scopes), false, restored);
        enumerator.start();
        return enumerator;
    }

    private void register(NamespaceEnumerator enumerator, int subtask) {
        context.registerReader(new ReaderInfo(subtask, "host"));
        enumerator.addReader(subtask);
    }

    /** What a subtask was given so far. */
    private List<ResourceSplit> given(int subtask) {
        List<ResourceSplit> given = new ArrayList<>();
        context.getSplitsAssignmentSequence().stream()
                .map(each -> each.assignment().get(subtask))
                .filter(each -> each != null)
                .forEach(given::addAll);
        return given;
    }

    private List<String> scopes(int subtask) {
        return given(subtask).stream().map(ResourceSplit::scope).collect(Collectors.toList());
    }

    private long timesToldDone(int subtask) throws Exception {
        return context.getSentSourceEvent().getOrDefault(subtask, List.of()).stream()
                .filter(AssignmentDone.class::isInstance)
                .count();
    }

    @Test
    void dealsAListOfNamespacesOutAndTellsEachReaderWhenItHasAll() throws Exception {
        NamespaceEnumerator enumerator = start(null, "a", "b", "d");
        assertThat(context.getSplitsAssignmentSequence()).isEmpty();
        register(enumerator, 1);
        assertThat(scopes(1)).containsExactly("b");
        assertThat(scopes(0)).isEmpty();
        register(enumerator, 0);
        assertThat(scopes(0)).containsExactly("a", "d");
        assertThat(timesToldDone(0)).isOne();
        assertThat(timesToldDone(1)).isOne();
    }

    @Test
    void aReaderWithoutASplitIsToldSoAndNeverEnds() throws Exception {
        NamespaceEnumerator enumerator = start(null, "*");
        register(enumerator, 0);
        register(enumerator, 1);
        assertThat(scopes(0)).containsExactly("*");
        assertThat(scopes(1)).isEmpty();
        assertThat(timesToldDone(1)).isOne();
        assertThat(context.hasNoMoreSplits(1)).isFalse();
    }

    @Test
    void aBoundedSourceEndsItsReaders() {
        NamespaceEnumerator enumerator = new NamespaceEnumerator(context, splits("*"), true, null);
        register(enumerator, 1);
        assertThat(context.hasNoMoreSplits(1)).isTrue();
    }

    @Test
    void assignsNoSplitTwice() {
        NamespaceEnumerator enumerator = start(null, "a", "b");
        register(enumerator, 0);
        enumerator.handleSplitRequest(0, "host");
        enumerator.addReader(0);
        assertThat(scopes(0)).containsExactly("a");
    }

    @Test
    void aSplitThatComesBackIsAssignedAgainWhereItWasAndOnce() {
        NamespaceEnumerator enumerator = start(null, "a", "b");
        register(enumerator, 0);
        context.unregisterReader(0);
        ResourceSplit back = given(0).get(0).at(read("7"));
        enumerator.addSplitsBack(List.of(back), 0);
        assertThat(enumerator.snapshotState(1).assigned()).isEmpty();
        assertThat(scopes(0)).containsExactly("a");
        register(enumerator, 0);
        assertThat(given(0)).hasSize(2).last().isEqualTo(back);
        assertThat(enumerator.snapshotState(2).assigned()).containsExactly("c/events/a");
    }

    @Test
    void aSplitThatComesBackToALivingReaderIsAssignedAtOnce() {
        NamespaceEnumerator enumerator = start(null, "a");
        register(enumerator, 0);
        enumerator.addSplitsBack(given(0), 0);
        assertThat(scopes(0)).containsExactly("a", "a");
    }

    @Test
    void aSplitThatComesBackAndIsNoLongerConfiguredIsDropped() {
        NamespaceEnumerator enumerator = start(null, "a");
        enumerator.addSplitsBack(splits("gone"), 0);
        assertThat(enumerator.snapshotState(1).pending())
                .extracting(ResourceSplit::scope)
                .containsExactly("a");
    }

    @Test
    void aSnapshotTellsWhatReadersHaveAndWhatNobodyHas() {
        NamespaceEnumerator enumerator = start(null, "a", "b");
        register(enumerator, 1);
        EnumeratorState state = enumerator.snapshotState(1);
        assertThat(state.assigned()).containsExactly("c/events/b");
        assertThat(state.pending()).containsExactlyElementsOf(splits("a"));
    }

    @Test
    void aRestoreAssignsOnlyWhatNoReaderHasAndNewNamespaces() throws Exception {
        ResourceSplit waiting = splits("a").get(0).at(read("7"));
        EnumeratorState state = new EnumeratorState(Set.of("c/events/b"), List.of(waiting));
        EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();
        EnumeratorState restored =
                serializer.deserialize(serializer.getVersion(), serializer.serialize(state));
        context.close();
        context = contextOf(1);
        NamespaceEnumerator enumerator = start(restored, "new", "b", "a");
        register(enumerator, 0);
        assertThat(given(0)).containsExactlyInAnyOrder(waiting, splits("new").get(0));
    }

    @Test
    void aNamespaceThatIsNoLongerConfiguredIsForgottenAndStartsAnewWhenItReturns() {
        NamespaceEnumerator without =
                start(new EnumeratorState(Set.of("c/events/b"), splits("x")), "a");
        assertThat(without.snapshotState(1)).isEqualTo(new EnumeratorState(Set.of(), splits("a")));
        NamespaceEnumerator with = start(without.snapshotState(1), "a", "b");
        assertThat(with.snapshotState(1).pending()).containsExactlyElementsOf(splits("a", "b"));
    }

    @Test
    void sharesTheNamespacesAmongTheReadersThereAre() throws Exception {
        context.close();
        context = contextOf(3);
        NamespaceEnumerator enumerator = start(null, "a", "b", "d", "e", "f");
        for (int i = 0; i < 3; i++) {
            register(enumerator, i);
        }
        assertThat(Map.of(0, scopes(0), 1, scopes(1), 2, scopes(2)))
                .isEqualTo(Map.of(0, List.of("a", "e"), 1, List.of("b", "f"), 2, List.of("d")));
    }

    private static Position read(String version) {
        return Position.initial().listed(new ResourceVersion(version), 1, List.of());
    }
}
