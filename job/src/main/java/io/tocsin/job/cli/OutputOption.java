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

import io.tocsin.job.output.ConsoleLines;
import io.tocsin.job.output.JsonLines;
import io.tocsin.job.output.LineFiles;
import io.tocsin.job.output.StandardOutSink;
import io.tocsin.job.pipeline.TocsinPipeline;
import io.tocsin.job.yaml.Suggestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The value of {@code --output}. */
final class OutputOption {
    private OutputOption() {}

    /**
     * @param value {@code console}, {@code json} or {@code file:DIR}
     * @param events whether event lines are wanted
     * @param variables environment variables: {@code NO_COLOR} and {@code TERM} switch colours off
     * @param terminal whether standard output is a terminal
     */
    static TocsinPipeline.Output parse(
            String value, boolean events, Map<String, String> variables, boolean terminal) {
        if (value.equals("console")) {
            return new TocsinPipeline.Output(
                    new ConsoleLines(coloured(variables, terminal)), new StandardOutSink(), events);
        }
        if (value.equals("json")) {
            return new TocsinPipeline.Output(new JsonLines(), new StandardOutSink(), events);
        }
        if (value.startsWith("file:") && value.length() > "file:".length()) {
            String folder = value.substring("file:".length());
            // a local path or a URI of one of Flink's file systems
            String uri =
                    folder.matches("[a-z][a-z0-9+.-]+:.*") || folder.startsWith("//")
                            ? folder
                            : writable(Path.of(folder).toAbsolutePath()).toUri().toString();
            return new TocsinPipeline.Output(new JsonLines(), LineFiles.in(uri), events);
        }
        throw new UsageException(
                "--output "
                        + value
                        + " is unknown"
                        + Suggestion.orFullStop(value, List.of("console", "json"))
                        + " Expected console, json or file:DIR.");
    }

    /** Makes a folder and tries it: the first line may be days away. */
    private static Path writable(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, ".tocsin-", ".probe"));
            return folder;
        } catch (IOException e) {
            throw new UsageException(
                    "--output file:"
                            + folder
                            + " cannot be written: "
                            + e
                            + ". Expected a folder that this user may write.");
        }
    }

    /** Whether a console shows colours, and they are wanted. */
    static boolean coloured(Map<String, String> variables, boolean terminal) {
        return terminal
                && variables.getOrDefault("NO_COLOR", "").isEmpty()
                && !"dumb".equals(variables.get("TERM"));
    }
}
