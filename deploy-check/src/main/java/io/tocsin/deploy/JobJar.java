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
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The job jar, beside what a Flink cluster brings, in a class loader of its own: its libraries are
 * other versions than the operator's. So the files are read by the very code that will run.
 */
final class JobJar implements AutoCloseable {
    private static final String READER = "io.tocsin.job.config.PipelineConfigReader";
    private static final String RULES = "io.tocsin.job.rule.RuleSet";
    private static final String CHECK = "io.tocsin.job.pipeline.PipelineCheck";

    private static final Logger LOG = LoggerFactory.getLogger(JobJar.class);

    private final URLClassLoader loader;

    /** The options that Flink's own classes define, by name, older names too. */
    Map<String, Object> flinkOptions() throws IOException {
        Map<String, Object> options = new TreeMap<>();
        for (URL url : loader.getURLs()) {
            Path library = Path.of(url.getPath());
            if (library.getFileName().toString().startsWith("flink-")) {
                try (JarFile jar = new JarFile(library.toFile())) {
                    for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
                        if (entry.getName().matches("org/apache/flink/.*Options\\.class")) {
                            options(entry.getName(), options);
                        }
                    }
                }
            }
        }
        return options;
    }

    private void options(String file, Map<String, Object> options) {
        String name = file.replace('/', '.').substring(0, file.length() - ".class".length());
        try {
            FlinkOptionNames.collect(Class.forName(name, true, loader), options);
        } catch (ReflectiveOperationException | LinkageError e) {
            // Needs a library that is not here: so do its options.
            LOG.debug("Options of {} are not known", name, e);
        }
    }

    /** What a Secret of a receiver is read from: an environment variable or a file. */
    record SecretSource(String receiver, boolean variable, String value) {}

    private JobJar(URLClassLoader loader) {
        this.loader = loader;
    }

    /**
     * Opens it.
     *
     * @param runtime folder of the jars that a Flink cluster has
     * @throws IOException if there is none
     */
    static JobJar open(Path jar, Path runtime) throws IOException {
        List<URL> urls = new ArrayList<>();
        urls.add(jar.toUri().toURL());
        try (Stream<Path> jars = Files.list(runtime)) {
            for (Path library : (Iterable<Path>) jars.sorted()::iterator) {
                urls.add(library.toUri().toURL());
            }
        }
        return new JobJar(
                new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader()));
    }

    /** Whether this class has a main method. */
    boolean hasMain(String className) {
        try {
            return Modifier.isStatic(
                    loader.loadClass(className).getMethod("main", String[].class).getModifiers());
        } catch (ReflectiveOperationException | LinkageError e) {
            return false;
        }
    }

    /**
     * A pipeline file as the job reads it.
     *
     * @param errors what is wrong with it or its rules, as the job itself would say it; the rest is
     *     empty then
     * @param secrets of the receivers
     * @param clusters that are watched; none is the one it runs in
     * @param objects what its rules need to be watched besides events, such as {@code pods}
     */
    record Pipeline(
            List<String> errors,
            List<SecretSource> secrets,
            List<Watched> clusters,
            Set<String> objects) {}

    /**
     * A cluster to watch.
     *
     * @param kubeconfig path, or null
     * @param context or null
     * @param inCluster the one that the job runs in
     * @param namespaces names, or the single {@code *}; empty where labels select them
     */
    record Watched(
            String name,
            String kubeconfig,
            String context,
            boolean inCluster,
            List<String> namespaces) {}

    /** Reads a pipeline file and the rules it names. */
    Pipeline read(Path pipeline) {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader);
        List<SecretSource> secrets = new ArrayList<>();
        List<Watched> clusters = new ArrayList<>();
        try {
            Object config =
                    loader.loadClass(READER).getMethod("read", Path.class).invoke(null, pipeline);
            for (Object receiver : (List<?>) value(config, "receivers")) {
                String name = (String) value(receiver, "name");
                secret(name, value(receiver, "url"), secrets);
                for (Object header : ((Map<?, ?>) value(receiver, "headers")).values()) {
                    secret(name, header, secrets);
                }
            }
            for (Object cluster : (List<?>) value(config, "clusters")) {
                clusters.add(
                        new Watched(
                                (String) value(cluster, "name"),
                                (String) value(cluster, "kubeconfig"),
                                (String) value(cluster, "context"),
                                (Boolean) value(cluster, "inCluster"),
                                ((List<?>) value(cluster, "namespaces"))
                                        .stream().map(String::valueOf).toList()));
            }
            Object rules =
                    loader.loadClass(RULES)
                            .getMethod("load", List.class)
                            .invoke(null, value(config, "rules"));
            loader.loadClass(CHECK)
                    .getMethod("require", config.getClass(), rules.getClass())
                    .invoke(null, config, rules);
            Set<String> objects = new TreeSet<>();
            for (Object resource : (Set<?>) value(rules, "watchedObjects")) {
                objects.add(String.valueOf(resource));
            }
            return new Pipeline(List.of(), secrets, clusters, objects);
        } catch (InvocationTargetException e) {
            String message = String.valueOf(e.getCause().getMessage());
            return new Pipeline(List.of(message.split("\\R")), List.of(), List.of(), Set.of());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The job jar is of another version: " + e, e);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    /**
     * What Flink itself says to the memory of a process.
     *
     * @param options all of Flink's
     * @param jobManager or a TaskManager
     */
    Optional<String> memoryError(Map<String, String> options, boolean jobManager) {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader);
        try {
            Class<?> type = loader.loadClass("org.apache.flink.configuration.Configuration");
            Object configuration = type.getMethod("fromMap", Map.class).invoke(null, options);
            if (jobManager) {
                Class<?> option = loader.loadClass("org.apache.flink.configuration.ConfigOption");
                Object size =
                        loader.loadClass("org.apache.flink.configuration.JobManagerOptions")
                                .getField("TOTAL_PROCESS_MEMORY")
                                .get(null);
                loader.loadClass("org.apache.flink.runtime.jobmanager.JobManagerProcessUtils")
                        .getMethod(
                                "processSpecFromConfigWithNewOptionToInterpretLegacyHeap",
                                type,
                                option)
                        .invoke(null, configuration, size);
            } else {
                loader.loadClass(
                                "org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils")
                        .getMethod("processSpecFromConfig", type)
                        .invoke(null, configuration);
            }
            return Optional.empty();
        } catch (InvocationTargetException e) {
            return Optional.of(String.valueOf(e.getCause().getMessage()));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Flink is of another version: " + e, e);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    private static void secret(String receiver, Object secret, List<SecretSource> secrets)
            throws ReflectiveOperationException {
        String kind = value(secret, "kind").toString();
        if (!kind.equals("INLINE")) {
            secrets.add(
                    new SecretSource(
                            receiver, kind.equals("ENV"), (String) value(secret, "value")));
        }
    }

    private static Object value(Object record, String component)
            throws ReflectiveOperationException {
        return record.getClass().getMethod(component).invoke(record);
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }
}
