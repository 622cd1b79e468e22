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

import io.tocsin.job.rule.InvalidRulesException;
import io.tocsin.job.rule.RuleSet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The rules that a command names. */
final class RuleFiles {

    /** What files are, for the descriptions of parameters. */
    static final String STANDARD_INPUT = "-";

    private RuleFiles() {}

    /**
     * Loads them.
     *
     * @param sources files, globs, {@code default}, or {@code -} alone for standard input
     * @throws UsageException if anything in them is wrong: all errors, one per line
     */
    static RuleSet load(List<String> sources) {
        return load(sources, System.in);
    }

    static RuleSet load(List<String> sources, InputStream in) {
        try {
            if (!sources.contains(STANDARD_INPUT)) {
                return RuleSet.load(sources);
            }
            if (sources.size() > 1) {
                throw new UsageException(
                        "- stands for standard input and must be alone; got "
                                + String.join(" ", sources));
            }
            return RuleSet.parse(
                    "standard input", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (InvalidRulesException e) {
            throw new UsageException("The rules are wrong:\n" + String.join("\n", e.errors()));
        } catch (IOException e) {
            throw new UsageException("Standard input cannot be read: " + e);
        }
    }
}
