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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * The pipeline file that the job is started with, out of its ConfigMap as the pods see it, and read
 * by the job's own code.
 */
final class PipelineCheck {
    /** All namespaces. */
    private static final Set<String> EVERYWHERE = Set.of("*");

    /**
     * What is watched of the cluster it runs in.
     *
     * @param own whether it is watched, as far as anybody knows
     * @param namespaces names, or the single {@code *}; empty where labels select them
     * @param selected whether labels select namespaces
     * @param objects resources besides events, such as {@code pods}
     */
    record Watched(boolean own, Set<String> namespaces, boolean selected, Set<String> objects) {

        /** What is watched if nothing is configured. */
        static final Watched DEFAULT = new Watched(true, EVERYWHERE, false, Set.of());

        private static final Watched NOBODY_KNOWS = new Watched(false, Set.of(), false, Set.of());
    }

    private final Manifest manifest;
    private final JobJar jar;
    private final Problems problems;

    PipelineCheck(Manifest manifest, JobJar jar, Problems problems) {
        this.manifest = manifest;
        this.jar = jar;
        this.problems = problems;
    }

    /**
     * Checks the file of a path within the pods.
     *
     * @throws IOException if it cannot be written to be read
     */
    Watched check(Field argument, Pods pods) throws IOException {
        String path = String.valueOf(argument.text());
        Field source = pods.volumeOf(path).map(volume -> volume.get("configMap")).orElse(null);
        Field map =
                source == null
                        ? null
                        : manifest.find("ConfigMap", String.valueOf(source.get("name").text()))
                                .orElse(null);
        Map<String, Field> files = map == null ? Map.of() : files(map, source);
        String key = pods.withinVolume(path);
        if (!files.containsKey(key)) {
            problems.add(
                    argument,
                    path
                            + (map == null
                                    ? ", where no ConfigMap of this file is mounted"
                                    : ", of whose ConfigMap "
                                            + key
                                            + " is no key but "
                                            + files.keySet()),
                    "a file that is mounted",
                    "the job does not start without its pipeline");
            return Watched.NOBODY_KNOWS;
        }
        Field mount = pods.mountOf(path).orElseThrow();
        if (mount.get("subPath").isPresent()) {
            // Of the whole ConfigMap only this is there.
            files.keySet().retainAll(Set.of(key));
        }
        return read(files, key, pods);
    }

    /** Files of a ConfigMap by the names they have in its volume. */
    private static Map<String, Field> files(Field map, Field source) {
        Map<String, Field> data = map.get("data").entries();
        if (!source.get("items").isPresent()) {
            return data;
        }
        Map<String, Field> files = new LinkedHashMap<>();
        for (Field item : source.get("items").items()) {
            Field file = data.get(String.valueOf(item.get("key").text()));
            if (file != null && item.get("path").text() != null) {
                files.put(item.get("path").text(), file);
            }
        }
        return files;
    }

    /** Has the job's own code read the files as they will be mounted. */
    private Watched read(Map<String, Field> files, String key, Pods pods) throws IOException {
        Path folder = Files.createTempDirectory("deploy-check");
        JobJar.Pipeline pipeline;
        try {
            for (Map.Entry<String, Field> file : files.entrySet()) {
                Path target = folder.resolve(file.getKey()).normalize();
                if (target.startsWith(folder)) {
                    Files.createDirectories(target.getParent());
                    Files.writeString(target, String.valueOf(file.getValue().text()));
                }
            }
            pipeline = jar.read(folder.resolve(key));
            for (String error : pipeline.errors()) {
                wrong(error, folder, files, files.get(key));
            }
        } finally {
            delete(folder);
        }
        for (JobJar.SecretSource secret : pipeline.secrets()) {
            secret(secret, files.get(key), pods);
        }
        return pipeline.errors().isEmpty()
                ? clusters(pipeline, files.get(key), pods)
                : Watched.NOBODY_KNOWS;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> left = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) left.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        }
    }

    private Watched clusters(JobJar.Pipeline read, Field pipeline, Pods pods) {
        boolean kubeconfig =
                pods.variables().stream().anyMatch(each -> each.get("name").is("KUBECONFIG"));
        Set<String> watched = new TreeSet<>();
        boolean own = read.clusters().isEmpty();
        boolean selected = false;
        for (JobJar.Watched cluster : read.clusters()) {
            boolean nothing = cluster.kubeconfig() == null && cluster.context() == null;
            if (cluster.inCluster() || nothing && !kubeconfig) {
                own = true;
                selected |= cluster.namespaces().isEmpty();
                watched.addAll(cluster.namespaces());
            } else if (cluster.kubeconfig() != null
                    ? pods.volumeOf(cluster.kubeconfig()).isEmpty()
                    : !nothing && !kubeconfig) {
                problems.add(
                        pipeline,
                        "cluster "
                                + cluster.name()
                                + " of "
                                + (cluster.kubeconfig() == null
                                        ? "a kubeconfig that the pods do not have"
                                        : cluster.kubeconfig() + ", where no volume is"),
                        "inCluster: true, or the path of a kubeconfig below a mount of "
                                + Pods.MAIN,
                        "mount one from a Secret, or the cluster is not watched");
            }
        }
        return new Watched(
                own, read.clusters().isEmpty() ? EVERYWHERE : watched, selected, read.objects());
    }

    private void wrong(String error, Path folder, Map<String, Field> files, Field pipeline) {
        Matcher at =
                Pattern.compile(Pattern.quote(folder + "/") + "([^:]+):(?:(\\d+):)?\\s*(.*)")
                        .matcher(error);
        if (!at.matches()) {
            problems.add(pipeline.line(), pipeline.path(), error.replace(folder + "/", ""));
            return;
        }
        Field file = files.getOrDefault(at.group(1), pipeline);
        boolean block =
                file.node() instanceof ScalarNode scalar
                        && scalar.getScalarStyle() == ScalarStyle.LITERAL;
        int line = block && at.group(2) != null ? Integer.parseInt(at.group(2)) : 0;
        String name = files.containsKey(at.group(1)) ? "" : at.group(1) + ": ";
        problems.add(file.line() + line, file.path(), name + at.group(3).replace(folder + "/", ""));
    }

    private void secret(JobJar.SecretSource secret, Field pipeline, Pods pods) {
        if (!secret.variable()) {
            if (pods.volumeOf(secret.value()).isEmpty()) {
                problems.add(
                        pipeline,
                        "a secret of receiver "
                                + secret.receiver()
                                + " out of the file "
                                + secret.value(),
                        "a file below a mount of " + Pods.MAIN,
                        "add a volume with the Secret");
            }
            return;
        }
        List<Field> variables =
                pods.variables().stream()
                        .filter(variable -> variable.get("name").is(secret.value()))
                        .toList();
        if (variables.isEmpty() && !pods.hasMoreVariables()) {
            problems.add(
                    pipeline,
                    "a secret of receiver "
                            + secret.receiver()
                            + " out of the variable "
                            + secret.value(),
                    "a variable of " + Pods.MAIN,
                    "add it to env");
        }
        for (Field variable : variables) {
            problems.unless(
                    !variable.get("value").isPresent(),
                    new Field(variable.path(), variable.line(), null),
                    "valueFrom a Secret for what receiver " + secret.receiver() + " keeps secret",
                    "whoever reads the deployment reads the value");
        }
    }
}
