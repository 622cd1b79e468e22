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
package io.tocsin.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuietTimeTest {

    private static final long LIMIT = 10;

    private final QuietTime quiet = new QuietTime(1_000);

    private QuietTimeTest() {
        quiet.begin(LIMIT);
    }

    @Test
    void isReachedWhileLinesComeThatMoveNoEventTime() {
        assertThat(quiet.check(1_009, 0, true)).isFalse();
        assertThat(quiet.check(1_010, 0, true)).isTrue();
    }

    @Test
    void beginsAnewWhenEventTimeMoves() {
        assertThat(quiet.check(1_009, 0, true)).isFalse();
        assertThat(quiet.check(1_018, 1, true)).isFalse();
        assertThat(quiet.check(1_027, 1, true)).isFalse();
        assertThat(quiet.check(1_028, 1, true)).isTrue();
    }

    @Test
    void doesNotCountWhileNoWatchIsOpenOrALineWaitsForRoom() {
        assertThat(quiet.check(1_009, 0, true)).isFalse();
        assertThat(quiet.check(9_000, 0, false)).isFalse();
        assertThat(quiet.check(9_001, 0, true)).isTrue();
    }

    @Test
    void addsUpOverWatchesThatEndInOrder() {
        assertThat(quiet.check(1_006, 0, true)).isFalse();
        quiet.begin(LIMIT);
        assertThat(quiet.check(1_012, 0, true)).isTrue();
    }

    @Test
    void beginsAnewAfterAListOrTrouble() {
        assertThat(quiet.check(1_009, 0, true)).isFalse();
        quiet.restart();
        assertThat(quiet.check(1_018, 0, true)).isFalse();
        assertThat(quiet.check(1_019, 0, true)).isTrue();
    }
}
