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
import io.tocsin.job.model.Severity;
import io.tocsin.job.yaml.YamlKey;
import io.tocsin.job.yaml.YamlType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The keys of rules that work, with what the reference says of them and what the JSON Schema
 * checks. A new key is one entry here and its lines in the reader.
 */
@Pure
final class RuleKeys {

    /** Longer than twice the spam filter's period of the kubelet: facts of silence. */
    static final long DEFAULT_RESOLVE_AFTER_MILLIS = 12 * 60_000L;

    static final List<Field> DEFAULT_PER = List.of(Field.CLUSTER, Field.REGARDING_UID);

    /** What the name of a rule matches. */
    static final String NAME = "[A-Za-z][A-Za-z0-9_-]{0,99}";

    /** What a name must look like. */
    static final String NAME_EXPECTED =
            "a name of letters, digits, - and _ that begins with a letter, at most 100";

    /** What the name of a label matches. */
    static final String LABEL = "[A-Za-z_][A-Za-z0-9_]*";

    /** What the name of a label must look like. */
    static final String LABEL_EXPECTED = "a name of letters, digits and _";

    /** The most that {@code atLeast} may demand. */
    static final long MOST_AT_LEAST = 100_000;

    /** The most repetitions of one stage. */
    static final long MOST_TIMES = 100;

    /** The fields that a matcher may name. */
    static final Map<String, Field> MATCH_FIELDS =
            byPath(
                    Arrays.stream(Field.values())
                            .filter(field -> field != Field.CLUSTER)
                            .filter(field -> field.compareTo(Field.RELATED_KIND) < 0)
                            .toList());

    /** The fields that make a subject. */
    static final Map<String, Field> PER_FIELDS =
            byPath(
                    List.of(
                            Field.CLUSTER,
                            Field.REGARDING_UID,
                            Field.REGARDING_FIELD_PATH,
                            Field.REGARDING_KIND,
                            Field.REGARDING_NAMESPACE,
                            Field.REGARDING_NAME,
                            Field.REPORTING_INSTANCE,
                            Field.REASON));

    /** A reason, with how often it must come behind it or not; see {@link WhenReader}. */
    private static final String STAGE_TEXT = "[^×]*(?:×\\s*[+]?0*(?:100|[1-9][0-9]?)\\s*)?";

    /** Where the other notation has a wrong number; and stages that this version does not have. */
    private static final String STAGE_TEXT_REFUSED =
            "^(?:!|not )|\\s+x\\s*(?:0+|0*(?:10[1-9]|1[1-9][0-9]|[2-9][0-9]{2}|[1-9][0-9]{3,}))$";

    private static final YamlType NAME_TYPE = YamlType.text("name", NAME, NAME_EXPECTED);
    private static final YamlType WITHIN =
            YamlType.durationAboveZero("duration, longer than 0").defined("durationAboveZero");
    private static final YamlType MATCHER = matcher().defined("matcher");

    /** Of a stage of a sequence. */
    static final List<YamlKey> STAGE =
            List.of(
                    required("match", MATCHER, "What the stage is."),
                    withDefault(
                            "times",
                            YamlType.number(1, MOST_TIMES),
                            1,
                            "How many occurrences of it must come."));

    /** Of a condition. */
    static final List<YamlKey> WHEN =
            List.of(
                    alternative(
                            "atLeast",
                            YamlType.number(1, MOST_AT_LEAST),
                            "True as soon as so many occurrences lie within `within`. A raised"
                                    + " count is as many occurrences as it was raised by."),
                    alternative(
                            "missing",
                            MATCHER,
                            "True if `within` after a trigger nothing came that this matches."
                                    + " Further triggers do not begin the time anew."),
                    alternative(
                            "sequence",
                            YamlType.list("list of stages", stage().defined("stage"))
                                    .with("minItems", 1),
                            "True when the stages came in this order within `within`; other events"
                                    + " may lie between them."),
                    required("within", WITHIN, "The span of event time."));

    /** Of a rule. */
    static final List<YamlKey> RULE =
            List.of(
                    required("name", NAME_TYPE, "Unique: " + NAME_EXPECTED + "."),
                    optional(
                            "alert",
                            NAME_TYPE,
                            "`name`",
                            "Identity of its alerts. Rules that share one must have the same"
                                    + " `per`, and keep one alert per subject between them."),
                    optional(
                            "match",
                            MATCHER,
                            "required",
                            "What triggers the rule. With `sequence` optional: what all stages"
                                    + " must match too."),
                    withDefault(
                            "per",
                            YamlType.either(
                                    "field or list of fields",
                                    YamlType.oneOf("", PER_FIELDS.keySet()),
                                    YamlType.list("", YamlType.oneOf("", PER_FIELDS.keySet()))
                                            .with("minItems", 1)
                                            .with("uniqueItems", true)),
                            DEFAULT_PER.stream().map(Field::path).toList(),
                            "The subject: events with the same values of these fields belong"
                                    + " together."),
                    required(
                            "when",
                            YamlType.mapping("mapping", WHEN).defined("when"),
                            "The condition."),
                    withDefault(
                            "for",
                            YamlType.duration("duration"),
                            0,
                            "How long the alert stays pending before it rings. Meanwhile `clears`"
                                    + " withdraws it silently."),
                    optional(
                            "clears",
                            YamlType.either(
                                    "matcher or list of matchers",
                                    MATCHER,
                                    YamlType.list("", MATCHER)),
                            "nothing",
                            "What ends an alert of the same subject; any of them. One that names no"
                                    + " container ends those of all containers of its object, one"
                                    + " that names no uid those of all objects of its name."),
                    optional(
                            "keepAlive",
                            MATCHER,
                            "nothing",
                            "What, besides the rule's own triggers, puts off the end by silence."),
                    withDefault(
                            "resolveAfter",
                            WITHIN.called("duration"),
                            DEFAULT_RESOLVE_AFTER_MILLIS / 60_000 + "m",
                            "An alert is over after this time of event time without an occurrence"
                                    + " or a `keepAlive`."),
                    withDefault(
                            "severity",
                            YamlType.oneOf(
                                    "one of `" + String.join("`, `", severities()) + "`",
                                    severities()),
                            Severity.WARNING.name().toLowerCase(Locale.ROOT),
                            "How much its alerts matter."),
                    optional(
                            "labels",
                            YamlType.dictionary(
                                    "mapping of names to templates",
                                    LABEL,
                                    LABEL_EXPECTED,
                                    YamlType.text("template")),
                            "none",
                            "Further labels of its alerts; they win over those that every alert"
                                    + " has."),
                    withDefault(
                            "summary",
                            YamlType.text("template"),
                            defaultSummary(),
                            "The line for people."));

    private RuleKeys() {}

    /** A rule file. */
    static YamlType file() {
        YamlType rule =
                YamlType.mapping("mapping", RULE)
                        .with(
                                "if",
                                Map.of(
                                        "properties",
                                        Map.of("when", Map.of("required", List.of("sequence")))))
                        .with("else", Map.of("required", List.of("match")))
                        .defined("rule");
        YamlType rules = YamlType.list("list of rules", rule).with("minItems", 1);
        return YamlType.either(
                "rules",
                rules,
                YamlType.mapping("", List.of(required("rules", rules, "The rules."))));
    }

    static String defaultSummary() {
        return "{{reason}}: {{regarding.kind}} {{regarding.namespace}}/{{regarding.name}}: {{note}}";
    }

    /** The severities as rules write them. */
    static List<String> severities() {
        return Arrays.stream(Severity.values())
                .map(severity -> severity.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    private static YamlType matcher() {
        YamlType value = YamlType.text("value");
        YamlType values =
                YamlType.either("values", value, YamlType.list("", value).with("minItems", 1))
                        .defined("values");
        List<YamlKey> whole = new ArrayList<>();
        List<YamlKey> nested = new ArrayList<>();
        MATCH_FIELDS.forEach(
                (path, field) -> {
                    whole.add(optional(path, values, "any value", field.description()));
                    if (path.startsWith(MatcherReader.REGARDING + ".")) {
                        String inner = path.substring(MatcherReader.REGARDING.length() + 1);
                        nested.add(optional(inner, values, "any value", field.description()));
                    }
                });
        whole.add(
                optional(
                        MatcherReader.REGARDING,
                        YamlType.mapping("mapping", nested).with("minProperties", 1),
                        "any object",
                        "The object that the event is about."));
        return YamlType.mapping("matcher", whole).with("minProperties", 1);
    }

    private static YamlType stage() {
        YamlType text =
                YamlType.text("reason", STAGE_TEXT, "a reason, with ×1 to ×100 behind it or not")
                        .with(
                                "not",
                                new TreeMap<>(
                                        Map.of("type", "string", "pattern", STAGE_TEXT_REFUSED)));
        return YamlType.either("stage", text, YamlType.mapping("", STAGE));
    }

    private static Map<String, Field> byPath(Collection<Field> fields) {
        Map<String, Field> byPath = new LinkedHashMap<>();
        fields.forEach(field -> byPath.put(field.path(), field));
        return byPath;
    }
}
