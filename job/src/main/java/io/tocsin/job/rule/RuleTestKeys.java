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

import static io.tocsin.job.yaml.YamlKey.alternative;
import static io.tocsin.job.yaml.YamlKey.optional;
import static io.tocsin.job.yaml.YamlKey.required;
import static io.tocsin.job.yaml.YamlKey.withDefault;

import io.tocsin.annotation.Pure;
import io.tocsin.job.yaml.YamlKey;
import io.tocsin.job.yaml.YamlType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys of tests of rules, with what the reference says of them and what the JSON Schema checks.
 */
@Pure
final class RuleTestKeys {

    /** The most repetitions of one entry. */
    static final long MOST_TIMES = 10_000;

    /** The most copies of one entry. */
    static final long MOST_COPIES = 1_000;

    /** The most versions of events in one test. */
    static final int MOST_EVENTS = 50_000;

    /** The largest count of an event: int32, as in the API. */
    static final long MOST_COUNT = Integer.MAX_VALUE;

    /** What stands for the number of a copy. */
    static final String COPY = "#";

    static final String DEFAULT_TYPE = "Warning";
    static final String DEFAULT_KIND = "Pod";
    static final String DEFAULT_NAMESPACE = "default";

    private static final String REGARDING = "regarding";
    private static final String RELATED = "related";

    /** The fields of an event, with what they are without being written. */
    static final Map<String, YamlKey> EVENT_FIELDS = eventFields();

    private static final YamlType DURATION = YamlType.duration("duration").defined("duration");
    private static final YamlType OBJECT_TYPE =
            YamlType.dictionary(
                    "the object",
                    "metadata|spec|status|kind|apiVersion",
                    "metadata, spec or status",
                    YamlType.any());
    private static final YamlType ABOVE_ZERO =
            YamlType.durationAboveZero("duration, longer than 0").defined("durationAboveZero");

    /** Of an event, besides its fields. */
    static final List<YamlKey> EVENT =
            List.of(
                    required("at", DURATION, "When it happens first."),
                    withDefault(
                            "times",
                            YamlType.number(1, MOST_TIMES),
                            1,
                            "How often it happens. Each time raises the count of the event by one,"
                                    + " as recorders do; so does a further entry with the same"
                                    + " fields."),
                    optional(
                            "every",
                            ABOVE_ZERO,
                            "required with `times` above 1",
                            "How far its repetitions are apart."),
                    optional(
                            "count",
                            YamlType.number(1, MOST_COUNT),
                            "one more than before",
                            "The count that the event has then. One that is not greater than before"
                                    + " begins a new event."),
                    optional(
                            "since",
                            DURATION,
                            "when it is seen first",
                            "When the repetitions began that the first `count` tells of."),
                    withDefault(
                            "copies",
                            YamlType.number(1, MOST_COPIES),
                            1,
                            "So many such events at once, of different objects: `#` stands for their"
                                    + " number, from 1, in all fields."));

    /** Of an object. */
    static final List<YamlKey> OBJECT =
            List.of(
                    required("at", DURATION, "When it is seen so."),
                    alternative("pod", OBJECT_TYPE, "A pod as `kubectl get -o yaml` prints it."),
                    alternative("node", OBJECT_TYPE, "A node."),
                    alternative("deployment", OBJECT_TYPE, "A Deployment."),
                    withDefault("deleted", YamlType.flag(), false, "Whether it is deleted then."));

    /** Of a blindness. */
    static final List<YamlKey> BLIND =
            List.of(
                    required("from", DURATION, "Begin."),
                    optional(
                            "to",
                            ABOVE_ZERO,
                            "it does not end",
                            "End. What happens meanwhile is listed then."));

    /** Of an alert that must be open. */
    static final List<YamlKey> ALERT =
            List.of(
                    required("rule", YamlType.text("text"), "Name of the alert."),
                    withDefault(
                            "status",
                            YamlType.oneOf("`pending` or `firing`", List.of("pending", "firing")),
                            "firing",
                            "Whether it rings."),
                    optional("subject", YamlType.text("text"), "any", "What it is about."),
                    optional("since", DURATION, "any", "When its condition became true."),
                    optional(
                            "severity",
                            YamlType.oneOf(
                                    "one of `" + String.join("`, `", RuleKeys.severities()) + "`",
                                    RuleKeys.severities()),
                            "any",
                            "Its severity."),
                    optional("summary", YamlType.text("text"), "any", "Its summary, as a whole."),
                    optional(
                            "labels",
                            YamlType.dictionary(
                                    "mapping of names to texts",
                                    RuleKeys.LABEL,
                                    RuleKeys.LABEL_EXPECTED,
                                    YamlType.text("text")),
                            "any",
                            "Labels that it has, among others."));

    /** Of an expectation. */
    static final List<YamlKey> EXPECT =
            List.of(
                    required("at", DURATION, "When."),
                    required(
                            "alerts",
                            YamlType.list("list of alerts", YamlType.mapping("", ALERT)),
                            "The alerts that are open then, and no others; `[]` for none."));

    /** Of a test. */
    static final List<YamlKey> TEST =
            List.of(
                    required("name", YamlType.filled("text"), "Unique in its file."),
                    optional(
                            "common",
                            YamlType.mapping("mapping", fieldKeys()).defined("fields"),
                            "none",
                            "Fields of all its events, unless an event says otherwise."),
                    optional(
                            "events",
                            YamlType.list("list of events", event().defined("event")),
                            "none",
                            "What happens."),
                    optional(
                            "objects",
                            YamlType.list(
                                    "list of objects",
                                    YamlType.mapping("", OBJECT).defined("object")),
                            "none",
                            "What watched pods, nodes and deployments are, for rules about `state`."),
                    optional(
                            "blind",
                            YamlType.list("list of intervals", YamlType.mapping("", BLIND)),
                            "never",
                            "When Tocsin has no contact to the cluster."),
                    required(
                            "expect",
                            YamlType.list("list of expectations", YamlType.mapping("", EXPECT))
                                    .with("minItems", 1),
                            "What is open when."));

    /** Of a file. */
    static final List<YamlKey> FILE =
            List.of(
                    withDefault(
                            "rules",
                            YamlType.list("list of texts", YamlType.text("text"))
                                    .with("minItems", 1),
                            List.of(RuleSet.DEFAULT),
                            "The rules that are tested together: `default`, files or globs, relative"
                                    + " to this file."),
                    optional(
                            "common",
                            YamlType.mapping("mapping", fieldKeys()).defined("fields"),
                            "none",
                            "Fields of all events of all tests, unless a test or an event says"
                                    + " otherwise."),
                    required(
                            "tests",
                            YamlType.list(
                                            "list of tests",
                                            YamlType.mapping("", TEST).defined("test"))
                                    .with("minItems", 1),
                            "The tests. They know nothing of each other."));

    private RuleTestKeys() {}

    /** A file of tests. */
    static YamlType file() {
        return YamlType.mapping("file", FILE);
    }

    private static YamlType event() {
        List<YamlKey> keys = new ArrayList<>(EVENT);
        keys.addAll(fieldKeys());
        return YamlType.mapping("event", keys);
    }

    /** The fields with their dots, and nested. */
    private static List<YamlKey> fieldKeys() {
        List<YamlKey> keys = new ArrayList<>(EVENT_FIELDS.values());
        for (String prefix : List.of(REGARDING, RELATED)) {
            List<YamlKey> nested = new ArrayList<>();
            EVENT_FIELDS.forEach(
                    (path, key) -> {
                        if (path.startsWith(prefix + ".")) {
                            nested.add(
                                    optional(
                                            path.substring(prefix.length() + 1),
                                            key.type(),
                                            key.otherwise(),
                                            key.description()));
                        }
                    });
            keys.add(
                    optional(
                            prefix,
                            YamlType.mapping("mapping", nested),
                            "the fields below",
                            prefix.equals(REGARDING)
                                    ? "The object that the event is about."
                                    : "A second object that the event names."));
        }
        return keys;
    }

    private static Map<String, YamlKey> eventFields() {
        Map<String, YamlKey> fields = new LinkedHashMap<>();
        field(fields, Field.TYPE, "`" + DEFAULT_TYPE + "`");
        field(fields, Field.REASON, "required, here or in `common`");
        field(fields, Field.NOTE, "empty");
        field(fields, Field.ACTION, "empty");
        field(fields, Field.REPORTING_CONTROLLER, "empty");
        field(fields, Field.REPORTING_INSTANCE, "empty");
        field(fields, Field.REGARDING_API_VERSION, "`v1`");
        field(fields, Field.REGARDING_KIND, "`" + DEFAULT_KIND + "`");
        field(fields, Field.REGARDING_NAMESPACE, "`" + DEFAULT_NAMESPACE + "`; empty for a Node");
        field(fields, Field.REGARDING_NAME, "required, here or in `common`");
        field(fields, Field.REGARDING_UID, "one for each kind, namespace and name");
        field(fields, Field.REGARDING_FIELD_PATH, "empty");
        field(fields, Field.RELATED_KIND, "empty");
        field(fields, Field.RELATED_NAMESPACE, "empty");
        field(fields, Field.RELATED_NAME, "empty");
        return fields;
    }

    private static void field(Map<String, YamlKey> fields, Field field, String otherwise) {
        fields.put(
                field.path(),
                optional(field.path(), YamlType.text("text"), otherwise, field.description()));
    }
}
