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
package io.tocsin.job.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.reader.Notice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class MetricsPageTest {

    @Test
    void namesEveryCounterOfTheWatch() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "operations", "metrics.md"));
        assertThat(
                        List.of(
                                "numRecordsIn",
                                "numRecordsInErrors",
                                "numBytesIn",
                                "pendingRecords",
                                "pendingBytes",
                                "currentFetchEventTimeLag",
                                "currentEmitEventTimeLag",
                                "watermarkLag",
                                "sourceIdleTime",
                                "unassignedSplits",
                                "kubernetes.assignedSplits",
                                "retiringSplits",
                                "kubernetes.splits",
                                "kubernetes.queuedBytes",
                                "kubernetes.lastContactAgeMillis",
                                "kubernetes.blindMillis",
                                "kubernetes.futureSkewed",
                                "kubernetes.possibleLoss"))
                .allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
        assertThat(Arrays.stream(Notice.values()).map(n -> n.name().toLowerCase(Locale.ROOT)))
                .allSatisfy(
                        name ->
                                assertThat(page)
                                        .as("docs/operations/metrics.md")
                                        .containsPattern("`(kubernetes\\.)?" + name + "`"));
    }
}
