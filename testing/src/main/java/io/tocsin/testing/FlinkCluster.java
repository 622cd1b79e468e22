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
package io.tocsin.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A Flink session cluster: a JobManager and as many TaskManagers as a test starts, each in a child
 * JVM that can be killed on its own. The JobManager is ready in about five seconds; 300 MB each.
 *
 * <p>They run with the repository's {@code flink-conf/} and the memory of {@code
 * k8s-flinkdeployment.yaml}, sized as Flink's own start scripts do it; only what must differ
 * because several processes share this host is given on the command line (see {@link #overrides}).
 * High availability is none, as in a session cluster without ZooKeeper or Kubernetes: a killed
 * JobManager forgets its jobs. Addresses and folders stay the same over restarts; nothing is left
 * running when this JVM dies. One thread at a time.
 */
public final class FlinkCluster implements AutoCloseable {

    private static final String JOB_MANAGER =
            "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
    private static final String TASK_MANAGER =
            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";
    private static final String SIZES = "org.apache.flink.runtime.util.bash.BashJavaUtils";
    private static final String SIZES_RESULT = "BASH_JAVA_UTILS_EXEC_RESULT:";
    private static final String JVM_OPTIONS = "env.java.opts.all: ";

    private final Path folder;
    private final Path configuration;
    private final String classpath;
    private final List<String> jvmOptions;
    private final Map<String, String> overrides;
    private final FlinkRest rest;
    private final ServerProcess jobManager;
    private final List<ServerProcess> taskManagers = new ArrayList<>();

    private FlinkCluster() {
        classpath = ServerClasspath.of("flink");
        folder = ServerFiles.folder("flink");
        configuration = ControlPlaneBinaries.repository().resolve("flink-conf");
        jvmOptions = jvmOptions(configuration.resolve("config.yaml"));
        int restPort = FreePorts.next();
        overrides = overrides(folder, restPort);
        rest = new FlinkRest(URI.create("http://127.0.0.1:" + restPort));
        jobManager =
                new ServerProcess(
                        "Flink's JobManager",
                        command("GET_JM_RESOURCE_PARAMS", JOB_MANAGER, Map.of()),
                        folder.resolve("jobmanager.log"),
                        rest::answers,
                        ServerFiles.JVM_READY_WITHIN);
    }

    /** A JobManager, started and ready; no TaskManager yet. */
    public static FlinkCluster start() {
        FlinkCluster cluster = new FlinkCluster();
        try {
            cluster.jobManager.start();
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /**
     * Options that differ from {@code flink-conf/}: addresses and folders, because all processes
     * share this host and have no volume; the processes' sizes, which the operator takes from the
     * deployment's {@code resource}; and the port of metrics, of which one host has but one.
     */
    private static Map<String, String> overrides(Path folder, int restPort) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("jobmanager.rpc.address", "127.0.0.1");
        options.put("jobmanager.rpc.port", Integer.toString(FreePorts.next()));
        options.put("jobmanager.bind-host", "127.0.0.1");
        options.put("taskmanager.host", "127.0.0.1");
        options.put("taskmanager.bind-host", "127.0.0.1");
        options.put("rest.address", "127.0.0.1");
        options.put("rest.bind-address", "127.0.0.1");
        options.put("rest.bind-port", Integer.toString(restPort));
        options.put("rest.port", Integer.toString(restPort));
        options.put("io.tmp.dirs", folder.resolve("tmp").toString());
        options.put("state.checkpoints.dir", folder.resolve("checkpoints").toUri().toString());
        options.put("state.savepoints.dir", folder.resolve("savepoints").toUri().toString());
        options.put("jobmanager.memory.process.size", "1024m");
        options.put("taskmanager.memory.process.size", "1536m");
        options.put("metrics.reporter.prom.port", "15000-32000");
        return options;
    }

    /** The JobManager's process. */
    public ServerProcess jobManager() {
        return jobManager;
    }

    /** Requests to the JobManager. */
    public FlinkRest rest() {
        return rest;
    }

    /** Where jobs put their checkpoints, in a folder named after the job each. */
    public Path checkpoints() {
        return folder.resolve("checkpoints");
    }

    /** Where jobs put their savepoints. */
    public Path savepoints() {
        return folder.resolve("savepoints");
    }

    /** Starts one more TaskManager, of one slot, and waits until the JobManager knows it. */
    public ServerProcess startTaskManager() {
        String id = "taskmanager-" + (taskManagers.size() + 1);
        ServerProcess process =
                new ServerProcess(
                        "Flink's " + id,
                        command(
                                "GET_TM_RESOURCE_PARAMS",
                                TASK_MANAGER,
                                Map.of("taskmanager.resource-id", id)),
                        folder.resolve(id + ".log"),
                        () -> rest.taskManagers().contains(id),
                        ServerFiles.JVM_READY_WITHIN);
        taskManagers.add(process);
        process.start();
        return process;
    }

    /** The end of each log, for a test that fails. */
    public String logs() {
        StringBuilder logs = new StringBuilder("JobManager:\n").append(jobManager.logTail());
        for (ServerProcess process : taskManagers) {
            logs.append("\nTaskManager ").append(process.log()).append(":\n");
            logs.append(process.logTail());
        }
        return logs.toString();
    }

    /** Kills what runs and removes the data; logs stay. */
    @Override
    public void close() {
        taskManagers.forEach(ServerProcess::close);
        jobManager.close();
        List.of("tmp", "checkpoints", "savepoints")
                .forEach(name -> ServerFiles.delete(folder.resolve(name)));
    }

    private List<String> command(String sizes, String main, Map<String, String> more) {
        List<String> dynamic = new ArrayList<>();
        overrides.forEach((key, value) -> dynamic.add("-D" + key + "=" + value));
        more.forEach((key, value) -> dynamic.add("-D" + key + "=" + value));
        List<String> sized = sizes(sizes, dynamic);
        List<String> command = new ArrayList<>();
        command.add(java());
        command.addAll(words(sized.get(0)));
        command.addAll(jvmOptions);
        // To start quickly on few cores.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.add(
                "-Dlog4j2.configurationFile="
                        + configuration.resolve("log4j-console.properties").toUri());
        command.addAll(List.of("-cp", classpath, main, "--configDir", configuration.toString()));
        command.addAll(dynamic);
        command.addAll(words(sized.get(1)));
        return command;
    }

    /** JVM options and dynamic options, a line each, as Flink's start scripts ask for them. */
    private List<String> sizes(String sizes, List<String> dynamic) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                java(),
                                "-Dlog4j2.level=ERROR",
                                "-cp",
                                classpath,
                                SIZES,
                                sizes,
                                "--configDir",
                                configuration.toString()));
        command.addAll(dynamic);
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            List<String> said;
            try (BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8))) {
                said = lines.lines().toList();
            }
            List<String> result =
                    said.stream()
                            .filter(line -> line.startsWith(SIZES_RESULT))
                            .map(line -> line.substring(SIZES_RESULT.length()))
                            .toList();
            if (result.size() != 2) {
                throw new IllegalStateException(
                        "Flink did not size its processes:\n" + String.join("\n", said));
            }
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot size Flink's processes", e);
        }
    }

    private static List<String> jvmOptions(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(JVM_OPTIONS))
                    .findFirst()
                    .map(line -> words(line.substring(JVM_OPTIONS.length())))
                    .orElseThrow(() -> new IllegalStateException(file + " has no " + JVM_OPTIONS));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }

    private static List<String> words(String line) {
        return line.isBlank() ? List.of() : List.of(line.strip().split(" +"));
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
