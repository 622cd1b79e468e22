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
package io.tocsin.job.cli;

import io.tocsin.job.model.Occurrence;
import io.tocsin.job.rule.Explanation;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleWords;
import io.tocsin.job.yaml.Suggestion;
import io.tocsin.source.event.ObjectReference;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tocsin rules explain}: a rule in words, or what rules make of an event. */
@Command(
        name = "explain",
        description =
                "Says in words what a rule does; with --event what each rule makes of an event, and"
                        + " which field keeps it from those that do not mean it.",
        mixinStandardHelpOptions = true,
        versionProvider = Tocsin.Version.class,
        sortOptions = false)
final class RulesExplainCommand implements Callable<Integer> {
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Parameters(
            paramLabel = "NAME|FILE",
            arity = "0..*",
            description =
                    "Names of rules or of alerts, else all; and rule files or globs, else the"
                            + " built-in rules. What has a dot or a slash is a file.")
    private List<String> parameters = List.of();

    @Option(
            names = "--event",
            paramLabel = "FILE.json",
            description =
                    "Events as kubectl get events -o json prints them, or lines of a recording; -"
                            + " for standard input.")
    private Path event;

    @Override
    public Integer call() {
        List<String> files = parameters.stream().filter(RulesExplainCommand::isFile).toList();
        List<String> names = parameters.stream().filter(name -> !isFile(name)).toList();
        List<Rule> all = RuleFiles.load(files.isEmpty() ? List.of("default") : files).rules();
        List<Rule> rules = chosen(names, all);
        PrintWriter out = spec.commandLine().getOut();
        if (event == null) {
            String gap = "";
            for (Rule rule : rules) {
                out.print(gap);
                RuleWords.explain(rule).forEach(out::println);
                gap = System.lineSeparator();
            }
        } else {
            List<Occurrence> occurrences = EventFile.read(event, System.in);
            String gap = "";
            for (Occurrence occurrence : occurrences) {
                out.print(gap);
                explain(occurrence, rules).forEach(out::println);
                gap = System.lineSeparator();
            }
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private static boolean isFile(String parameter) {
        return parameter.equals("default") || !parameter.matches("[A-Za-z][A-Za-z0-9_-]*");
    }

    private static List<Rule> chosen(List<String> names, List<Rule> rules) {
        if (names.isEmpty()) {
            return rules;
        }
        Set<Rule> chosen = new LinkedHashSet<>();
        for (String name : names) {
            List<Rule> found =
                    rules.stream()
                            .filter(rule -> rule.name().equals(name) || rule.alert().equals(name))
                            .toList();
            if (found.isEmpty()) {
                throw new UsageException(
                        "There is no rule \""
                                + name
                                + "\""
                                + Suggestion.orFullStop(
                                        name, rules.stream().map(Rule::name).toList()));
            }
            chosen.addAll(found);
        }
        return List.copyOf(chosen);
    }

    private static List<String> explain(Occurrence occurrence, List<Rule> rules) {
        List<String> lines = new ArrayList<>();
        lines.add(title(occurrence));
        int width = rules.stream().mapToInt(rule -> rule.name().length()).max().orElse(0);
        for (boolean matching : new boolean[] {true, false}) {
            for (Rule rule : rules) {
                Explanation explanation = Explanation.of(rule, occurrence);
                if (explanation.matches() == matching) {
                    String text = "  %-" + width + "s  %s";
                    lines.add(text.formatted(rule.name(), explanation.text()));
                }
            }
        }
        return lines;
    }

    private static String title(Occurrence occurrence) {
        ObjectReference about = occurrence.regarding();
        String namespace = about.namespace() == null ? "" : about.namespace() + "/";
        return "%s %s of %s %s%s%s by %s, %d times: %s"
                .formatted(
                        text(occurrence.type()),
                        text(occurrence.reason()),
                        text(about.kind()),
                        namespace,
                        text(about.name()),
                        about.fieldPath() == null ? "" : " " + about.fieldPath(),
                        text(occurrence.reportingController()),
                        occurrence.weight(),
                        text(occurrence.note()));
    }

    private static String text(String text) {
        StringBuilder plain = new StringBuilder();
        (text == null || text.isEmpty() ? "?" : text)
                .codePoints()
                .map(c -> Character.getType(c) == Character.CONTROL ? ' ' : c)
                .forEach(plain::appendCodePoint);
        return plain.toString();
    }
}
