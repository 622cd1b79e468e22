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

import java.util.List;

/** The keys of the rule language that work, with what the reference says of them. */
final class RuleKeys {

    /** Longer than twice the spam filter's period of the kubelet: facts of silence. */
    static final long DEFAULT_RESOLVE_AFTER_MILLIS = 12 * 60_000L;

    static final List<Field> DEFAULT_PER = List.of(Field.CLUSTER, Field.REGARDING_UID);

    /** What a name must look like. */
    static final String NAME_EXPECTED =
            "a name of letters, digits, - and _ that begins with a letter, at most 100";

    /** The most that {@code atLeast} may demand. */
    static final long MOST_AT_LEAST = 100_000;

    /** The most repetitions of one stage. */
    static final long MOST_TIMES = 100;

    private static final String MATCHER = "matcher";
    private static final String DURATION = "duration";

    /** Of a rule. */
    static final List<YamlKey> RULE =
            List.of(
                    new YamlKey("name", "name", "required", "Unique: " + NAME_EXPECTED + "."),
                    new YamlKey(
                            "alert",
                            "name",
                            "`name`",
                            "Identity of its alerts. Rules that share one must have the same"
                                    + " `per`, and keep one alert per subject between them."),
                    new YamlKey(
                            "match",
                            MATCHER,
                            "required",
                            "What triggers the rule. With `sequence` optional: what all stages"
                                    + " must match too."),
                    new YamlKey(
                            "per",
                            "field or list of fields",
                            "`" + perId(DEFAULT_PER) + "`",
                            "The subject: events with the same values of these fields belong"
                                    + " together."),
                    new YamlKey("when", "mapping", "required", "The condition, see below."),
                    new YamlKey(
                            "for",
                            DURATION,
                            "`0`",
                            "How long the alert stays pending before it rings. Meanwhile `clears`"
                                    + " withdraws it silently."),
                    new YamlKey(
                            "clears",
                            "matcher or list of matchers",
                            "nothing",
                            "What ends an alert of the same subject; any of them."),
                    new YamlKey(
                            "keepAlive",
                            MATCHER,
                            "nothing",
                            "What, besides the rule's own triggers, puts off the end by silence."),
                    new YamlKey(
                            "resolveAfter",
                            DURATION,
                            "`" + DEFAULT_RESOLVE_AFTER_MILLIS / 60_000 + "m`",
                            "An alert is over after this time of event time without an occurrence"
                                    + " or a `keepAlive`."),
                    new YamlKey("severity", "severity", "`warning`", "See below."),
                    new YamlKey(
                            "labels",
                            "mapping of names to templates",
                            "none",
                            "Further labels of its alerts; they win over those that every alert"
                                    + " has."),
                    new YamlKey(
                            "summary",
                            "template",
                            "`" + defaultSummary() + "`",
                            "The line for people."));

    /** Of a condition. */
    static final List<YamlKey> WHEN =
            List.of(
                    new YamlKey(
                            "atLeast",
                            "number, 1 to " + MOST_AT_LEAST,
                            "",
                            "True as soon as so many occurrences lie within `within`. A raised"
                                    + " count is as many occurrences as it was raised by."),
                    new YamlKey(
                            "missing",
                            MATCHER,
                            "",
                            "True if `within` after a trigger nothing came that this matches."
                                    + " Further triggers do not begin the time anew."),
                    new YamlKey(
                            "sequence",
                            "list of stages",
                            "",
                            "True when the stages came in this order within `within`; other events"
                                    + " may lie between them."),
                    new YamlKey(
                            "within",
                            DURATION + ", longer than 0",
                            "required",
                            "The span of event time."));

    /** Of a stage of a sequence. */
    static final List<YamlKey> STAGE =
            List.of(
                    new YamlKey("match", MATCHER, "required", "What the stage is."),
                    new YamlKey(
                            "times",
                            "number, 1 to " + MOST_TIMES,
                            "`1`",
                            "How many occurrences of it must come."));

    private RuleKeys() {}

    static String defaultSummary() {
        return "{{reason}}: {{regarding.kind}} {{regarding.namespace}}/{{regarding.name}}: {{note}}";
    }

    private static String perId(List<Field> fields) {
        return "[" + String.join(", ", fields.stream().map(Field::path).toList()) + "]";
    }
}
