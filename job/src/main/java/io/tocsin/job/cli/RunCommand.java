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

import io.tocsin.job.config.InvalidConfigException;
import io.tocsin.job.config.PipelineConfig;
import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.config.PipelineConfig.Receiver;
import io.tocsin.job.config.PipelineConfig.Secret;
import io.tocsin.job.config.PipelineConfigReader;
import io.tocsin.job.model.Fingerprint;
import io.tocsin.job.pipeline.LiveClusters;
import io.tocsin.job.pipeline.NodeWord;
import io.tocsin.job.pipeline.PipelineCheck;
import io.tocsin.job.pipeline.TocsinPipeline;
import io.tocsin.job.pipeline.Webhooks;
import io.tocsin.job.rule.InvalidRulesException;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.sink.deadletter.DeadLetterHandler;
import io.tocsin.sink.deadletter.FileDeadLetters;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tocsin run}: the job on live clusters, on a Flink inside this process. */
@Command(
        name = "run",
        description =
                "Watches clusters and rings. Needs no configuration: watches the current"
                        + " kubeconfig context with the default rules, and writes to the console.",
        mixinStandardHelpOptions = true,
        versionProvider = Tocsin.Version.class,
        sortOptions = false)
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    /** How long first contact is tried. */
    static final Duration PATIENCE = Duration.ofSeconds(15);

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Pipeline file (pipeline.yaml).")
    private Path config;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "Kubeconfig; else the variable KUBECONFIG, else ~/.kube/config.")
    private String kubeconfig;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "Context to watch, repeatable; else the current one.")
    private List<String> contexts = List.of();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            description = "Namespace to watch, repeatable; else all.")
    private List<String> namespaces = List.of();

    @Option(
            names = "--rules",
            paramLabel = "FILE",
            description = "Rule file or glob, or \"default\", repeatable; else the default rules.")
    private List<String> rules = List.of();

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "State directory; else .tocsin/CLUSTER in the current folder.")
    private Path state;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUTPUT",
            defaultValue = "console",
            description = "console, json (lines on standard output) or file:DIR (exactly once).")
    private String output;

    @Option(
            names = "--events",
            description =
                    "Also writes a line for every version of an event, and for what is too late.")
    private boolean events;

    @Option(
            names = "--webhook",
            paramLabel = "URL",
            description =
                    "Also posts alerts to this URL, repeatable. Shows up in the process list:"
                            + " prefer a receiver in the pipeline file when the URL holds a token.")
    private List<String> webhooks = List.of();

    @Option(
            names = "--checkpoint-interval",
            paramLabel = "D",
            defaultValue = "2s",
            converter = DurationConverter.class,
            description =
                    "Time between checkpoints (${DEFAULT-VALUE}), at which file:DIR shows new"
                            + " lines.")
    private Duration checkpointInterval;

    @Override
    public Integer call() throws Exception {
        Map<String, String> variables = System.getenv();
        PipelineConfig pipeline = pipeline(variables);
        TocsinPipeline.Output lines =
                OutputOption.parse(output, events, variables, System.console() != null);
        if (checkpointInterval.toMillis() < 100) {
            throw new UsageException(
                    "--checkpoint-interval " + checkpointInterval + ": expected 100ms or more.");
        }
        RuleSet ruleSet = ruleSet(pipeline);
        try {
            PipelineCheck.require(pipeline, ruleSet);
        } catch (InvalidConfigException e) {
            throw new UsageException("Rules lack what they need:\n  " + indented(e.errors()));
        }
        NodeWord.missing(pipeline, ruleSet).forEach(LOG::warn);
        new SecretCheck(variables).require(pipeline.receivers());
        StopSignal stop = StopSignal.install();
        try (StateDirectory directory = StateDirectory.open(stateDirectory(pipeline))) {
            LOG.info(
                    "Watching {}, {} rules, output {}, state in {}",
                    describe(pipeline.clusters()),
                    ruleSet.rules().size(),
                    output,
                    stateDirectory(pipeline));
            new FirstContact(PATIENCE)
                    .require(
                            pipeline.clusters(),
                            ruleSet.watchedObjects(),
                            directory.newest().isPresent(),
                            stop);
            if (stop.came()) {
                return 0;
            }
            DeadLetterHandler deadLetters = new FileDeadLetters(directory.deadLetters().toString());
            return new EmbeddedFlink(directory, checkpointInterval)
                    .run(
                            "tocsin",
                            environment ->
                                    TocsinPipeline.build(
                                            environment,
                                            pipeline,
                                            ruleSet,
                                            lines,
                                            deadLetters,
                                            new LiveClusters(),
                                            new Webhooks(pipeline.receivers(), deadLetters)),
                            new StateCheck(TocsinPipeline.constantUids(pipeline)),
                            stop);
        }
    }

    private PipelineConfig pipeline(Map<String, String> variables) {
        PipelineConfig read;
        try {
            read = config == null ? PipelineConfig.defaults() : PipelineConfigReader.read(config);
        } catch (InvalidConfigException e) {
            throw new UsageException("The pipeline file is wrong:\n  " + indented(e.errors()));
        }
        List<Receiver> receivers = new ArrayList<>(read.routed());
        for (String url : webhooks.stream().distinct().toList()) {
            receivers.add(
                    new Receiver(
                            nameOf(checked(url)), new Secret(Secret.Kind.INLINE, url), Map.of()));
        }
        List<Cluster> clusters =
                new ClusterSelection(variables)
                        .select(read.clusters(), kubeconfig, contexts, namespaces);
        return new PipelineConfig(
                clusters, rules.isEmpty() ? read.rules() : rules, receivers, null);
    }

    private static RuleSet ruleSet(PipelineConfig pipeline) {
        try {
            return RuleSet.load(pipeline.rules());
        } catch (InvalidRulesException e) {
            throw new UsageException("The rules are wrong:\n  " + indented(e.errors()));
        }
    }

    private Path stateDirectory(PipelineConfig pipeline) {
        if (state != null) {
            return state.toAbsolutePath().normalize();
        }
        String names =
                pipeline.clusters().stream().map(Cluster::name).collect(Collectors.joining("+"));
        String folder = names.replaceAll("[^A-Za-z0-9._@+-]", "_");
        if (folder.length() > 100 || !folder.equals(names)) {
            folder =
                    folder.substring(0, Math.min(80, folder.length()))
                            + "-"
                            + Integer.toHexString(names.hashCode());
        }
        return Path.of(".tocsin", folder).toAbsolutePath();
    }

    /** What is owed to one URL must never reach another, whatever the order of the options. */
    private static String nameOf(String url) {
        return "webhook-" + Fingerprint.of(4, url);
    }

    private static String checked(String url) {
        try {
            URI uri = new URI(url);
            if (uri.getHost() != null
                    && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return url;
            }
        } catch (java.net.URISyntaxException e) {
            // told below, without the URL: it may hold a token
        }
        throw new UsageException("--webhook: expected an http:// or https:// URL.");
    }

    private static String describe(List<Cluster> clusters) {
        return clusters.stream()
                .map(
                        cluster ->
                                cluster.name()
                                        + (cluster.namespaceSelector() != null
                                                ? " (namespaces with labels "
                                                        + cluster.namespaceSelector()
                                                        + ")"
                                                : cluster.namespaces().equals(List.of("*"))
                                                        ? " (all namespaces)"
                                                        : " " + cluster.namespaces()))
                .collect(Collectors.joining(", "));
    }

    private static String indented(List<String> errors) {
        return String.join("\n  ", errors);
    }
}
