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

import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers which rules a checkpoint was taken with, and tells at a restore what became of the
 * state of those that are gone or have changed. Threads: the task's only.
 */
final class KnownRules {

    private static final Logger LOG = LoggerFactory.getLogger(KnownRules.class);
    private static final ListStateDescriptor<String> STATE =
            new ListStateDescriptor<>("rules", Types.STRING);
    private static final char SEPARATOR = '\u001f';

    private final ListState<String> state;
    private final List<String> current;

    private KnownRules(ListState<String> state, List<String> current) {
        this.state = state;
        this.current = current;
    }

    /**
     * Compares the rules with those of the restored checkpoint.
     *
     * @param subtask index of the subtask; only the first one remembers and tells
     */
    static KnownRules restore(FunctionInitializationContext context, RuleSet rules, int subtask)
            throws Exception {
        ListState<String> state = context.getOperatorStateStore().getUnionListState(STATE);
        List<String> before = new ArrayList<>();
        state.get().forEach(before::add);
        List<String> current = entries(rules);
        if (subtask == 0 && !before.isEmpty()) {
            changes(before, current).forEach(LOG::info);
        }
        return new KnownRules(state, subtask == 0 ? current : List.of());
    }

    void snapshot() throws Exception {
        state.update(current);
    }

    static List<String> entries(RuleSet rules) {
        List<String> entries = new ArrayList<>();
        for (Rule rule : rules.rules()) {
            boolean sequence = rule.when() instanceof When.Sequence;
            entries.add(rule.name() + SEPARATOR + (sequence ? "sequence " : "") + rule.when());
        }
        return entries;
    }

    /** What a change of rules means for what was restored; a line for each rule. */
    static List<String> changes(List<String> before, List<String> current) {
        Map<String, String> old = byName(before);
        Map<String, String> now = byName(current);
        List<String> lines = new ArrayList<>();
        old.forEach(
                (name, when) -> {
                    String next = now.get(name);
                    boolean sequence = when.startsWith("sequence ");
                    if (next == null) {
                        lines.add(
                                "Rule "
                                        + name
                                        + " is gone: what it had seen is dropped, and its open"
                                        + " alerts end when nothing has confirmed them for 20"
                                        + " minutes");
                    } else if (!next.equals(when)) {
                        lines.add(
                                "Rule "
                                        + name
                                        + " has another condition: "
                                        + (sequence
                                                ? "if its stages changed, its partial matches are"
                                                        + " dropped"
                                                : "it goes on with what it had seen, where that is"
                                                        + " of the same kind"));
                    }
                });
        now.keySet().stream()
                .filter(name -> !old.containsKey(name))
                .forEach(name -> lines.add("Rule " + name + " is new: it begins now"));
        return lines;
    }

    private static Map<String, String> byName(List<String> entries) {
        Map<String, String> byName = new TreeMap<>();
        for (String entry : entries) {
            int end = entry.indexOf(SEPARATOR);
            byName.put(entry.substring(0, end), entry.substring(end + 1));
        }
        return byName;
    }
}
