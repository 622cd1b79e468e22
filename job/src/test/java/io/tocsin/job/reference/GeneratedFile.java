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

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.tocsin.job.yaml.YamlType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file of {@code docs/reference} that is written from the code. Checking compares it with the
 * file in the repository; with the system property {@code tocsin.docs.write} it writes the file
 * instead, which is what {@code docs/generate} does.
 */
public final class GeneratedFile {
    static final Path FOLDER = Path.of("..", "docs", "reference");

    private GeneratedFile() {}

    /** Fails if the JSON Schema in the repository says something else. */
    public static void checkSchema(String name, YamlType file, String title, String description)
            throws IOException {
        ObjectWriter writer =
                new ObjectMapper()
                        .writer(
                                new DefaultPrettyPrinter(
                                                Separators.createDefaultInstance()
                                                        .withObjectFieldValueSpacing(Spacing.AFTER))
                                        .withObjectIndenter(new DefaultIndenter("  ", "\n")));
        String text =
                writer.writeValueAsString(
                        file.document(
                                title, description + " Written by docs/generate; do not edit."));
        check(name, text + "\n");
    }

    static void check(String name, String text) throws IOException {
        Path file = FOLDER.resolve(name);
        if (Boolean.getBoolean("tocsin.docs.write")) {
            Files.createDirectories(FOLDER);
            Files.writeString(file, text);
            return;
        }
        assertThat(Files.exists(file) ? Files.readString(file) : "")
                .as(
                        "docs/reference/%s differs from the code. Run docs/generate, and commit what"
                                + " it writes.",
                        name)
                .isEqualTo(text);
    }
}
