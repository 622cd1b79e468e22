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

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects the rules of several files, and reports what they may not have in common. */
final class RuleCollector {

    private final List<Rule> rules = new ArrayList<>();
    private final List<Problems> files = new ArrayList<>();
    private final Map<String, Place> places = new HashMap<>();
    private final Map<String, Rule> byAlert = new HashMap<>();
    private int sequences;

    /** Where a rule is written. */
    private record Place(String file, int line, Rule rule, Problems problems) {
        @Override
        public String toString() {
            return file + ":" + line;
        }
    }

    /** Reads a file. */
    void add(String file, String text) {
        Problems problems = new Problems(file);
        files.add(problems);
        for (RuleReader.Located located : new RuleReader(problems).read(text)) {
            add(new Place(file, located.line(), located.rule(), problems));
        }
    }

    private void add(Place place) {
        Rule rule = place.rule();
        Place first = places.putIfAbsent(rule.name(), place);
        if (first != null) {
            place.problems()
                    .expected(
                            place.line(),
                            rule.name() + ".name",
                            "a name that is taken at " + first,
                            "a name of its own");
        }
        Rule sharing = byAlert.putIfAbsent(rule.alert(), rule);
        if (first == null && sharing != null && !sharing.perId().equals(rule.perId())) {
            place.problems()
                    .expected(
                            place.line(),
                            rule.name() + ".per",
                            rule.perId(),
                            sharing.perId()
                                    + ", as in "
                                    + sharing.name()
                                    + ", which has the same alert "
                                    + rule.alert());
        }
        boolean sequence = rule.when() instanceof When.Sequence;
        sequences += sequence ? 1 : 0;
        if (sequence && sequences == RuleSet.MOST_SEQUENCES + 1) {
            place.problems()
                    .expected(
                            place.line(),
                            rule.name() + ".when.sequence",
                            "more than " + RuleSet.MOST_SEQUENCES + " sequences",
                            "rules that need no order where possible: each sequence is an operator"
                                    + " of its own");
        }
        rules.add(rule);
        if (rules.size() == RuleSet.MOST_RULES + 1) {
            place.problems()
                    .expected(
                            place.line(),
                            rule.name(),
                            "more than " + RuleSet.MOST_RULES + " rules in all files",
                            "at most " + RuleSet.MOST_RULES);
        }
    }

    /** All that is wrong; to be called after the last file. */
    List<String> errors() {
        checkFormerNames();
        List<String> errors = new ArrayList<>();
        files.forEach(problems -> errors.addAll(problems.errors()));
        return errors;
    }

    /** What a rule was called must not be another one's name, now or formerly. */
    private void checkFormerNames() {
        Map<String, Rule> former = new HashMap<>();
        for (Rule rule : rules) {
            Place place = places.get(rule.name());
            for (String name : rule.formerly()) {
                String got =
                        places.containsKey(name)
                                ? name + ", the name of a rule at " + places.get(name)
                                : former.putIfAbsent(name, rule) != null
                                        ? name + ", which " + former.get(name).name() + " names too"
                                        : null;
                if (got != null) {
                    place.problems()
                            .expected(
                                    place.line(),
                                    rule.name() + ".formerly",
                                    got,
                                    "names that no rule has any more");
                }
            }
        }
    }

    /** In the order of the files. */
    List<Rule> rules() {
        return rules;
    }
}
