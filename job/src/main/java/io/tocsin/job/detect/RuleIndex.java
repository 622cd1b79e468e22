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
package io.tocsin.job.detect;

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Roles;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.Stage;
import io.tocsin.job.rule.When;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds rules by what detection knows: their names, their alerts, the roles of candidates. */
@Pure
final class RuleIndex {

    /** How long an ended subject is remembered beyond the longest window of its rules. */
    private static final long MEMORY_MILLIS = 600_000;

    private final Map<String, Role> roles = new HashMap<>();
    private final Map<String, Rule> rules = new HashMap<>();
    private final Map<String, List<Rule>> byAlert = new HashMap<>();
    private final Map<String, List<String>> awaited = new HashMap<>();
    private final long outOfOrdernessMillis;

    RuleIndex(RuleSet set, long outOfOrdernessMillis) {
        this.outOfOrdernessMillis = outOfOrdernessMillis;
        for (Rule rule : set.rules()) {
            rules.put(rule.name(), rule);
            byAlert.computeIfAbsent(rule.alert(), a -> new ArrayList<>()).add(rule);
            for (String role :
                    List.of(
                            Roles.TRIGGER,
                            Roles.AWAITED,
                            Roles.CLEAR,
                            Roles.KEEP_ALIVE,
                            Roles.DETECTION)) {
                roles.put(Roles.name(rule.name(), role), new Role(rule, role));
            }
            if (rule.when() instanceof When.Absence absence) {
                awaited.put(rule.name(), Collections.singletonList(absence.awaited().resource()));
            } else if (rule.when() instanceof When.Sequence sequence) {
                stages(rule, sequence.stages());
            }
        }
    }

    private void stages(Rule rule, List<Stage> stages) {
        boolean last = true;
        for (int i = stages.size() - 1; i >= 0; i--) {
            Stage stage = stages.get(i);
            last &= stage.not();
            if (last) {
                String mark = mark(rule.name());
                roles.put(Roles.stage(rule.name(), i), new Role(rule, Roles.UNWANTED));
                byAlert.put(mark, List.of(rule));
                awaited.computeIfAbsent(rule.name(), r -> new ArrayList<>())
                        .add(stage.match().resource());
            } else if (!stage.not()) {
                // What must not come is no occurrence of the failure.
                roles.put(Roles.stage(rule.name(), i), new Role(rule, Roles.STAGE));
            }
        }
    }

    /**
     * What is watched to learn what a rule waits for: what an absence awaits, or what must not come
     * at the end of a sequence; null for a rule that does not wait.
     */
    List<String> awaited(String rule) {
        return awaited.get(rule);
    }

    /** Under what name is remembered when that came; no alert has it. */
    static String mark(String rule) {
        return Roles.name(rule, Roles.UNWANTED);
    }

    /**
     * What a candidate is to a rule.
     *
     * @param rule the rule
     * @param role one of {@link Roles}
     */
    record Role(Rule rule, String role) {
        boolean clears() {
            return role.equals(Roles.CLEAR) || role.equals(Roles.AWAITED);
        }
    }

    /** The roles of these names; those of rules that are gone are left out. */
    List<Role> played(String[] names) {
        List<Role> played = new ArrayList<>(names.length);
        for (String name : names) {
            Role role = roles.get(name);
            if (role != null) {
                played.add(role);
            }
        }
        return played;
    }

    /** The rule of a name, or null if it is gone. */
    Rule rule(String name) {
        return rules.get(name);
    }

    /** The rules that share an alert; empty if all are gone. */
    List<Rule> ofAlert(String alert) {
        return byAlert.getOrDefault(alert, List.of());
    }

    /** By how much watermarks are behind the newest event. */
    long outOfOrdernessMillis() {
        return outOfOrdernessMillis;
    }

    /**
     * When a window may be forgotten: nothing that it remembers can count any more.
     *
     * @param newest the latest time that it remembers
     */
    long windowDeadline(String rule, long newest) {
        Rule of = rules.get(rule);
        long within = of == null ? 0 : of.when().withinMillis();
        return newest + within + outOfOrdernessMillis + WeightedWindow.SLACK_MILLIS;
    }

    /** When the end of an alert's last episode may be forgotten. */
    long memoryDeadline(String alert, LifecycleState ended) {
        long longest = 0;
        for (Rule rule : ofAlert(alert)) {
            longest = Math.max(longest, rule.when().withinMillis());
        }
        long cleared = Math.max(0, ended.clearedMillis());
        return cleared + longest + outOfOrdernessMillis + MEMORY_MILLIS;
    }

    /**
     * After how much silence an alert that a rule opened is over. A rule that is gone keeps its
     * alert until nothing has confirmed it for a long default.
     */
    long resolveAfterMillis(String rule) {
        Rule of = rules.get(rule);
        return of == null ? 2 * MEMORY_MILLIS : of.life().resolveAfterMillis();
    }

    /** After how much silence, as far as it has come, an open alert is over. */
    long silenceMillis(LifecycleState open) {
        long resolveAfter = resolveAfterMillis(open.rule());
        Rule of = rules.get(open.rule());
        boolean pending = open.alert().status() == AlertStatus.PENDING;
        return pending && of != null && of.life().quietMillis() > 0
                ? Math.min(of.life().quietMillis(), resolveAfter)
                : resolveAfter;
    }

    /** How long a rule's condition must hold; 0 if the rule is gone. */
    long forMillis(String rule) {
        Rule of = rules.get(rule);
        return of == null ? 0 : of.life().forMillis();
    }

    /**
     * The longest time that an interruption can matter: as long as anybody waits, and an alert may
     * begin where a window was enough that is about to be forgotten.
     */
    long longestMillis() {
        long waiting = 0;
        long within = 0;
        for (Rule rule : rules.values()) {
            within = Math.max(within, rule.when().withinMillis());
            waiting =
                    Math.max(
                            waiting,
                            Math.max(rule.life().forMillis(), rule.life().resolveAfterMillis()));
        }
        return waiting + 2 * within + WeightedWindow.SLACK_MILLIS + outOfOrdernessMillis;
    }
}
