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
package io.tocsin.source.scenario;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.event.EventRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;

/**
 * All that a source told, in order, as state behind it would hold it: what is missing was lost,
 * what is in it twice was repeated. Test thread only.
 */
final class Timeline implements ReaderOutput<EventRecord> {

    private final List<EventRecord> records = new ArrayList<>();
    private final List<String> versions = new ArrayList<>();
    private final List<Integer> versionsBefore = new ArrayList<>();
    private final Map<String, SourceOutput<EventRecord>> outputs = new HashMap<>();
    private long watermarkMillis = Long.MIN_VALUE;
    private boolean idle;

    // ------------------------------------------------------------------ what was told

    /** Everything. */
    List<EventRecord> records() {
        return records;
    }

    int size() {
        return records.size();
    }

    /** Object versions that were created or changed: {@code uid@resourceVersion}, in order. */
    List<String> versions() {
        return versions;
    }

    /** Records of a kind. */
    List<KubernetesRecord> of(Kind kind) {
        return records.stream().map(EventRecord::envelope).filter(e -> e.kind() == kind).toList();
    }

    /** Versions told by a list or a watch, by name of the object. */
    List<EventRecord> named(String name) {
        return records.stream()
                .filter(r -> r.envelope().kind() == Kind.UPSERTED)
                .filter(r -> r.envelope().name().equals(name))
                .toList();
    }

    /** Versions that were told by this way. */
    long by(Origin origin) {
        return of(Kind.UPSERTED).stream().filter(e -> e.origin() == origin).count();
    }

    /** Which of these were not told. */
    Set<String> lost(Collection<String> ids) {
        Set<String> lost = new HashSet<>(ids);
        lost.removeAll(new HashSet<>(versions));
        return lost;
    }

    /** Which were told more than once in one epoch. */
    Set<String> repeated() {
        Set<String> seen = new HashSet<>();
        Set<String> repeated = new HashSet<>();
        for (KubernetesRecord each : of(Kind.UPSERTED)) {
            String id = each.epoch() + ":" + id(each);
            if (!seen.add(id)) {
                repeated.add(id);
            }
        }
        return repeated;
    }

    /** Latest watermark; {@code Long.MIN_VALUE} if there was none. */
    long watermarkMillis() {
        return watermarkMillis;
    }

    boolean isIdle() {
        return idle;
    }

    static String id(KubernetesRecord version) {
        return version.uid() + "@" + version.resourceVersion();
    }

    @Override
    public String toString() {
        Map<String, Integer> counts = new TreeMap<>();
        for (EventRecord record : records) {
            KubernetesRecord told = record.envelope();
            String what = told.kind() + (told.origin() == null ? "" : " " + told.origin());
            counts.merge(what, 1, Integer::sum);
        }
        return counts.toString();
    }

    /** Loses what a crash loses. */
    void forgetAfter(int size) {
        int keptVersions = size < records.size() ? versionsBefore.get(size) : versions.size();
        records.subList(size, records.size()).clear();
        versionsBefore.subList(size, versionsBefore.size()).clear();
        versions.subList(keptVersions, versions.size()).clear();
    }

    /** Keeps no books of what was told so far, so that a long run needs no more memory. */
    void forgetAll() {
        records.clear();
        versionsBefore.clear();
        versions.clear();
    }

    // ------------------------------------------------------------------ as Flink's output

    @Override
    public void collect(EventRecord record) {
        versionsBefore.add(versions.size());
        records.add(record);
        if (record.envelope().kind() == Kind.UPSERTED) {
            versions.add(id(record.envelope()));
        }
    }

    @Override
    public void collect(EventRecord record, long timestamp) {
        collect(record);
    }

    @Override
    public void emitWatermark(Watermark watermark) {
        watermarkMillis = Math.max(watermarkMillis, watermark.getTimestamp());
    }

    @Override
    public void markIdle() {
        idle = true;
    }

    @Override
    public void markActive() {
        idle = false;
    }

    @Override
    public SourceOutput<EventRecord> createOutputForSplit(String splitId) {
        return outputs.computeIfAbsent(splitId, unused -> this);
    }

    @Override
    public void releaseOutputForSplit(String splitId) {
        outputs.remove(splitId);
    }
}
