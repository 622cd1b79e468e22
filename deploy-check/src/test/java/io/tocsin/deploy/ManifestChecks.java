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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;

/** Checks of this repository's manifest, and of what is made of it; need the job jar. */
abstract class ManifestChecks {

    static final Path ROOT = Path.of("..");
    static final Path MANIFEST = ROOT.resolve("k8s-flinkdeployment.yaml");

    static DeployCheck check;

    @TempDir Path folder;

    @BeforeAll
    static void open() throws IOException {
        check = new DeployCheck(ROOT);
    }

    @AfterAll
    static void close() throws IOException {
        check.close();
    }

    /** What stands in the manifest, what a slip makes of it, and words of the line that tells. */
    static Arguments mistake(String right, String wrong, String... words) {
        return Arguments.of(right, wrong, List.of(words));
    }

    /** The manifest with this changed where it stands first. */
    Path changed(String right, String wrong) throws IOException {
        String text = Files.readString(MANIFEST);
        assertThat(text).contains(right);
        return Files.writeString(
                folder.resolve("k8s.yaml"),
                text.replaceFirst(Pattern.quote(right), Matcher.quoteReplacement(wrong)));
    }
}
