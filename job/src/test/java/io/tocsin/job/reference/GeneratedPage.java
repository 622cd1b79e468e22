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

import io.tocsin.job.yaml.YamlKey;
import java.io.IOException;
import java.util.List;

/** A page of {@code docs/reference} that is written from the code. See {@link GeneratedFile}. */
public final class GeneratedPage {
    private final StringBuilder text = new StringBuilder();
    private final String name;

    /**
     * @param name name of the file
     * @param title its heading
     */
    public GeneratedPage(String name, String title) {
        this.name = name;
        text.append("<!-- Written by docs/generate from the code; do not edit. -->\n# ")
                .append(title)
                .append('\n');
    }

    /** A heading of the second level. */
    public GeneratedPage section(String heading) {
        text.append("\n## ").append(heading).append('\n');
        return this;
    }

    /** A paragraph, or any Markdown that stands by itself. */
    public GeneratedPage paragraph(String markdown) {
        text.append('\n').append(markdown.strip()).append('\n');
        return this;
    }

    /** A table. */
    public GeneratedPage table(List<String> head, List<List<String>> rows) {
        text.append('\n');
        row(head);
        row(head.stream().map(cell -> "---").toList());
        rows.forEach(this::row);
        return this;
    }

    /** A table of keys. */
    public GeneratedPage keys(List<YamlKey> keys) {
        return table(
                List.of("key", "value", "default", "meaning"),
                keys.stream()
                        .map(
                                key ->
                                        List.of(
                                                code(key.name()),
                                                key.type().words(),
                                                key.otherwise(),
                                                key.description()))
                        .toList());
    }

    /** Text as code. */
    public static String code(String text) {
        return "`" + text + "`";
    }

    /** Fails if the file in the repository says something else. */
    public void check() throws IOException {
        GeneratedFile.check(name, text.toString());
    }

    private void row(List<String> cells) {
        text.append('|');
        for (String cell : cells) {
            text.append(' ').append(cell.replace("|", "\\|").replace("\n", " ")).append(" |");
        }
        text.append('\n');
    }
}
