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

import io.tocsin.source.split.ResourceSplit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.Level;
import org.junit.jupiter.api.Test;

class NoticeLogTest {

    private final AtomicLong nanos = new AtomicLong();
    private final List<Notice> counted = new ArrayList<>();

    private NoticeLog log(String cluster) {
        return new NoticeLog(
                ResourceSplit.unread(cluster, "events", "*"), counted::add, nanos::get);
    }

    @Test
    void anOutageOfTenMinutesInWhichEveryKindOfFailureTakesTurnsIsAFewLines() {
        try (WatchLog lines = new WatchLog()) {
            NoticeLog log = log("sick");
            Notice[] turns = {
                Notice.BROKEN,
                Notice.REFUSED,
                Notice.REGAINED,
                Notice.THROTTLED,
                Notice.INSTANT_CLOSES,
                Notice.UNAUTHORIZED
            };
            for (int second = 0; second < 600; second++) {
                nanos.set(TimeUnit.SECONDS.toNanos(second));
                log.report(turns[second % turns.length], "failure " + second);
            }
            List<String> all = new ArrayList<>(lines.messages(Level.WARN, "sick"));
            all.addAll(lines.messages(Level.INFO, "sick"));
            assertThat(counted).hasSize(600);
            // Each kind in the first five outages, then at growing distances.
            assertThat(all).hasSizeLessThanOrEqualTo(10 * turns.length);
            assertThat(all)
                    .filteredOn(line -> line.contains("BROKEN"))
                    .hasSize(Repetitions.SINGLE_OUTAGES + 3)
                    .last()
                    .asString()
                    .contains("failure 444")
                    .contains("(39 more since the last such line)");
        }
    }

    @Test
    void twoOutagesWithinAMinuteAreToldEachWithItsEnd() {
        try (WatchLog lines = new WatchLog()) {
            NoticeLog log = log("twice");
            for (int outage = 1; outage <= 2; outage++) {
                for (int failure = 0; failure < 5; failure++) {
                    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
                    log.report(Notice.BROKEN, "outage " + outage);
                }
                log.report(Notice.REGAINED, "outage " + outage);
            }
            assertThat(lines.messages(Level.WARN, "twice"))
                    .satisfiesExactly(
                            line -> assertThat(line).contains("outage 1"),
                            line -> assertThat(line).contains("outage 2"));
            assertThat(lines.messages(Level.INFO, "twice"))
                    .satisfiesExactly(
                            line -> assertThat(line).contains("after outage 1"),
                            line -> assertThat(line).contains("after outage 2"));
        }
    }

    @Test
    void anOutageAWhileAfterTheLastIsANewOne() {
        try (WatchLog lines = new WatchLog()) {
            NoticeLog log = log("again");
            log.report(Notice.BROKEN, "first");
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(30));
            log.report(Notice.BROKEN, "same");
            nanos.addAndGet(TimeUnit.MINUTES.toNanos(6));
            log.report(Notice.BROKEN, "second");
            assertThat(lines.messages(Level.WARN, "again"))
                    .hasSize(2)
                    .last()
                    .asString()
                    .contains("second")
                    .doesNotContain("more since");
        }
    }

    @Test
    void theFirstOfEachKindIsToldAtOnceAndWithItsRemedy() {
        try (WatchLog lines = new WatchLog()) {
            NoticeLog log = log("first");
            log.report(Notice.BROKEN, "connection refused");
            log.report(Notice.FORBIDDEN, "403 no");
            log.report(Notice.REGAINED, "2 failures in 3 s");
            assertThat(lines.messages(Level.WARN, "first"))
                    .hasSize(2)
                    .anyMatch(line -> line.contains("verbs list and watch on events"));
            assertThat(lines.messages(Level.INFO, "first"))
                    .containsExactly(
                            "list/watch events in all namespaces of cluster first: contact regained"
                                    + " after 2 failures in 3 s");
        }
    }

    @Test
    void namespacesThatMayNotBeListedAreToldWithVerbResourceAndSelector() {
        try (WatchLog lines = new WatchLog()) {
            NoticeLog.ofNamespaces("labels", "team=shop").report(Notice.FORBIDDEN, "403 no");
            assertThat(lines.messages(Level.WARN, "labels"))
                    .singleElement()
                    .asString()
                    .contains(
                            "list/watch namespaces with labels team=shop",
                            "verbs list and watch on namespaces",
                            "ClusterRole",
                            "retrying");
        }
    }
}
