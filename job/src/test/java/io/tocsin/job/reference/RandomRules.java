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
package io.tocsin.job.reference;

import io.tocsin.job.reference.RandomYaml.Mapping;
import io.tocsin.job.reference.RandomYaml.Values;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Random rule files. What only the reader can know (names are taken, a regex is wrong) is right.
 */
final class RandomRules {
    private static final Values NAMES =
            Values.right("a", "A-", "B_9", "c".repeat(90))
                    .wrong(
                            "",
                            "1",
                            "-a",
                            "a b",
                            5,
                            null,
                            List.of(),
                            Map.of(),
                            "ä",
                            "d".repeat(101));
    private static final Values VALUES =
            Values.right(
                            "Failed",
                            "*",
                            "!a?",
                            "/a|b/",
                            "!/x/",
                            "",
                            5,
                            -1.5,
                            true,
                            List.of("a", 5, "!b"),
                            List.of(false))
                    .wrong(
                            null,
                            List.of(),
                            Map.of(),
                            Arrays.asList("a", null),
                            List.of(List.of("a")),
                            Map.of("a", "b"));
    private static final Values TEMPLATES =
            Values.right("", "{{note}}", "a {{regarding.name}}", 5, false)
                    .wrong(null, List.of(), List.of("a"), Map.of());
    private static final Values DURATIONS =
            Values.right("90s", "10m", "1h30m", "500ms", "2d", "0h1s", "00010m", "1d2h3m4s5ms")
                    .wrong(
                            "10 minutes",
                            "10M",
                            "90",
                            "",
                            "s",
                            "-1s",
                            "1.5h",
                            "1m1h",
                            "1234567d",
                            " 5m",
                            90,
                            null,
                            true,
                            List.of("5m"),
                            Map.of());
    private static final Values ZERO = Values.right("0", "0s", 0, "0h0m").wrong(1, 0.5, "00", "0x");
    private static final Values AT_LEAST =
            Values.right(1, 5, 100_000)
                    .wrong(0, -1, 100_001, 1.5, "many", null, true, List.of(1), Map.of(), "");
    private static final Values TIMES =
            Values.right(1, 2, 100).wrong(0, -3, 101, 2.5, "two", null, List.of(), false);
    private static final Values STAGE_TEXTS =
            Values.right(
                            "A", "A×3", "A × 100", "A x3", "A x 100", "A x", "Ax3", "A×+3", "A×007",
                            "/a b/", "note x", "", 5, true)
                    .wrong(
                            "!A",
                            "not A",
                            "A×0",
                            "A×101",
                            "A×b",
                            "A×",
                            "A×-1",
                            "A×1×2",
                            "A x0",
                            "A x 101",
                            "A x200",
                            "A x 1000",
                            "!A×2",
                            "not A x 3",
                            "!!A",
                            "not",
                            "!",
                            "not A x b",
                            null,
                            List.of(),
                            List.of("A"));
    private static final Values SUBJECTS =
            Values.right(
                            "cluster",
                            "regarding.uid",
                            List.of("reason"),
                            List.of("cluster", "regarding.namespace", "regarding.name"))
                    .wrong(
                            "owner",
                            "note",
                            "",
                            5,
                            null,
                            List.of(),
                            Map.of(),
                            List.of("reason", "reason"),
                            List.of("node"),
                            Arrays.asList("reason", null));

    private static final Values QUIET =
            Values.right("1ms", "0s2ms").wrong("0s", 0, "", "soon", null, true);
    private static final Values FLAGS = Values.right(true, false).wrong("yes", 1, null);
    private static final Values STATES =
            Values.right("pods", "nodes", "deployments").wrong("events", "Pods", null, 1);
    private static final Values DISTINCT =
            Values.right("regarding.kind", "reportingController").wrong("note", "", null, 1);

    private final RandomYaml yaml;

    RandomRules(Random random) {
        this.yaml = new RandomYaml(random, 40);
    }

    /** A rule file as maps and lists. */
    Object file() {
        int[] number = {0};
        List<Object> rules = yaml.list(1, 3, () -> rule(number[0]++));
        return yaml.mostly(
                () ->
                        yaml.oneOf(2)
                                ? rules
                                : yaml.mapping()
                                        .always("rules", () -> rules)
                                        .sometimes("matchers", this::definitions)
                                        .made(),
                List.of(),
                Map.of(),
                Map.of("rules", List.of()),
                Map.of("rules", Map.of("name", "a")),
                "rules",
                5);
    }

    private Object rule(int number) {
        boolean sequence = yaml.oneOf(3);
        boolean quiet = yaml.oneOf(20);
        // Without uid or name in per only the reader knows that a note names nothing.
        boolean named = yaml.oneOf(8);
        Mapping rule =
                yaml.mapping()
                        .always("name", () -> own(NAMES, number))
                        .sometimes("alert", () -> own(NAMES, number))
                        .always("when", () -> when(sequence))
                        .sometimes("clears", () -> named ? about() : matchers())
                        .sometimes("keepAlive", this::matchers)
                        .sometimes("resolveAfter", this::duration)
                        .sometimes(
                                "severity",
                                () ->
                                        yaml.pick(
                                                Values.right("info", "warning", "critical")
                                                        .wrong("Info", "page", "", null, 1)))
                        .sometimes("labels", this::labels)
                        .sometimes("summary", () -> yaml.pick(TEMPLATES));
        if (!named) {
            rule.sometimes("per", () -> yaml.pick(SUBJECTS));
        }
        if (quiet) {
            rule.always("for", () -> yaml.pick(DURATIONS)).always("quiet", () -> yaml.pick(QUIET));
        } else {
            rule.sometimes("for", () -> yaml.pick(yaml.oneOf(2) ? ZERO : DURATIONS));
        }
        seldom(rule, "notice", () -> yaml.pick(FLAGS));
        seldom(rule, "description", () -> yaml.pick(TEMPLATES));
        seldom(rule, "runbook", () -> yaml.pick(TEMPLATES));
        seldom(rule, "formerly", () -> own(NAMES, number + 10));
        return (sequence
                        ? rule.sometimes("match", this::matcher)
                        : rule.always("match", this::matcher))
                .made();
    }

    /** What is new keeps most files as they were. */
    private void seldom(Mapping mapping, String key, Supplier<Object> value) {
        if (yaml.oneOf(40)) {
            mapping.always(key, value);
        }
    }

    /** Names are never the same: only the reader can see that they are. */
    private Object own(Values names, int number) {
        Object name = yaml.pick(names);
        return names.right().contains(name) ? name + "" + number : name;
    }

    private Object when(boolean sequence) {
        return yaml.mostly(
                () -> {
                    Mapping when = yaml.mapping().always("within", this::duration);
                    int kind = sequence ? 2 : yaml.oneOf(2) ? 1 : 0;
                    if (kind == 0 || yaml.wrong()) {
                        when.always("atLeast", () -> yaml.pick(AT_LEAST));
                    }
                    if (kind == 1 || yaml.wrong()) {
                        when.always("missing", this::matcher);
                    }
                    if (kind == 2 || yaml.wrong()) {
                        when.always("sequence", this::stages);
                    }
                    if (yaml.wrong()) {
                        when.always("distinct", this::distinct);
                    }
                    seldom(when, "state", () -> yaml.pick(STATES));
                    return when.made();
                },
                null,
                "atLeast",
                List.of(),
                Map.of());
    }

    private Object distinct() {
        return yaml.mostly(
                () ->
                        yaml.mapping()
                                .always("field", () -> yaml.pick(DISTINCT))
                                .always(
                                        "atLeast",
                                        () -> yaml.pick(Values.right(1, 1000).wrong(0, 1001)))
                                .made(),
                3,
                null,
                Map.of());
    }

    private Object about() {
        return yaml.mapping()
                .sometimes("reason", () -> yaml.pick(VALUES))
                .always(
                        "names",
                        () ->
                                yaml.mostly(
                                        () ->
                                                yaml.mapping()
                                                        .always("kind", () -> "Pod")
                                                        .always(
                                                                "name",
                                                                () ->
                                                                        yaml.pick(
                                                                                Values.right(
                                                                                                "/(a)/",
                                                                                                "/pod (b+)/")
                                                                                        .wrong(
                                                                                                "a",
                                                                                                "",
                                                                                                "/",
                                                                                                5,
                                                                                                null)))
                                                        .made(),
                                        null,
                                        "Pod"))
                .made();
    }

    private Object definitions() {
        return yaml.mostly(
                () ->
                        Collections.singletonMap(
                                "m" + yaml.pick(Values.right("a", "B", 9).wrong(" ", "ä")),
                                yaml.oneOf(2)
                                        ? written()
                                        : yaml.mostly(
                                                () -> yaml.list(1, 2, this::written), List.of())),
                null,
                List.of(),
                "a");
    }

    private Object duration() {
        return yaml.mostly(() -> yaml.pick(DURATIONS), "0", "0s", 0, "0d0ms");
    }

    private Object stages() {
        return yaml.mostly(
                () -> yaml.list(1, 3, this::stage), null, List.of(), "A", 3, Map.of("match", "A"));
    }

    private Object stage() {
        return yaml.oneOf(2)
                ? yaml.pick(STAGE_TEXTS)
                : yaml.mapping()
                        .always(yaml.oneOf(40) ? "not" : "match", this::matcher)
                        .sometimes("times", () -> yaml.pick(TIMES))
                        .made();
    }

    private Object matchers() {
        return yaml.oneOf(2) ? yaml.list(0, 2, () -> yaml.oneOf(6) ? "run" : matcher()) : matcher();
    }

    private Object matcher() {
        return yaml.oneOf(8)
                ? yaml.pick(Values.right("run", "act").wrong("no name", ""))
                : written();
    }

    /** Not by name. */
    private Object written() {
        return yaml.mostly(
                () -> {
                    Mapping matcher =
                            yaml.mapping()
                                    .always("reason", () -> yaml.pick(VALUES))
                                    .sometimes("type", () -> yaml.pick(VALUES))
                                    .sometimes("note", () -> yaml.pick(VALUES))
                                    .sometimes("regarding.kind", () -> yaml.pick(VALUES))
                                    .sometimes("regarding", this::regarding)
                                    .sometimes("related.kind", () -> yaml.pick(VALUES));
                    seldom(matcher, "owner", () -> yaml.pick(VALUES));
                    seldom(
                            matcher,
                            "labels",
                            () ->
                                    Collections.singletonMap(
                                            (String)
                                                    yaml.pick(
                                                            Values.right("app", "a/b", "a.b/c_d")
                                                                    .wrong("", "a b", "/a")),
                                            yaml.pick(
                                                    Values.right("a", 5, List.of("!b"))
                                                            .wrong(null, Map.of()))));
                    if (yaml.oneOf(40)) {
                        matcher.always("exitCode", () -> 137);
                        matcher.made().put("state", "pods");
                    }
                    return yaml.wrong() && yaml.wrong()
                            ? matcher.always("cluster", () -> yaml.pick(VALUES)).made()
                            : matcher.made();
                },
                null,
                "Back Off",
                Map.of(),
                5,
                Map.of("labels", Map.of("a b", "b")));
    }

    private Object regarding() {
        return yaml.mostly(
                () ->
                        yaml.mapping()
                                .always("name", () -> yaml.pick(VALUES))
                                .sometimes("fieldPath", () -> yaml.pick(VALUES))
                                .made(),
                null,
                "Pod",
                Map.of(),
                List.of(),
                Map.of("labels", "a"),
                Map.of("regarding", Map.of("kind", "a")));
    }

    private Object labels() {
        return yaml.mostly(
                () ->
                        yaml.oneOf(3)
                                ? Map.of()
                                : Collections.singletonMap(
                                        String.valueOf(
                                                yaml.pick(
                                                        Values.right("team", "_a", "B9")
                                                                .wrong("a-b", "1", "", "a.b"))),
                                        yaml.pick(TEMPLATES)),
                null,
                "a",
                List.of("a"));
    }
}
