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
import java.util.Set;
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

    private static final Logger LOG = LoggerFactory.getLogger(JobJar.class);

    private final URLClassLoader loader;

    /** Names of the options that Flink's own classes define, older names too. */
    Set<String> flinkOptions() throws IOException {
        Set<String> options = new TreeSet<>();
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

    private void options(String file, Set<String> options) {
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
     * Reads a pipeline file and the rules it names.
     *
     * @param secrets gets the sources of the receivers' secrets
     * @return what is wrong with it, as the job itself would say it
     */
    List<String> problems(Path pipeline, List<SecretSource> secrets) {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader);
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
            loader.loadClass(RULES)
                    .getMethod("load", List.class)
                    .invoke(null, value(config, "rules"));
            return List.of();
        } catch (InvocationTargetException e) {
            return List.of(String.valueOf(e.getCause().getMessage()).split("\\R"));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The job jar is of another version: " + e, e);
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
