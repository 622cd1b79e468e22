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

import io.tocsin.job.config.InvalidConfigException;
import io.tocsin.job.config.PipelineConfig;
import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.rule.FieldSelector;
import io.tocsin.job.rule.RuleSet;
import java.util.ArrayList;
import java.util.List;

/** Checks whether a pipeline gives its rules what they need. */
public final class PipelineCheck {

    private PipelineCheck() {}

    /**
     * Compares what clusters send with what rules need.
     *
     * @throws InvalidConfigException naming every rule that needs what a cluster's field selector
     *     keeps out; fatal
     */
    public static void require(PipelineConfig config, RuleSet rules) throws InvalidConfigException {
        List<String> problems = new ArrayList<>();
        for (Cluster cluster : config.clusters()) {
            if (cluster.fieldSelector() != null) {
                for (String line : FieldSelector.parse(cluster.fieldSelector()).excluded(rules)) {
                    problems.add("cluster " + cluster.name() + ": " + line);
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
    }
}
