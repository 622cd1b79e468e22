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

import static io.tocsin.job.yaml.YamlKey.optional;
import static io.tocsin.job.yaml.YamlKey.required;

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.yaml.YamlKey;
import io.tocsin.job.yaml.YamlType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The keys of matchers that work, as {@link RuleKeys} has those of rules. */
@Pure
final class MatcherKeys {

    static final String STATE = "state";
    static final String NAMES = "names";
    static final String LABELS = "labels";

    /** What has fields of its own. */
    static final List<String> NESTED = List.of("regarding", "related");

    /** Resources whose objects' states may be met. */
    static final List<String> STATES = List.of("pods", "nodes", "deployments");

    /** What a matcher may be about. */
    static final List<String> RESOURCES =
            List.of(Occurrence.EVENTS, "pods", "nodes", "deployments");

    /** What the name of a label of Kubernetes matches. */
    static final String LABEL_NAME =
            "(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";

    /** What such a name must look like. */
    static final String LABEL_NAME_EXPECTED =
            "the name of a label, such as app or app.kubernetes.io/name";

    /** The fields that a matcher may name. */
    static final Map<String, Field> FIELDS =
            Language.supported(
                    "match.",
                    Arrays.stream(Field.values())
                            .filter(field -> field != Field.CLUSTER && field != Field.LABEL)
                            .toArray(Field[]::new));

    /** Of {@code names}. */
    static final List<YamlKey> ABOUT =
            List.of(
                    required("kind", YamlType.text("text"), "Kind of the object."),
                    required(
                            "name",
                            YamlType.text(
                                    "`/regular expression/`",
                                    "/[\\s\\S]+/",
                                    "a /regular expression/ whose first group is the name"),
                            "Is found in the note; its first group is the object's name."));

    private static final YamlType VALUES = values();

    private MatcherKeys() {}

    /**
     * The keys of a matcher.
     *
     * @param ends whether it may end or prolong something, and so may be about another object
     */
    static List<YamlKey> keys(boolean ends) {
        List<YamlKey> keys = new ArrayList<>();
        FIELDS.forEach(
                (path, field) ->
                        keys.add(optional(path, VALUES, "any value", field.description())));
        for (String object : NESTED) {
            List<YamlKey> nested = new ArrayList<>();
            FIELDS.forEach(
                    (path, field) -> {
                        if (path.startsWith(object + ".")) {
                            String inner = path.substring(object.length() + 1);
                            nested.add(optional(inner, VALUES, "any value", field.description()));
                        }
                    });
            boolean regarding = object.equals("regarding");
            if (regarding && !Language.NOT_YET.contains("match.labels")) {
                nested.add(objectLabels(LABELS));
                keys.add(objectLabels(object + "." + LABELS));
            }
            keys.add(
                    optional(
                            object,
                            YamlType.mapping("mapping", nested).with("minProperties", 1),
                            "any object",
                            regarding
                                    ? "The object that the event is about."
                                    : "A second object that the event names."));
        }
        keys.add(
                optional(
                        LABELS,
                        labels(),
                        "any labels",
                        "Labels of the event itself; with `state` those of the object."));
        keys.add(
                optional(
                        STATE,
                        YamlType.oneOf(
                                "one of `" + String.join("`, `", RESOURCES) + "`", RESOURCES),
                        "as `when.state`",
                        "What it is about: events, or changes of the state of watched objects."));
        if (ends) {
            keys.add(
                    optional(
                            NAMES,
                            YamlType.mapping("mapping", ABOUT),
                            "nothing",
                            "Takes the event for one about another object of the same namespace,"
                                    + " whose name is in the note."));
        }
        return Language.supported("match.", keys.toArray(YamlKey[]::new));
    }

    private static YamlKey objectLabels(String name) {
        return optional(name, labels(), "any labels", "With `state`: labels of the object.");
    }

    /** A matcher, or the name of one. */
    static YamlType matcher(boolean ends) {
        return YamlType.either(
                "matcher",
                YamlType.text("", Language.NAME, "a matcher, or the name of one"),
                definition(ends));
    }

    /** A matcher that is written out. */
    static YamlType definition(boolean ends) {
        return YamlType.mapping("matcher", keys(ends)).with("minProperties", 1);
    }

    private static YamlType labels() {
        return YamlType.dictionary("labels", LABEL_NAME, LABEL_NAME_EXPECTED, VALUES)
                .with("minProperties", 1);
    }

    private static YamlType values() {
        YamlType value = YamlType.text("value").with("maxLength", Patterns.MOST_CHARS);
        return YamlType.either("values", value, YamlType.list("", value).with("minItems", 1))
                .defined("values");
    }
}
