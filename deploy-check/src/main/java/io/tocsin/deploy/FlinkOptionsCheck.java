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

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * Flink's options in the FlinkDeployment: those that Tocsin's state depends on, the subset that all
 * operators since 1.7 understand, and what newer operators reject beyond {@link OperatorCheck}.
 */
final class FlinkOptionsCheck {
    /** Newer names, and the older ones that every operator and Flink 1.20 know. */
    private static final Map<String, String> OLDER =
            new TreeMap<>(
                    Map.of(
                            "execution.checkpointing.dir", "state.checkpoints.dir",
                            "execution.checkpointing.savepoint-dir", "state.savepoints.dir",
                            "execution.checkpointing.incremental", "state.backend.incremental",
                            "execution.checkpointing.num-retained",
                                    "state.checkpoints.num-retained"));

    /** What the operator decides by itself; its validator rejects or overwrites them. */
    private static final Set<String> OPERATORS =
            Set.of("kubernetes.namespace", "kubernetes.cluster-id", "high-availability.cluster-id");

    private static final List<String> DIRECTORIES =
            List.of(
                    "state.checkpoints.dir",
                    "state.savepoints.dir",
                    "high-availability.storageDir");

    private static final List<String> RESTARTS =
            List.of("exponential-delay", "failure-rate", "fixed-delay");

    /** Of the file systems that Flink has, or has plugins for. */
    private static final Set<String> SCHEMES =
            new TreeSet<>(
                    List.of(
                            "file", "s3", "s3a", "s3p", "gs", "hdfs", "viewfs", "abfs", "abfss",
                            "wasb", "wasbs", "oss", "cosn", "obs"));

    private final FlinkOptionNames names;
    private final Problems problems;

    private final boolean plugin;

    /**
     * @param plugin whether the image has a plugin beside Flink's
     */
    FlinkOptionsCheck(FlinkOptionNames names, boolean plugin, Problems problems) {
        this.names = names;
        this.plugin = plugin;
        this.problems = problems;
    }

    void check(Field deployment) {
        Field options = deployment.at("spec.flinkConfiguration");
        options.entries().forEach((key, value) -> portable(key, value));
        demand(options, "pipeline.generic-types", "false", "state in Kryo cannot evolve");
        demand(
                options,
                "pipeline.auto-generate-uids",
                "false",
                "state under a generated uid is lost at the next upgrade");
        demand(
                options,
                "high-availability.type",
                "kubernetes",
                "a JobManager that is killed forgets the job otherwise");
        demand(options, "state.backend.type", "rocksdb", "state must not have to fit the heap");
        demand(
                options,
                "state.backend.incremental",
                "true",
                "each checkpoint writes the whole state otherwise");
        Field interval = options.get("execution.checkpointing.interval");
        problems.unless(
                interval.text() != null && !interval.text().matches("0\\D*"),
                interval,
                "a time, such as 10s",
                "without checkpoints nothing that is written becomes visible, and a failure"
                        + " forgets everything");
        Field restart = options.get("restart-strategy.type");
        problems.unless(
                !restart.isPresent() || RESTARTS.contains(restart.text()),
                restart,
                "one of " + RESTARTS,
                "the first failure ends the job otherwise");
        Field maxParallelism = options.get("pipeline.max-parallelism");
        problems.unless(
                maxParallelism.is("360"),
                maxParallelism,
                "\"360\"",
                "it is part of the state: a savepoint of another one is refused");
        for (String key : DIRECTORIES) {
            directory(Pods.of(deployment), options.get(key));
        }
        Field job = deployment.at("spec.job");
        problems.unless(
                job.get("upgradeMode").is("savepoint"),
                job.get("upgradeMode"),
                "savepoint",
                "an upgrade loses or cannot read the state otherwise");
        problems.unless(
                job.get("allowNonRestoredState").is("true"),
                job.get("allowNonRestoredState"),
                "true",
                "a removed sequence rule leaves state behind, and the job would not start");
        problems.unless(
                deployment.at("spec.flinkVersion").is("v1_20"),
                deployment.at("spec.flinkVersion"),
                "v1_20",
                "the job is built for Flink 1.20");
        parallelism(job.get("parallelism"), maxParallelism);
        for (String role : List.of("jobManager", "taskManager")) {
            Field cpu = deployment.get("spec").get(role).at("resource.cpu");
            problems.unless(
                    cpu.isPresent(), cpu, "a number of cores", "say how much the pod may ask for");
        }
    }

    private void portable(String key, Field value) {
        if (!(value.node() instanceof ScalarNode)) {
            problems.add(
                    value,
                    "nested options",
                    "one flat key with a text",
                    "operators before 1.13 cannot read them");
        }
        if (OLDER.containsKey(key)) {
            problems.add(
                    value,
                    "the newer name",
                    OLDER.get(key),
                    "operators before 1.11 miss the option under the newer one");
        }
        if (!names.contains(key)) {
            problems.add(
                    value,
                    "the unknown option \"" + key + "\"",
                    "one of Flink's or the operator's",
                    names.didYouMean(key) + " Flink would ignore it without a word");
        }
        if (value.text() != null) {
            names.error(key, value.text())
                    .ifPresent(
                            error ->
                                    problems.add(
                                            value,
                                            Problems.got(value),
                                            "a value that Flink can read",
                                            "it says: " + error));
        }
        if (OPERATORS.contains(key)) {
            problems.add(
                    value, "an option of the operator's own", "none", "remove it: it is derived");
        }
    }

    private void demand(Field options, String key, String value, String why) {
        problems.unless(options.get(key).is(value), options.get(key), "\"" + value + "\"", why);
    }

    private void directory(Pods pods, Field option) {
        String uri = option.text();
        if (uri == null) {
            problems.add(
                    option,
                    "nothing",
                    "a directory that outlives the pods",
                    "name one on a claim or in an object store");
            return;
        }
        String scheme = uri.replaceFirst(":.*", "");
        if (!SCHEMES.contains(scheme) || !uri.contains(":/")) {
            problems.add(
                    option,
                    Problems.got(option),
                    "a URI, as file:///flink-data/… or s3://BUCKET/…",
                    uri.contains(":/")
                            ? Problems.didYouMean(scheme, SCHEMES)
                            : "begin it with file://");
            return;
        }
        if (!scheme.equals("file")) {
            problems.unless(
                    plugin || scheme.equals("hdfs") || scheme.equals("viewfs"),
                    option,
                    "a file system plugin in the image for it",
                    "add to the Dockerfile: COPY --from=flink:1.20.3-java17"
                            + " /opt/flink/opt/flink-s3-fs-hadoop-1.20.3.jar"
                            + " /opt/flink/plugins/s3/ (or its like); ENABLE_BUILT_IN_PLUGINS"
                            + " cannot write to a read-only root");
            return;
        }
        if (uri.matches("file://[^/].*")) {
            problems.add(
                    option,
                    Problems.got(option),
                    "file:/// with three slashes",
                    "what follows two is a host");
            return;
        }
        String path = uri.replaceFirst("^file:/*", "/");
        Field volume = pods.volumeOf(path).orElse(null);
        if (volume == null || volume.get("emptyDir").isPresent()) {
            problems.add(
                    option,
                    uri + (volume == null ? ", where no volume is" : " in an emptyDir"),
                    "a directory on a claim, shared by all pods",
                    "mount one there, or the state ends with the pod");
        }
        Field readOnly = pods.mountOf(path).map(mount -> mount.get("readOnly")).orElse(option);
        problems.unless(
                !readOnly.is("true"), readOnly, "a mount that can be written", "remove readOnly");
    }

    private void parallelism(Field parallelism, Field max) {
        try {
            if (parallelism.text() != null
                    && max.text() != null
                    && Integer.parseInt(parallelism.text()) > Integer.parseInt(max.text())) {
                problems.add(
                        parallelism,
                        parallelism.text(),
                        "at most " + max.text() + ", pipeline.max-parallelism",
                        "lower it");
            }
        } catch (NumberFormatException e) {
            // The schema has told so.
        }
    }
}
