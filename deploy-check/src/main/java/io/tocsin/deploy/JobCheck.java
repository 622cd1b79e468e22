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
import java.util.List;

/**
 * What the job is started with: the jar, its class, its arguments, the image. A job whose main
 * throws has already replaced the running one, and is not rolled back.
 */
final class JobCheck {
    private static final String LOCAL = "local://";
    private static final List<String> PULLS = List.of("Always", "IfNotPresent", "Never");

    private final Manifest manifest;
    private final JobJar jar;
    private final Problems problems;

    JobCheck(Manifest manifest, JobJar jar, Problems problems) {
        this.manifest = manifest;
        this.jar = jar;
        this.problems = problems;
    }

    /**
     * Checks what the job is started with.
     *
     * @return what it watches of the cluster it runs in
     */
    PipelineCheck.Watched check(Field deployment, Dockerfile dockerfile) throws IOException {
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
        PipelineCheck.Watched watched = arguments(job.get("args"), Pods.of(deployment));
        Field image = deployment.at("spec.image");
        problems.unless(
                image.text() != null
                        && image.text()
                                .matches("[^\\s@]+:(?!latest)[\\w][\\w.-]*|[^\\s@]+@sha256:.+"),
                image,
                "an image with a tag other than latest, or a digest",
                "pin it, or a restarted pod may run another version than the rest");
        Field pull = deployment.at("spec.imagePullPolicy");
        problems.unless(
                !pull.isPresent() || PULLS.contains(pull.text()),
                pull,
                "one of " + PULLS,
                "no pod is made otherwise");
        return watched;
    }

    private PipelineCheck.Watched arguments(Field arguments, Pods pods) throws IOException {
        List<Field> items = arguments.items();
        PipelineCheck.Watched watched = null;
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
                        watched =
                                new PipelineCheck(manifest, jar, problems)
                                        .check(items.get(i), pods);
                    } else if (name.equals("--dead-letters")) {
                        deadLetters(items.get(i), pods);
                    } else {
                        output(items.get(i), pods);
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
                watched != null || items.isEmpty(),
                arguments,
                "--config FILE",
                "name the pipeline");
        return watched == null ? PipelineCheck.Watched.DEFAULT : watched;
    }

    private void output(Field argument, Pods pods) {
        String to = String.valueOf(argument.text());
        if (to.startsWith("file:")) {
            String uri = to.substring("file:".length());
            if (!uri.contains("://") || uri.startsWith("file://")) {
                Field volume = pods.volumeOf(uri.replaceFirst("^file:/+", "/")).orElse(null);
                problems.unless(
                        volume != null && !volume.get("emptyDir").isPresent(),
                        argument,
                        "a folder on a volume that outlives the pod",
                        "lines kept elsewhere go with the TaskManager");
            }
        } else {
            problems.unless(
                    to.equals("json") || to.equals("console"),
                    argument,
                    "console, json or file:URI",
                    "the job ends at its start otherwise, and is not rolled back");
        }
    }

    private void deadLetters(Field argument, Pods pods) {
        Field volume = pods.volumeOf(String.valueOf(argument.text())).orElse(null);
        problems.unless(
                volume != null && !volume.get("emptyDir").isPresent(),
                argument,
                "a folder on a volume that outlives the pod",
                "what is kept elsewhere goes with the TaskManager");
    }
}
