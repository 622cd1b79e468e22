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
package io.tocsin.source.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tocsin.testing.Simulation;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectReaderTest {

    private static final ObjectMapper ORACLE =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final String METADATA =
            "{\"name\":\"n\",\"namespace\":\"s\",\"uid\":\"u\",\"resourceVersion\":\"7\",\"managedFields\":[{\"k\":{}}]}";

    private final ObjectReader reader = new ObjectReader(new Bounds(1_000_000, 50));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kubelet-count",
                "scheduler-series",
                "combined",
                "taint-without-uid",
                "deleted"
            })
    void readsRecordedLines(String name) throws IOException {
        byte[] line;
        try (InputStream in =
                getClass().getResourceAsStream("/io/tocsin/source/event/" + name + ".json")) {
            line = in.readAllBytes();
        }
        JsonNode expected = ORACLE.readTree(line);

        Signal signal = reader.readLine(line, 0, line.length, new Signals());

        ObjectVersion object =
                name.equals("deleted")
                        ? ((Signal.Deleted) signal).object()
                        : ((Signal.Upserted) signal).object();
        assertThat(ORACLE.readTree(object.json())).isEqualTo(expected.get("object"));
        assertThat(object.uid()).isEqualTo(expected.at("/object/metadata/uid").asText());
        assertThat(object.name()).isEqualTo(expected.at("/object/metadata/name").asText());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":%s,\"spec\":{\"a\":[1,{}]}}}",
                "{\"object\":{\"spec\":{\"metadata\":{\"name\":\"x\"}},\"metadata\":%s},\"type\":\"MODIFIED\"}",
                " {\"x\":1,\"type\":\"ADDED\",\"object\": {\"a\":null,\"metadata\":%s} , \"y\":[] } "
            })
    void readsFieldsInAnyOrder(String pattern) throws IOException {
        byte[] line = ("xx" + pattern.formatted(METADATA) + "yy").getBytes(UTF_8);

        Signal signal = reader.readLine(line, 2, line.length - 4, new Signals());

        ObjectVersion object = ((Signal.Upserted) signal).object();
        assertThat(
                        List.of(
                                object.namespace(),
                                object.name(),
                                object.uid(),
                                object.resourceVersion()))
                .containsExactly("s", "n", "u", "7");
        assertThat(ORACLE.readTree(object.json()).get("metadata"))
                .isEqualTo(ORACLE.readTree(METADATA));
    }

    @Test
    void anItemThatBreaksOffAfterItsMetadataSaysWhatItIs() {
        byte[] item = "{\"metadata\":%s,\"spec\":{]}".formatted(METADATA).getBytes(UTF_8);
        assertThat(reader.readItem(item, 0, item.length, new Signals()))
                .isInstanceOfSatisfying(
                        Signal.Malformed.class,
                        line ->
                                assertThat(List.of(line.namespace(), line.name(), line.uid()))
                                        .containsExactly("s", "n", "u"));
        item = "{\"spec\":{]}".getBytes(UTF_8);
        assertThat(reader.readItem(item, 0, item.length, new Signals()))
                .isInstanceOfSatisfying(
                        Signal.Malformed.class, line -> assertThat(line.name()).isNull());
    }

    @Test
    void whatIsNotWantedIsABookmark() {
        for (String pattern :
                List.of(
                        "{\"type\":\"ADDED\",\"object\":{\"metadata\":%s,\"not parsed",
                        "{\"object\":{\"metadata\":%s},\"type\":\"ADDED\"}")) {
            assertThat(read(pattern.formatted(METADATA), new Signals(v -> false)))
                    .isEqualTo(new Signal.Bookmark("7"));
        }
        // A deletion is never judged by its version: many share one.
        assertThat(
                        read(
                                "{\"type\":\"DELETED\",\"object\":{\"metadata\":%s}}"
                                        .formatted(METADATA),
                                new Signals(v -> false)))
                .isInstanceOf(Signal.Deleted.class);
    }

    @Test
    void unknownTypesMoveTheVersion() {
        String line =
                "{\"type\":\"SHUFFLED\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}}}";
        assertThat(read(line, new Signals())).isEqualTo(new Signal.Bookmark("9"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "<html>",
                "[]",
                "{}",
                "{\"type\":\"ADDED\"}",
                "{\"type\":\"ADDED\",\"object\":null}",
                "{\"type\":7,\"object\":{\"metadata\":{\"name\":\"n\",\"resourceVersion\":\"7\"}}}",
                "{\"object\":{\"metadata\":{\"name\":\"n\",\"resourceVersion\":\"7\"}}}",
                "{\"type\":\"ADDED\",\"object\":{}}",
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"n\"}}}",
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"7\"}}}",
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"\",\"resourceVersion\":\"7\"}}}",
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"n\",\"resourceVersion\":7}}}",
                "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{}}}",
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"n\",\"resourceVersion\":\"7\"}}",
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"n\",\"resourceVersion\":\"7\"}}}{}",
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"n\",\"resourceVersion\":\"7\"},\"a\":tru}}"
            })
    void whatIsNoObjectVersionIsMalformed(String line) {
        assertThat(read(line, new Signals()))
                .isInstanceOfSatisfying(
                        Signal.Malformed.class,
                        m -> {
                            assertThat(m.reason()).isNotBlank();
                            assertThat(m.raw())
                                    .isEqualTo(
                                            Arrays.copyOf(
                                                    line.getBytes(UTF_8),
                                                    Math.min(50, line.length())));
                        });
    }

    @Test
    void nestingWithoutEndIsMalformed() {
        String line = "{\"type\":\"ADDED\",\"object\":{\"a\":" + "[".repeat(100_000);
        assertThat(read(line, new Signals())).isInstanceOf(Signal.Malformed.class);
    }

    @Test
    void agreesWithAnOracleOnDamagedLines() {
        int[] kept = new int[3];
        Simulation.run(
                "object reader",
                20_000,
                (random, seed) -> {
                    byte[] line = damage(random, randomLine(random));
                    Signal signal = reader.readLine(line, 0, line.length, new Signals());
                    JsonNode node = oracle(line);
                    if (signal instanceof Signal.Upserted upserted) {
                        kept[0]++;
                        ObjectVersion object = upserted.object();
                        assertThat(node).as("read where the oracle fails").isNotNull();
                        assertThat(ORACLE.readTree(object.json())).isEqualTo(node.get("object"));
                        JsonNode metadata = node.at("/object/metadata");
                        assertThat(object.resourceVersion())
                                .isEqualTo(metadata.get("resourceVersion").textValue());
                        assertThat(object.name()).isEqualTo(metadata.get("name").textValue());
                        assertThat(object.namespace())
                                .isEqualTo(
                                        metadata.has("namespace")
                                                ? metadata.get("namespace").textValue()
                                                : null);
                    } else if (signal instanceof Signal.Malformed) {
                        kept[1]++;
                        assertThat(isVersion(node)).as("not read, but sound").isFalse();
                    } else {
                        kept[2]++;
                    }
                });
        if (Long.getLong("tocsin.seed") == null) {
            assertThat(kept).as("every kind of line was tried").doesNotContain(0);
        }
    }

    private static boolean isVersion(JsonNode node) {
        return node != null
                && node.path("object").isObject()
                && List.of("ADDED", "MODIFIED").contains(node.path("type").asText())
                && node.at("/object/metadata").isObject()
                && isTextOrAbsent(node.at("/object/metadata/uid"))
                && isTextOrAbsent(node.at("/object/metadata/namespace"))
                && !node.at("/object/metadata/resourceVersion").asText().isEmpty()
                && node.at("/object/metadata/resourceVersion").isTextual()
                && node.at("/object/metadata/name").isTextual()
                && !node.at("/object/metadata/name").asText().isEmpty();
    }

    private static boolean isTextOrAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull() || node.isTextual();
    }

    private static JsonNode oracle(byte[] line) {
        try {
            return ORACLE.readTree(line);
        } catch (IOException e) {
            return null;
        }
    }

    private static byte[] randomLine(Random random) throws IOException {
        ObjectNode metadata = ORACLE.createObjectNode();
        List<String> fields =
                new ArrayList<>(List.of("name", "namespace", "uid", "resourceVersion", "labels"));
        Collections.shuffle(fields, random);
        for (String field : fields) {
            if (random.nextInt(20) > 0) {
                metadata.put(field, field.equals("name") ? text(random) : "" + random.nextInt(99));
            }
        }
        List<String> order = new ArrayList<>(List.of("metadata", "note", "spec", "kind"));
        Collections.shuffle(order, random);
        ObjectNode object = ORACLE.createObjectNode();
        for (String field : order) {
            if (field.equals("metadata")) {
                object.set(field, metadata);
            } else if (field.equals("spec")) {
                object.putArray(field).addObject().put("metadata", 1.5).putNull("x");
            } else {
                object.put(field, text(random));
            }
        }
        ObjectNode line = ORACLE.createObjectNode();
        String type = List.of("ADDED", "MODIFIED", "BOOKMARK", "NEW").get(random.nextInt(4));
        if (random.nextBoolean()) {
            line.put("type", type).set("object", object);
        } else {
            line.set("object", object);
            line.put("type", type);
        }
        return ORACLE.writeValueAsBytes(line);
    }

    static String text(Random random) {
        String alphabet = "abcXYZ019-.\"\\/{}[]:, \n\t\0öß€\u2028🔔漢";
        StringBuilder text = new StringBuilder();
        int length = 1 + random.nextInt(20);
        for (int i = 0; i < length; i++) {
            int index = random.nextInt(alphabet.length());
            if (!Character.isSurrogate(alphabet.charAt(index))) {
                text.append(alphabet.charAt(index));
            } else {
                text.append("🔔");
            }
        }
        return text.toString();
    }

    /** Half of the lines stay sound. */
    private static byte[] damage(Random random, byte[] line) {
        switch (random.nextInt(8)) {
            case 0 -> {
                return Arrays.copyOf(line, random.nextInt(line.length));
            }
            case 1 -> line[random.nextInt(line.length)] = (byte) random.nextInt(256);
            case 2 ->
                    line[random.nextInt(line.length)] =
                            (byte) "{}[]\",:\\0".charAt(random.nextInt(9));
            case 3 -> {
                int at = random.nextInt(line.length);
                byte[] shorter = Arrays.copyOf(line, line.length - 1);
                System.arraycopy(line, at + 1, shorter, at, line.length - at - 1);
                return shorter;
            }
            default -> {}
        }
        return line;
    }

    private Signal read(String line, Signals handler) {
        byte[] bytes = line.getBytes(UTF_8);
        return reader.readLine(bytes, 0, bytes.length, handler);
    }
}
