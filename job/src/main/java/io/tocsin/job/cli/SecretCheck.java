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
package io.tocsin.job.cli;

import io.tocsin.job.config.MissingSecrets;
import io.tocsin.job.config.PipelineConfig.Receiver;
import java.util.List;
import java.util.Map;

/** Refuses to run while secrets of receivers are missing ({@link MissingSecrets}). */
final class SecretCheck {
    private final MissingSecrets missing;

    SecretCheck(Map<String, String> variables) {
        this.missing = new MissingSecrets(variables);
    }

    /**
     * @throws UsageException naming every secret that is missing, and its receiver
     */
    void require(List<Receiver> receivers) {
        List<String> problems = missing.of(receivers);
        if (!problems.isEmpty()) {
            throw new UsageException(
                    "Secrets of receivers are missing:\n  " + String.join("\n  ", problems));
        }
    }
}
