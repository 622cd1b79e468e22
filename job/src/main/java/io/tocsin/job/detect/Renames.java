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
import io.tocsin.job.model.Candidate;
import java.io.Serializable;
import java.util.Map;

/**
 * Which rules and alerts are known by other names now. What is remembered under an old name is put
 * under the new one when its subject is next looked at; what is known under the new name already
 * stays, and the old goes the way of rules that are gone.
 *
 * @param rules new names of rules by old ones
 * @param alerts new names of alerts by old ones
 */
@Pure
record Renames(Map<String, String> rules, Map<String, String> alerts) implements Serializable {

    static final Renames NONE = new Renames(Map.of(), Map.of());

    /** The same book with new names; itself, if it has no old ones. */
    SubjectBook apply(SubjectBook book) {
        if (rules.isEmpty() && alerts.isEmpty()) {
            return book;
        }
        SubjectBook renamed = book;
        for (Slot slot : book.slots()) {
            boolean life = slot.kind() == Slot.Kind.LIFECYCLE;
            String name = life ? life(slot.name()) : rules.getOrDefault(slot.name(), slot.name());
            Object value = life ? opener(slot.lifecycle()) : slot.value();
            if (!name.equals(slot.name())) {
                if (renamed.get(slot.kind(), name, slot.subject()) != null) {
                    continue;
                }
                renamed = renamed.with(slot.kind(), slot.name(), slot.subject(), null);
            } else if (value == slot.value()) {
                continue;
            }
            renamed = renamed.with(slot.kind(), name, slot.subject(), value);
        }
        return renamed;
    }

    /**
     * Of an alert, or of what a rule remembers beside its alert: the rule, and what it is to it.
     */
    private String life(String name) {
        int end = name.lastIndexOf('/');
        String rule = end < 0 ? null : rules.get(name.substring(0, end));
        return rule == null ? alerts.getOrDefault(name, name) : rule + name.substring(end);
    }

    /** The same candidate, as the rules are called now; it may have waited since before. */
    Candidate apply(Candidate candidate) {
        if (rules.isEmpty()) {
            return candidate;
        }
        String[] roles = candidate.roles().clone();
        for (int i = 0; i < roles.length; i++) {
            int end = roles[i].lastIndexOf('/');
            String rule = rules.get(roles[i].substring(0, Math.max(0, end)));
            roles[i] = rule == null ? roles[i] : rule + roles[i].substring(end);
        }
        return candidate.as(
                candidate.kind(),
                roles,
                candidate.weight(),
                candidate.fromMillis(),
                candidate.origin());
    }

    private LifecycleState opener(LifecycleState life) {
        String rule = life.rule() == null ? null : rules.get(life.rule());
        return rule == null
                ? life
                : new LifecycleState(
                        life.alert(),
                        rule,
                        life.bearing(),
                        life.holdMillis(),
                        life.quietMillis(),
                        life.clearedMillis());
    }
}
