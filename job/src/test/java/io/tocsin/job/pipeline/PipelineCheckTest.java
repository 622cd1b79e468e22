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
package io.tocsin.job.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tocsin.job.config.InvalidConfigException;
import io.tocsin.job.config.PipelineConfig;
import io.tocsin.job.config.PipelineConfigReader;
import io.tocsin.job.rule.RuleSet;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PipelineCheckTest {

    @Test
    void tellsWhichClusterKeepsWhatFromWhichRule() throws Exception {
        PipelineConfig config =
                PipelineConfigReader.parse(
                        """
                        clusters:
                          - {name: all}
                          - {name: warnings, fieldSelector: type=Warning}
                        """,
                        "pipeline.yaml",
                        Path.of("/etc/tocsin"));
        String rule = "{match: {reason: x}, when: {atLeast: 1, within: 1m}, clears: {reason: y%s}";

        PipelineCheck.require(config, rules(rule.formatted(", type: Warning")));
        InvalidConfigException e =
                catchThrowableOfType(
                        InvalidConfigException.class,
                        () -> PipelineCheck.require(config, rules(rule.formatted(""))));

        assertThat(e.errors())
                .singleElement()
                .asString()
                .startsWith("cluster warnings: rule A: clears needs events that the fieldSelector");
    }

    private static RuleSet rules(String rule) {
        return RuleSet.parse("r.yaml", "[" + rule + ", name: A}]");
    }
}
