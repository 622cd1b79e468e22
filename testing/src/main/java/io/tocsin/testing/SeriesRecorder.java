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
package io.tocsin.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Decides what a scheduler writes about what it observes: once, then a series of two, then nothing
 * until the series is idle or refreshed. Handed the time; writes nothing itself. One thread.
 *
 * <p>Semantics: client-go 1.34 tools/events, eventBroadcasterImpl. The note is no part of the key:
 * a series keeps its first one.
 */
public final class SeriesRecorder {

    private static final Duration FINISH_AFTER = Duration.ofMinutes(6);

    private final Map<String, Entry> cache = new HashMap<>();

    /** Has observed nothing yet. */
    public SeriesRecorder() {}

    private record Entry(PodEvent event, Instant observed) {}

    /**
     * Observes once more what happened.
     *
     * @param observed with the name that it would get as a new event, at the time to be written
     * @param version of the pod that the event is about: another one begins another event
     * @param now the time by which the recorder decides
     * @return the event to write, whose count tells whether it is new; or null if it is only
     *     counted
     */
    public PodEvent observe(PodEvent observed, String version, Instant now) {
        String key =
                String.join(
                        "/",
                        observed.namespace(),
                        observed.pod(),
                        observed.podUid(),
                        version,
                        observed.type(),
                        observed.reason());
        Entry last = cache.get(key);
        PodEvent next =
                last == null
                        ? observed
                        : last.event().withCount(last.event().count() + 1, observed.last());
        cache.put(key, new Entry(next, now));
        return next.count() <= 2 ? next : null;
    }

    /** Ends what is idle; returns the series whose final count is to be written. */
    public List<PodEvent> finish(Instant now) {
        List<PodEvent> finished = new ArrayList<>();
        for (Iterator<Entry> entries = cache.values().iterator(); entries.hasNext(); ) {
            Entry entry = entries.next();
            if (entry.observed().isBefore(now.minus(FINISH_AFTER))) {
                entries.remove();
                if (entry.event().count() > 1) {
                    finished.add(entry.event());
                }
            }
        }
        return finished;
    }

    /** All series, to be written again, lest they expire. */
    public List<PodEvent> refresh() {
        return cache.values().stream()
                .map(Entry::event)
                .filter(event -> event.count() > 1)
                .toList();
    }

    /** What a restart of the process does: series are forgotten. */
    public void restart() {
        cache.clear();
    }
}
