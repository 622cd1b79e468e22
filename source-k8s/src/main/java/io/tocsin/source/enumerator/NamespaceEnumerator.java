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
package io.tocsin.source.enumerator;

import io.tocsin.source.Startup;
import io.tocsin.source.split.ResourceSplit;
import io.tocsin.source.split.Scopes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Discovers scopes and deals out their splits. Reads no events; who gets what, and when, is {@link
 * SplitBook}'s.
 *
 * <p>Conversation with a reader: it starts and tells what its state held ({@link ReaderHolds}); it
 * is given splits; it is told when it has all that is meant for it ({@link AssignmentDone}), and is
 * idle if that is nothing; it never ends, because scopes may come later, except in a bounded
 * source. A split whose scope is gone it is told to give up ({@link RetireSplit}), and answers when
 * it has ({@link SplitRetired}).
 *
 * <p>Threads: the coordinator's only; what the feed of namespaces tells is handed over to it.
 */
public final class NamespaceEnumerator implements SplitEnumerator<ResourceSplit, EnumeratorState> {

    private static final Logger LOG = LoggerFactory.getLogger(NamespaceEnumerator.class);

    private final SplitEnumeratorContext<ResourceSplit> context;
    private final Scopes scopes;
    private final boolean bounded;
    private final NamespaceFeed feed;
    private final SplitBook book;

    /** For metrics, which other threads read. */
    private volatile long pending;

    private volatile long assigned;
    private volatile long retiring;

    /** Selected namespaces, name to uid; null while they are not known, or not followed. */
    private Map<String, String> namespaces;

    /**
     * Makes an enumerator.
     *
     * @param like any split of this cluster and resource
     * @param scopes what is to be read
     * @param startup where what was never read starts
     * @param bounded whether splits end of themselves
     * @param feed tells the namespaces that are selected; null where scopes are configured
     * @param restored what a checkpoint knows; null at the first start
     */
    public NamespaceEnumerator(
            SplitEnumeratorContext<ResourceSplit> context,
            ResourceSplit like,
            Scopes scopes,
            Startup startup,
            boolean bounded,
            NamespaceFeed feed,
            EnumeratorState restored) {
        this.context = context;
        this.scopes = scopes;
        this.bounded = bounded;
        this.feed = feed;
        this.book = new SplitBook(like, scopes, startup, bounded, restored);
        if (feed == null) {
            Map<String, String> configured = new LinkedHashMap<>();
            if (scopes.kind() == Scopes.Kind.ALL) {
                configured.put(ResourceSplit.ALL_NAMESPACES, null);
            }
            scopes.names().forEach(name -> configured.put(name, null));
            book.want(configured);
        } else if (restored != null && restored.namespaces() != null) {
            namespaces = new TreeMap<>(restored.namespaces());
            book.want(namespaces);
        }
    }

    @Override
    public void start() {
        context.metricGroup().setUnassignedSplitsGauge(() -> pending);
        var ours = context.metricGroup().addGroup("kubernetes");
        ours.gauge("assignedSplits", () -> assigned);
        ours.gauge("retiringSplits", () -> retiring);
        if (feed != null) {
            feed.start(
                    told -> context.runInCoordinatorThread(() -> selected(told)),
                    failure ->
                            context.runInCoordinatorThread(
                                    () -> {
                                        throw failure;
                                    }));
        }
        obey();
    }

    private void selected(Map<String, String> told) {
        Map<String, String> before = namespaces == null ? Map.of() : namespaces;
        namespaces = new TreeMap<>(told);
        logChange(before);
        book.want(namespaces);
        obey();
    }

    private void logChange(Map<String, String> before) {
        Set<String> come = new TreeSet<>();
        Set<String> gone = new TreeSet<>();
        Set<String> anew = new TreeSet<>();
        namespaces.forEach(
                (name, uid) -> {
                    if (!before.containsKey(name)) {
                        come.add(name);
                    } else if (!before.get(name).equals(uid)) {
                        anew.add(name);
                    }
                });
        before.keySet().stream().filter(name -> !namespaces.containsKey(name)).forEach(gone::add);
        if (!come.isEmpty() || !gone.isEmpty() || !anew.isEmpty()) {
            LOG.info(
                    "{}: {} now; come {}, gone {}, made anew {}",
                    scopes,
                    namespaces.size(),
                    come,
                    gone,
                    anew);
        } else if (namespaces.isEmpty()) {
            LOG.info("{}: there are none; waiting for the first", scopes);
        }
    }

    @Override
    public void addReader(int subtask) {
        // It tells what it has, and gets something after that.
    }

    @Override
    public void handleSplitRequest(int subtask, String requesterHostname) {
        obey();
    }

    @Override
    public void handleSourceEvent(int subtask, SourceEvent event) {
        if (event instanceof ReaderHolds holds) {
            List<ResourceSplit> waiting;
            try {
                waiting = holds.waitingSplits();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            book.holds(subtask, holds.reading(), waiting);
            waiting.forEach(
                    split ->
                            LOG.info(
                                    "{} is no longer read as such; now: {}",
                                    split.splitId(),
                                    scopes));
        } else if (event instanceof SplitRetired retired) {
            LOG.info("Given up: {}", retired.splitId());
            book.retired(subtask, retired.splitId());
        }
        obey();
    }

    @Override
    public void addSplitsBack(List<ResourceSplit> splits, int subtask) {
        if (!context.registeredReaders().containsKey(subtask)) {
            book.gone(subtask);
        }
        book.back(subtask, splits);
        obey();
    }

    private void obey() {
        Map<Integer, Boolean> known = new HashMap<>();
        List<SplitBook.Order> orders =
                book.decide(
                        context.currentParallelism(),
                        subtask ->
                                known.computeIfAbsent(
                                        subtask, context.registeredReaders()::containsKey));
        for (SplitBook.Order order : orders) {
            if (order instanceof SplitBook.Order.Assign assign) {
                context.assignSplit(assign.split(), assign.subtask());
            } else if (order instanceof SplitBook.Order.Retire retire) {
                LOG.info("No longer wanted: {}", retire.splitId());
                context.sendEventToSourceReader(
                        retire.subtask(), new RetireSplit(retire.splitId(), retire.unwatched()));
            } else if (order instanceof SplitBook.Order.Settle settle) {
                context.sendEventToSourceReader(settle.subtask(), new AssignmentDone());
                if (bounded) {
                    context.signalNoMoreSplits(settle.subtask());
                }
            }
        }
        pending = book.pendingCount();
        assigned = book.assignedCount();
        retiring = book.retiringCount();
    }

    @Override
    public EnumeratorState snapshotState(long checkpointId) {
        return book.snapshot(checkpointId, namespaces);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        book.completed(checkpointId);
        obey();
    }

    @Override
    public void close() {
        if (feed != null) {
            feed.close();
        }
    }
}
