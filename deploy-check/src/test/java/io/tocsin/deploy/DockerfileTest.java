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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerfileTest {
    private static final String GOOD =
            "FROM flink:1.20.3-java17\nCOPY tocsin.jar /opt/flink/jobs/tocsin.jar\nUSER 9999:9999\n";

    @TempDir private Path context;

    @BeforeEach
    void aBuild() throws IOException {
        Files.createFile(context.resolve("tocsin.jar"));
    }

    private List<Problem> problems(String text) throws IOException {
        Path file = context.resolve("Dockerfile");
        Files.writeString(file, text);
        Problems problems = new Problems("Dockerfile");
        Dockerfile.read(file, context, problems);
        return problems.all();
    }

    @Test
    void acceptsThePinnedBaseFilesOfTheBuildAndAUserByNumber() throws IOException {
        assertThat(problems(GOOD)).isEmpty();
    }

    @Test
    void refusesABaseThatMoves() throws IOException {
        for (String base :
                List.of("flink", "flink:latest", "flink:1.20-java17", "x/flink:1.20.3")) {
            assertThat(problems(GOOD.replace("flink:1.20.3-java17", base)))
                    .singleElement()
                    .hasToString(
                            "Dockerfile:1 FROM: got "
                                    + base
                                    + ", expected the official Flink image of one release, as"
                                    + " flink:1.20.3-java17; pin it, or two builds differ");
        }
    }

    @Test
    void refusesRootAndUsersByName() throws IOException {
        for (String user : List.of("USER root", "USER 0", "USER 0:0", "USER flink", "")) {
            assertThat(problems(GOOD.replace("USER 9999:9999", user)))
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.text()).contains("runAsNonRoot"));
        }
    }

    @Test
    void refusesFilesThatAreNotInTheBuildAndNamesThoseThatAre() throws IOException {
        assertThat(problems(GOOD.replace("COPY tocsin.jar", "COPY toscin.jar")))
                .singleElement()
                .satisfies(problem -> assertThat(problem.line()).isEqualTo(2))
                .satisfies(problem -> assertThat(problem.text()).contains("there: ", "tocsin.jar"));
    }

    @Test
    void refusesWhateverElseAnImageCouldDo() throws IOException {
        assertThat(problems(GOOD + "RUN apt-get update && \\\n  apt-get install -y curl\n"))
                .singleElement()
                .hasToString(
                        "Dockerfile:4 RUN: got an instruction that is not needed, expected FROM,"
                                + " COPY, USER or LABEL; remove it, for the image holds the jar and"
                                + " flink-conf only");
    }

    @Test
    void takesAPluginOutOfFlinksImage() throws IOException {
        String plugin =
                "COPY --from=flink:1.20.3-java17 /opt/flink/opt/flink-s3-fs-hadoop-1.20.3.jar"
                        + " /opt/flink/plugins/s3/\nUSER";
        assertThat(problems(GOOD.replace("USER", plugin))).isEmpty();
        Problems none = new Problems("Dockerfile");
        Path file = context.resolve("Dockerfile");
        assertThat(Dockerfile.read(file, context, none).hasPlugin()).isTrue();
        Files.writeString(file, GOOD);
        assertThat(Dockerfile.read(file, context, none).hasPlugin()).isFalse();
    }
}
