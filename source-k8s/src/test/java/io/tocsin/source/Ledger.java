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
package io.tocsin.source;

import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.event.EventRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps all that the source told in its own state: after a restore it holds what the checkpoint
 * held, so what is missing from it was lost and what is twice in it was repeated. At parallelism 1,
 * or with a page for each subtask.
 */
final class Ledger extends ProcessFunction<EventRecord, Void>
        implements CheckpointedFunction, CheckpointListener {

    private static final long serialVersionUID = 1L;
    private static final Map<String, Page> PAGES = new ConcurrentHashMap<>();

    private final String name;
    private final boolean perSubtask;
    private transient ListState<String> state;
    private transient long snapshotSize;
    private transient Page page;

    /** Of this attempt: one that ends late is not to write into its successor's. */
    private transient List<String> lines;

    /** What a test sees of a ledger. */
    static final class Page {
        private volatile List<String> lines = List.of();
        private volatile long checkpointed;
        private volatile long checkpoints;
        private volatile long starts;
        private volatile long restores;
        private volatile List<String> restored = List.of();
        private volatile String failOn;

        /** All lines: {@code KIND ORIGIN name uid@version}. */
        List<String> lines() {
            return List.copyOf(lines);
        }

        /** The versions of objects: {@code uid@version}. */
        List<String> versions() {
            return starting(Kind.UPSERTED.name()).stream()
                    .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                    .toList();
        }

        List<String> starting(String prefix) {
            return lines().stream().filter(line -> line.startsWith(prefix)).toList();
        }

        /** Lines in the last checkpoint that completed. */
        long checkpointed() {
            return checkpointed;
        }

        /** How many checkpoints have completed. */
        long checkpoints() {
            return checkpoints;
        }

        /** How often the ledger was started, restored or not. */
        long starts() {
            return starts;
        }

        /** What it held when it was started last. */
        List<String> restored() {
            return restored;
        }

        /** How often the ledger was restored. */
        long restores() {
            return restores;
        }

        /** Fails the job once, when it is told of an object of this name. */
        void failOn(String object) {
            failOn = object;
        }
    }

    private Ledger(String name, boolean perSubtask) {
        this.name = name;
        this.perSubtask = perSubtask;
    }

    static Ledger named(String name) {
        return new Ledger(name, false);
    }

    /** One that keeps what each subtask is told apart. */
    static Ledger perSubtask(String name) {
        return new Ledger(name, true);
    }

    static Page of(String name) {
        return PAGES.computeIfAbsent(name, unused -> new Page());
    }

    /** The page of one subtask. */
    static Page of(String name, int subtask) {
        return of(name + "/" + subtask);
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        state =
                context.getOperatorStateStore()
                        .getListState(new ListStateDescriptor<>("lines", Types.STRING));
        lines = Collections.synchronizedList(new ArrayList<>());
        state.get().forEach(lines::add);
        page =
                perSubtask
                        ? of(name, getRuntimeContext().getTaskInfo().getIndexOfThisSubtask())
                        : of(name);
        page.restored = List.copyOf(lines);
        page.lines = lines;
        if (context.isRestored()) {
            page.restores++;
        }
        page.starts++;
    }

    @Override
    public void processElement(EventRecord element, Context context, Collector<Void> out) {
        KubernetesRecord told = element.envelope();
        if (told.name() != null && told.name().equals(page.failOn)) {
            page.failOn = null;
            throw new IllegalStateException("The test wants it so");
        }
        lines.add(
                "%s %s %s %s@%s"
                        .formatted(
                                told.kind(),
                                told.origin(),
                                told.name(),
                                told.uid(),
                                told.resourceVersion()));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        state.update(List.copyOf(lines));
        snapshotSize = lines.size();
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        page.checkpointed = snapshotSize;
        page.checkpoints++;
    }
}
