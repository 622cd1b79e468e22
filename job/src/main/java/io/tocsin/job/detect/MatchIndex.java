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
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Roles;
import io.tocsin.job.rule.About;
import io.tocsin.job.rule.Field;
import io.tocsin.job.rule.Matcher;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.When;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds what an occurrence is to all rules, by comparing it only with matchers that it can satisfy:
 * each is filed under the values of the first of a few fields of which it demands one of some
 * texts. What demands none of these meets all occurrences of its resource.
 *
 * <p>So what an occurrence costs depends on how many rules speak of its reason, and not on how many
 * rules there are. Not for several threads: it remembers the last answer.
 */
@Pure
final class MatchIndex {

    /** What tells rules apart best comes first. */
    static final List<Field> FILED_BY =
            List.of(Field.REASON, Field.REGARDING_KIND, Field.REPORTING_CONTROLLER, Field.TYPE);

    private final List<Map<String, List<Entry>>> files = new ArrayList<>();
    private final Map<String, List<Entry>> byResource = new HashMap<>();
    private final List<Role> played = new ArrayList<>();
    private final boolean[] found;
    private int met;

    /**
     * What an occurrence can be.
     *
     * @param order its place among all of them: those of one definition and one {@code about} lie
     *     together, by name
     * @param subjects the subjects that the rule's {@code per} defines
     * @param about what makes it an occurrence about another object, or null
     * @param name compact name, see {@link Roles}
     * @param tells whether it may be told in an alert
     * @param alone the name as the only one; not to be changed
     */
    record Role(
            int order, Subjects subjects, About about, String name, boolean tells, String[] alone) {

        /** Whether one candidate can be both. */
        boolean isWith(Role other) {
            return subjects == other.subjects && about == other.about;
        }
    }

    private record Entry(Matcher matcher, Role role) {}

    MatchIndex(List<Rule> rules) {
        FILED_BY.forEach(field -> files.add(new HashMap<>()));
        Wanted wanted = new Wanted();
        rules.forEach(wanted::add);
        List<Named> sorted = wanted.sorted();
        Role role = null;
        Named before = null;
        int roles = 0;
        for (Named each : sorted) {
            if (before == null || Wanted.ORDER.compare(before, each) != 0) {
                role = each.role(roles++);
            }
            before = each;
            file(new Entry(each.matcher(), role));
        }
        found = new boolean[roles];
    }

    private void file(Entry entry) {
        for (int i = 0; i < files.size(); i++) {
            Set<String> demanded = demanded(entry.matcher(), FILED_BY.get(i));
            if (demanded != null) {
                Map<String, List<Entry>> file = files.get(i);
                demanded.forEach(
                        value -> file.computeIfAbsent(value, v -> new ArrayList<>()).add(entry));
                return;
            }
        }
        byResource.computeIfAbsent(entry.matcher().resource(), r -> new ArrayList<>()).add(entry);
    }

    /** The texts of which a field must be one, or null if it may be others. */
    private static Set<String> demanded(Matcher matcher, Field field) {
        for (Matcher.FieldMatch test : matcher.fields()) {
            if (test.field() == field) {
                Set<String> texts = new LinkedHashSet<>();
                boolean others = false;
                for (Matcher.Value value : test.values()) {
                    if (!value.negated()) {
                        others |= value.pattern() != null;
                        texts.add(value.text());
                    }
                }
                if (!others && !texts.isEmpty()) {
                    return texts;
                }
            }
        }
        return null;
    }

    /** What an occurrence is: each once, in order; valid until the next call. */
    List<Role> played(Occurrence occurrence) {
        for (int i = 0; i < played.size(); i++) {
            found[played.get(i).order()] = false;
        }
        played.clear();
        met = 0;
        for (int i = 0; i < files.size(); i++) {
            Map<String, List<Entry>> file = files.get(i);
            if (!file.isEmpty()) {
                meet(file.get(FILED_BY.get(i).of(occurrence)), occurrence);
            }
        }
        meet(byResource.get(occurrence.resource()), occurrence);
        if (played.size() > 1) {
            played.sort(Comparator.comparingInt(Role::order));
        }
        return played;
    }

    private void meet(List<Entry> entries, Occurrence occurrence) {
        if (entries == null) {
            return;
        }
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            Role role = entry.role();
            met++;
            if (!found[role.order()] && entry.matcher().matches(occurrence)) {
                found[role.order()] = true;
                played.add(role);
            }
        }
    }

    /** How many matchers the last occurrence met. */
    int met() {
        return met;
    }

    /** A matcher, and what satisfies it is. */
    private record Named(
            int definition, Subjects subjects, int about, String name, Matcher matcher) {
        Role role(int order) {
            return new Role(
                    order, subjects, matcher.about(), name, Roles.tells(name), new String[] {name});
        }
    }

    /** Collects the matchers of all rules. */
    private static final class Wanted {

        static final Comparator<Named> ORDER =
                Comparator.comparingInt(Named::definition)
                        .thenComparingInt(Named::about)
                        .thenComparing(Named::name);

        private final Map<String, Subjects> definitions = new LinkedHashMap<>();
        private final Map<String, Integer> numbers = new HashMap<>();
        private final List<About> abouts = new ArrayList<>();
        private final List<Named> all = new ArrayList<>();

        void add(Rule rule) {
            if (rule.when() instanceof When.Sequence sequence) {
                for (int i = 0; i < sequence.stages().size(); i++) {
                    add(rule, Roles.stage(rule.name(), i), sequence.stages().get(i).match());
                }
            } else {
                add(rule, Roles.name(rule.name(), Roles.TRIGGER), rule.match());
            }
            if (rule.when() instanceof When.Absence absence) {
                add(rule, Roles.name(rule.name(), Roles.AWAITED), absence.awaited());
            }
            for (Matcher clear : rule.life().clears()) {
                add(rule, Roles.name(rule.name(), Roles.CLEAR), clear);
            }
            for (Matcher alive : rule.life().keepAlive()) {
                add(rule, Roles.name(rule.name(), Roles.KEEP_ALIVE), alive);
            }
        }

        private void add(Rule rule, String name, Matcher matcher) {
            String id = rule.perLetters();
            Subjects subjects =
                    definitions.computeIfAbsent(id, per -> new Subjects(per, rule.per()));
            int definition = numbers.computeIfAbsent(id, per -> numbers.size());
            int about = 0;
            Matcher filed = matcher;
            if (matcher.about() != null) {
                about = abouts.indexOf(matcher.about());
                if (about < 0) {
                    about = abouts.size();
                    abouts.add(matcher.about());
                }
                // The same instance for all that say the same: they are told by one candidate.
                filed = new Matcher(matcher.resource(), matcher.fields(), abouts.get(about));
                about++;
            }
            all.add(new Named(definition, subjects, about, name, filed));
        }

        List<Named> sorted() {
            all.sort(ORDER);
            return all;
        }
    }
}
