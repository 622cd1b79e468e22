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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Random pipeline files. What only the reader can know (names are taken, a receiver does not exist,
 * a label selector is malformed) is right.
 */
final class RandomPipelines {
    private static final Values NAMES =
            Values.right("prod-eu", "A.b_c@d:e", "9")
                    .wrong("", " ", "-a", "a b", "ä", -5, null, List.of(), Map.of());
    private static final Values TEXTS =
            Values.right("a b", "~/.kube/config", 5, -1.5, true)
                    .wrong("", "  ", null, List.of(), List.of("a"), Map.of());
    private static final Values FLAGS =
            Values.right(true, false).wrong("maybe", "yes", "", 1, null, List.of());
    private static final Values NAMESPACES =
            Values.right(
                            List.of("*"),
                            List.of("*", "*"),
                            List.of(),
                            List.of("shop", "p-1", "a".repeat(63)),
                            List.of(5, "a"),
                            Map.of("selector", "team=shop,!legacy"))
                    .wrong(
                            List.of("Shop"),
                            List.of("a", "*"),
                            List.of("a_b"),
                            List.of(""),
                            List.of(1.5),
                            List.of(-1),
                            Collections.singletonList(null),
                            List.of("a".repeat(64)),
                            List.of(List.of("a")),
                            "shop",
                            "*",
                            null,
                            Map.of(),
                            Map.of("selector", ""),
                            Map.of("selector", List.of("a")),
                            Map.of("selectors", "a=b"),
                            Map.of("selector", "a=b", "names", "c"));
    private static final Values TIMES_TO_LIVE =
            Values.right("1m", "90s", "3h", "2d", "60000ms", "59s1000ms", "1m0s", "099s", "1h30m")
                    .wrong("30s", "59s", "59999ms", "0", "0h", 3, 0, "", "1m1h", "3 h", null, true);
    private static final Values URLS =
            Values.right(
                            "https://alerts.example/hook?a=b",
                            "http://[::1]:8080/a",
                            "http://localhost",
                            Map.of("env", "URL"),
                            Map.of("file", "url"),
                            Map.of("env", 5))
                    .wrong(
                            "ftp://alerts.example",
                            "HTTPS://alerts.example",
                            "https://",
                            "https:///a",
                            "http://a b",
                            " http://a",
                            "alerts.example",
                            "",
                            5,
                            null,
                            true,
                            List.of("http://a"),
                            Map.of(),
                            Map.of("env", ""),
                            Map.of("evn", "URL"),
                            Map.of("env", "URL", "file", "url"),
                            Map.of("file", List.of()));
    private static final Values HEADERS =
            Values.right(
                            Map.of(),
                            Map.of("X-Team", "shop"),
                            Map.of("Authorization", Map.of("file", "token")),
                            Map.of("a!#.b", 5))
                    .wrong(
                            Map.of("a b", "c"),
                            Map.of("ä", "c"),
                            Map.of("", "c"),
                            Map.of("a", ""),
                            Map.of("a", Map.of()),
                            Map.of("a", List.of("b")),
                            Collections.singletonMap("a", null),
                            Map.of("a", Map.of("env", "b", "file", "c")),
                            null,
                            "a: b",
                            List.of());
    private static final Values RULES =
            Values.right(List.of("default"), List.of("rules/*.yaml", 5), List.of("default", "a"))
                    .wrong(
                            List.of(),
                            "default",
                            null,
                            List.of(""),
                            Arrays.asList("default", null),
                            Map.of("default", true),
                            List.of(List.of("default")));

    private final RandomYaml yaml;

    RandomPipelines(Random random) {
        this.yaml = new RandomYaml(random, 25);
    }

    /** A pipeline file as maps and lists. */
    Object file() {
        return yaml.mostly(this::pipeline, List.of(), "clusters", 5);
    }

    private Object pipeline() {
        List<Object> names = new ArrayList<>();
        int[] number = {0};
        Mapping pipeline =
                yaml.mapping()
                        .sometimes("clusters", () -> items(() -> cluster(number[0]++)))
                        .sometimes("rules", () -> yaml.pick(RULES))
                        .sometimes("receivers", () -> items(() -> receiver(number[0]++, names)));
        return names.isEmpty()
                ? pipeline.made()
                : pipeline.sometimes("route", () -> route(names.get(0))).made();
    }

    private Object items(java.util.function.Supplier<Object> item) {
        return yaml.mostly(() -> yaml.list(0, 3, item), null, "a", Map.of("name", "a"));
    }

    private Object cluster(int number) {
        return yaml.mapping()
                .always("name", () -> own(number))
                .sometimes("context", () -> yaml.pick(TEXTS))
                .sometimes("kubeconfig", () -> yaml.pick(TEXTS))
                .sometimes("inCluster", () -> yaml.pick(FLAGS))
                .sometimes("namespaces", () -> yaml.pick(NAMESPACES))
                .sometimes("eventTtl", () -> yaml.pick(TIMES_TO_LIVE))
                .made();
    }

    private Object receiver(int number, List<Object> names) {
        Object name = own(number);
        Mapping receiver =
                yaml.mapping()
                        .always("name", () -> name)
                        .always(
                                "webhook",
                                () ->
                                        yaml.mostly(
                                                () ->
                                                        yaml.mapping()
                                                                .always(
                                                                        "url",
                                                                        () -> yaml.pick(URLS))
                                                                .sometimes(
                                                                        "headers",
                                                                        () -> yaml.pick(HEADERS))
                                                                .made(),
                                                null,
                                                "https://alerts.example",
                                                Map.of(),
                                                List.of()));
        names.add(name);
        return yaml.wrong() && yaml.wrong()
                ? receiver.always("slack", () -> Map.of()).made()
                : receiver.made();
    }

    private Object route(Object receiver) {
        return yaml.mostly(
                () ->
                        yaml.wrong() && yaml.wrong()
                                ? Map.of("receiver", receiver, "groupBy", List.of("rule"))
                                : Collections.singletonMap("receiver", receiver),
                null,
                Map.of(),
                List.of(),
                "a",
                Map.of("receiver", List.of("a")));
    }

    /** Names are never the same: only the reader can see that they are. */
    private Object own(int number) {
        Object name = yaml.pick(NAMES);
        return NAMES.right().contains(name) ? name + "-" + number : name;
    }
}
