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
package io.tocsin.job.occurrence;

import io.tocsin.annotation.Pure;
import java.util.Objects;

/**
 * Turns the counts that versions of one lineage of events tell into repetitions.
 *
 * <ul>
 *   <li>First sight with count N: N repetitions between the first and the last time.
 *   <li>The same object, newer version: the increase since the last one, after its time. A change
 *       that raises no count is an occurrence of weight 0.
 *   <li>Another object of the same lineage (the old one expired, the recorder went on): the
 *       increase. A count that did not grow is a fresh recorder's: all of it is new, unless the
 *       time did not move either (then the same was written again, as a restored backup does).
 *   <li>Another epoch (etcd was restored): versions cannot be compared; a count that went back adds
 *       nothing, and later increases count from it. What is the same in version, count and time is
 *       known: a new epoch lists everything again.
 *   <li>A version that is not newer than what is known of this uid and epoch is known.
 * </ul>
 *
 * <p>Semantics: client-go tools/record EventCorrelator and tools/events recorder, 1.34; resource
 * versions compare by length, then lexically (KEP-5504).
 */
@Pure
public final class CountLedger {

    private CountLedger() {}

    /**
     * What one version told.
     *
     * @param next what to remember
     * @param weight repetitions since the last version
     * @param fromMillis earliest time of these
     */
    public record Entry(Seen next, long weight, long fromMillis) {}

    /**
     * Books one version.
     *
     * @param last what is remembered of the lineage, or null
     * @param now what this version tells
     * @param firstMillis when the lineage's failure was first seen
     * @param baseline whether this version only says where counting begins
     * @return the entry, or null if the version is known
     */
    public static Entry book(Seen last, Seen now, long firstMillis, boolean baseline) {
        if (last == null) {
            long from = firstMillis <= 0 ? now.timeMillis() : firstMillis;
            return entry(now, now.count(), Math.min(from, now.timeMillis()), baseline);
        }
        boolean sameObject = Objects.equals(last.uid(), now.uid());
        boolean sameEpoch = last.epoch() == now.epoch();
        if (sameObject && sameEpoch && compareVersions(now.version(), last.version()) <= 0) {
            return null;
        }
        if (sameObject && !sameEpoch && isSame(last, now)) {
            return null;
        }
        long increase = now.count() - last.count();
        long weight;
        if (increase > 0) {
            weight = increase;
        } else if (sameObject || now.timeMillis() <= last.timeMillis()) {
            weight = 0;
        } else {
            weight = now.count();
        }
        return entry(now, weight, Math.min(last.timeMillis(), now.timeMillis()), baseline);
    }

    /** Whether a new epoch's list shows what was known before it, unchanged. */
    private static boolean isSame(Seen last, Seen now) {
        return Objects.equals(last.version(), now.version())
                && last.count() == now.count()
                && last.timeMillis() == now.timeMillis();
    }

    private static Entry entry(Seen now, long weight, long from, boolean baseline) {
        return new Entry(now, baseline ? 0 : weight, from);
    }

    /** Compares decimal resource versions by length, then lexically; null is older than any. */
    static int compareVersions(String one, String other) {
        if (one == null || other == null) {
            return one == null ? (other == null ? 0 : -1) : 1;
        }
        int byLength = Integer.compare(one.length(), other.length());
        return byLength != 0 ? byLength : one.compareTo(other);
    }
}
