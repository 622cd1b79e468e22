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

import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.pipeline.LiveClusters;
import io.tocsin.job.replay.Recorder;
import io.tocsin.job.replay.Recording;
import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.api.Fabric8ResourceApiFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tocsin record}: events, pods and nodes verbatim, until Ctrl-C. */
@Command(
        name = "record",
        description = "Records events, pods and nodes verbatim with receive times, until Ctrl-C.",
        mixinStandardHelpOptions = true,
        versionProvider = Tocsin.Version.class,
        sortOptions = false)
final class RecordCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RecordCommand.class);
    private static final List<String> RESOURCES = List.of("nodes", "pods", "events");

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE.jsonl.gz",
            description = "The recording; must not exist.")
    private Path output;

    @Option(names = "--kubeconfig", paramLabel = "FILE", description = "Kubeconfig, as for run.")
    private String kubeconfig;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "Context to record, repeatable; else the current one.")
    private List<String> contexts = List.of();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            description = "Namespace to record, repeatable; else all. Nodes are always recorded.")
    private List<String> namespaces = List.of();

    @Override
    public Integer call() throws Exception {
        List<Cluster> clusters =
                new ClusterSelection(System.getenv())
                        .select(List.of(), kubeconfig, contexts, namespaces);
        if (Files.exists(output)) {
            throw new UsageException(
                    output
                            + " exists already; choose another file, a recording is never appended to.");
        }
        StopSignal stop = StopSignal.install();
        new FirstContact(RunCommand.PATIENCE).require(clusters, List.of(), false, stop);
        Recording.Writer writer;
        try {
            writer = new Recording.Writer(output);
        } catch (IOException e) {
            throw new UsageException(output + " cannot be written: " + e);
        }
        try (writer) {
            return record(clusters, writer, stop);
        } finally {
            LOG.info("Recorded {} lines in {}", writer.lines(), output);
        }
    }

    private static int record(List<Cluster> clusters, Recording.Writer writer, StopSignal stop)
            throws InterruptedException {
        List<Recorder> recorders = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (Cluster cluster : clusters) {
            ClusterAccess access = LiveClusters.access(cluster);
            for (String resource : RESOURCES) {
                for (String scope : cluster.scopedFor(resource).namespaces()) {
                    Recorder recorder =
                            new Recorder(
                                    new Fabric8ResourceApiFactory().open(access, resource, scope),
                                    writer,
                                    clusters.size() == 1 ? null : cluster.name(),
                                    resource);
                    Thread thread =
                            new Thread(recorder, "record " + cluster.name() + "/" + resource);
                    thread.setDaemon(true);
                    thread.start();
                    recorders.add(recorder);
                    threads.add(thread);
                }
            }
        }
        Exception failure = null;
        while (failure == null && !stop.await(Duration.ofMillis(500).toMillis())) {
            failure =
                    recorders.stream()
                            .map(Recorder::failure)
                            .filter(java.util.Objects::nonNull)
                            .findFirst()
                            .orElse(null);
        }
        recorders.forEach(Recorder::close);
        for (Thread thread : threads) {
            thread.join(2000);
        }
        if (failure != null) {
            LOG.error("The recording cannot be written", failure);
            return 1;
        }
        return 0;
    }
}
