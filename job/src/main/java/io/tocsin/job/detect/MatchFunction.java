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

import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Roles;
import io.tocsin.job.rule.Field;
import io.tocsin.job.rule.Matcher;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.When;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.util.Collector;

/**
 * Fans an occurrence out to the subjects it concerns: one candidate for each definition of a
 * subject whose rules it plays a role for, none where it plays none. Stateless.
 */
public final class MatchFunction extends RichFlatMapFunction<Occurrence, Candidate> {

    private static final long serialVersionUID = 1L;

    private final RuleSet rules;

    private transient List<Definition> definitions;

    public MatchFunction(RuleSet rules) {
        this.rules = rules;
    }

    @Override
    public void open(OpenContext context) {
        Map<String, Definition> byId = new LinkedHashMap<>();
        for (Rule rule : rules.rules()) {
            byId.computeIfAbsent(rule.perId(), id -> new Definition(id, rule.per())).add(rule);
        }
        definitions = List.copyOf(byId.values());
    }

    @Override
    public void flatMap(Occurrence occurrence, Collector<Candidate> out) {
        for (Definition definition : definitions) {
            Set<String> roles = definition.roles(occurrence);
            if (!roles.isEmpty()) {
                out.collect(candidate(definition, occurrence, roles.toArray(String[]::new)));
            }
        }
    }

    private static Candidate candidate(
            Definition definition, Occurrence occurrence, String[] roles) {
        // Most of what healthy pods report only ends alerts: its text would fill state and network.
        boolean told = Arrays.stream(roles).anyMatch(Roles::tells);
        return new Candidate(
                Candidate.Kind.OCCURRENCE,
                definition.id,
                Subjects.key(definition.per, occurrence),
                Subjects.label(definition.per, occurrence),
                occurrence.cluster(),
                roles,
                occurrence.origin(),
                occurrence.weight(),
                occurrence.fromMillis(),
                occurrence.toMillis(),
                occurrence.uid(),
                occurrence.resourceVersion(),
                occurrence.type(),
                occurrence.reason(),
                told ? occurrence.note() : "",
                occurrence.reportingController(),
                occurrence.reportingInstance(),
                occurrence.regarding().kind(),
                occurrence.regarding().namespace(),
                occurrence.regarding().name(),
                occurrence.regarding().uid(),
                occurrence.regarding().fieldPath());
    }

    /** The roles that rules of one {@code per} give, found by reason where they name one. */
    private static final class Definition {

        private final String id;
        private final List<Field> per;
        private final Map<String, List<Role>> byReason = new HashMap<>();
        private final List<Role> anyReason = new ArrayList<>();

        Definition(String id, List<Field> per) {
            this.id = id;
            this.per = per;
        }

        private record Role(String name, Matcher matcher) {}

        void add(Rule rule) {
            if (rule.when() instanceof When.Sequence sequence) {
                for (int i = 0; i < sequence.stages().size(); i++) {
                    add(Roles.stage(rule.name(), i), sequence.stages().get(i).match());
                }
            } else {
                add(Roles.name(rule.name(), Roles.TRIGGER), rule.match());
            }
            if (rule.when() instanceof When.Absence absence) {
                add(Roles.name(rule.name(), Roles.AWAITED), absence.awaited());
            }
            rule.clears().forEach(m -> add(Roles.name(rule.name(), Roles.CLEAR), m));
            if (rule.keepAlive() != null) {
                add(Roles.name(rule.name(), Roles.KEEP_ALIVE), rule.keepAlive());
            }
        }

        private void add(String name, Matcher matcher) {
            Role role = new Role(name, matcher);
            Set<String> reasons = matcher.reasons();
            if (reasons == null) {
                anyReason.add(role);
            } else {
                reasons.forEach(
                        r -> byReason.computeIfAbsent(r, key -> new ArrayList<>()).add(role));
            }
        }

        Set<String> roles(Occurrence occurrence) {
            Set<String> names = new TreeSet<>();
            collect(
                    byReason.getOrDefault(Field.REASON.of(occurrence), List.of()),
                    occurrence,
                    names);
            collect(anyReason, occurrence, names);
            return names;
        }

        private static void collect(List<Role> roles, Occurrence occurrence, Set<String> names) {
            for (Role role : roles) {
                if (role.matcher().matches(occurrence)) {
                    names.add(role.name());
                }
            }
        }
    }
}
