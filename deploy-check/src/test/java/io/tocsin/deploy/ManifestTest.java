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

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of all kinds: each is read, or told in a line. */
class ManifestTest {
    private static final String MAP =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: n}\n";

    @TempDir private Path folder;
    private final Problems problems = new Problems("k8s.yaml");

    private Manifest read(byte[] bytes) throws IOException {
        return Manifest.read(Files.write(folder.resolve("k8s.yaml"), bytes), problems);
    }

    private Manifest read(String text) throws IOException {
        return read(text.getBytes(StandardCharsets.UTF_8));
    }

    private void assertOneProblem(int line, String words) {
        assertThat(problems.all())
                .singleElement()
                .satisfies(problem -> assertThat(problem.line()).isEqualTo(line))
                .satisfies(problem -> assertThat(problem.text()).contains(words));
    }

    @Test
    void tellsTextThatIsNotUtf8() throws IOException {
        read((MAP + "# R\u00e9gles\n").getBytes(StandardCharsets.ISO_8859_1));
        assertOneProblem(4, "not UTF-8");
    }

    @Test
    void tellsACharacterThatYamlDoesNotAllow() throws IOException {
        read(MAP + "data: {a: \"\0\"}\n");
        assertOneProblem(4, "U+0000");
    }

    @Test
    void tellsAnAnchorWithinItself() throws IOException {
        read(MAP + "data: &d {a: *d}\n");
        assertOneProblem(4, "within itself");
    }

    @Test
    void tellsAFileThatIsTooLarge() throws IOException {
        read(MAP + "data: {a: \"" + "x".repeat(4 << 20) + "\"}\n");
        assertOneProblem(1, "exceeds the limit");
    }

    @Test
    void readsWhatIsBeforeAMistakeButKnowsThatItIsNotAll() throws IOException {
        Manifest manifest = read(MAP + "---\na: [\n");
        assertThat(manifest.names("ConfigMap")).containsExactly("a");
        assertThat(manifest.whole()).isFalse();
    }

    @Test
    void tellsAnObjectThatIsThereTwice() throws IOException {
        read(MAP + "---\n" + MAP);
        assertOneProblem(5, "the object of line 1 once more");
    }

    @Test
    void takesOneNameInTwoNamespaces() throws IOException {
        Manifest manifest = read(MAP + "---\n" + MAP.replace("namespace: n", "namespace: m"));
        assertThat(manifest.objects()).hasSize(2);
        assertThat(problems.all()).isEmpty();
    }

    @Test
    void passesOverEmptyDocuments() throws IOException {
        assertThat(read("---\n" + MAP + "---\n# done\n---\n").objects()).hasSize(1);
        assertThat(problems.all()).isEmpty();
    }

    @Test
    void readsTheItemsOfAList() throws IOException {
        Manifest manifest =
                read("apiVersion: v1\nkind: List\nitems:\n- " + MAP.replace("\n", "\n  ") + "\n");
        assertThat(manifest.names("ConfigMap")).isEqualTo(List.of("a"));
        assertThat(problems.all()).isEmpty();
    }

    @Test
    void readsMergeKeysAsTheirContent() throws IOException {
        Manifest manifest = read(MAP + "data: {<<: {a: x, b: y}, b: z}\n");
        Field data = manifest.objects().get(0).get("data");
        assertThat(data.entries()).containsOnlyKeys("a", "b");
        assertThat(data.get("b").text()).isEqualTo("z");
    }
}
