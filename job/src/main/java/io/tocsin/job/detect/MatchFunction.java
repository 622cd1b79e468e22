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
import io.tocsin.job.model.Told;
import io.tocsin.job.rule.Field;
import io.tocsin.job.rule.Matcher;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.When;
import io.tocsin.source.pack.Packer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
    private transient Packer packer;

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
        definitions.forEach(Definition::index);
        packer = new Packer();
    }

    @Override
    public void flatMap(Occurrence occurrence, Collector<Candidate> out) {
        for (Definition definition : definitions) {
            List<Definition.Role> roles = definition.roles(occurrence);
            if (!roles.isEmpty()) {
                out.collect(candidate(definition, occurrence, roles));
            }
        }
    }

    private Candidate candidate(
            Definition definition, Occurrence occurrence, List<Definition.Role> played) {
        // Most of what healthy pods report only ends alerts: its text would fill state and network.
        boolean tells = false;
        String[] roles = new String[played.size()];
        for (int i = 0; i < roles.length; i++) {
            roles[i] = played.get(i).name();
            tells |= played.get(i).tells();
        }
        return new Candidate(
                Candidate.Kind.OCCURRENCE,
                Subjects.key(definition.id, definition.per, occurrence),
                Subjects.subjectKey(definition.per, occurrence),
                Subjects.reach(definition.per, occurrence),
                roles,
                occurrence.origin(),
                occurrence.weight(),
                occurrence.fromMillis(),
                occurrence.toMillis(),
                occurrence.cluster(),
                occurrence.regarding().namespace(),
                occurrence.node(),
                occurrence.reportingController(),
                occurrence.resource(),
                occurrence.uid(),
                occurrence.resourceVersion(),
                Told.of(occurrence, tells, packer));
    }

    /** The roles that rules of one {@code per} give, found by reason where they name one. */
    private static final class Definition {

        private final String id;
        private final List<Field> per;
        private final Map<String, List<Role>> byReason = new HashMap<>();
        private final List<Role> anyReason = new ArrayList<>();
        private final List<Role> all = new ArrayList<>();
        private final List<Role> found = new ArrayList<>();

        Definition(String id, List<Field> per) {
            this.id = id;
            this.per = per;
        }

        /** All that may be played, in the order of their names: roles are sorted. */
        private record Role(String name, Matcher matcher, boolean tells)
                implements Comparable<Role> {
            @Override
            public int compareTo(Role other) {
                return name.compareTo(other.name);
            }

            boolean sameName(Role other) {
                return name.equals(other.name);
            }
        }

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
            rule.life().clears().forEach(m -> add(Roles.name(rule.name(), Roles.CLEAR), m));
            rule.life().keepAlive().forEach(m -> add(Roles.name(rule.name(), Roles.KEEP_ALIVE), m));
        }

        private void add(String name, Matcher matcher) {
            all.add(new Role(name, matcher, Roles.tells(name)));
        }

        /** To be called after all rules were added. */
        void index() {
            Collections.sort(all);
            Set<String> reasons = new HashSet<>();
            all.stream()
                    .map(role -> role.matcher().reasons())
                    .filter(Objects::nonNull)
                    .forEach(reasons::addAll);
            for (Role role : all) {
                if (role.matcher().reasons() == null) {
                    anyReason.add(role);
                }
            }
            for (String reason : reasons) {
                List<Role> roles = new ArrayList<>();
                for (Role role : all) {
                    Set<String> of = role.matcher().reasons();
                    if (of == null || of.contains(reason)) {
                        roles.add(role);
                    }
                }
                byReason.put(reason, roles);
            }
        }

        /** What an occurrence plays, each once and sorted; valid until the next call. */
        List<Role> roles(Occurrence occurrence) {
            found.clear();
            List<Role> possible = byReason.getOrDefault(Field.REASON.of(occurrence), anyReason);
            for (int i = 0; i < possible.size(); i++) {
                Role role = possible.get(i);
                boolean known = !found.isEmpty() && found.get(found.size() - 1).sameName(role);
                if (!known && role.matcher().matches(occurrence)) {
                    found.add(role);
                }
            }
            return found;
        }
    }
}
