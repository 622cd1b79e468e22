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
package io.tocsin.job.occurrence;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.testing.Simulation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CountLedgerTest {

    private static Seen told(String uid, long version, long count, long time) {
        return new Seen(uid, Long.toString(version), count, time, 1, 0);
    }

    private static long[] weights(Seen... versions) {
        List<Long> weights = new ArrayList<>();
        Seen last = null;
        for (Seen version : versions) {
            CountLedger.Entry entry = CountLedger.book(last, version, 5, false);
            if (entry != null) {
                weights.add(entry.weight());
                last = entry.next();
            }
        }
        return weights.stream().mapToLong(Long::longValue).toArray();
    }

    @Test
    void countsASeriesThatBeginsWithoutOne() {
        assertThat(weights(told("a", 1, 1, 10), told("a", 2, 2, 20), told("a", 3, 40, 30)))
                .containsExactly(1, 1, 38);
    }

    @Test
    void goesOnCountingWhereTheRecorderRecreatesTheEvent() {
        assertThat(weights(told("a", 1, 14, 10), told("b", 9, 15, 20))).containsExactly(14, 1);
    }

    @Test
    void knowsInANewEpochWhatDidNotChange() {
        Seen last = told("a", 7, 3, 10);
        assertThat(CountLedger.book(last, new Seen("a", "7", 3, 10, 2, 0), 5, false)).isNull();
        // The same number in another history is another version.
        CountLedger.Entry other = CountLedger.book(last, new Seen("a", "7", 5, 20, 2, 0), 5, false);
        assertThat(other.weight()).isEqualTo(2);
    }

    @Test
    void countsAllOfAFreshRecorder() {
        assertThat(weights(told("a", 1, 14, 10), told("b", 9, 1, 20), told("b", 10, 4, 30)))
                .containsExactly(14, 1, 3);
    }

    @Test
    void suppressesKnownAndOlderVersionsByLengthFirst() {
        assertThat(weights(told("a", 10, 3, 10), told("a", 9, 2, 5), told("a", 10, 3, 10)))
                .containsExactly(3);
    }

    @Test
    void toldNothingNewAVersionIsStillEmitted() {
        assertThat(weights(told("a", 1, 3, 10), told("a", 2, 3, 10))).containsExactly(3, 0);
    }

    @Test
    void aFirstSightReachesBackToTheFirstTimeAndALaterOneToTheLast() {
        CountLedger.Entry first = CountLedger.book(null, told("a", 1, 9, 100), 40, false);
        CountLedger.Entry second = CountLedger.book(first.next(), told("a", 2, 11, 130), 40, false);

        assertThat(first.fromMillis()).isEqualTo(40);
        assertThat(second.fromMillis()).isEqualTo(100);
        assertThat(second.weight()).isEqualTo(2);
    }

    @Test
    void aBaselineOnlySaysWhereCountingBegins() {
        CountLedger.Entry entry = CountLedger.book(null, told("a", 1, 9, 100), 40, true);

        assertThat(entry.weight()).isZero();
        assertThat(CountLedger.book(entry.next(), told("a", 2, 11, 130), 40, false).weight())
                .isEqualTo(2);
    }

    @Test
    void anEtcdRestoreDoesNotRepeatWhatWasCounted() {
        Seen last = told("a", 50, 9, 100);
        CountLedger.Entry back =
                CountLedger.book(last, new Seen("a", "20", 7, 80, 2, 0), 40, false);

        assertThat(back.weight()).isZero();
        assertThat(
                        CountLedger.book(back.next(), new Seen("a", "21", 8, 120, 2, 0), 40, false)
                                .weight())
                .isEqualTo(1);
    }

    @Test
    void addsUpToWhatHappenedWhateverTheRecorderAndTheWatchDo() {
        Simulation.run(
                "ledger",
                2000,
                (random, seed) -> {
                    long truth = 0;
                    long count = 0;
                    long version = 90 + random.nextInt(20);
                    long time = 1000;
                    int objects = 0;
                    List<Seen> written = new ArrayList<>();
                    for (int step = 0; step < 40; step++) {
                        long more = 1 + random.nextInt(3);
                        time += 1 + random.nextInt(20);
                        version += 1 + random.nextInt(30);
                        int what = random.nextInt(10);
                        if (what == 0) {
                            // The recorder restarted; it knows nothing of the old object.
                            objects++;
                            count = 0;
                            more = 1;
                        } else if (what == 1) {
                            // The object expired; the recorder re-creates it and goes on counting.
                            objects++;
                            more = 1;
                        }
                        count += more;
                        truth += more;
                        written.add(told("uid" + objects, version, count, time));
                    }
                    // Every version that ends an object is seen; others may be compacted away, and
                    // any may be repeated by a replay.
                    long sum = 0;
                    Seen last = null;
                    Set<String> emitted = new HashSet<>();
                    for (int i = 0; i < written.size(); i++) {
                        Seen now = written.get(i);
                        boolean first = i == 0 || !written.get(i - 1).uid().equals(now.uid());
                        boolean end =
                                i + 1 == written.size()
                                        || !written.get(i + 1).uid().equals(now.uid());
                        if (!first && !end && random.nextInt(4) == 0) {
                            continue;
                        }
                        int repeats = 1 + (random.nextInt(5) == 0 ? 1 : 0);
                        for (int repeat = 0; repeat < repeats; repeat++) {
                            CountLedger.Entry entry = CountLedger.book(last, now, 1000, false);
                            if (entry != null) {
                                assertThat(emitted.add(now.uid() + now.version())).isTrue();
                                sum += entry.weight();
                                last = entry.next();
                            }
                        }
                    }
                    assertThat(sum).isEqualTo(truth);
                });
    }
}
