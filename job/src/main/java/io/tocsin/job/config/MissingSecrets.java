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
package io.tocsin.job.config;

import io.tocsin.job.config.PipelineConfig.Receiver;
import io.tocsin.job.config.PipelineConfig.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Looks, before a run, whether the secrets of all receivers are there: an alert that rings at night
 * is the wrong moment to find out. A secret that goes missing later is waited for by the sink.
 * Never shows a value.
 */
public final class MissingSecrets {
    private final Map<String, String> variables;

    /**
     * @param variables the environment
     */
    public MissingSecrets(Map<String, String> variables) {
        this.variables = variables;
    }

    /** Every secret that is missing, with its receiver and the remedy. */
    public List<String> of(List<Receiver> receivers) {
        List<String> problems = new ArrayList<>();
        for (Receiver receiver : receivers) {
            check(receiver, "url", receiver.url(), problems);
            receiver.headers()
                    .forEach((name, value) -> check(receiver, "header " + name, value, problems));
        }
        return problems;
    }

    private void check(Receiver receiver, String use, Secret secret, List<String> problems) {
        String problem =
                switch (secret.kind()) {
                    case ENV -> variable(secret.value());
                    case FILE -> file(Path.of(secret.value()));
                    case INLINE -> null;
                };
        if (problem != null) {
            problems.add("receiver " + receiver.name() + ", " + use + ": " + problem);
        }
    }

    private String variable(String name) {
        String value = variables.get(name);
        return value == null || value.isBlank()
                ? "the environment variable "
                        + name
                        + (value == null ? " is not set" : " is empty")
                        + "; export it before the start, or use {file: PATH}"
                : null;
    }

    private static String file(Path file) {
        try {
            return Files.readString(file).isBlank()
                    ? "the file " + file + " is empty; expected the secret as its text"
                    : null;
        } catch (IOException | RuntimeException e) {
            // a decoding error may quote what it read, so only its name is told
            return "the file "
                    + file
                    + (Files.exists(file)
                            ? " cannot be read (" + e.getClass().getSimpleName() + ")"
                            : " does not exist")
                    + "; expected a text file that this user may read";
        }
    }
}
