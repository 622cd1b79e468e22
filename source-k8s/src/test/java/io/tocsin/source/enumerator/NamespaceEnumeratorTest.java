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

import io.tocsin.source.Startup;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.ResourceVersion;
import io.tocsin.source.split.Scopes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.mocks.MockSplitEnumeratorContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NamespaceEnumeratorTest {

    private final Feed feed = new Feed();
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
        return start(restored, false, configured(scopes));
    }

    private static Scopes configured(String... scopes) {
        return scopes[0].equals("*") ? Scopes.all() : Scopes.named(List.of(scopes));
    }

    private NamespaceEnumerator start(EnumeratorState restored, boolean bounded, Scopes scopes) {
        NamespaceEnumerator enumerator =
                new NamespaceEnumerator(
                        context,
                        ResourceSplit.unread("c", "events", "*"),
                        scopes,
                        Startup.EARLIEST,
                        bounded,
                        scopes.kind() == Scopes.Kind.SELECTED ? feed : null,
                        restored);
        enumerator.start();
        return enumerator;
    }

    /** A feed of namespaces that the test speaks for, and not in a thread of its own. */
    private static final class Feed implements NamespaceFeed {
        private Consumer<Map<String, String>> namespaces;
        private boolean closed;

        @Override
        public void start(
                Consumer<Map<String, String>> consumer, Consumer<RuntimeException> fatal) {
            namespaces = consumer;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** A reader registers and tells that its state held nothing. */
    private void register(NamespaceEnumerator enumerator, int subtask) {
        register(enumerator, subtask, List.of(), List.of());
    }

    private void register(
            NamespaceEnumerator enumerator,
            int subtask,
            List<String> reading,
            List<ResourceSplit> waiting) {
        context.registerReader(new ReaderInfo(subtask, "host"));
        enumerator.addReader(subtask);
        try {
            enumerator.handleSourceEvent(subtask, ReaderHolds.of(reading, waiting));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The feed tells what is selected, and the coordinator has heard it. */
    private void select(Map<String, String> namespaces) throws Exception {
        feed.namespaces.accept(namespaces);
        CountDownLatch heard = new CountDownLatch(1);
        context.runInCoordinatorThread(heard::countDown);
        assertThat(heard.await(30, TimeUnit.SECONDS)).isTrue();
    }

    /** What a subtask was told to give up. */
    private List<String> retired(int subtask) throws Exception {
        return context.getSentSourceEvent().getOrDefault(subtask, List.of()).stream()
                .filter(RetireSplit.class::isInstance)
                .map(event -> ((RetireSplit) event).splitId())
                .toList();
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
        NamespaceEnumerator enumerator = start(null, true, Scopes.all());
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
    void aSplitThatComesBackAfterItsReaderHasStartedAgainIsAssignedAtOnce() {
        NamespaceEnumerator enumerator = start(null, "a");
        register(enumerator, 0);
        enumerator.addSplitsBack(given(0), 0);
        assertThat(scopes(0)).containsExactly("a", "a");
    }

    @Test
    void aReaderGetsNothingBeforeItHasToldWhatItHas() {
        NamespaceEnumerator enumerator = start(null, "a");
        context.registerReader(new ReaderInfo(0, "host"));
        enumerator.addReader(0);
        assertThat(scopes(0)).isEmpty();
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
        register(enumerator, 0, List.of("c/events/b"), List.of());
        assertThat(given(0)).containsExactlyInAnyOrder(waiting, splits("new").get(0));
    }

    @Test
    void aNamespaceThatIsNoLongerConfiguredIsGivenUpAndStartsAnewWhenItReturns() throws Exception {
        NamespaceEnumerator without =
                start(new EnumeratorState(Set.of("c/events/b"), splits("x")), "a");
        assertThat(without.snapshotState(1))
                .isEqualTo(new EnumeratorState(Set.of(), splits("a"), Set.of("c/events/b"), null));
        register(without, 0, List.of(), List.of());
        register(without, 1, List.of(), List.of(splits("b").get(0).at(read("7"))));
        assertThat(retired(1)).containsExactly("c/events/b");
        without.handleSourceEvent(1, new SplitRetired("c/events/b"));
        EnumeratorState state = without.snapshotState(2);
        assertThat(state.retiring()).as("the reader's part of it may still have it").hasSize(1);
        without.notifyCheckpointComplete(2);
        assertThat(without.snapshotState(3))
                .isEqualTo(new EnumeratorState(Set.of("c/events/a"), List.of()));

        context.close();
        context = contextOf(1);
        NamespaceEnumerator with = start(state, "a", "b");
        register(with, 0, List.of("c/events/a"), List.of());
        assertThat(given(0)).containsExactlyElementsOf(splits("b"));
    }

    @Test
    void namespacesThatAreSelectedGetSplitsAsTheyComeAndLoseThemAsTheyGo() throws Exception {
        NamespaceEnumerator enumerator = start(null, false, Scopes.selected("team=shop"));
        register(enumerator, 0);
        register(enumerator, 1);
        assertThat(timesToldDone(0)).as("nobody knows yet what there is").isZero();
        select(Map.of("a", "1"));
        assertThat(given(0)).containsExactly(ResourceSplit.unread("c", "events", "a", "1"));
        assertThat(timesToldDone(0)).isOne();
        assertThat(timesToldDone(1)).isOne();
        select(Map.of("a", "1", "b", "2"));
        assertThat(given(1)).containsExactly(ResourceSplit.unread("c", "events", "b", "2"));
        select(Map.of("b", "2"));
        assertThat(retired(0)).containsExactly("c/events/a@1");
        enumerator.close();
        assertThat(feed.closed).isTrue();
    }

    @Test
    void aNamespaceThatWasMadeAnewIsReadOnceItsFormerLifeCannotComeBack() throws Exception {
        NamespaceEnumerator enumerator = start(null, false, Scopes.selected("team=shop"));
        register(enumerator, 0);
        register(enumerator, 1);
        select(Map.of("a", "1"));
        enumerator.snapshotState(1);
        enumerator.notifyCheckpointComplete(1);
        select(Map.of("a", "2"));
        assertThat(retired(0)).containsExactly("c/events/a@1");
        enumerator.handleSourceEvent(0, new SplitRetired("c/events/a@1"));
        assertThat(given(0)).as("a failure now would bring the former life back").hasSize(1);
        enumerator.snapshotState(2);
        enumerator.notifyCheckpointComplete(2);
        assertThat(given(0))
                .hasSize(2)
                .last()
                .isEqualTo(ResourceSplit.unread("c", "events", "a", "2"));
    }

    @Test
    void aRestoreKnowsTheSelectedNamespacesBeforeTheServerAnswers() throws Exception {
        EnumeratorState state =
                new EnumeratorState(
                        Set.of("c/events/a@1"), List.of(), Set.of(), Map.of("a", "1", "b", "2"));
        NamespaceEnumerator enumerator = start(state, false, Scopes.selected("team=shop"));
        register(enumerator, 0, List.of("c/events/a@1"), List.of());
        register(enumerator, 1);
        assertThat(given(0)).isEmpty();
        assertThat(given(1)).containsExactly(ResourceSplit.unread("c", "events", "b", "2"));
        assertThat(enumerator.snapshotState(1).namespaces()).isEqualTo(Map.of("a", "1", "b", "2"));
    }

    @Test
    void fromAllNamespacesToOneGoesOnWhereAllStood() throws Exception {
        EnumeratorState state = new EnumeratorState(Set.of("c/events/*"), List.of());
        NamespaceEnumerator enumerator = start(state, "a", "b");
        register(enumerator, 0);
        assertThat(given(0)).as("the other reader may have it").isEmpty();
        register(enumerator, 1, List.of(), List.of(splits("*").get(0).at(read("7"))));
        assertThat(given(0)).containsExactly(splits("a").get(0).at(read("7")));
        assertThat(given(1)).containsExactly(splits("b").get(0).at(read("7")));
        assertThat(retired(1)).containsExactly("c/events/*");
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

    // ------------------------------------------------------------------ a reader fails

    /** Readers 0 and 1 have a and b, as a checkpoint knows; 0 has d since then. */
    private NamespaceEnumerator withOneSplitSinceTheCheckpoint() throws Exception {
        NamespaceEnumerator enumerator = start(null, false, Scopes.selected("team=shop"));
        register(enumerator, 0);
        register(enumerator, 1);
        select(Map.of("a", "1", "b", "2"));
        enumerator.snapshotState(1);
        enumerator.notifyCheckpointComplete(1);
        select(Map.of("a", "1", "b", "2", "d", "3"));
        assertThat(scopes(0)).containsExactly("a", "d");
        assertThat(scopes(1)).containsExactly("b");
        return enumerator;
    }

    private static ResourceSplit life(String scope, String life) {
        return ResourceSplit.unread("c", "events", scope, life);
    }

    @Test
    void whatAFailedReaderWasGivenSinceTheCheckpointIsGivenAgainOnceItHasStarted()
            throws Exception {
        NamespaceEnumerator enumerator = withOneSplitSinceTheCheckpoint();
        context.unregisterReader(0);
        enumerator.addSplitsBack(List.of(life("d", "3")), 0);
        assertThat(enumerator.snapshotState(2))
                .isEqualTo(
                        new EnumeratorState(
                                Set.of("c/events/a@1", "c/events/b@2"),
                                List.of(life("d", "3")),
                                Set.of(),
                                Map.of("a", "1", "b", "2", "d", "3")));
        enumerator.handleSplitRequest(1, "host");
        assertThat(scopes(0)).as("it is away").containsExactly("a", "d");
        register(enumerator, 0, List.of("c/events/a@1"), List.of());
        enumerator.handleSplitRequest(0, "host");
        assertThat(scopes(0)).containsExactly("a", "d", "d");
        assertThat(scopes(1)).as("the other reads on").containsExactly("b");
        assertThat(retired(0)).isEmpty();
        assertThat(enumerator.snapshotState(3).assigned()).hasSize(3);
    }

    @Test
    void whatAFailedReaderHadGoesToTheOneThatHasLessMeanwhileAndNotToBoth() throws Exception {
        NamespaceEnumerator enumerator = withOneSplitSinceTheCheckpoint();
        enumerator.snapshotState(2);
        enumerator.notifyCheckpointComplete(2);
        select(Map.of("a", "1", "b", "2", "d", "3", "e", "4"));
        select(Map.of("a", "1", "b", "2", "d", "3", "e", "4", "f", "5"));
        assertThat(scopes(0)).containsExactly("a", "d", "f");
        assertThat(scopes(1)).containsExactly("b", "e");
        select(Map.of("a", "1", "d", "3", "e", "4", "f", "5"));
        assertThat(retired(1)).containsExactly("c/events/b@2");

        context.unregisterReader(0);
        enumerator.addSplitsBack(List.of(life("f", "5")), 0);
        assertThat(scopes(1)).containsExactly("b", "e", "f");
        register(enumerator, 0, List.of("c/events/a@1", "c/events/d@3"), List.of());
        assertThat(scopes(0)).containsExactly("a", "d", "f");
        assertThat(retired(0)).isEmpty();
    }

    @Test
    void aReaderThatHasStartedBeforeItsSplitsComeBackIsGivenThemOnce() throws Exception {
        NamespaceEnumerator enumerator = withOneSplitSinceTheCheckpoint();
        context.unregisterReader(0);
        register(enumerator, 0, List.of("c/events/a@1"), List.of());
        assertThat(scopes(0)).as("Flink may still have it for it").containsExactly("a", "d");
        enumerator.addSplitsBack(List.of(life("d", "3")), 0);
        assertThat(scopes(0)).containsExactly("a", "d", "d");
        assertThat(scopes(1)).containsExactly("b");
    }

    @Test
    void aNamespaceThatWentWhileItsReaderWasAwayDoesNotComeBackWithIt() throws Exception {
        NamespaceEnumerator enumerator = withOneSplitSinceTheCheckpoint();
        context.unregisterReader(0);
        select(Map.of("a", "1", "b", "2"));
        enumerator.addSplitsBack(List.of(life("d", "3")), 0);
        register(enumerator, 0, List.of("c/events/a@1"), List.of());
        assertThat(scopes(0)).containsExactly("a", "d");
        assertThat(retired(0)).as("it does not have it").isEmpty();
        assertThat(enumerator.snapshotState(2).retiring()).isEmpty();

        select(Map.of("a", "1", "b", "2", "d", "6"));
        assertThat(given(0)).hasSize(3).last().isEqualTo(life("d", "6"));
    }

    @Test
    void aNamespaceThatWasMadeAnewWhileItsReaderWasAwayIsReadInItsNewLifeOnly() throws Exception {
        NamespaceEnumerator enumerator = withOneSplitSinceTheCheckpoint();
        context.unregisterReader(0);
        enumerator.addSplitsBack(List.of(life("d", "3")), 0);
        select(Map.of("a", "1", "b", "2", "d", "6"));
        register(enumerator, 0, List.of("c/events/a@1"), List.of());
        assertThat(given(0)).hasSize(3).last().isEqualTo(life("d", "6"));
        assertThat(retired(0)).isEmpty();
        assertThat(scopes(1)).containsExactly("b");
    }

    @Test
    void aSplitThatAnotherReaderHasByNowIsNotTakenBackFromTheOneThatGaveItUp() throws Exception {
        NamespaceEnumerator enumerator = start(null, false, Scopes.selected("team=shop"));
        register(enumerator, 0);
        register(enumerator, 1);
        select(Map.of("a", "1"));
        select(Map.of("b", "2"));
        enumerator.handleSourceEvent(0, new SplitRetired("c/events/a@1"));
        select(Map.of("a", "1", "b", "2"));
        assertThat(scopes(0)).containsExactly("a", "b");
        assertThat(scopes(1)).containsExactly("a");

        context.unregisterReader(0);
        // As Flink has it: all that the reader was ever given since the checkpoint.
        enumerator.addSplitsBack(List.of(life("a", "1"), life("b", "2")), 0);
        register(enumerator, 0);
        assertThat(scopes(0)).containsExactly("a", "b", "b");
        assertThat(scopes(1)).containsExactly("a");
        assertThat(enumerator.snapshotState(1).assigned()).hasSize(2);
    }

    private static Position read(String version) {
        return Position.initial().listed(new ResourceVersion(version), 1, List.of());
    }
}
