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
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

    @Test
    void saysWhatItHoldsAndUnderWhichLicence() throws IOException {
        Map<String, String> libraries =
                Map.of(
                        "org/apache/flink/", "Apache Flink",
                        "io/fabric8/", "Fabric8",
                        "com/fasterxml/jackson/", "Jackson",
                        "org/yaml/snakeyaml/", "SnakeYAML",
                        "org/snakeyaml/engine/", "SnakeYAML Engine",
                        "picocli/", "picocli",
                        "com/google/re2j/", "re2j",
                        "com/samskivert/mustache/", "jmustache");
        try (JarFile jar = jar()) {
            String notice = text(jar, "META-INF/NOTICE");
            assertThat(notice)
                    .startsWith("Tocsin\n")
                    .contains("This product includes software developed at")
                    .contains("# Jackson JSON processor")
                    .contains(libraries.values());
            assertThat(text(jar, "META-INF/LICENSE")).contains("Apache License", "Version 2.0");
            assertThat(text(jar, "META-INF/licenses/re2j.txt")).contains("The Go Authors");
            assertThat(text(jar, "META-INF/licenses/jmustache.txt")).contains("Redistribution");
            assertThat(jar.stream().map(ZipEntry::getName))
                    .contains("META-INF/FastDoubleParser-LICENSE", "META-INF/Schubfach-LICENSE")
                    .filteredOn(name -> name.endsWith(".class"))
                    .map(name -> name.replaceFirst("META-INF/versions/\\d+/", ""))
                    .filteredOn(name -> !name.startsWith("io/tocsin/"))
                    .as("classes of a library that NOTICE does not name")
                    .allMatch(name -> libraries.keySet().stream().anyMatch(name::startsWith));
        }
    }

    @Test
    void hasABillOfMaterialsBesideIt() throws IOException {
        assertThat(Files.readString(Path.of("target", "tocsin-job-bom.json")))
                .contains("\"bomFormat\" : \"CycloneDX\"")
                .contains("pkg:maven/io.fabric8/kubernetes-client@")
                .contains("pkg:maven/org.apache.flink/flink-cep@")
                .doesNotContain("pkg:maven/org.apache.flink/flink-clients@")
                .doesNotContain("pkg:maven/org.junit");
    }

    private static String text(JarFile jar, String name) throws IOException {
        try (InputStream in = jar.getInputStream(jar.getEntry(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
