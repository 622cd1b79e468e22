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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.tocsin.job.rule.Field;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleWords;
import io.tocsin.job.yaml.Durations;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tocsin rules list}: the rules of some files, a line for each. */
@Command(
        name = "list",
        description = "Lists rules.",
        mixinStandardHelpOptions = true,
        versionProvider = Tocsin.Version.class)
final class RulesListCommand implements Callable<Integer> {
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    /** How a list looks. */
    enum Format {
        table,
        wide,
        json,
        yaml
    }

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description = "Rule files or globs, - for standard input; else the built-in rules.")
    private List<String> files = List.of("default");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() throws JsonProcessingException {
        List<Rule> rules = RuleFiles.load(files).rules();
        PrintWriter out = spec.commandLine().getOut();
        switch (format) {
            case json ->
                    out.println(
                            new ObjectMapper()
                                    .writerWithDefaultPrettyPrinter()
                                    .writeValueAsString(documents(rules)));
            case yaml ->
                    out.print(
                            YAMLMapper.builder()
                                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                                    .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                                    .build()
                                    .writeValueAsString(documents(rules)));
            case table, wide -> table(rules, format == Format.wide).forEach(out::println);
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private static List<String> table(List<Rule> rules, boolean wide) {
        List<String> head = new ArrayList<>(List.of("NAME", "SEVERITY", "WHEN", "FOR"));
        if (wide) {
            head.addAll(List.of("RESOLVE AFTER", "ALERT", "PER", "WATCHES"));
        }
        List<List<String>> rows = new ArrayList<>();
        for (Rule rule : rules) {
            List<String> row = new ArrayList<>();
            row.add(rule.name());
            row.add(RuleWords.severity(rule));
            row.add(RuleWords.condition(rule));
            row.add(rule.life().forMillis() == 0 ? "-" : Durations.write(rule.life().forMillis()));
            if (wide) {
                row.add(Durations.write(rule.life().resolveAfterMillis()));
                row.add(rule.alert());
                row.add(rule.perId());
                row.add(String.join(",", RuleWords.watched(rule)));
            }
            rows.add(row);
        }
        return TextTable.lines(head, rows);
    }

    private static List<Map<String, Object>> documents(List<Rule> rules) {
        List<Map<String, Object>> documents = new ArrayList<>();
        for (Rule rule : rules) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("name", rule.name());
            document.put("alert", rule.alert());
            document.put("severity", RuleWords.severity(rule));
            document.put("per", rule.per().stream().map(Field::path).toList());
            document.put("when", RuleWords.condition(rule));
            document.put("for", Durations.write(rule.life().forMillis()));
            document.put("resolveAfter", Durations.write(rule.life().resolveAfterMillis()));
            document.put("watches", List.copyOf(RuleWords.watched(rule)));
            documents.add(document);
        }
        return documents;
    }
}
