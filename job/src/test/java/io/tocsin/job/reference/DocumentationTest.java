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

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The Markdown of the repository: its YAML is read by the readers that users' files go through, and
 * its links lead somewhere. The first line of each YAML example says what it is: {@code #
 * pipeline.yaml}, {@code # rules.yaml} or {@code # rules.test.yaml}.
 */
class DocumentationTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern YAML = Pattern.compile("(?ms)^```ya?ml\\n(.*?)^```$");
    private static final Map<String, SchemaCheck> KINDS =
            Map.of(
                    "# pipeline.yaml",
                    SchemaCheck.PIPELINE,
                    "# rules.yaml",
                    SchemaCheck.RULES,
                    "# rules.test.yaml",
                    SchemaCheck.RULE_TESTS);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

    static List<String> pages() throws IOException {
        List<String> pages = new ArrayList<>();
        for (Path folder : List.of(ROOT, ROOT.resolve("recordings"))) {
            try (Stream<Path> files = Files.list(folder)) {
                files.forEach(file -> pages.add(ROOT.relativize(file).toString()));
            }
        }
        try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
            files.forEach(file -> pages.add(ROOT.relativize(file).toString()));
        }
        return pages.stream().filter(page -> page.endsWith(".md")).sorted().toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void yamlExamplesAreAccepted(String page) throws Exception {
        Matcher examples = YAML.matcher(Files.readString(ROOT.resolve(page)));
        while (examples.find()) {
            String text = examples.group(1);
            String first = text.lines().findFirst().orElse("");
            assertThat(first)
                    .as("first line of an example in %s, which says how to read it", page)
                    .isIn(KINDS.keySet());
            SchemaCheck check = KINDS.get(first);
            assertThat(check.readerSays(text)).as("the reader, of %s", page).isEmpty();
            assertThat(check.schemaSays(text)).as("the schema, of %s", page).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadSomewhere(String page) throws Exception {
        Path folder = ROOT.resolve(page).getParent();
        Matcher links = LINK.matcher(Files.readString(ROOT.resolve(page)));
        while (links.find()) {
            String target = links.group(1).replaceFirst("#.*", "");
            if (!target.isEmpty() && !target.contains("://")) {
                assertThat(folder.resolve(target)).as("link of %s", page).exists();
            }
        }
    }
}
