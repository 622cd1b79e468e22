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
package io.tocsin.source.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.pack.Texts;
import io.tocsin.testing.Simulation;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Random and damaged events against a slow reading of their trees. */
class EventReadingTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String[] TEXTS = {
        "type", "reason", "action", "reportingInstance", "reportingController", "note"
    };
    private static final String[] TIMES = {
        "eventTime", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"
    };
    private static final String[] REFERENCE = {
        "apiVersion", "kind", "namespace", "name", "uid", "resourceVersion", "fieldPath"
    };

    private final EventDeserializer deserializer = new EventDeserializer();

    @Test
    void readsWhatTheTreeSays() {
        int[] read = new int[2];
        Simulation.run(
                "events",
                20_000,
                (random, number) -> {
                    byte[] json = MAPPER.writeValueAsBytes(randomEvent(random));
                    if (random.nextInt(3) == 0) {
                        int at = random.nextInt(json.length);
                        json[at] = (byte) "{}[]\",:\\0aö".charAt(random.nextInt(11));
                    }
                    String envelope = random.nextBoolean() ? "of the envelope" : null;
                    KubernetesEvent expected = expected(tree(json), envelope);
                    KubernetesEvent event = event(json, envelope);
                    assertThat(event).as(new String(json, UTF_8)).isEqualTo(expected);
                    read[event == null ? 1 : 0]++;
                });
        if (Long.getLong("tocsin.seed") == null) {
            assertThat(read).as("sound and broken").doesNotContain(0);
        }
    }

    /** Null where it fails. */
    private KubernetesEvent event(byte[] json, String envelope) {
        KubernetesRecord record =
                new KubernetesRecord(
                        KubernetesRecord.Kind.UPSERTED,
                        KubernetesRecord.Origin.WATCH,
                        "cluster",
                        "events",
                        "*",
                        0,
                        envelope,
                        envelope,
                        envelope,
                        envelope,
                        json,
                        0,
                        0,
                        null);
        try {
            return deserializer.deserialize(record).event();
        } catch (IOException e) {
            return null;
        }
    }

    private static JsonNode tree(byte[] json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            return null;
        }
    }

    private static KubernetesEvent expected(JsonNode tree, String envelope) {
        if (tree == null || !tree.isObject()) {
            return null;
        }
        JsonNode metadata = tree.path("metadata");
        String controller = text(tree, "reportingController");
        String instance = text(tree, "reportingInstance");
        return new KubernetesEvent(
                envelope == null ? text(metadata, "namespace") : envelope,
                envelope == null ? text(metadata, "name") : envelope,
                envelope == null ? text(metadata, "uid") : envelope,
                envelope == null ? text(metadata, "resourceVersion") : envelope,
                time(metadata, "creationTimestamp"),
                text(tree, "type"),
                text(tree, "reason"),
                text(tree, "note"),
                text(tree, "action"),
                controller != null ? controller : text(tree.path("deprecatedSource"), "component"),
                instance != null ? instance : text(tree.path("deprecatedSource"), "host"),
                reference(tree.path("regarding")),
                reference(tree.path("related")),
                time(tree, "eventTime"),
                count(tree.path("series"), "count"),
                time(tree.path("series"), "lastObservedTime"),
                count(tree, "deprecatedCount"),
                time(tree, "deprecatedFirstTimestamp"),
                time(tree, "deprecatedLastTimestamp"),
                labels(metadata.path("labels")));
    }

    private static ObjectLabels labels(JsonNode node) {
        TreeMap<String, String> labels = new TreeMap<>();
        node.properties()
                .forEach(
                        each -> {
                            String value = each.getValue().textValue();
                            if (labels.size() < ObjectLabels.MOST) {
                                labels.put(
                                        Texts.clean(each.getKey()),
                                        value == null ? "" : Texts.clean(value));
                            }
                        });
        return new ObjectLabels(
                labels.keySet().toArray(String[]::new), labels.values().toArray(String[]::new));
    }

    private static String text(JsonNode node, String field) {
        String text = node.path(field).textValue();
        return text == null || text.isEmpty() ? null : Texts.clean(text);
    }

    private static Long time(JsonNode node, String field) {
        return EventTimes.parse(text(node, field));
    }

    private static long count(JsonNode node, String field) {
        JsonNode count = node.path(field);
        if (!count.isIntegralNumber()) {
            return 0;
        }
        return count.bigIntegerValue()
                .max(BigInteger.ZERO)
                .min(BigInteger.valueOf(Integer.MAX_VALUE))
                .longValue();
    }

    private static ObjectReference reference(JsonNode node) {
        String[] texts = new String[REFERENCE.length];
        boolean any = false;
        for (int i = 0; i < texts.length; i++) {
            texts[i] = text(node, REFERENCE[i]);
            any |= texts[i] != null;
        }
        return any
                ? new ObjectReference(
                        texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6])
                : null;
    }

    /** Its fields in any order, some missing, some of another type. */
    private static ObjectNode randomEvent(Random random) {
        ObjectNode event = MAPPER.createObjectNode();
        for (String field : TEXTS) {
            odd(random, event, field, randomText(random));
        }
        for (String field : TIMES) {
            odd(random, event, field, randomTime(random));
        }
        number(random, event, "deprecatedCount");
        ObjectNode series = event.putObject("series");
        number(random, series, "count");
        odd(random, series, "lastObservedTime", randomTime(random));
        ObjectNode source = event.putObject("deprecatedSource");
        odd(random, source, "component", randomText(random));
        odd(random, source, "host", randomText(random));
        for (String field : new String[] {"regarding", "related"}) {
            ObjectNode reference = event.putObject(field);
            for (String each : REFERENCE) {
                odd(random, reference, each, randomText(random));
            }
        }
        ObjectNode metadata = event.putObject("metadata");
        for (String field : new String[] {"namespace", "name", "uid", "resourceVersion"}) {
            odd(random, metadata, field, randomText(random));
        }
        odd(random, metadata, "creationTimestamp", randomTime(random));
        if (random.nextInt(3) == 0) {
            ObjectNode labels = metadata.putObject("labels");
            for (int i = random.nextInt(random.nextInt(9) > 0 ? 3 : 80); i > 0; i--) {
                labels.put("label" + i + randomText(random), randomText(random));
                odd(random, labels, "app", randomText(random));
            }
        }
        metadata.putArray("managedFields").addObject().putObject("f:note").putObject(".");
        for (String field : new String[] {"series", "regarding", "related", "metadata"}) {
            if (random.nextInt(20) == 0) {
                odd(random, event, field, "no object");
            }
        }
        List<String> order = new ArrayList<>();
        event.fieldNames().forEachRemaining(order::add);
        Collections.shuffle(order, random);
        ObjectNode shuffled = MAPPER.createObjectNode();
        order.forEach(field -> shuffled.set(field, event.get(field)));
        return shuffled;
    }

    private static void odd(Random random, ObjectNode node, String field, String usual) {
        switch (random.nextInt(12)) {
            case 0 -> node.remove(field);
            case 1 -> node.putNull(field);
            case 2 -> node.put(field, random.nextInt(9));
            case 3 -> node.putArray(field).add(usual).addObject().put("name", true);
            default -> node.put(field, usual);
        }
    }

    private static void number(Random random, ObjectNode node, String field) {
        switch (random.nextInt(6)) {
            case 0 -> node.put(field, random.nextLong());
            case 1 -> node.put(field, random.nextGaussian());
            case 2 -> node.put(field, "5");
            default -> node.put(field, random.nextInt() >>> random.nextInt(32));
        }
    }

    private static String randomTime(Random random) {
        String time = "2026-11-22T0" + random.nextInt(10) + ":1" + random.nextInt(10) + ":00";
        return time + List.of("Z", ".5Z", ".123456Z", "+01:00", "").get(random.nextInt(5));
    }

    private static String randomText(Random random) {
        String alphabet = "abcdeXYZ019-.:/{}[], \"\\\n<";
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(20); i > 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return random.nextInt(200) > 0 ? text.toString() : text + "ö🔔";
    }
}
