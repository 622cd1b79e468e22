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
import io.tocsin.source.enumerator.SplitBook.Order;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.Scopes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SplitBookTest {

    private static final ResourceSplit LIKE = ResourceSplit.unread("c", "events", "*");
    private static final String A = "c/events/a@1";

    private final SplitBook book =
            new SplitBook(LIKE, Scopes.selected("team=shop"), Startup.EARLIEST, false, null);

    @Test
    void aScopeThatAnotherSplitReadsIsStillWatched() {
        book.want(Map.of("a", "1"));
        book.holds(0, List.of(), List.of());
        decide();
        book.want(Map.of("a", "2"));
        assertThat(decide()).as("made anew").containsExactly(new Order.Retire(A, 0, false));
    }

    private List<Order> decide() {
        return book.decide(1, subtask -> true).stream()
                .filter(order -> !(order instanceof Order.Settle))
                .toList();
    }

    @Test
    void aSplitThatWasGivenUpStaysOccupiedUntilACheckpointWithoutItCompletes() {
        book.want(Map.of("a", "1"));
        book.holds(0, List.of(), List.of());
        assertThat(decide()).hasOnlyElementsOfType(Order.Assign.class).hasSize(1);
        book.want(Map.of());
        assertThat(decide()).containsExactly(new Order.Retire(A, 0, true));
        book.snapshot(7, Map.of());
        book.retired(0, A);
        book.want(Map.of("a", "1"));

        book.completed(7);
        assertThat(decide()).as("checkpoint 7 has it at its reader").isEmpty();
        book.snapshot(8, Map.of());
        assertThat(decide()).as("checkpoint 8 may fail").isEmpty();
        book.completed(8);
        assertThat(decide()).hasOnlyElementsOfType(Order.Assign.class).hasSize(1);
    }
}
