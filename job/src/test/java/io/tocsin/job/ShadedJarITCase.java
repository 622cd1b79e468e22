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

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What the job jar holds: it is put into a Flink cluster, which brings its own runtime and log. */
class ShadedJarITCase {

    private static JarFile jar() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            Path jar =
                    files.filter(f -> f.getFileName().toString().matches("tocsin-job-.*\\.jar"))
                            .findFirst()
                            .orElseThrow();
            return new JarFile(jar.toFile());
        }
    }

    private static List<String> entries() throws IOException {
        try (JarFile jar = jar()) {
            return jar.stream().map(ZipEntry::getName).toList();
        }
    }

    @Test
    void holdsTheJobAndItsLibraries() throws IOException {
        assertThat(entries())
                .contains(
                        "io/tocsin/job/Main.class",
                        "io/tocsin/source/KubernetesRecord.class",
                        "io/tocsin/sink/webhook/WebhookRequest.class",
                        "io/fabric8/kubernetes/client/Config.class",
                        "org/apache/flink/cep/CEP.class",
                        "org/apache/flink/connector/file/sink/FileSink.class",
                        "picocli/CommandLine.class");
    }

    @Test
    void holdsNeitherFlinksRuntimeNorALogNorTests() throws IOException {
        assertThat(entries())
                .noneMatch(name -> name.startsWith("org/apache/flink/runtime/minicluster/"))
                .noneMatch(name -> name.startsWith("org/apache/flink/streaming/api/environment/"))
                .noneMatch(name -> name.startsWith("org/apache/flink/client/"))
                .noneMatch(name -> name.startsWith("org/rocksdb/"))
                .noneMatch(name -> name.startsWith("org/slf4j/"))
                .noneMatch(name -> name.startsWith("org/apache/logging/"))
                .noneMatch(name -> name.startsWith("org/junit/"))
                .noneMatch(name -> name.startsWith("io/tocsin/testing/"))
                .noneMatch(name -> name.endsWith("Test.class") && name.startsWith("io/tocsin/"))
                .noneMatch(name -> name.matches("META-INF/[^/]*\\.(SF|DSA|RSA)"))
                .noneMatch(name -> name.endsWith("module-info.class"));
    }

    @Test
    void namesItsEntryPointAndKeepsServices() throws IOException {
        try (JarFile jar = jar()) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
                    .isEqualTo("io.tocsin.job.Main");
            assertThat(
                            jar.getEntry(
                                    "META-INF/services/io.fabric8.kubernetes.client.http.HttpClient$Factory"))
                    .isNotNull();
            assertThat(jar.getEntry("META-INF/services/com.fasterxml.jackson.core.JsonFactory"))
                    .isNotNull();
        }
    }
}
