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

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * The sessions of the documentation: what follows a command in a {@code console} block is what it
 * prints. With the system property {@code tocsin.docs.write} it is written there instead.
 */
class SessionsITCase {
    private static final Path ROOT = Path.of("..");
    private static final String FILES = "docs/";
    private static final String SEEN_FROM_HERE = "../docs/";
    private static final Pattern SESSION = Pattern.compile("(?ms)(^```console\\n)(.*?)(^```$)");
    private static final String PROMPT = "$ ";
    private static final String TOCSIN = "./tocsin ";
    private static final String EXIT_CODE = "echo $?";

    static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(SessionsITCase::hasSession)
                    .sorted()
                    .toList();
        }
    }

    private static boolean hasSession(Path page) {
        try {
            return SESSION.matcher(Files.readString(page)).find();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void printsWhatThePageSays(Path page) throws Exception {
        String text = Files.readString(page);
        String played =
                SESSION.matcher(text)
                        .replaceAll(
                                session ->
                                        Matcher.quoteReplacement(
                                                session.group(1)
                                                        + play(session.group(2))
                                                        + session.group(3)));
        if (Boolean.getBoolean("tocsin.docs.write")) {
            Files.writeString(page, played);
        } else {
            assertThat(text).isEqualTo(played);
        }
    }

    private static String play(String session) {
        StringBuilder played = new StringBuilder();
        int code = 0;
        for (String line : session.lines().filter(each -> each.startsWith(PROMPT)).toList()) {
            String command = line.substring(PROMPT.length());
            played.append(line).append('\n');
            if (command.equals(EXIT_CODE)) {
                played.append(code).append('\n');
                continue;
            }
            assertThat(command).startsWith(TOCSIN);
            StringWriter output = new StringWriter();
            code = run(command.substring(TOCSIN.length()), new PrintWriter(output, true));
            played.append(output.toString().replace(SEEN_FROM_HERE, FILES));
        }
        return played.toString();
    }

    private static int run(String arguments, PrintWriter output) {
        CommandLine tocsin = Tocsin.commandLine();
        tocsin.setOut(output);
        tocsin.setErr(output);
        return tocsin.execute(
                Arrays.stream(arguments.split(" "))
                        .map(each -> each.startsWith(FILES) ? "../" + each : each)
                        .toArray(String[]::new));
    }
}
