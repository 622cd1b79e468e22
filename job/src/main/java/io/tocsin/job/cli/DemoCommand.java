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

import io.tocsin.job.config.PipelineConfig;
import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.pipeline.LiveClusters;
import io.tocsin.job.pipeline.TocsinPipeline;
import io.tocsin.job.replay.RecordingException;
import io.tocsin.job.replay.RecordingOverview;
import io.tocsin.job.replay.ReplayApi;
import io.tocsin.job.replay.ReplayClock;
import io.tocsin.job.rule.InvalidRulesException;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.sink.deadletter.FileDeadLetters;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.reader.DateServerClock;
import io.tocsin.source.reader.ServerClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code tocsin demo}: the job that {@code run} starts, on a recording that is served as a
 * Kubernetes API on loopback, faster than life.
 */
@Command(
        name = "demo",
        description =
                "Shows Tocsin on a recording of a real cluster, faster than life. Needs no cluster"
                        + " and no network: serves the recording as a Kubernetes API on loopback.",
        mixinStandardHelpOptions = true,
        versionProvider = Tocsin.Version.class,
        sortOptions = false)
final class DemoCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(DemoCommand.class);
    private static final String BUILT_IN = "one-bad-afternoon.jsonl.gz";
    private static final String RESOURCES = "/io/tocsin/job/recordings/";

    /** By how much the source's event time is behind; the replay goes on for so long at its end. */
    private static final Duration OUT_OF_ORDERNESS =
            KubernetesSourceOptions.OUT_OF_ORDERNESS.defaultValue();

    /** A Date is cut to the second, and the last line must be before it. */
    private static final Duration MARGIN = Duration.ofSeconds(3);

    /** A demo is never resumed. */
    private static final Duration NO_CHECKPOINTS = Duration.ofDays(1);

    private static final long SHORTEST_QUIET_MILLIS = 200;

    @Option(
            names = "--recording",
            paramLabel = "FILE",
            description =
                    "Recording to play, such as ./tocsin record makes; else one that comes with"
                            + " Tocsin.")
    private Path recording;

    @Option(
            names = "--duration",
            paramLabel = "D",
            defaultValue = "40s",
            converter = DurationConverter.class,
            description = "How long the replay takes (${DEFAULT-VALUE}); never slower than life.")
    private Duration duration;

    @Option(
            names = "--rules",
            paramLabel = "FILE",
            description = "Rule file or glob, or \"default\", repeatable; else the default rules.")
    private List<String> rules = List.of("default");

    @Override
    public Integer call() throws Exception {
        if (duration.toMillis() < 1000) {
            throw new UsageException("--duration " + duration + ": expected 1s or more.");
        }
        RuleSet ruleSet = ruleSet();
        StopSignal stop = StopSignal.install();
        Path folder = Files.createTempDirectory("tocsin-demo");
        try {
            RecordingOverview overview = overview(folder);
            double speed = Math.max(1, (double) overview.length().toMillis() / duration.toMillis());
            long stopMillis = overview.end().plus(OUT_OF_ORDERNESS).plus(MARGIN).toEpochMilli();
            ReplayClock clock =
                    ReplayClock.ofProcess(overview.begin().toEpochMilli(), stopMillis, speed);
            long shiftSeconds = shiftSeconds(overview, speed);
            try (ReplayApi api = serve(overview, clock, shiftSeconds)) {
                Path kubeconfig = api.writeKubeconfig(folder.resolve("kubeconfig"));
                return play(
                        overview,
                        new Replay(api, kubeconfig, folder, speed, shiftSeconds),
                        ruleSet,
                        stop);
            }
        } finally {
            delete(folder);
        }
    }

    private static ReplayApi serve(RecordingOverview overview, ReplayClock clock, long shiftSeconds)
            throws IOException {
        try {
            return ReplayApi.start(overview, clock, shiftSeconds, ReplayApi.HISTORY_BYTES);
        } catch (ConnectException e) {
            throw new UnreachableException(e.getMessage());
        }
    }

    /**
     * A recording that is served.
     *
     * @param kubeconfig names its clusters
     * @param folder for the state of the job
     * @param speed recorded time per time
     * @param shiftSeconds what was added to recorded times
     */
    private record Replay(
            ReplayApi api, Path kubeconfig, Path folder, double speed, long shiftSeconds) {}

    private static int play(
            RecordingOverview overview, Replay replay, RuleSet ruleSet, StopSignal stop)
            throws Exception {
        // Notes of events are UTF-8, whatever the locale of this process says.
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        Story story =
                new Story(
                        ruleSet,
                        overview,
                        replay.shiftSeconds() * 1000,
                        out,
                        OutputOption.coloured(System.getenv(), System.console() != null));
        List<Cluster> clusters =
                replay.api().clusters().stream()
                        .map(
                                name ->
                                        new Cluster(
                                                name,
                                                name,
                                                replay.kubeconfig().toString(),
                                                false,
                                                List.of("*")))
                        .toList();
        PipelineConfig pipeline = new PipelineConfig(clusters, List.of("default"), List.of(), null);
        story.opening(replay.speed());
        long end = overview.end().toEpochMilli() + replay.shiftSeconds() * 1000;
        int code;
        try (StateDirectory state = StateDirectory.open(replay.folder().resolve("state"));
                StorySink.Stage stage = StorySink.stage(story, end, stop)) {
            code =
                    new EmbeddedFlink(state, NO_CHECKPOINTS)
                            .run(
                                    "tocsin demo",
                                    environment ->
                                            TocsinPipeline.build(
                                                    environment,
                                                    pipeline,
                                                    ruleSet,
                                                    new TocsinPipeline.Output(
                                                            new StoryLines(ruleSet),
                                                            new StorySink(stage.id()),
                                                            true),
                                                    new FileDeadLetters(
                                                            state.deadLetters().toString()),
                                                    clusters(replay.speed()),
                                                    alerts -> {}),
                                    new StateCheck(TocsinPipeline.constantUids(pipeline)),
                                    stop);
        }
        if (replay.api().failure() != null) {
            throw replay.api().failure();
        }
        story.closing();
        return code;
    }

    /**
     * Reading live clusters, with everything that is measured on this machine's clock brought to
     * the replay's speed: how soon a quiet watch lists again, how far a timestamp may be ahead of
     * the server's clock, and how that clock goes on between two answers.
     */
    private static LiveClusters clusters(double speed) {
        Configuration options = new Configuration();
        Duration quiet =
                Duration.ofMillis(
                        Math.max(
                                SHORTEST_QUIET_MILLIS,
                                (long)
                                        (KubernetesSourceOptions.QUIET_MIN.defaultValue().toMillis()
                                                / speed)));
        options.set(KubernetesSourceOptions.QUIET_MIN, quiet);
        options.set(KubernetesSourceOptions.QUIET_MAX, quiet);
        options.set(
                KubernetesSourceOptions.MAX_FUTURE_SKEW,
                Duration.ofMillis(
                        (long)
                                (KubernetesSourceOptions.MAX_FUTURE_SKEW.defaultValue().toMillis()
                                        * speed)));
        return new LiveClusters(options, fast(speed));
    }

    private static ServerClock.Factory fast(double speed) {
        return () -> {
            long begin = System.nanoTime();
            return new DateServerClock(() -> (long) ((System.nanoTime() - begin) * speed));
        };
    }

    /** The incident ends now: nothing that is served lies in this machine's future for long. */
    private static long shiftSeconds(RecordingOverview overview, double speed) {
        long playsFor = (long) (overview.length().toMillis() / speed);
        return (System.currentTimeMillis() + playsFor - overview.end().toEpochMilli()) / 1000;
    }

    private RecordingOverview overview(Path folder) throws IOException {
        Path file = recording == null ? builtIn(folder) : recording;
        if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
            throw new UsageException(
                    "--recording: "
                            + file
                            + " is no regular file; expected one, since it is read twice");
        }
        RecordingOverview overview;
        try {
            overview = RecordingOverview.of(file);
        } catch (RecordingException e) {
            throw new UsageException("--recording: " + e.getMessage());
        }
        if (!overview.resources().containsKey("events")) {
            throw new UsageException(
                    "--recording: "
                            + file
                            + " holds no events, only "
                            + overview.resources().keySet()
                            + "; expected a recording as ./tocsin record makes it");
        }
        if (overview.cutOff()) {
            LOG.warn("{} ends in the middle of a line; that line is left out", file);
        }
        if (overview.late() > 0) {
            LOG.warn(
                    "{}: {} of {} lines were received more than a minute before a line above them."
                            + " They are played where they stand, too late to be told rightly; sort"
                            + " the lines by t",
                    file,
                    overview.late(),
                    overview.lines());
        }
        return overview;
    }

    private static Path builtIn(Path folder) throws IOException {
        Path file = folder.resolve(BUILT_IN);
        try (InputStream in = DemoCommand.class.getResourceAsStream(RESOURCES + BUILT_IN)) {
            if (in == null) {
                throw new IOException("the jar lacks " + RESOURCES + BUILT_IN + "; build it anew");
            }
            Files.copy(in, file);
        }
        return file;
    }

    private RuleSet ruleSet() {
        try {
            return RuleSet.load(rules);
        } catch (InvalidRulesException e) {
            throw new UsageException("The rules are wrong:\n  " + String.join("\n  ", e.errors()));
        }
    }

    private static void delete(Path folder) {
        try {
            Files.walkFileTree(
                    folder,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                                throws IOException {
                            Files.delete(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(Path each, IOException failure)
                                throws IOException {
                            Files.delete(each);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            LOG.debug("{} is left behind", folder, e);
        }
    }
}
