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
package io.tocsin.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A Dockerfile of the few instructions that ours needs: it adds files to Flink's image, and runs
 * nothing.
 *
 * @param copies destination to source, of single files
 */
record Dockerfile(Map<String, String> copies) {
    private static final String BASE = "flink:1\\.20\\.\\d+(-scala_2\\.12)?-java17(@sha256:\\S+)?";

    /** What does not begin here Flink does not load as a plugin. */
    private static final String PLUGINS = "/opt/flink/plugins/";

    private record Instruction(int line, String name, List<String> words) {}

    /** Whether it adds a plugin, such as a file system, to those of Flink's image. */
    boolean hasPlugin() {
        return copies.keySet().stream().anyMatch(target -> target.startsWith(PLUGINS));
    }

    /**
     * Reads and checks it.
     *
     * @param context the folder it is built in
     * @throws IOException if it cannot be read
     */
    static Dockerfile read(Path file, Path context, Problems problems) throws IOException {
        List<Instruction> instructions = instructions(Files.readAllLines(file));
        Map<String, String> copies = new TreeMap<>();
        String user = null;
        for (Instruction instruction : instructions) {
            int line = instruction.line();
            List<String> words = instruction.words();
            switch (instruction.name()) {
                case "FROM" -> {
                    if (words.size() != 1 || !words.get(0).matches(BASE)) {
                        problems.add(
                                line,
                                "FROM",
                                "got "
                                        + String.join(" ", words)
                                        + ", expected the official Flink image of one release, as"
                                        + " flink:1.20.3-java17; pin it, or two builds differ");
                    }
                }
                case "COPY" -> copy(line, words, context, copies, problems);
                case "USER" -> user = words.get(0);
                case "LABEL" -> {
                    // Says something, does nothing.
                }
                default ->
                        problems.add(
                                line,
                                instruction.name(),
                                "got an instruction that is not needed, expected FROM, COPY, USER"
                                        + " or LABEL; remove it, for the image holds the jar and"
                                        + " flink-conf only");
            }
        }
        if (user == null || !user.matches("[1-9]\\d*(:[1-9]\\d*)?")) {
            problems.add(
                    instructions.isEmpty() ? 1 : instructions.get(instructions.size() - 1).line(),
                    "USER",
                    "got "
                            + user
                            + ", expected a number that is not 0; end with USER 9999:9999, or"
                            + " runAsNonRoot refuses the image");
        }
        if (instructions.isEmpty() || !instructions.get(0).name().equals("FROM")) {
            problems.add(1, "FROM", "got no base image first, expected FROM; add it");
        }
        return new Dockerfile(copies);
    }

    private static void copy(
            int line,
            List<String> words,
            Path context,
            Map<String, String> copies,
            Problems problems) {
        List<String> paths = words.stream().filter(word -> !word.startsWith("--")).toList();
        String target = paths.get(paths.size() - 1);
        for (String source : paths.subList(0, paths.size() - 1)) {
            boolean elsewhere = words.stream().anyMatch(word -> word.startsWith("--from="));
            if (!elsewhere && !Files.isRegularFile(context.resolve(source))) {
                problems.add(
                        line,
                        "COPY",
                        "got "
                                + source
                                + ", expected a file of the build"
                                + besides(context.resolve(source))
                                + "; correct the name, or run ./mvnw package first");
            }
            copies.put(
                    target.endsWith("/") ? target + Path.of(source).getFileName() : target, source);
        }
        if (!target.startsWith("/")) {
            problems.add(
                    line,
                    "COPY",
                    "got the target " + target + ", expected an absolute path; complete it");
        }
    }

    private static String besides(Path missing) {
        if (missing.getParent() == null || !Files.isDirectory(missing.getParent())) {
            return "";
        }
        try (Stream<Path> files = Files.list(missing.getParent())) {
            List<String> names =
                    files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString())
                            .sorted()
                            .toList();
            return " (there: " + String.join(", ", names) + ")";
        } catch (IOException e) {
            return "";
        }
    }

    private static List<Instruction> instructions(List<String> lines) {
        List<Instruction> instructions = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        int first = 0;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (open.isEmpty()) {
                first = i + 1;
            }
            if (line.endsWith("\\")) {
                open.append(line, 0, line.length() - 1).append(' ');
                continue;
            }
            List<String> words = List.of(open.append(line).toString().strip().split("\\s+"));
            open.setLength(0);
            instructions.add(
                    new Instruction(
                            first,
                            words.get(0).toUpperCase(Locale.ROOT),
                            words.subList(1, words.size())));
        }
        return instructions;
    }
}
