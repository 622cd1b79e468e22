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
package io.tocsin.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.replay.RecordingOverview;
import io.tocsin.job.rule.RuleSet;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StoryTest {
    private static final RuleSet RULES =
            RuleSet.parse(
                    "rules.yaml",
                    """
                    rules:
                      - name: Crashing
                        match: {type: Warning, reason: BackOff}
                        when: {atLeast: 5, within: 10m}
                        summary: crashing
                      - name: Unscheduled
                        match: {type: Warning, reason: FailedScheduling}
                        when: {missing: {reason: Scheduled}, within: 3m}
                        summary: unscheduled
                    """);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A recording of 10:00:00 to 10:20:00, shifted by an hour. */
    private Story story = story(Set.of(""));

    private Story story(Set<String> clusters) {
        return new Story(
                RULES,
                new RecordingOverview(
                        Path.of("r.jsonl.gz"),
                        3,
                        Instant.parse("2026-03-04T10:00:00Z"),
                        Instant.parse("2026-03-04T10:20:00Z"),
                        false,
                        0,
                        new TreeMap<>(),
                        clusters,
                        false),
                3_600_000,
                new PrintStream(bytes, true, StandardCharsets.UTF_8),
                false);
    }

    private String told() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private void event(String type, String reason, String name, long weight, String more) {
        story.take(
                """
                {"kind":"event","type":"%s","reason":"%s","weight":%d,\
                "regarding":{"namespace":"shop","name":"%s"},%s}"""
                        .formatted(type, reason, weight, name, more));
    }

    private void alert(String id, String status, String fired, String ends, String name) {
        story.take(
                """
                {"kind":"alert","id":"%s","rule":"Crashing","status":"%s","startsAt":"2026-03-04T11:02:03Z",\
                "firedAt":%s,"endsAt":%s,"occurrences":7,"labels":{"namespace":"shop","name":"%s"},\
                "summary":"shop/%s\\ncrashes \\u001b[31m"}"""
                        .formatted(id, status, fired, ends, name, name));
    }

    @Test
    void tellsWhatRangAndResolvedInTheIncidentsOwnTime() {
        story.opening(30);
        alert("1", "firing", "\"2026-03-04T11:02:03Z\"", "null", "web-0");
        alert("1", "firing", "\"2026-03-04T11:02:03Z\"", "null", "web-0");
        alert("1", "resolved", "\"2026-03-04T11:02:03Z\"", "\"2026-03-04T11:08:05Z\"", "web-0");
        alert("2", "firing", "\"2026-03-04T11:12:00Z\"", "null", "db-0");
        story.ended();
        story.closing();
        assertThat(told())
                .contains("20m of a real cluster, from 2026-03-04 10:00:00 UTC on, 30 times faster")
                .containsOnlyOnce(
                        "10:02:03    +2:03  FIRING    Crashing            shop/web-0 crashes  [31m")
                .contains(
                        "10:08:05    +8:05  RESOLVED  Crashing            shop/web-0 after 6m 2s and"
                                + " 7 occurrences")
                .contains("2 alerts rang: 1 resolved, 1 still firing when the recording ended.")
                .contains("2 × Crashing")
                .doesNotContain("\u001b")
                .doesNotContain("stopped before");
    }

    @Test
    void saysWhatTheRecordingWasTooShortFor() {
        event("Warning", "BackOff", "held", 8, "\"triggers\":[\"Crashing\"]");
        alert("1", "pending", "null", "null", "held");
        event(
                "Warning",
                "FailedScheduling",
                "recent",
                1,
                "\"time\":\"2026-03-04T11:18:00Z\",\"triggers\":[\"Unscheduled\"]");
        event(
                "Warning",
                "FailedScheduling",
                "earlier",
                1,
                "\"time\":\"2026-03-04T11:16:00Z\",\"triggers\":[\"Unscheduled\"]");
        story.ended();
        story.closing();
        assertThat(told())
                .containsPattern("shop/held .*Crashing was still pending when the recording ended")
                .containsPattern(
                        "shop/recent .*Unscheduled: its 3m were not over when the recording ended")
                .containsPattern("shop/earlier .*Unscheduled: not missing what it waits for");
    }

    @Test
    void tellsSeveralClustersApart() {
        story = story(Set.of("east", "west"));
        for (String cluster : new String[] {"east", "west"}) {
            story.take(
                    """
                    {"kind":"event","cluster":"%s","type":"Warning","reason":"BackOff","weight":3,\
                    "regarding":{"namespace":"shop","name":"web-0"},"triggers":["Crashing"]}"""
                            .formatted(cluster));
        }
        for (String status : new String[] {"firing", "resolved"}) {
            story.take(
                    """
                    {"kind":"alert","cluster":"east","id":"1","rule":"Crashing","status":"%s",\
                    "startsAt":"2026-03-04T11:02:03Z","firedAt":"2026-03-04T11:02:03Z",\
                    "endsAt":"2026-03-04T11:03:03Z","occurrences":7,"summary":"crashes",\
                    "labels":{"namespace":"shop","name":"web-0"}}"""
                            .formatted(status));
        }
        story.closing();
        assertThat(told())
                .containsPattern("FIRING +Crashing +\\[east] crashes")
                .containsPattern("RESOLVED +Crashing +\\[east] shop/web-0 after 1m")
                .contains("1 workloads had warnings and stayed quiet:")
                .containsPattern("\\[west] shop/web +BackOff ×3 +Crashing: never 5");
    }

    @Test
    void namesANodeInFull() {
        story.take(
                """
                {"kind":"event","type":"Warning","reason":"Rebooted","weight":1,"triggers":[],\
                "regarding":{"kind":"Node","name":"node-1"}}""");
        story.closing();
        assertThat(told()).containsPattern("  node-1 +Rebooted ×1");
    }

    @Test
    void tellsWhatStayedQuietAndWhy() {
        event("Warning", "BackOff", "api-7d4b9c6f5-x2x5z", 2, "\"triggers\":[\"Crashing\"]");
        event("Warning", "BackOff", "api-7d4b9c6f5-k8k9w", 1, "\"triggers\":[\"Crashing\"]");
        event("Warning", "FailedScheduling", "late", 1, "\"triggers\":[\"Unscheduled\"]");
        event("Normal", "Scheduled", "late", 1, "\"awaited\":[\"Unscheduled\"]");
        event("Warning", "Odd", "odd", 9, "\"triggers\":[]");
        event("Warning", "BackOff", "web-0", 7, "\"triggers\":[\"Crashing\"]");
        event("Warning", "BackOff", "brief", 6, "\"triggers\":[\"Crashing\"]");
        event("Normal", "Fine", "fine", 1, "\"triggers\":[]");
        alert("1", "firing", "\"2026-03-04T11:02:03Z\"", "null", "web-0");
        alert("2", "pending", "null", "null", "brief");
        alert("2", "resolved", "null", "\"2026-03-04T11:02:43Z\"", "brief");
        story.closing();
        assertThat(told())
                .contains("(stopped before the end of the recording)")
                .contains("4 workloads had warnings and stayed quiet:")
                .containsPattern("shop/odd +Odd ×9 +no rule rings for this")
                .containsPattern("shop/brief +BackOff ×6 +Crashing was pending, and over after 40s")
                .containsPattern("shop/api +BackOff ×3 +Crashing: never 5 of one object within 10m")
                .containsPattern(
                        "shop/late +FailedScheduling ×1 +Unscheduled: Scheduled came within 3m")
                .doesNotContain("shop/fine");
    }
}
