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

import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Occurrence;
import org.junit.jupiter.api.Test;

/** What detection remembers is bounded, also of events as nobody should write them. */
class MemoryBoundTest {

    /** Of an empty operator: names and serializers of its state. */
    private static final long OVERHEAD_BYTES = 4_000;

    @Test
    void aWindowThatWantsHugeNumbersStaysBelow25Kilobytes() throws Exception {
        try (DetectHarness detect =
                new DetectHarness(
                        """
                        rules:
                          - name: Huge
                            match: {reason: Fail}
                            when: {atLeast: 100000, within: 1h}
                        """)) {
            for (int i = 0; i < 10_000; i++) {
                fail(detect, "web", "uid", 1 + i * 300L);
            }
            assertThat(detect.stateBytes()).isLessThan(OVERHEAD_BYTES + 25_000);
            assertThat(detect.changes()).isEmpty();
        }
    }

    @Test
    void valuesOfADistinctRuleStayBelow300Kilobytes() throws Exception {
        try (DetectHarness detect =
                new DetectHarness(
                        """
                        rules:
                          - name: Differ
                            match: {reason: Fail}
                            per: cluster
                            when: {distinct: {field: regarding.name, atLeast: 1000}, within: 1s}
                        """)) {
            String longest = "x".repeat(240);
            for (int i = 0; i < 5_000; i++) {
                fail(detect, longest + i, "uid", 1 + i * 100L);
            }
            assertThat(detect.stateBytes()).isLessThan(OVERHEAD_BYTES + 2_000 * 270);
            assertThat(detect.changes()).isEmpty();
        }
    }

    @Test
    void aNameWithEverNewUidsHas256SubjectsAndWhatRingsIsNotForgotten() throws Exception {
        try (DetectHarness detect =
                new DetectHarness(
                        """
                        rules:
                          - name: Fails
                            match: {reason: Fail}
                            per: [cluster, regarding.uid, regarding.fieldPath]
                            when: {atLeast: 2, within: 1h}
                            clears: {reason: Gone}
                        """)) {
            fail(detect, "web", "first", 0);
            fail(detect, "web", "first", 1);
            assertThat(detect.changes()).hasSize(1);
            for (int i = 0; i < 3_000; i++) {
                fail(detect, "web", "uid-" + i, 2 + i);
                detect.event("Gone", 2, "web", "other-" + i, null);
            }
            assertThat(detect.stateBytes()).isLessThan(OVERHEAD_BYTES + Room.MOST_SUBJECTS * 400L);
            detect.event("Gone", 10, "web", null, null);
            assertThat(detect.changes())
                    .extracting(alert -> alert.status())
                    .containsExactly(AlertStatus.RESOLVED);
            detect.watermark(100_000);
            assertThat(detect.entries()).isZero();
        }
    }

    @Test
    void wherePlacesAreFullOfWhatRingsMoreIsToldAsLate() throws Exception {
        try (DetectHarness detect =
                new DetectHarness(
                        """
                        rules:
                          - name: Fails
                            match: {reason: Fail}
                            when: {atLeast: 1, within: 1h}
                        """)) {
            for (int i = 0; i < 300; i++) {
                fail(detect, "web", "uid-" + i, i);
            }
            assertThat(detect.changes()).hasSize(Room.MOST_SUBJECTS);
            assertThat(detect.late()).isEqualTo(300 - Room.MOST_SUBJECTS);
        }
    }

    @Test
    void ofALongListTheLatestWait() throws Exception {
        try (DetectHarness detect =
                new DetectHarness(
                        """
                        rules:
                          - name: Fails
                            match: {reason: Fail}
                            per: cluster
                            when: {atLeast: 2, within: 1s}
                            resolveAfter: 100h
                        """)) {
            int number = 2 * AlertFunction.MOST_WAITING + 10;
            for (int i = 0; i < number; i++) {
                // As lists are: not in order of time.
                long second = 3L * ((i * 7_919L) % number);
                detect.event(
                        "Fail",
                        1,
                        DetectHarness.at(second),
                        "web",
                        "uid",
                        null,
                        Occurrence.Origin.LISTED);
            }
            assertThat(detect.late()).isEqualTo(AlertFunction.MOST_WAITING);
            assertThat(detect.stateBytes())
                    .isLessThan(OVERHEAD_BYTES + (AlertFunction.MOST_WAITING + 10) * 400L);
            detect.event(
                    "Fail",
                    1,
                    DetectHarness.at(3L * number),
                    "web",
                    "uid",
                    null,
                    Occurrence.Origin.LISTED);
            detect.event(
                    "Fail",
                    1,
                    DetectHarness.at(3L * number),
                    "web",
                    "uid",
                    null,
                    Occurrence.Origin.LISTED);
            detect.watermark(3L * number + 10);
            assertThat(detect.changes()).hasSize(1);
        }
    }

    private static void fail(DetectHarness detect, String pod, String uid, long millis)
            throws Exception {
        detect.event(
                "Fail", 1, DetectHarness.at(0) + millis, pod, uid, null, Occurrence.Origin.LIVE);
    }
}
