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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** That the JVMs get what Flink needs of the JDK's internals: the list of {@code flink-conf/}. */
final class JavaOptionsCheck {
    private static final String OPTION = "env.java.opts.all";

    private final Path configuration;
    private final Problems problems;

    JavaOptionsCheck(Path configuration, Problems problems) {
        this.configuration = configuration;
        this.problems = problems;
    }

    /**
     * @throws IOException if the list cannot be read
     */
    void check(Field deployment) throws IOException {
        Field options = deployment.at("spec.flinkConfiguration").get(OPTION);
        List<String> missing = new ArrayList<>();
        for (String line : Files.readAllLines(configuration)) {
            if (line.startsWith(OPTION + ": ")) {
                missing.addAll(List.of(line.substring(OPTION.length() + 2).strip().split(" +")));
            }
        }
        missing.removeAll(List.of(String.valueOf(options.text()).strip().split("\\s+")));
        if (!missing.isEmpty()) {
            problems.add(
                    options,
                    "a list without " + String.join(" ", missing),
                    "all that flink-conf/config.yaml has",
                    "copy it; state cannot be read or written on Java 17 without");
        }
    }
}
