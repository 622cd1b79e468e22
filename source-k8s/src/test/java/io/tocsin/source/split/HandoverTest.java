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
package io.tocsin.source.split;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.split.Position.Segment;
import io.tocsin.testing.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HandoverTest {

    private static final List<String> NAMESPACES = List.of("a", "a-b", "a.b", "b", "zz");

    private static ResourceSplit split(String scope, Position position) {
        return ResourceSplit.unread("c", "events", scope).at(position);
    }

    private static Position read(long version, long contact) {
        return Position.initial()
                .listed(new ResourceVersion(Long.toString(version)), contact, List.of());
    }

    private static boolean isNew(ResourceSplit split, String namespace, String name, long version) {
        return split.position().isNew(namespace, name, new ResourceVersion(Long.toString(version)));
    }

    @Test
    void anotherLifeOrNameOfTheSameScopeGoesOnWhereItStood() {
        ResourceSplit named = split("shop", read(7, 1)).withLost(true);
        ResourceSplit taken =
                Handover.take(
                        ResourceSplit.unread("c", "events", "shop", "u"), List.of(named), false);
        assertThat(taken.position()).isEqualTo(named.position());
        assertThat(taken.lost()).isTrue();
        assertThat(taken.life()).isEqualTo("u");
    }

    @Test
    void oneNamespaceTakesOverFromAllAndEndsTheirList() {
        Position listing = read(7, 1).listing(new ResourceVersion("20"), "token", "shop/m");
        ResourceSplit taken =
                Handover.take(
                        split("shop", Position.initial()), List.of(split("*", listing)), false);
        assertThat(taken.position().relist()).isNull();
        assertThat(isNew(taken, "shop", "a", 20)).isFalse();
        assertThat(isNew(taken, "shop", "z", 20)).isTrue();
        assertThat(isNew(taken, "shop", "z", 7)).isFalse();
    }

    @Test
    void allNamespacesTakeOverWhatEachHadAndReadTheOthersFromTheBeginning() {
        ResourceSplit taken =
                Handover.take(
                        split("*", Position.initial()),
                        List.of(split("b", read(9, 500)), split("a", read(7, 300))),
                        false);
        assertThat(taken.position().needsList()).isTrue();
        assertThat(isNew(taken, "a", "x", 7)).isFalse();
        assertThat(isNew(taken, "a", "x", 8)).isTrue();
        assertThat(isNew(taken, "b", "x", 9)).isFalse();
        assertThat(isNew(taken, "b", "x", 10)).isTrue();
        assertThat(List.of("a-b", "a.b", "a0", "aa", "c", "0"))
                .allMatch(namespace -> isNew(taken, namespace, "x", 1));
        assertThat(taken.position().lastContactMillis())
                .as("what expired since then may be lost")
                .isEqualTo(300);
    }

    @Test
    void startingAtTheLatestOthersAreToldFromWhereTheFirstStood() {
        ResourceSplit taken =
                Handover.take(
                        split("*", Position.initial()),
                        List.of(split("b", read(9, 500)), split("a", read(7, 300))),
                        true);
        assertThat(taken.position().beforeFirstList()).isFalse();
        assertThat(isNew(taken, "other", "x", 7)).isFalse();
        assertThat(isNew(taken, "other", "x", 8)).isTrue();
        assertThat(isNew(taken, "b", "x", 9)).isFalse();
    }

    @Test
    void versionsOfAnEarlierEpochSayNothing() {
        ResourceSplit taken =
                Handover.take(
                        split("*", Position.initial()),
                        List.of(
                                split("a", read(900, 500)),
                                split(
                                        "b",
                                        read(5, 500)
                                                .rolledBack()
                                                .listed(new ResourceVersion("6"), 600, List.of()))),
                        false);
        assertThat(taken.position().epoch()).isOne();
        assertThat(isNew(taken, "a", "x", 3)).isTrue();
        assertThat(isNew(taken, "b", "x", 6)).isFalse();
    }

    private static Position withWitness(Position position, String key, long version) {
        return position.witnessed(key, "u", new ResourceVersion(Long.toString(version)));
    }

    @Test
    void oneNamespaceTakesOverItsOwnWitnessesOnly() {
        Position all = withWitness(withWitness(read(7, 1), "shop/x", 8), "shop-b/x", 9);
        ResourceSplit taken =
                Handover.take(split("shop", Position.initial()), List.of(split("*", all)), false);
        assertThat(taken.position().witnesses())
                .as("it cannot see the others, and would take them for gone")
                .extracting(Position.Witness::key)
                .containsExactly("shop/x");
    }

    @Test
    void allNamespacesTakeOverTheNewestWitnesses() {
        Position a = withWitness(withWitness(read(7, 1), "a/x", 8), "a/y", 11);
        Position b = withWitness(withWitness(read(7, 1), "b/x", 20), "b/y", 21);
        ResourceSplit taken =
                Handover.take(
                        split("*", Position.initial()),
                        List.of(split("a", a), split("b", b)),
                        false);
        assertThat(taken.position().witnesses())
                .extracting(Position.Witness::key)
                .containsExactly("b/y", "b/x", "a/y");
    }

    @Test
    void whatWasNeverReadHandsNothingOver() {
        ResourceSplit unread = split("*", Position.initial());
        assertThat(Handover.take(unread, List.of(split("a", Position.initial())), false))
                .isEqualTo(unread);
    }

    /**
     * Namespaces read as far as they may be, and what each emitted: the taken split tells the rest.
     */
    @Test
    void tellsExactlyWhatWasNotTold() {
        Simulation.run("handover", 2_000, (random, seed) -> simulate(random));
    }

    private static void simulate(Random random) {
        Map<String, Long> marks = new TreeMap<>();
        List<ResourceSplit> handed = new ArrayList<>();
        for (String namespace : NAMESPACES) {
            if (random.nextInt(4) == 0) {
                continue;
            }
            long version = random.nextInt(3) == 0 ? 0 : 10 + random.nextInt(30);
            Position position = version == 0 ? Position.initial() : read(version, 1);
            long listed = 0;
            int upTo = -1;
            if (random.nextBoolean()) {
                listed = version + 1 + random.nextInt(20);
                upTo = random.nextInt(10);
                position =
                        position.listing(
                                new ResourceVersion(Long.toString(listed)),
                                "token",
                                namespace + "/" + upTo);
                if (random.nextBoolean()) {
                    position = position.interrupted();
                }
            }
            handed.add(split(namespace, position));
            for (int name = 0; name < 10; name++) {
                marks.put(namespace + "/" + name, name <= upTo ? listed : version);
            }
        }
        ResourceSplit all = Handover.take(split("*", Position.initial()), handed, false);
        check(all, marks);
        for (String namespace : NAMESPACES) {
            ResourceSplit single =
                    Handover.take(split(namespace, Position.initial()), List.of(all), false);
            Map<String, Long> own = new TreeMap<>(marks);
            own.keySet().removeIf(key -> !key.startsWith(namespace + "/"));
            check(single, own);
        }
        assertThat(all.position().segments())
                .extracting(Segment::upperKey)
                .isSortedAccordingTo(Position::compareKeys);
    }

    private static void check(ResourceSplit split, Map<String, Long> marks) {
        for (String namespace : NAMESPACES) {
            if (!split.scope().equals("*") && !split.scope().equals(namespace)) {
                continue;
            }
            for (int name = 0; name < 10; name++) {
                long mark = marks.getOrDefault(namespace + "/" + name, 0L);
                for (long version = Math.max(1, mark - 1); version <= mark + 1; version++) {
                    assertThat(isNew(split, namespace, "" + name, version))
                            .as("%s/%d@%d of %s", namespace, name, version, split)
                            .isEqualTo(version > mark);
                }
            }
        }
    }
}
