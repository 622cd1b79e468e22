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

import io.tocsin.job.rule.RuleSet;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers which rules a checkpoint was taken with, and tells at a restore what became of the
 * state of those that are gone, have changed or have another name. Threads: the task's only.
 */
final class KnownRules {

    private static final Logger LOG = LoggerFactory.getLogger(KnownRules.class);
    private static final ListStateDescriptor<String> STATE =
            new ListStateDescriptor<>("rules", Types.STRING);

    private final ListState<String> state;
    private final List<String> current;
    private final Renames renames;

    private KnownRules(ListState<String> state, List<String> current, Renames renames) {
        this.state = state;
        this.current = current;
        this.renames = renames;
    }

    /**
     * Compares the rules with those of the restored checkpoint.
     *
     * @param subtask index of the subtask; only the first one remembers and tells
     */
    static KnownRules restore(FunctionInitializationContext context, RuleSet rules, int subtask)
            throws Exception {
        ListState<String> state = context.getOperatorStateStore().getUnionListState(STATE);
        List<RuleEntry> before = new ArrayList<>();
        for (String written : state.get()) {
            before.add(RuleEntry.read(written));
        }
        List<RuleEntry> now = rules.rules().stream().map(RuleEntry::of).toList();
        RuleHistory history = new RuleHistory(before, now);
        if (subtask == 0 && !before.isEmpty()) {
            history.lines().forEach(LOG::info);
        }
        List<String> current =
                subtask == 0 ? now.stream().map(RuleEntry::written).toList() : List.of();
        return new KnownRules(state, current, history.renames());
    }

    /** The names that are others now than in what was restored. */
    Renames renames() {
        return renames;
    }

    void snapshot() throws Exception {
        state.update(current);
    }
}
