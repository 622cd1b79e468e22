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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.kubernetes.operator.api.FlinkDeployment;
import org.apache.flink.kubernetes.operator.config.FlinkConfigManager;
import org.apache.flink.kubernetes.operator.validation.DefaultValidator;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Asks the validator of the Flink Kubernetes Operator, which stops at the first error.
 *
 * <p>Semantics: DefaultValidator of operator 1.7.0; what newer ones reject beyond it is in {@link
 * FlinkOptionsCheck}.
 */
final class OperatorCheck {
    /** Words of a message, and the field it is about. */
    private static final Map<String, String> FIELDS = fields();

    private final ObjectMapper mapper =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    // Starts a daemon thread that reads the operator's configuration again; there is none here.
    private final DefaultValidator validator =
            new DefaultValidator(new FlinkConfigManager(new Configuration()));

    /**
     * Validates a FlinkDeployment.
     *
     * @param followUp whether the schema has told problems already, so that an object that cannot
     *     be read is not news
     */
    void check(Field deployment, boolean followUp, Problems problems) {
        FlinkDeployment read;
        try {
            ObjectNode object = mapper.valueToTree(new Plain().of(deployment.node()));
            read = mapper.treeToValue(object, FlinkDeployment.class);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            if (!followUp) {
                problems.add(
                        deployment,
                        "what the operator cannot read: " + e.getMessage(),
                        "a FlinkDeployment",
                        "compare with the operator's reference");
            }
            return;
        }
        Optional<String> error = validate(read);
        error.ifPresent(
                message -> {
                    Field at =
                            FIELDS.entrySet().stream()
                                    .filter(field -> message.contains(field.getKey()))
                                    .map(field -> deployment.at(field.getValue()))
                                    .findFirst()
                                    .orElse(deployment.get("spec"));
                    problems.add(
                            at,
                            Problems.got(at),
                            "what the operator's validator accepts",
                            "it says: " + message);
                });
    }

    private Optional<String> validate(FlinkDeployment deployment) {
        try {
            return validator.validateDeployment(deployment);
        } catch (IllegalArgumentException e) {
            // An option whose value it cannot parse.
            return Optional.of(e.getMessage());
        }
    }

    private static Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("JobManager resource", "spec.jobManager.resource.memory");
        fields.put("TaskManager resource", "spec.taskManager.resource.memory");
        fields.put("JobManager replicas", "spec.jobManager.replicas");
        fields.put("TaskManager replicas", "spec.taskManager.replicas");
        fields.put("parallelism", "spec.job.parallelism");
        fields.put("spec.serviceAccount", "spec.serviceAccount");
        fields.put("Flink Version", "spec.flinkVersion");
        fields.put("savepoint", "spec.flinkConfiguration");
        fields.put("checkpoint", "spec.flinkConfiguration");
        fields.put("HA", "spec.flinkConfiguration");
        fields.put("key", "spec.flinkConfiguration");
        fields.put("name", "metadata.name");
        return fields;
    }

    /** Turns nodes into maps, lists and scalars. */
    private static final class Plain extends SafeConstructor {
        Plain() {
            super(new LoaderOptions());
        }

        Object of(Node node) {
            return constructDocument(node);
        }
    }
}
