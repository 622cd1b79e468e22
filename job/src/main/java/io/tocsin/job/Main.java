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
package io.tocsin.job;

import io.tocsin.job.config.InvalidConfigException;
import io.tocsin.job.config.MissingSecrets;
import io.tocsin.job.config.PipelineConfig;
import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.config.PipelineConfigReader;
import io.tocsin.job.output.ConsoleLines;
import io.tocsin.job.output.JsonLines;
import io.tocsin.job.output.LineFiles;
import io.tocsin.job.output.StandardOutSink;
import io.tocsin.job.pipeline.LiveClusters;
import io.tocsin.job.pipeline.NodeWord;
import io.tocsin.job.pipeline.PipelineCheck;
import io.tocsin.job.pipeline.RestoreCheck;
import io.tocsin.job.pipeline.TocsinPipeline;
import io.tocsin.job.pipeline.Webhooks;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.sink.deadletter.DeadLetterHandler;
import io.tocsin.sink.deadletter.FileDeadLetters;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entry point on a Flink cluster: arguments, configuration, pipeline. State, restarts and
 * checkpoints are the cluster's configuration.
 *
 * <pre>
 * -c FILE                          pipeline file; without one, the cluster this job runs in
 * --output console|json|file:URI   where lines go; default json, on the TaskManager's standard output
 * --events                         a line for every version of an event, too
 * --dead-letters DIR               keeps what cannot be read or delivered, in a folder that every
 *                                  TaskManager has and that outlives it; without it, in the log only
 * </pre>
 *
 * <p>Secrets are looked for here, but that some are missing is only logged: this runs on the
 * JobManager, while they are used on TaskManagers, and one bad receiver shall not silence the rest.
 */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /**
     * Submits the job.
     *
     * @throws InvalidConfigException if the pipeline file is wrong
     * @throws IllegalArgumentException if an argument is unknown
     * @throws IllegalStateException if the job is told to start from another job's state
     */
    public static void main(String[] arguments) throws Exception {
        Path file = null;
        String output = "json";
        boolean events = false;
        String letters = null;
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "-c", "--config" -> file = Path.of(value(arguments, ++i));
                case "-o", "--output" -> output = value(arguments, ++i);
                case "--events" -> events = true;
                case "--dead-letters" -> letters = value(arguments, ++i);
                default ->
                        throw new IllegalArgumentException(
                                "Unknown argument "
                                        + arguments[i]
                                        + "; expected -c FILE, --output console|json|file:URI,"
                                        + " --events, --dead-letters DIR");
            }
        }
        PipelineConfig read =
                file == null ? PipelineConfig.defaults() : PipelineConfigReader.read(file);
        List<Cluster> clusters =
                read.clusters().isEmpty()
                        ? List.of(new Cluster("in-cluster", null, null, true, List.of("*")))
                        : read.clusters();
        PipelineConfig config =
                new PipelineConfig(clusters, read.rules(), read.receivers(), read.route());

        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        for (String problem : new MissingSecrets(System.getenv()).of(config.routed())) {
            LOG.warn("Not on this host, look on the TaskManagers: {}", problem);
        }
        DeadLetterHandler deadLetters =
                letters == null ? DeadLetterHandler.logOnly() : new FileDeadLetters(letters);
        RuleSet rules = RuleSet.load(config.rules());
        PipelineCheck.require(config, rules);
        NodeWord.missing(config, rules).forEach(LOG::warn);
        TocsinPipeline.build(
                environment,
                config,
                rules,
                output(output, events),
                deadLetters,
                new LiveClusters(),
                new Webhooks(config.routed(), deadLetters));
        RestoreCheck.require(environment, TocsinPipeline.constantUids(config));
        environment.execute("tocsin");
    }

    private static TocsinPipeline.Output output(String value, boolean events) {
        if (value.equals("console")) {
            return new TocsinPipeline.Output(
                    new ConsoleLines(false), new StandardOutSink(), events);
        }
        if (value.equals("json")) {
            return new TocsinPipeline.Output(new JsonLines(), new StandardOutSink(), events);
        }
        if (value.startsWith("file:")) {
            return new TocsinPipeline.Output(
                    new JsonLines(), LineFiles.in(value.substring("file:".length())), events);
        }
        throw new IllegalArgumentException(
                "Unknown --output " + value + "; expected console, json or file:URI");
    }

    private static String value(String[] arguments, int index) {
        if (index == arguments.length) {
            throw new IllegalArgumentException(arguments[index - 1] + " needs a value");
        }
        return arguments[index];
    }
}
