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

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Bytes of events that are odd in every way that JSON allows, and at times no JSON. */
final class HostileEvents {

    private static final int HUGE_NOTE_CHARS = 1_000_000;

    private static final List<String> TEXT_FIELDS =
            List.of("action", "reportingInstance", "reportingComponent", "apiVersion", "unknown");
    private static final List<String> REASONS =
            List.of("BackOff", "FailedScheduling", "Scheduled", "Killing", "Unhealthy", "Evicted");
    private static final List<String> CONTROLLERS = List.of("kubelet", "default-scheduler");
    private static final List<String> KINDS = List.of("Pod", "Node", "pod", "Nothing");
    private static final List<String> TIME_FIELDS =
            List.of(
                    "eventTime",
                    "deprecatedFirstTimestamp",
                    "deprecatedLastTimestamp",
                    "firstTimestamp",
                    "lastTimestamp");
    private static final List<String> TIMES =
            List.of(
                    "1970-01-01T00:00:00Z",
                    "1969-12-31T23:59:59Z",
                    "0001-01-01T00:00:00Z",
                    "0002-01-01T00:00:00Z",
                    "2100-01-01T00:00:00Z",
                    "9999-12-31T23:59:60.999999999Z",
                    "2026-02-30T00:00:00Z",
                    "2026-11-21T02:11:37+23:59",
                    "yesterday",
                    "");
    private static final List<String> COUNTS =
            List.of(
                    "1000000000",
                    "2147483648",
                    "9223372036854775808",
                    "1e400",
                    "-5",
                    "0",
                    "1",
                    "2.7");
    private static final List<String> WRONG =
            List.of("null", "true", "7", "[]", "{}", "[[1,{\"a\":2}]]", "{\"a\":{\"b\":[null]}}");
    private static final List<String> ODD =
            List.of(
                    "",
                    " ",
                    "\\u0000",
                    "\\u001f\\u001e\\u001d\\u001c",
                    "\\ud800",
                    "\\udc00x\\ud83d",
                    "\\ud83d\\ude00",
                    "\\u202e\\ufeff",
                    "a\\nb\\r\\t\\\"",
                    "{{regarding.name}}",
                    "${jndi:ldap://x}",
                    "(combined from similar events): Stopping container");

    private final Random random;

    HostileEvents(Random random) {
        this.random = random;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What an envelope may be told as a name: a few come again and again. */
    String nameOrNull() {
        return switch (random.nextInt(6)) {
            case 0 -> null;
            case 1 -> "a\u001fb\u001e";
            case 2 -> "\ud800";
            case 3 -> "x".repeat(random.nextInt(5_000));
            default -> "event-" + random.nextInt(4);
        };
    }

    byte[] bytes(long nowMillis) {
        byte[] json = utf8(json(nowMillis));
        switch (random.nextInt(12)) {
            case 0 -> {
                return Arrays.copyOf(json, random.nextInt(json.length));
            }
            case 1 -> json[random.nextInt(json.length)] = (byte) random.nextInt(256);
            default -> {
                // As it is.
            }
        }
        return json;
    }

    private String json(long nowMillis) {
        StringBuilder json = new StringBuilder("{\"metadata\":");
        value(
                json,
                () ->
                        json.append("{\"creationTimestamp\":")
                                .append(time(nowMillis))
                                .append(",\"labels\":")
                                .append(labels())
                                .append('}'));
        field(json, "type", () -> text(json, List.of("Warning", "Normal", "Fatal")));
        field(json, "reason", () -> text(json, REASONS));
        field(json, random.nextBoolean() ? "note" : "message", () -> note(json));
        field(json, "reportingController", () -> text(json, CONTROLLERS));
        for (String name : TEXT_FIELDS) {
            field(json, name, () -> text(json, List.of("node-1")));
        }
        field(json, random.nextBoolean() ? "regarding" : "involvedObject", () -> object(json));
        field(json, "related", () -> object(json));
        for (String name : TIME_FIELDS) {
            field(json, name, () -> json.append(time(nowMillis)));
        }
        field(json, random.nextBoolean() ? "deprecatedCount" : "count", () -> json.append(count()));
        field(
                json,
                "series",
                () ->
                        json.append("{\"count\":")
                                .append(count())
                                .append(",\"lastObservedTime\":")
                                .append(time(nowMillis))
                                .append('}'));
        return json.append('}').toString();
    }

    private void object(StringBuilder json) {
        json.append("{\"kind\":");
        value(json, () -> text(json, KINDS));
        for (String name : List.of("namespace", "name", "uid", "fieldPath", "resourceVersion")) {
            field(json, name, () -> text(json, List.of("one", "two")));
        }
        json.append('}');
    }

    private void field(StringBuilder json, String name, Runnable usual) {
        if (random.nextInt(5) > 0) {
            json.append(",\"").append(name).append("\":");
            value(json, usual);
        }
    }

    private void value(StringBuilder json, Runnable usual) {
        if (random.nextInt(8) == 0) {
            json.append(pick(WRONG));
        } else {
            usual.run();
        }
    }

    private void text(StringBuilder json, List<String> usual) {
        json.append('"');
        switch (random.nextInt(8)) {
            case 0 -> json.append(pick(ODD));
            case 1 ->
                    json.append(
                            pick(List.of("x", "\u00e4", "\u5831")).repeat(random.nextInt(5_000)));
            default -> json.append(pick(usual));
        }
        json.append('"');
    }

    private void note(StringBuilder json) {
        if (random.nextInt(20) == 0) {
            json.append('"').append("note ".repeat(HUGE_NOTE_CHARS / 5)).append('"');
        } else {
            text(json, List.of("Stopping container app", "0/3 nodes are available"));
        }
    }

    private String labels() {
        StringBuilder labels = new StringBuilder("{");
        int size = random.nextInt(10) == 0 ? 2_000 : random.nextInt(3);
        for (int i = 0; i < size; i++) {
            labels.append(i == 0 ? "" : ",").append("\"label-").append(i).append("\":");
            labels.append(
                    random.nextInt(9) == 0
                            ? pick(WRONG)
                            : "\"" + "v".repeat(random.nextInt(300)) + "\"");
        }
        return labels.append('}').toString();
    }

    private String time(long nowMillis) {
        long millis = nowMillis + random.nextInt(-7_200_000, 5_000);
        return "\""
                + (random.nextBoolean() ? pick(TIMES) : Instant.ofEpochMilli(millis).toString())
                + "\"";
    }

    private String count() {
        return random.nextInt(3) == 0 ? pick(COUNTS) : Integer.toString(random.nextInt(60));
    }

    private String pick(List<String> all) {
        return all.get(random.nextInt(all.size()));
    }
}
