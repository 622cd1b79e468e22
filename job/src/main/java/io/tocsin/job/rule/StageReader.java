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

import io.tocsin.job.model.Occurrence;
import io.tocsin.job.yaml.Yaml;
import io.tocsin.job.yaml.YamlKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the stages of a sequence. */
final class StageReader {

    private static final Set<String> KEYS = YamlKey.names(RuleKeys.STAGE);
    private static final Set<String> LATER = Language.notYet("stage.");
    private static final String STAGE = "what the stage is";

    private final Problems problems;
    private final MatcherReader matchers;

    StageReader(Problems problems, MatcherReader matchers) {
        this.problems = problems;
        this.matchers = matchers;
    }

    /**
     * Reads a list of stages; what is wrong is reported.
     *
     * @param common what all stages must match too, or null
     * @param resource what matchers are about if they say nothing
     */
    List<Stage> read(Yaml node, String path, Matcher common, String resource) {
        List<Stage> stages = new ArrayList<>();
        if (!(node instanceof Yaml.Items list) || list.items().isEmpty()) {
            String got = node instanceof Yaml.Items ? "an empty list" : node.describe();
            problems.expected(node.line(), path, got, "a list of stages");
            return stages;
        }
        MatcherReader.Use use = new MatcherReader.Use(resource, false);
        for (int i = 0; i < list.items().size(); i++) {
            Yaml item = list.items().get(i);
            String at = path + "[" + i + "]";
            Stage stage =
                    item instanceof Yaml.Scalar scalar && scalar.text() != null
                            ? text(scalar, at, use)
                            : mapping(item, at, use);
            if (stage != null) {
                Matcher whole = stage.match().and(common);
                stages.add(new Stage(whole, stage.times(), stage.not(), written(whole, stage)));
            }
        }
        boolean all = stages.size() == list.items().size();
        if (all && stages.stream().allMatch(Stage::not)) {
            problems.expected(
                    node.line(),
                    path,
                    "only stages that must not come",
                    "at least one that must: for what does not come there is missing");
        }
        return List.copyOf(stages);
    }

    private Stage text(Yaml.Scalar scalar, String at, MatcherReader.Use use) {
        String text = scalar.text();
        int line = scalar.line();
        boolean not = text.startsWith("!") || text.startsWith("not ");
        if (not && LATER.contains("not")) {
            problems.notYet(line, at, "a stage that must not come", STAGE);
            return null;
        }
        if (not) {
            text = text.substring(text.startsWith("!") ? 1 : "not ".length());
        }
        String[] parts = text.split("\\s*[×]\\s*|\\s+x\\s*(?=\\d+$)", 2);
        Yaml reason = new Yaml.Scalar(parts[0].strip(), line);
        Matcher matcher =
                matchers.written(
                        new Yaml.Mapping(Map.of("reason", new Yaml.Entry(reason, line)), line),
                        at,
                        use);
        long times = 1;
        if (parts.length == 2 && not) {
            problems.expected(
                    line, at, scalar.describe(), "no number of times for what must not come");
        } else if (parts.length == 2) {
            Yaml count = new Yaml.Scalar(parts[1].strip(), line);
            times = problems.number(count, at + ".times", 1, RuleKeys.MOST_TIMES);
        }
        return new Stage(matcher, (int) times, not, null);
    }

    private Stage mapping(Yaml item, String at, MatcherReader.Use use) {
        Yaml.Mapping stage = problems.mapping(item, at);
        if (stage == null) {
            return null;
        }
        problems.checkKeys(stage, at, KEYS, LATER);
        Yaml match = stage.get("match");
        Yaml not = stage.get("not");
        Yaml count = stage.get("times");
        if (not != null && LATER.contains("not")) {
            return null;
        }
        if (match == null && not == null) {
            problems.expected(item.line(), at + ".match", "nothing", STAGE);
            return null;
        }
        if (match != null && not != null) {
            problems.expected(item.line(), at, "match and not", "one of them");
            return null;
        }
        if (not != null && count != null) {
            problems.expected(count.line(), at + ".times", "it beside not", "it beside match only");
        }
        long times =
                match == null || count == null
                        ? 1
                        : problems.number(count, at + ".times", 1, RuleKeys.MOST_TIMES);
        Matcher matcher =
                match != null
                        ? matchers.read(match, at + ".match", use)
                        : matchers.read(not, at + ".not", use);
        return new Stage(matcher, (int) times, not != null, null);
    }

    /** The text of a stage that says what there always was does not change: uids hang on it. */
    private static String written(Matcher matcher, Stage stage) {
        StringBuilder text = new StringBuilder(stage.not() ? "not " : "");
        if (!matcher.resource().equals(Occurrence.EVENTS)) {
            text.append(matcher.resource()).append(' ');
        }
        for (Matcher.FieldMatch test : matcher.fields()) {
            text.append(test.field().path());
            if (test.label() != null) {
                text.append('.').append(test.label());
            }
            text.append('=');
            for (Matcher.Value value : test.values()) {
                text.append(value.negated() ? "!" : "").append(value.text()).append('|');
            }
            text.append(';');
        }
        return text.append('×').append(stage.times()).toString();
    }
}
