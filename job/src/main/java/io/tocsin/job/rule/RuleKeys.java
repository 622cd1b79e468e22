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
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The keys of rules that work, with what the reference says of them and what the JSON Schema
 * checks. A new key is one entry here and its lines in the reader.
 */
@Pure
final class RuleKeys {

    /** Longer than twice the spam filter's period of the kubelet: facts of silence. */
    static final long DEFAULT_RESOLVE_AFTER_MILLIS = 12 * 60_000L;

    /** Holds where a rule is about states and names no condition. */
    static final String DEFAULT_STATE_WITHIN = "10m";

    static final List<Field> DEFAULT_PER = List.of(Field.CLUSTER, Field.REGARDING_UID);

    /** What the name of a label matches. */
    static final String LABEL = "[A-Za-z_][A-Za-z0-9_]*";

    /** What the name of a label must look like. */
    static final String LABEL_EXPECTED = "a name of letters, digits and _";

    /** The most that {@code atLeast} may demand. */
    static final long MOST_AT_LEAST = 100_000;

    /** The most different values that {@code distinct} may demand. */
    static final long MOST_DISTINCT = 1_000;

    /** The most repetitions of one stage. */
    static final long MOST_TIMES = 100;

    /** The fields that make a subject. */
    static final Map<String, Field> PER_FIELDS =
            Language.supported(
                    "per.",
                    Field.CLUSTER,
                    Field.REGARDING_UID,
                    Field.REGARDING_FIELD_PATH,
                    Field.REGARDING_KIND,
                    Field.REGARDING_NAMESPACE,
                    Field.REGARDING_NAME,
                    Field.REPORTING_INSTANCE,
                    Field.REASON,
                    Field.OWNER,
                    Field.NODE);

    /** The fields whose different values are counted. */
    static final Map<String, Field> DISTINCT_FIELDS =
            Language.supported(
                    "per.",
                    Field.REGARDING_UID,
                    Field.REGARDING_NAME,
                    Field.REGARDING_NAMESPACE,
                    Field.REGARDING_KIND,
                    Field.REGARDING_FIELD_PATH,
                    Field.REPORTING_CONTROLLER,
                    Field.REPORTING_INSTANCE,
                    Field.REASON,
                    Field.OWNER,
                    Field.NODE);

    /** What templates may name, except labels. */
    static final Set<String> TEMPLATE_FIELDS = templateFields();

    private static final String TEMPLATE_LABELS = "labels";

    /** A reason, with how often it must come behind it or not; see {@link StageReader}. */
    private static final String STAGE_TEXT = "[^×]*(?:×\\s*[+]?0*(?:100|[1-9][0-9]?)\\s*)?";

    /** Where the other notation has a wrong number, and where one has no place. */
    private static final String STAGE_TEXT_REFUSED =
            "\\s+x\\s*(?:0+|0*(?:10[1-9]|1[1-9][0-9]|[2-9][0-9]{2}|[1-9][0-9]{3,}))$|"
                    + (Language.NOT_YET.contains("stage.not")
                            ? "^(?:!|not )"
                            : "^(?:!|not )(?:[^×]*×|[^×]*\\s+x\\s*[0-9]+$)");

    private static final YamlType NAME_TYPE =
            YamlType.text("name", Language.NAME, Language.NAME_EXPECTED);
    private static final YamlType WITHIN =
            YamlType.durationAboveZero("duration, longer than 0").defined("durationAboveZero");
    private static final YamlType MATCHER = MatcherKeys.matcher(false).defined("matcher");
    private static final YamlType END_MATCHER = MatcherKeys.matcher(true).defined("endMatcher");
    private static final YamlType END_MATCHERS =
            YamlType.either(
                    "matcher or list of matchers", END_MATCHER, YamlType.list("", END_MATCHER));

    /** Of a stage of a sequence. */
    static final List<YamlKey> STAGE =
            Language.supported(
                    "stage.",
                    Language.NOT_YET.contains("stage.not")
                            ? required("match", MATCHER, "What the stage is.")
                            : alternative("match", MATCHER, "What the stage is."),
                    alternative(
                            "not",
                            MATCHER,
                            "What must not come between the stages before and behind it; as the"
                                    + " first stage: within `within` before the next one; as the"
                                    + " last: until `within` is over."),
                    withDefault(
                            "times",
                            YamlType.number(1, MOST_TIMES),
                            1,
                            "How many occurrences of it must come."));

    /** Of {@code distinct}. */
    static final List<YamlKey> DISTINCT =
            List.of(
                    required(
                            "field",
                            YamlType.oneOf("field", DISTINCT_FIELDS.keySet()),
                            "The field; none of `per`."),
                    required(
                            "atLeast",
                            YamlType.number(1, MOST_DISTINCT),
                            "How many different values."));

    /** Of a condition. */
    static final List<YamlKey> WHEN =
            Language.supported(
                    "when.",
                    alternative(
                            "atLeast",
                            YamlType.number(1, MOST_AT_LEAST),
                            "True as soon as so many occurrences lie within `within`. A raised"
                                    + " count is as many occurrences as it was raised by."),
                    alternative(
                            "missing",
                            END_MATCHER,
                            "True if `within` after a trigger nothing came that this matches."
                                    + " Further triggers do not begin the time anew."),
                    alternative(
                            "sequence",
                            stages(),
                            "True when the stages came in this order within `within`; other events"
                                    + " may lie between them."),
                    alternative(
                            "distinct",
                            YamlType.mapping("mapping", DISTINCT),
                            "True as soon as a field has so many different values within"
                                    + " `within`; events without a value do not count."),
                    optional(
                            "state",
                            YamlType.oneOf(
                                    "one of `" + String.join("`, `", MatcherKeys.STATES) + "`",
                                    MatcherKeys.STATES),
                            "`events`",
                            "What the rule is about instead of events: changes of the state that"
                                    + " watched objects show. Holds for all its matchers that say"
                                    + " nothing else; alone it is true at each of these changes."),
                    optional(
                            "within",
                            WITHIN,
                            Language.NOT_YET.contains("when.state")
                                    ? "required"
                                    : "required, but `"
                                            + DEFAULT_STATE_WITHIN
                                            + "` with `state` alone",
                            "The span of event time."));

    /** Of a rule. */
    static final List<YamlKey> RULE =
            Language.supported(
                    "",
                    required("name", NAME_TYPE, "Unique: " + Language.NAME_EXPECTED + "."),
                    optional(
                            "formerly",
                            YamlType.either(
                                    "name or list of names",
                                    NAME_TYPE,
                                    YamlType.list("", NAME_TYPE)),
                            "none",
                            "Names that the rule had before: its alerts, and what it has seen, go"
                                    + " on."),
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
                    required("when", when().defined("when"), "The condition."),
                    withDefault(
                            "for",
                            YamlType.duration("duration"),
                            0,
                            "How long the alert stays pending before it rings. Meanwhile `clears`"
                                    + " withdraws it silently."),
                    optional(
                            "quiet",
                            WITHIN.called("duration, shorter than `for`"),
                            "never",
                            "An alert that is pending is withdrawn silently after this time of"
                                    + " event time without an occurrence or a `keepAlive`."),
                    optional(
                            "clears",
                            END_MATCHERS,
                            "nothing",
                            "What ends an alert of the same subject; any of them. One that names no"
                                    + " container ends those of all containers of its object, one"
                                    + " that names no uid those of all objects of its name."),
                    optional(
                            "keepAlive",
                            END_MATCHERS,
                            "nothing",
                            "What, besides the rule's own triggers, puts off the end by silence;"
                                    + " any of them."),
                    withDefault(
                            "resolveAfter",
                            WITHIN.called("duration"),
                            DEFAULT_RESOLVE_AFTER_MILLIS / 60_000 + "m",
                            "An alert is over after this time of event time without an occurrence"
                                    + " or a `keepAlive`."),
                    withDefault(
                            "notice",
                            YamlType.flag(),
                            false,
                            "Whether nothing is told of the end: its alerts are news, and ring"
                                    + " again after `resolveAfter` at the earliest."),
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
                                    template()),
                            "none",
                            "Further labels of its alerts; they win over those that every alert"
                                    + " has."),
                    withDefault("summary", template(), defaultSummary(), "The line for people."),
                    optional(
                            "description",
                            template(),
                            "none",
                            "What it means, for people who have not met it before."),
                    optional(
                            "runbook",
                            template(),
                            "none",
                            "Address of a page that says what to do."));

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
                        .with("else", Map.of("required", List.of("match")));
        if (!Language.NOT_YET.contains("quiet")) {
            rule = rule.with("dependentRequired", Map.of("quiet", List.of("for")));
        }
        YamlType rules =
                YamlType.list("list of rules", rule.defined("rule"))
                        .with("minItems", 1)
                        .with("maxItems", RuleSet.MOST_RULES);
        return YamlType.either("rules", rules, YamlType.mapping("", topKeys(rules)));
    }

    /** Of a file that is a mapping. */
    static final Set<String> TOP = YamlKey.names(topKeys(YamlType.text("")));

    private static List<YamlKey> topKeys(YamlType rules) {
        YamlType definition = MatcherKeys.definition(true).defined("definition");
        return List.of(
                required("rules", rules, "The rules."),
                optional(
                        "matchers",
                        YamlType.dictionary(
                                "mapping of names to matchers or lists of them",
                                Language.NAME,
                                Language.NAME_EXPECTED,
                                YamlType.either(
                                        "",
                                        definition,
                                        YamlType.list("", definition).with("minItems", 1))),
                        "none",
                        "Matchers that have a name; the rules of this file may name them where a"
                                + " matcher belongs."));
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

    /** Whether a template may name something. */
    static boolean isTemplateField(String name) {
        return TEMPLATE_FIELDS.contains(name)
                || (name.startsWith(TEMPLATE_LABELS + ".")
                        && !Language.NOT_YET.contains("template." + TEMPLATE_LABELS));
    }

    /** Whether what a template may name has parts that have names. */
    static boolean hasTemplateFields(String name) {
        return TEMPLATE_FIELDS.stream().anyMatch(field -> field.startsWith(name + "."));
    }

    private static Set<String> templateFields() {
        Set<String> fields =
                new LinkedHashSet<>(
                        List.of(
                                "cluster",
                                "rule",
                                "subject",
                                "type",
                                "reason",
                                "note",
                                "reportingController",
                                "reportingInstance",
                                "container",
                                "occurrences",
                                "regarding.kind",
                                "regarding.namespace",
                                "regarding.name",
                                "regarding.uid",
                                "regarding.fieldPath"));
        for (String field : List.of("owner", "node", "exitCode")) {
            if (!Language.NOT_YET.contains("template." + field)) {
                fields.add(field);
            }
        }
        return Collections.unmodifiableSet(fields);
    }

    private static YamlType template() {
        return YamlType.text("template").with("maxLength", Template.MOST_CHARS);
    }

    private static YamlType when() {
        YamlType when = YamlType.mapping("mapping", WHEN);
        List<Map<String, Object>> kinds = new ArrayList<>();
        for (YamlKey key : WHEN) {
            if (key.presence() == YamlKey.Presence.ALTERNATIVE) {
                kinds.add(Map.of("required", List.of(key.name(), "within")));
            }
        }
        List<Map<String, Object>> all = new ArrayList<>(kinds);
        if (!Language.NOT_YET.contains("when.state")) {
            List<Map<String, Object>> others = new ArrayList<>();
            kinds.forEach(kind -> others.add(onlyFirst(kind)));
            all.add(
                    new TreeMap<>(
                            Map.of("required", List.of("state"), "not", Map.of("anyOf", others))));
        }
        return when.with("oneOf", all);
    }

    private static Map<String, Object> onlyFirst(Map<String, Object> kind) {
        return Map.of("required", List.of(((List<?>) kind.get("required")).get(0)));
    }

    private static YamlType stages() {
        YamlType stages = YamlType.list("list of stages", stage().defined("stage"));
        return Language.NOT_YET.contains("stage.not")
                ? stages.with("minItems", 1)
                : stages.with(
                        "contains",
                        Map.of(
                                "not",
                                Map.of(
                                        "anyOf",
                                        List.of(
                                                new TreeMap<>(
                                                        Map.of(
                                                                "type",
                                                                "string",
                                                                "pattern",
                                                                "^(?:!|not )")),
                                                new TreeMap<>(
                                                        Map.of(
                                                                "type",
                                                                "object",
                                                                "required",
                                                                List.of("not")))))));
    }

    private static YamlType stage() {
        YamlType text =
                YamlType.text("reason", STAGE_TEXT, "a reason, with ×1 to ×100 behind it or not")
                        .with(
                                "not",
                                new TreeMap<>(
                                        Map.of("type", "string", "pattern", STAGE_TEXT_REFUSED)));
        YamlType mapping = YamlType.mapping("", STAGE);
        return YamlType.either(
                "stage",
                text,
                Language.NOT_YET.contains("stage.not")
                        ? mapping
                        : mapping.with("dependentRequired", Map.of("times", List.of("match"))));
    }
}
