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
package io.tocsin.job.rule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tocsin.job.yaml.Durations;
import io.tocsin.job.yaml.Yaml;
import io.tocsin.job.yaml.YamlKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the objects of a test of rules: pods, nodes and deployments as kubectl prints them, with
 * durations after the test's begin where they have times.
 */
final class TestObjectReader {

    /** The resource and the kind of what an entry may hold. */
    static final Map<String, List<String>> KINDS = kinds();

    private static final Set<String> KEYS = YamlKey.names(RuleTestKeys.OBJECT);
    private static final Set<String> TEXTS = Set.of("labels", "annotations", "matchLabels");
    private static final String METADATA = "metadata";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Problems problems;

    TestObjectReader(Problems problems) {
        this.problems = problems;
    }

    /** The versions of objects, in the order of their times. */
    List<RuleTestCase.WatchedVersion> read(List<Yaml> items, String test) {
        List<RuleTestCase.WatchedVersion> versions = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            String path = test + ".objects[" + i + "]";
            Yaml.Mapping mapping = problems.mapping(items.get(i), path);
            RuleTestCase.WatchedVersion version =
                    mapping == null ? null : version(mapping, path, i + 1);
            if (version != null) {
                versions.add(version);
            }
        }
        versions.sort(Comparator.comparingLong(RuleTestCase.WatchedVersion::atMillis));
        return versions;
    }

    private RuleTestCase.WatchedVersion version(Yaml.Mapping mapping, String path, int number) {
        problems.checkKeys(mapping, path, KEYS, Set.of());
        Yaml at = mapping.get("at");
        if (at == null) {
            problems.expected(
                    mapping.line(), path + ".at", "nothing", "a time after the test's begin");
        }
        List<String> kinds = KINDS.keySet().stream().filter(k -> mapping.get(k) != null).toList();
        if (kinds.size() != 1) {
            problems.expected(
                    mapping.line(),
                    path,
                    kinds.isEmpty() ? "no object" : "several objects",
                    "one of " + String.join(", ", KINDS.keySet()));
            return null;
        }
        String key = kinds.get(0);
        Yaml.Mapping object = problems.mapping(mapping.get(key), path + "." + key);
        Yaml deleted = mapping.get("deleted");
        String gone =
                deleted == null
                        ? "false"
                        : problems.oneOf(deleted, path + ".deleted", List.of("true", "false"));
        long time = at == null ? 0 : problems.duration(at, path + ".at", true);
        if (object == null) {
            return null;
        }
        ObjectNode json = object(object);
        ObjectNode metadata = json.withObjectProperty(METADATA);
        String name = metadata.path("name").asText("");
        if (name.isEmpty()) {
            problems.expected(
                    object.line(), path + "." + key + ".metadata.name", "nothing", "its name");
        }
        String kind = KINDS.get(key).get(1);
        String namespace = null;
        if (!kind.equals(TestRecorder.NODE)) {
            namespace = metadata.path("namespace").asText(RuleTestKeys.DEFAULT_NAMESPACE);
            metadata.put("namespace", namespace);
        }
        String uid = metadata.path("uid").asText(TestRecorder.uid(kind, namespace, name));
        metadata.put("uid", uid);
        metadata.put("resourceVersion", Integer.toString(number));
        if (!metadata.has("creationTimestamp")) {
            metadata.put("creationTimestamp", time(0));
        }
        json.put("kind", kind);
        try {
            return new RuleTestCase.WatchedVersion(
                    time,
                    KINDS.get(key).get(0),
                    namespace,
                    name,
                    uid,
                    Integer.toString(number),
                    new String(JSON.writeValueAsBytes(json), StandardCharsets.UTF_8),
                    "true".equals(gone));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of texts is always written", e);
        }
    }

    private static ObjectNode object(Yaml.Mapping mapping) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        mapping.entries().forEach((key, entry) -> put(json, key, entry.value()));
        return json;
    }

    private static void put(ObjectNode json, String key, Yaml value) {
        if (value instanceof Yaml.Mapping inner) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            inner.entries()
                    .forEach(
                            (name, entry) -> {
                                boolean text = TEXTS.contains(key);
                                if (text && entry.value() instanceof Yaml.Scalar scalar) {
                                    object.put(name, scalar.text());
                                } else {
                                    put(object, name, entry.value());
                                }
                            });
            json.set(key, object);
        } else if (value instanceof Yaml.Items list) {
            ArrayNode array = json.putArray(key);
            ObjectNode each = JsonNodeFactory.instance.objectNode();
            for (Yaml item : list.items()) {
                put(each, "", item);
                array.add(each.remove(""));
            }
        } else {
            scalar(json, key, ((Yaml.Scalar) value).text());
        }
    }

    private static void scalar(ObjectNode json, String key, String text) {
        boolean time = key.endsWith("At") || key.endsWith("Time") || key.endsWith("Timestamp");
        if (text == null) {
            json.putNull(key);
        } else if (time && Durations.parse(text) >= 0) {
            json.put(key, time(Durations.parse(text)));
        } else if (text.equals("true") || text.equals("false")) {
            json.put(key, text.equals("true"));
        } else if (text.matches("-?[0-9]{1,9}")) {
            json.put(key, Integer.parseInt(text));
        } else {
            json.put(key, text);
        }
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(RuleTestCase.BEGIN_MILLIS + millis).toString();
    }

    private static Map<String, List<String>> kinds() {
        Map<String, List<String>> kinds = new LinkedHashMap<>();
        kinds.put("pod", List.of("pods", "Pod"));
        kinds.put("node", List.of("nodes", TestRecorder.NODE));
        kinds.put("deployment", List.of("deployments", "Deployment"));
        return kinds;
    }
}
