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
import java.util.List;
import org.junit.jupiter.api.Test;

class PositionTest {

    private static final Position AT_5 = Position.initial().listed(v(5), 1_000, List.of());

    private static ResourceVersion v(long version) {
        return ResourceVersion.parse(Long.toString(version));
    }

    @Test
    void isNewOnlyAboveTheVersion() {
        assertThat(AT_5.isNew("ns", "a", v(5))).isFalse();
        assertThat(AT_5.isNew("ns", "a", v(6))).isTrue();
    }

    @Test
    void comparesKeysAsBytesSoThatDashSortsBeforeSlash() {
        assertThat(Position.compareKeys("a-b/x", "a/x")).isNegative();
        assertThat(Position.compareKeys("a.b/x", "a/x")).isNegative();
        // U+1F514 sorts after U+FF01 in UTF-8, but before it in UTF-16.
        assertThat(Position.compareKeys("\uD83D\uDD14", "\uFF01")).isPositive();
    }

    @Test
    void knowsWhatTheRelistUnderWayEmitted() {
        Position listing = AT_5.listing(v(9), "token", "ns/m");
        assertThat(listing.isNew("ns", "m", v(9))).isFalse();
        assertThat(listing.isNew("ns", "n", v(9))).isTrue();
        assertThat(listing.needsList()).isTrue();
    }

    @Test
    void keepsOuterSegmentsWhenAnInnerRelistIsInterrupted() {
        Position position =
                AT_5.listing(v(9), "t", "ns/m")
                        .interrupted()
                        .listing(v(12), "t", "ns/c")
                        .interrupted();
        assertThat(position.segments())
                .containsExactly(new Segment("ns/c", v(12)), new Segment("ns/m", v(9)));
        assertThat(position.isNew("ns", "c", v(12))).isFalse();
        assertThat(position.isNew("ns", "d", v(10))).isTrue();
        assertThat(position.isNew("ns", "d", v(9))).isFalse();
        assertThat(position.isNew("ns", "z", v(6))).isTrue();
    }

    @Test
    void replacesInnerSegmentsWhenALaterRelistGetsFurther() {
        Position position =
                AT_5.listing(v(9), "t", "ns/c")
                        .interrupted()
                        .listing(v(12), "t", "ns/m")
                        .interrupted();
        assertThat(position.segments()).containsExactly(new Segment("ns/m", v(12)));
    }

    @Test
    void dropsTheOutermostSegmentAboveTheBound() {
        Position position = AT_5;
        for (int i = 0; i < 20; i++) {
            String key = "ns/" + (char) ('z' - i);
            position = position.listing(v(10 + i), "t", key).interrupted();
        }
        assertThat(position.segments()).hasSize(Position.MAX_SEGMENTS);
        assertThat(position.segments().get(0).upperKey()).isEqualTo("ns/g");
        assertThat(position.newest()).isEqualTo(v(29));
    }

    @Test
    void beginsANewEpochAfterARollback() {
        Position back = AT_5.listing(v(9), "t", "ns/m").rolledBack();
        assertThat(back.epoch()).isEqualTo(1);
        assertThat(back.beforeFirstList()).isTrue();
        assertThat(back.isNew("ns", "m", v(1))).isTrue();
        assertThat(back.lastContactMillis()).isEqualTo(1_000);
    }
}
