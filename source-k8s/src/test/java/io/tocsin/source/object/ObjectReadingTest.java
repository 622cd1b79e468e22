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
package io.tocsin.source.object;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.event.EventTimes;
import io.tocsin.testing.Simulation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

/** Recorded objects, changed and damaged at random, against a slow reading of their trees. */
class ObjectReadingTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String[] FILES = {
        "oom-pod.json", "deleted-pod.json", "lost-node.json", "stuck-deployment.json"
    };

    private final ObjectDeserializer deserializer = new ObjectDeserializer();
    private final ObjectRecordSerializer serializer = new ObjectRecordSerializer();

    @Test
    void readsWhatTheTreeSaysAndSerializesIt() {
        int[] read = new int[2];
        Simulation.run(
                "objects",
                3_000,
                (random, number) -> {
                    JsonNode tree =
                            MAPPER.readTree(
                                    ObjectDeserializerTest.bytes(
                                            FILES[random.nextInt(FILES.length)]));
                    for (int i = random.nextInt(6); i > 0; i--) {
                        change(tree, random);
                    }
                    byte[] json = MAPPER.writeValueAsBytes(tree);
                    if (random.nextInt(3) == 0) {
                        int at = random.nextInt(json.length);
                        json[at] = (byte) "{}[]\",:\\0aö".charAt(random.nextInt(11));
                    }
                    ObjectRecord record = record(json);
                    JsonNode sound = sound(json);
                    read[record == null ? 1 : 0]++;
                    if (sound == null || !sound.isObject()) {
                        assertThat(record).isNull();
                        return;
                    }
                    String whole = new String(json, UTF_8);
                    compare(record.object(), sound, whole.substring(whole.length() / 2));
                    assertThat(copy(record)).usingRecursiveComparison().isEqualTo(record);
                });
        if (Long.getLong("tocsin.seed") == null) {
            assertThat(read).as("sound and broken").doesNotContain(0);
        }
    }

    private ObjectRecord record(byte[] json) {
        try {
            return deserializer.deserialize(
                    ObjectDeserializerTest.record(Kind.UPSERTED, "pods", json));
        } catch (IOException e) {
            return null;
        }
    }

    private ObjectRecord copy(ObjectRecord record) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(record, out);
        return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
    }

    private static JsonNode sound(byte[] json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            return null;
        }
    }

    private static void compare(WatchedObject object, JsonNode tree, String as) {
        JsonNode metadata = tree.path("metadata");
        JsonNode status = tree.path("status");
        assertThat(object.phase()).as(as).isEqualTo(text(status, "phase"));
        assertThat(object.node()).as(as).isEqualTo(text(tree.path("spec"), "nodeName"));
        assertThat(object.creationMillis()).as(as).isEqualTo(time(metadata, "creationTimestamp"));
        List<ObjectCondition> conditions = new ArrayList<>();
        for (JsonNode each : array(status, "conditions")) {
            if (text(each, "type") != null) {
                conditions.add(
                        new ObjectCondition(
                                text(each, "type"),
                                text(each, "status"),
                                text(each, "reason"),
                                text(each, "message"),
                                time(each, "lastTransitionTime")));
            }
        }
        assertThat(object.conditions()).as(as).containsExactlyElementsOf(conditions);
        List<ContainerState> containers = new ArrayList<>();
        for (JsonNode each : array(status, "containerStatuses")) {
            if (text(each, "name") != null) {
                containers.add(container(each));
            }
        }
        assertThat(object.containers()).as(as).containsExactlyElementsOf(containers);
        String owner = null;
        for (JsonNode each : array(metadata, "ownerReferences")) {
            if (each.path("controller").isBoolean() && each.path("controller").booleanValue()) {
                owner = text(each, "name");
            }
        }
        assertThat(object.ownerName()).as(as).isEqualTo(owner);
        JsonNode labels = metadata.path("labels");
        if (labels.has("app")) {
            String label = text(labels, "app");
            assertThat(object.label("app")).as(as).isEqualTo(label == null ? "" : label);
        }
    }

    private static ContainerState container(JsonNode status) {
        JsonNode state = status.path("state");
        JsonNode running = state.path("running");
        return new ContainerState(
                text(status, "name"),
                false,
                Math.max(0, number(status, "restartCount")),
                text(state.path("waiting"), "reason"),
                text(state.path("waiting"), "message"),
                running.isObject() ? Math.max(1, time(running, "startedAt")) : 0,
                end(state.path("terminated")),
                end(status.path("lastState").path("terminated")));
    }

    private static ContainerEnd end(JsonNode end) {
        return end.isObject()
                ? new ContainerEnd(
                        text(end, "reason"), number(end, "exitCode"), time(end, "finishedAt"))
                : null;
    }

    private static Iterable<JsonNode> array(JsonNode node, String field) {
        return node.path(field).isArray() ? node.path(field) : List.of();
    }

    private static long number(JsonNode node, String field) {
        return node.path(field).isIntegralNumber() ? node.path(field).longValue() : 0;
    }

    private static long time(JsonNode node, String field) {
        Long time = EventTimes.parse(text(node, field));
        return time == null ? 0 : time;
    }

    private static String text(JsonNode node, String field) {
        String text = node.path(field).textValue();
        return text == null || text.isEmpty() ? null : io.tocsin.source.pack.Texts.clean(text);
    }

    /** Somewhere: another value, another type, or nothing. */
    private static void change(JsonNode node, Random random) {
        if (node instanceof ObjectNode object && !object.isEmpty()) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            if (object.get(name).isContainerNode() && random.nextInt(12) > 0) {
                change(object.get(name), random);
            } else {
                odd(object, name, random);
            }
        } else if (node instanceof ArrayNode array && !array.isEmpty()) {
            int at = random.nextInt(array.size());
            if (random.nextInt(12) > 0) {
                change(array.get(at), random);
            } else if (random.nextBoolean()) {
                array.remove(at);
            } else {
                array.insert(at, random.nextInt(9));
            }
        }
    }

    private static void odd(ObjectNode object, String name, Random random) {
        switch (random.nextInt(9)) {
            case 0 -> object.remove(name);
            case 1 -> object.putNull(name);
            case 2 -> object.put(name, random.nextInt());
            case 3 -> object.put(name, random.nextBoolean());
            case 4 -> object.putArray(name).add("text").addObject().put("name", "x");
            case 5 -> object.putObject(name).put("name", "x").put("reason", 5);
            case 6 -> object.put(name, "2026-11-2" + random.nextInt(10) + "T02:13:09Z");
            case 7 -> object.put(name, "ö\u001f🔔");
            default -> object.put(name, "text" + random.nextInt(9));
        }
    }
}
