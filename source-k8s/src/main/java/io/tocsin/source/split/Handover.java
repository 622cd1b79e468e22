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
package io.tocsin.source.split;

import io.tocsin.annotation.Pure;
import io.tocsin.source.split.Position.Segment;
import io.tocsin.source.split.Position.Witness;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Where a split starts that takes over from splits of other scopes, after the configuration has
 * changed: exactly where they stood, as far as they read what it will read.
 *
 * <p>From all namespaces to one: what was emitted of all was emitted of one. From single namespaces
 * to all: each becomes a range of keys with the mark that it had; namespaces that were not read
 * start as the source does. Either way the gap is one like any other: what changed meanwhile is
 * told by its last version, and if it lasted longer than the server keeps events, the list tells a
 * possible loss, because the last contact is taken over too.
 */
@Pure
public final class Handover {

    /** The character after the slash: after every key of a namespace, before the next one's. */
    private static final String AFTER_SLASH = "0";

    private Handover() {}

    /** Whether a new split of a scope may take over from one that was of another. */
    public static boolean concerns(String scope, String handedScope) {
        return scope.equals(handedScope)
                || scope.equals(ResourceSplit.ALL_NAMESPACES)
                || handedScope.equals(ResourceSplit.ALL_NAMESPACES);
    }

    /**
     * The new split, where those before it stood.
     *
     * @param unread the new split
     * @param handed the splits before, which nobody reads any more
     * @param latest whether the source starts at the latest state rather than at the earliest
     */
    public static ResourceSplit take(
            ResourceSplit unread, Collection<ResourceSplit> handed, boolean latest) {
        ResourceSplit all = null;
        ResourceSplit same = null;
        List<ResourceSplit> single = new ArrayList<>();
        for (ResourceSplit split : handed) {
            if (split.scope().equals(unread.scope())) {
                same = same == null ? split : earlier(same, split);
            } else if (split.scope().equals(ResourceSplit.ALL_NAMESPACES)) {
                all = split;
            } else {
                single.add(split);
            }
        }
        if (same != null) {
            return unread.at(same.position()).withLost(same.lost());
        }
        if (!unread.scope().equals(ResourceSplit.ALL_NAMESPACES)) {
            // A continue token is of one path only, so a list under way ends here.
            return all == null
                    ? unread
                    : unread.at(ofNamespace(unread.scope(), all.position().interrupted()))
                            .withLost(all.lost());
        }
        return merged(unread, single, latest);
    }

    /** Without the witnesses of others: who cannot see them would take them for gone. */
    private static Position ofNamespace(String namespace, Position all) {
        List<Witness> own =
                all.witnesses().stream()
                        .filter(witness -> namespace.equals(witness.namespace()))
                        .toList();
        return new Position(
                all.epoch(),
                all.version(),
                all.segments(),
                all.relist(),
                all.listOpen(),
                all.lastContactMillis(),
                own);
    }

    private static ResourceSplit earlier(ResourceSplit a, ResourceSplit b) {
        return b.position().version().isAfter(a.position().version()) ? a : b;
    }

    private static ResourceSplit merged(
            ResourceSplit unread, List<ResourceSplit> single, boolean latest) {
        int epoch = single.stream().mapToInt(split -> split.position().epoch()).max().orElse(0);
        List<ResourceSplit> read =
                single.stream()
                        // Versions of another epoch say nothing, and those of none are of no use.
                        .filter(split -> split.position().epoch() == epoch)
                        .filter(split -> !split.position().newest().isNone())
                        .sorted(
                                Comparator.comparing(
                                        split -> Position.key(split.scope(), ""),
                                        Position::compareKeys))
                        .toList();
        if (read.isEmpty()) {
            return unread;
        }
        List<Segment> segments = new ArrayList<>();
        List<Witness> witnesses = new ArrayList<>();
        boolean listOpen = false;
        ResourceVersion least = null;
        for (ResourceSplit split : read) {
            Position position = split.position().interrupted();
            ResourceVersion version = position.version();
            segments.add(new Segment(split.scope() + "/", ResourceVersion.NONE));
            segments.addAll(position.segments());
            segments.add(new Segment(split.scope() + AFTER_SLASH, version));
            witnesses.addAll(position.witnesses());
            listOpen |= position.listOpen();
            least = least == null || least.isAfter(version) ? version : least;
        }
        // Starting at the latest, what nobody read is told from when the others stood.
        ResourceVersion version = latest ? least : ResourceVersion.NONE;
        Position position =
                new Position(
                        epoch,
                        version,
                        segments,
                        null,
                        listOpen,
                        firstOfLastContacts(single),
                        newest(witnesses));
        return unread.at(position);
    }

    private static List<Witness> newest(List<Witness> witnesses) {
        return witnesses.stream()
                .sorted(Comparator.comparing(Witness::version).reversed())
                .limit(Position.MAX_WITNESSES)
                .toList();
    }

    /** From then on something may have been missed somewhere; 0 if there was no contact at all. */
    private static long firstOfLastContacts(List<ResourceSplit> splits) {
        return splits.stream()
                .mapToLong(split -> split.position().lastContactMillis())
                .filter(millis -> millis > 0)
                .min()
                .orElse(0);
    }
}
