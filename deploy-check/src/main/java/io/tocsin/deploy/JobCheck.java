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
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * What the job is started with: the jar, its class, its arguments, and the pipeline file out of its
 * ConfigMap. A job whose main throws has already replaced the running one, and is not rolled back.
 */
final class JobCheck {
    private static final String LOCAL = "local://";

    private final Manifest manifest;
    private final JobJar jar;
    private final Problems problems;

    JobCheck(Manifest manifest, JobJar jar, Problems problems) {
        this.manifest = manifest;
        this.jar = jar;
        this.problems = problems;
    }

    void check(Field deployment, Dockerfile dockerfile) throws IOException {
        Field job = deployment.at("spec.job");
        Field uri = job.get("jarURI");
        List<String> jars =
                dockerfile.copies().keySet().stream()
                        .filter(path -> path.endsWith(".jar"))
                        .map(path -> LOCAL + path)
                        .toList();
        problems.unless(
                jars.contains(String.valueOf(uri.text())),
                uri,
                String.join(" or ", jars) + ", where the Dockerfile copies the jar to",
                "give both the same path");
        Field entry = job.get("entryClass");
        problems.unless(
                entry.text() != null && jar.hasMain(entry.text()),
                entry,
                "a class of the job jar with a main method",
                "it is io.tocsin.job.Main");
        arguments(job.get("args"), Pods.of(deployment));
        Field image = deployment.at("spec.image");
        problems.unless(
                image.text() != null
                        && image.text()
                                .matches("[^\\s@]+:(?!latest)[\\w][\\w.-]*|[^\\s@]+@sha256:.+"),
                image,
                "an image with a tag other than latest, or a digest",
                "pin it, or a restarted pod may run another version than the rest");
    }

    private void arguments(Field arguments, Pods pods) throws IOException {
        List<Field> items = arguments.items();
        boolean configured = false;
        for (int i = 0; i < items.size(); i++) {
            String name = String.valueOf(items.get(i).text());
            switch (name) {
                case "--events" -> {
                    // Takes no value.
                }
                case "-c", "--config", "-o", "--output", "--dead-letters" -> {
                    i++;
                    if (i == items.size()) {
                        problems.add(arguments, name + " alone", "its value", "add it");
                    } else if (name.endsWith("c") || name.endsWith("config")) {
                        configured = true;
                        pipeline(items.get(i), pods);
                    } else if (name.equals("--dead-letters")) {
                        deadLetters(items.get(i), pods);
                    }
                }
                default ->
                        problems.add(
                                items.get(i),
                                Problems.got(items.get(i)),
                                "one of --config FILE, --output TO, --events, --dead-letters DIR",
                                "the job ends at its start otherwise, and is not rolled back");
            }
        }
        problems.unless(
                configured || items.isEmpty(), arguments, "--config FILE", "name the pipeline");
    }

    private void deadLetters(Field argument, Pods pods) {
        Field volume = pods.volumeOf(String.valueOf(argument.text())).orElse(null);
        problems.unless(
                volume != null && !volume.get("emptyDir").isPresent(),
                argument,
                "a folder on a volume that outlives the pod",
                "what is kept elsewhere goes with the TaskManager");
    }

    private void pipeline(Field argument, Pods pods) throws IOException {
        String path = String.valueOf(argument.text());
        Field volume = pods.volumeOf(path).orElse(null);
        Field source = volume == null ? null : volume.at("configMap.name");
        Field map =
                source == null
                        ? null
                        : manifest.find("ConfigMap", String.valueOf(source.text())).orElse(null);
        String key = pods.withinVolume(path);
        if (map == null || !map.get("data").get(key).isPresent()) {
            problems.add(
                    argument,
                    path
                            + (map == null
                                    ? ", where no ConfigMap of this file is mounted"
                                    : ", of whose ConfigMap "
                                            + key
                                            + " is no key but "
                                            + map.get("data").entries().keySet()),
                    "a file that is mounted",
                    "the job does not start without its pipeline");
            return;
        }
        read(map.get("data").entries(), key, pods);
    }

    /** Has the job's own code read the files as they will be mounted. */
    private void read(Map<String, Field> files, String key, Pods pods) throws IOException {
        Path folder = Files.createTempDirectory("deploy-check");
        List<JobJar.SecretSource> secrets = new ArrayList<>();
        try {
            for (Map.Entry<String, Field> file : files.entrySet()) {
                Files.writeString(
                        folder.resolve(file.getKey()), String.valueOf(file.getValue().text()));
            }
            for (String error : jar.problems(folder.resolve(key), secrets)) {
                wrong(error, folder, files, files.get(key));
            }
        } finally {
            try (Stream<Path> left = Files.list(folder)) {
                for (Path file : (Iterable<Path>) left::iterator) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
        for (JobJar.SecretSource secret : secrets) {
            secret(secret, files.get(key), pods);
        }
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
        problems.add(file.line() + line, file.path(), name + at.group(3));
    }

    private void secret(JobJar.SecretSource secret, Field pipeline, Pods pods) {
        boolean found =
                secret.variable()
                        ? pods.variables().stream()
                                .anyMatch(variable -> variable.get("name").is(secret.value()))
                        : pods.volumeOf(secret.value()).isPresent();
        if (!found) {
            problems.add(
                    pipeline,
                    "a secret of receiver "
                            + secret.receiver()
                            + " out of "
                            + (secret.variable() ? "the variable " : "the file ")
                            + secret.value(),
                    secret.variable()
                            ? "a variable of " + Pods.MAIN
                            : "a file below a mount of " + Pods.MAIN,
                    "add " + (secret.variable() ? "it to env" : "a volume with the Secret"));
        }
    }
}
