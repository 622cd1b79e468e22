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

import io.tocsin.job.yaml.Suggestion;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * What the command line needs to know of a kubeconfig: where it is, and the names of its contexts.
 * Credentials are read by the source alone.
 *
 * @param file the file
 * @param current the current context, or null
 * @param contexts names of all contexts
 */
record Kubeconfig(Path file, String current, List<String> contexts) {
    private static final String HELP =
            " Give one with --kubeconfig FILE or the variable KUBECONFIG.";

    /**
     * Finds a kubeconfig as kubectl does: the option, then {@code KUBECONFIG}, then {@code
     * ~/.kube/config}.
     *
     * @param option value of the option, or null
     * @return null if none was asked for and there is none
     * @throws UsageException if one was asked for that is not there, or if it is no kubeconfig
     */
    static Kubeconfig find(String option, Map<String, String> variables) {
        if (option != null) {
            return read(Path.of(option), "--kubeconfig");
        }
        String variable = variables.get("KUBECONFIG");
        if (variable != null && !variable.isBlank()) {
            List<Path> files =
                    Stream.of(variable.split(File.pathSeparator))
                            .filter(name -> !name.isBlank())
                            .map(Path::of)
                            .toList();
            Path first = files.stream().filter(Files::exists).findFirst().orElse(files.get(0));
            return read(first, "the variable KUBECONFIG");
        }
        Path usual = Path.of(System.getProperty("user.home"), ".kube", "config");
        return Files.exists(usual) ? read(usual, "the default place") : null;
    }

    /** The context of that name. */
    String context(String name) {
        if (name != null) {
            if (!contexts.contains(name)) {
                throw new UsageException(
                        "The kubeconfig "
                                + file
                                + " has no context \""
                                + name
                                + "\""
                                + Suggestion.orFullStop(name, contexts)
                                + " It has "
                                + contexts
                                + ".");
            }
            return name;
        }
        if (current == null) {
            throw new UsageException(
                    "The kubeconfig "
                            + file
                            + " has no current-context. Choose one of "
                            + contexts
                            + " with --context, or run: kubectl config use-context NAME");
        }
        return context(current);
    }

    private static Kubeconfig read(Path file, String origin) {
        String named = "The kubeconfig " + file + " (from " + origin + ") ";
        if (!Files.exists(file)) {
            throw new UsageException(named + "does not exist." + HELP);
        }
        Object root;
        try {
            root = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
        } catch (IOException e) {
            throw new UsageException(named + "cannot be read: " + e.getMessage() + "." + HELP);
        } catch (YAMLException e) {
            String line =
                    e instanceof org.yaml.snakeyaml.error.MarkedYAMLException marked
                                    && marked.getProblemMark() != null
                            ? " at line " + (marked.getProblemMark().getLine() + 1)
                            : "";
            // the parser's message would quote the file, which holds credentials
            throw new UsageException(named + "is not YAML" + line + "." + HELP);
        }
        if (!(root instanceof Map<?, ?> map) || !(map.get("contexts") instanceof List<?> list)) {
            throw new UsageException(
                    named
                            + "is no kubeconfig: expected the keys clusters, contexts and users."
                            + HELP);
        }
        List<String> contexts =
                list.stream()
                        .filter(Map.class::isInstance)
                        .map(context -> String.valueOf(((Map<?, ?>) context).get("name")))
                        .toList();
        Object current = map.get("current-context");
        return new Kubeconfig(
                file,
                current == null || current.toString().isBlank() ? null : current.toString(),
                contexts);
    }
}
