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
package io.tocsin.source.reader;

import io.tocsin.source.split.ResourceSplit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line per change of a watch's condition: the first failure of a kind, then a summary
 * when contact is regained. What repeats itself, also in turns, is told again after a minute, two,
 * four and so on, with its number. Never payloads or credentials. One per split, used by its driver
 * only.
 */
final class NoticeLog {

    private static final Logger LOG = LoggerFactory.getLogger("io.tocsin.source.watch");
    private static final int MAX_MESSAGE = 300;

    private final String what;
    private final String missingRights;
    private final Consumer<Notice> counters;
    private final LongSupplier nanoTime;
    private final Repetitions repetitions = new Repetitions();

    private NoticeLog(
            String what, String missingRights, Consumer<Notice> counters, LongSupplier nanoTime) {
        this.what = what;
        this.missingRights = missingRights;
        this.counters = counters;
        this.nanoTime = nanoTime;
    }

    NoticeLog(ResourceSplit split, Consumer<Notice> counters) {
        this(split, counters, System::nanoTime);
    }

    /** By the given monotonic time. */
    NoticeLog(ResourceSplit split, Consumer<Notice> counters, LongSupplier nanoTime) {
        this(whatOf(split), missingRightsOf(split), counters, nanoTime);
    }

    /** Of the namespaces that a label selector selects. */
    static NoticeLog ofNamespaces(String cluster, String selector) {
        return new NoticeLog(
                "list/watch namespaces with labels " + selector + " of cluster " + cluster,
                "Missing RBAC: verbs list and watch on namespaces by a ClusterRole and"
                        + " ClusterRoleBinding for the account named above; without it, name the"
                        + " namespaces instead of selecting them by "
                        + selector
                        + ". Those known so far are read on; retrying.",
                unused -> {},
                System::nanoTime);
    }

    void report(Notice notice, String message) {
        counters.accept(notice);
        String text = shorten(message);
        if (notice == Notice.QUIET || notice == Notice.RECONNECT) {
            LOG.debug("{}: {}: {}", what, notice, text);
            return;
        }
        int silent = repetitions.take(notice, nanoTime.getAsLong());
        if (silent == Repetitions.SILENT) {
            return;
        }
        String more = silent == 0 ? "" : " (" + silent + " more since the last such line)";
        if (notice.isTrouble()) {
            LOG.warn("{}: {}: {}. {}{}", what, notice, text, remedy(notice), more);
        } else if (notice == Notice.REGAINED) {
            LOG.info("{}: contact regained after {}{}", what, text, more);
        } else if (notice == Notice.ROLLED_BACK || notice == Notice.WITNESS_GONE) {
            LOG.warn("{}: {}: {}{}", what, notice, text, more);
        } else {
            LOG.info("{}: {}: {}{}", what, notice, text, more);
        }
    }

    private static String whatOf(ResourceSplit split) {
        String where =
                ResourceSplit.ALL_NAMESPACES.equals(split.scope())
                        ? "in all namespaces"
                        : "in namespace " + split.scope();
        return "list/watch " + split.resource() + " " + where + " of cluster " + split.cluster();
    }

    private static String missingRightsOf(ResourceSplit split) {
        boolean all = ResourceSplit.ALL_NAMESPACES.equals(split.scope());
        return "Missing RBAC: verbs list and watch on "
                + split.resource()
                + (all
                        ? " by a ClusterRole and ClusterRoleBinding"
                        : " by a Role and RoleBinding in namespace " + split.scope())
                + " for the account named above. Blind there until then; retrying,"
                + " nothing else waits for it.";
    }

    private String remedy(Notice notice) {
        return switch (notice) {
            case FORBIDDEN -> missingRights;
            case UNAUTHORIZED -> "The credentials are re-read, then retried.";
            case NOT_FOUND -> "The server does not serve this resource. Retrying.";
            default ->
                    "Blind there until contact is regained; retrying with backoff, repetitions are"
                            + " not logged.";
        };
    }

    private static String shorten(String message) {
        String line = message == null ? "" : message.replaceAll("\\s+", " ").trim();
        return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE) + "...";
    }
}
