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

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.kubernetes.operator.config.FlinkConfigBuilder;

/** Whether Flink can divide the memory of the pods as it does at its start. */
final class MemoryCheck {
    private final JobJar jar;
    private final FlinkOptionNames names;
    private final Problems problems;

    MemoryCheck(JobJar jar, FlinkOptionNames names, Problems problems) {
        this.jar = jar;
        this.names = names;
        this.problems = problems;
    }

    void check(Field deployment) {
        role(deployment, "jobManager", "jobmanager.memory.process.size");
        role(deployment, "taskManager", "taskmanager.memory.process.size");
    }

    private void role(Field deployment, String role, String option) {
        Field memory = deployment.get("spec").get(role).at("resource.memory");
        if (memory.text() == null) {
            return;
        }
        Map<String, String> options = new TreeMap<>();
        deployment
                .at("spec.flinkConfiguration")
                .entries()
                .forEach(
                        (key, value) -> {
                            // What cannot be read is a problem of its own.
                            if (value.text() != null && names.error(key, value.text()).isEmpty()) {
                                options.put(key, value.text());
                            }
                        });
        Optional<String> error;
        try {
            options.put(option, FlinkConfigBuilder.parseResourceMemoryString(memory.text()));
            error = jar.memoryError(options, role.equals("jobManager"));
        } catch (IllegalArgumentException e) {
            // The operator's validator has told so.
            return;
        }
        error.ifPresent(
                message ->
                        problems.add(
                                memory,
                                Problems.got(memory),
                                "memory that Flink can divide",
                                "it says: " + message));
    }
}
