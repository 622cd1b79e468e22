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

import io.tocsin.job.yaml.Durations;
import io.tocsin.job.yaml.Yaml;
import java.util.List;

/** Reads how alerts of a rule begin to ring, go on and end. */
final class LifeReader {

    private final Problems problems;
    private final MatcherReader matchers;

    LifeReader(Problems problems, MatcherReader matchers) {
        this.problems = problems;
        this.matchers = matchers;
    }

    /**
     * Reads it; what is wrong is reported.
     *
     * @param at path of the rule
     * @param resource what the rule's matchers are about if they say nothing
     */
    Life read(Yaml.Mapping rule, String at, String resource) {
        Yaml wait = rule.get("for");
        Yaml quiet = rule.get("quiet");
        Yaml clears = rule.get("clears");
        Yaml keepAlive = rule.get("keepAlive");
        Yaml resolveAfter = rule.get("resolveAfter");
        Yaml notice = rule.get("notice");
        MatcherReader.Use use = new MatcherReader.Use(resource, true);
        long forMillis = wait == null ? 0 : problems.duration(wait, at + ".for", true);
        long quietMillis = quiet == null ? 0 : problems.duration(quiet, at + ".quiet", false);
        boolean later = Language.NOT_YET.contains("quiet");
        if (quiet != null && !later && (wait == null || isShorter(wait, quiet))) {
            problems.expected(
                    quiet.line(),
                    at + ".quiet",
                    quiet.describe(),
                    wait == null
                            ? "a duration in for, during which the alert is pending"
                            : "less than for: " + wait.describe());
        }
        return new Life(
                forMillis,
                quietMillis,
                clears == null ? List.of() : matchers.readAll(clears, at + ".clears", use),
                keepAlive == null ? List.of() : matchers.readAll(keepAlive, at + ".keepAlive", use),
                resolveAfter == null
                        ? RuleKeys.DEFAULT_RESOLVE_AFTER_MILLIS
                        : problems.duration(resolveAfter, at + ".resolveAfter", false),
                notice != null && problems.flag(notice, at + ".notice"));
    }

    /** Whether both are durations, and the first one is not the longer one. */
    private static boolean isShorter(Yaml first, Yaml second) {
        return first instanceof Yaml.Scalar one
                && second instanceof Yaml.Scalar other
                && one.text() != null
                && other.text() != null
                && Durations.parse(one.text()) >= 0
                && Durations.parse(one.text()) <= Durations.parse(other.text());
    }
}
