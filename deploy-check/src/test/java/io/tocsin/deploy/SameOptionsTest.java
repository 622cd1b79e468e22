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
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * That the operator runs the job with the options that the tests on a Flink cluster run it with.
 */
class SameOptionsTest {
    /** Of the two, the manifest has the name that older operators know. */
    private static final Map<String, String> OLDER =
            Map.of("execution.checkpointing.incremental", "state.backend.incremental");

    private final Problems problems = new Problems("");

    @Test
    void theManifestHasAllOptionsOfFlinkConf() throws IOException {
        Map<String, String> expected = new TreeMap<>();
        options(YamlText.read(Path.of("..", "flink-conf", "config.yaml"), problems))
                .forEach((key, value) -> expected.put(OLDER.getOrDefault(key, key), value));
        Manifest manifest = Manifest.read(Path.of("..", "k8s-flinkdeployment.yaml"), problems);
        Map<String, String> actual =
                texts(
                        manifest.kind("FlinkDeployment")
                                .get(0)
                                .at("spec.flinkConfiguration")
                                .entries());

        assertThat(expected).isNotEmpty();
        assertThat(actual).containsAllEntriesOf(expected);
        assertThat(problems.all()).isEmpty();
    }

    private static Map<String, String> options(YamlText yaml) {
        assertThat(yaml.documents()).hasSize(1);
        return texts(Field.of("", yaml.documents().get(0)).entries());
    }

    private static Map<String, String> texts(Map<String, Field> fields) {
        Map<String, String> texts = new TreeMap<>();
        fields.forEach((key, value) -> texts.put(key, value.text()));
        return texts;
    }
}
