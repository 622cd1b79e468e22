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
final class SecretCheck {
    private final Map<String, String> variables;

    SecretCheck(Map<String, String> variables) {
        this.variables = variables;
    }

    /**
     * @throws UsageException naming every secret that is missing, and its receiver
     */
    void require(List<Receiver> receivers) {
        List<String> problems = new ArrayList<>();
        for (Receiver receiver : receivers) {
            check(receiver, "url", receiver.url(), problems);
            receiver.headers()
                    .forEach((name, value) -> check(receiver, "header " + name, value, problems));
        }
        if (!problems.isEmpty()) {
            throw new UsageException(
                    "Secrets of receivers are missing:\n  " + String.join("\n  ", problems));
        }
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
