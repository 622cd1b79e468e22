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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a script sees; needs the job jar. */
class ExitCodesITCase {
    private static final String ROOT = "..";

    @TempDir private Path folder;

    private static int run(String... arguments) {
        return DeployCheck.run(arguments, ROOT);
    }

    @Test
    void isZeroWhereNothingIsWrong() {
        assertThat(run("../k8s-flinkdeployment.yaml")).isZero();
    }

    @Test
    void isOneWhereTheTextIsWrong() throws IOException {
        for (String text : new String[] {"", "a: [", "a: \0", "a: &a [*a]", "hello"}) {
            Path file = Files.writeString(folder.resolve("k8s.yaml"), text);
            assertThat(run(file.toString())).as(text).isEqualTo(1);
        }
    }

    @Test
    void isThatOfTheWorstOfSeveralFiles() throws IOException {
        String good = "../k8s-flinkdeployment.yaml";
        String bad = Files.writeString(folder.resolve("bad.yaml"), "hello").toString();
        assertThat(run(good, good)).isZero();
        assertThat(run(bad, good)).isEqualTo(1);
        assertThat(run(good, bad)).isEqualTo(1);
        assertThat(run("none.yaml", bad)).isEqualTo(2);
        assertThat(run(bad, "none.yaml")).isEqualTo(2);
    }

    @Test
    void isZeroForHelpAndTwoForAnUnknownOption() {
        assertThat(run("--help")).isZero();
        assertThat(run("-h")).isZero();
        assertThat(run("--hlep", "../k8s-flinkdeployment.yaml")).isEqualTo(2);
    }

    @Test
    void isTwoWhereNothingCouldBeChecked() {
        assertThat(run()).isEqualTo(2);
        assertThat(run(folder.resolve("none.yaml").toString())).isEqualTo(2);
        assertThat(run(folder.toString())).isEqualTo(2);
        assertThat(run("no\0path")).isEqualTo(2);
        assertThat(DeployCheck.run(new String[] {"k8s.yaml"}, folder.toString())).isEqualTo(2);
    }
}
