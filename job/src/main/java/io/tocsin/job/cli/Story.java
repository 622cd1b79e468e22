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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.job.replay.RecordingOverview;
import io.tocsin.job.rule.RuleSet;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tells what Tocsin makes of a recording while it is played: what rang and resolved, when in the
 * recording's own time; in the end what stayed quiet, and why.
 *
 * <p>Knows nothing but the documents of the job's output. Thread-safe.
 */
final class Story {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);
    private static final int LONGEST_SUMMARY = 120;
    private static final int QUIET_SHOWN = 20;
    private static final int LONGEST_REASONS = 42;

    private static final String RED = "\u001b[1;31m";
    private static final String GREEN = "\u001b[1;32m";
    private static final String DIM = "\u001b[2m";
    private static final String BOLD = "\u001b[1m";
    private static final String RESET = "\u001b[0m";

    private final RecordingOverview recording;
    private final long shiftMillis;
    private final PrintStream out;
    private final boolean coloured;
    private final QuietOnes quiet;

    /** The last document of each alert that rang, by id, in the order in which they rang. */
    private final Map<String, JsonNode> rang = new LinkedHashMap<>();

    private long repetitions;
    private long warnings;
    private long late;
    private boolean ended;

    /**
     * @param shiftMillis what was added to the recording's times
     */
    Story(
            RuleSet rules,
            RecordingOverview recording,
            long shiftMillis,
            PrintStream out,
            boolean coloured) {
        this.recording = recording;
        this.shiftMillis = shiftMillis;
        this.out = out;
        this.coloured = coloured;
        this.quiet = new QuietOnes(rules, this::cluster);
    }

    /** Says what will be seen. */
    synchronized void opening(double speed) {
        out.printf(
                "Playing %s: %s of a real cluster, from %s UTC on, %s.%n",
                recording.file().getFileName(),
                length(recording.length().toMillis()),
                DAY.format(recording.begin()),
                speed < 1.05 ? "as fast as life" : "%.0f times faster than life".formatted(speed));
        out.println(
                "It is served as a Kubernetes API on this machine, to the job that ./tocsin run"
                        + " starts. Times are the incident's own.");
        out.println();
        out.flush();
    }

    /** Takes a document of the job's output. */
    synchronized void take(String line) {
        JsonNode document;
        try {
            document = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("No JSON document: " + line, e);
        }
        switch (document.path("kind").asText()) {
            case "event" -> event(document);
            case "alert" -> alert(document);
            case "late" -> late++;
            default -> print(millis(document, "from"), DIM, "NOTE", line);
        }
    }

    /** Nothing more comes. */
    synchronized void ended() {
        ended = true;
    }

    /** Whether nobody reads any more what is told. */
    boolean unheard() {
        return out.checkError();
    }

    private void event(JsonNode event) {
        long weight = event.path("weight").asLong();
        repetitions += weight;
        if ("Warning".equals(event.path("type").asText())) {
            warnings += weight;
        }
        quiet.event(event, millis(event, "time"));
    }

    private void alert(JsonNode alert) {
        String id = alert.path("id").asText();
        JsonNode before = rang.get(id);
        switch (alert.path("status").asText()) {
            case "firing" -> {
                rang.put(id, alert);
                quiet.rang(alert);
                if (before == null) {
                    print(
                            millis(alert, "firedAt"),
                            RED,
                            "FIRING",
                            rule(alert) + cluster(alert) + summary(alert));
                }
            }
            case "resolved" -> {
                if (alert.path("firedAt").isNull()) {
                    quiet.over(alert, duration(alert, "startsAt"));
                    return;
                }
                boolean known = before != null && before.path("status").asText().equals("resolved");
                rang.put(id, alert);
                if (!known) {
                    print(
                            millis(alert, "endsAt"),
                            GREEN,
                            "RESOLVED",
                            rule(alert)
                                    + cluster(alert)
                                    + object(alert)
                                    + " after "
                                    + length(duration(alert, "firedAt"))
                                    + " and "
                                    + alert.path("occurrences").asLong()
                                    + " occurrences");
                }
            }
            default -> quiet.pending(alert);
        }
    }

    private static String summary(JsonNode alert) {
        String summary = alert.path("summary").asText("").strip().replaceAll("\\s+", " ");
        return shortened(summary, LONGEST_SUMMARY);
    }

    /** Which cluster a document is of, where there are several. */
    private String cluster(JsonNode document) {
        return recording.clusters().size() < 2
                ? ""
                : "[" + document.path("cluster").asText() + "] ";
    }

    private static String shortened(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    }

    private static String rule(JsonNode alert) {
        return "%-19s ".formatted(alert.path("rule").asText());
    }

    /** The object an alert is about; its container where it is about one. */
    private static String object(JsonNode alert) {
        JsonNode labels = alert.path("labels");
        String namespace = labels.path("namespace").asText("");
        return (namespace.isEmpty() ? "" : namespace + "/") + labels.path("name").asText();
    }

    private void print(long millis, String colour, String word, String text) {
        long since = millis - recording.begin().toEpochMilli();
        StringBuilder plain = new StringBuilder();
        text.codePoints()
                .map(c -> Character.getType(c) == Character.CONTROL ? ' ' : c)
                .forEach(plain::appendCodePoint);
        out.printf(
                "%s %8s  %s  %s%n",
                CLOCK.format(Instant.ofEpochMilli(millis)),
                (since < 0 ? "-" : "+") + minutes(Math.abs(since)),
                paint(colour, "%-8s".formatted(word)),
                plain);
        out.flush();
    }

    /** Sums up. */
    synchronized void closing() {
        out.println();
        out.println(
                paint(BOLD, "Summary")
                        + (ended ? "" : " (stopped before the end of the recording)"));
        out.printf("%,d occurrences were told of, %,d of them warnings.%n", repetitions, warnings);
        if (late > 0) {
            out.printf("%d reports of old occurrences came too late to ring.%n", late);
        }
        List<JsonNode> open =
                rang.values().stream()
                        .filter(alert -> alert.path("status").asText().equals("firing"))
                        .toList();
        out.printf(
                "%d alerts rang: %d resolved, %d still firing when the recording ended.%n",
                rang.size(), rang.size() - open.size(), open.size());
        Map<String, Integer> byRule = new TreeMap<>();
        rang.values().forEach(a -> byRule.merge(a.path("rule").asText(), 1, Integer::sum));
        byRule.forEach((rule, count) -> out.printf("  %3d × %s%n", count, rule));
        List<QuietOnes.Quiet> silent = quiet.list(recording.end().toEpochMilli());
        out.printf("%d workloads had warnings and stayed quiet:%n", silent.size());
        silent.stream()
                .limit(QUIET_SHOWN)
                .forEach(
                        each ->
                                out.printf(
                                        "  %-24s %-42s %s%n",
                                        each.subject(),
                                        shortened(each.reasons(), LONGEST_REASONS),
                                        each.why()));
        if (silent.size() > QUIET_SHOWN) {
            out.printf("  and %d more%n", silent.size() - QUIET_SHOWN);
        }
        out.flush();
    }

    private long millis(JsonNode document, String field) {
        JsonNode time = document.path(field);
        return time.isTextual()
                ? Instant.parse(time.asText()).toEpochMilli() - shiftMillis
                : recording.begin().toEpochMilli();
    }

    private long duration(JsonNode alert, String from) {
        return millis(alert, "endsAt") - millis(alert, from);
    }

    private String paint(String colour, String text) {
        return coloured ? colour + text + RESET : text;
    }

    private static String minutes(long millis) {
        Duration time = Duration.ofMillis(millis);
        return time.toHours() > 0
                ? "%d:%02d:%02d"
                        .formatted(time.toHours(), time.toMinutesPart(), time.toSecondsPart())
                : "%d:%02d".formatted(time.toMinutes(), time.toSecondsPart());
    }

    /** A length of time as in rules. */
    static String length(long millis) {
        Duration time = Duration.ofMillis(millis);
        return time.toHours() > 0
                ? time.toHours() + "h " + time.toMinutesPart() + "m"
                : time.toMinutes() > 0
                        ? time.toMinutes()
                                + "m"
                                + (time.toSecondsPart() == 0
                                        ? ""
                                        : " " + time.toSecondsPart() + "s")
                        : time.toSeconds() + "s";
    }
}
