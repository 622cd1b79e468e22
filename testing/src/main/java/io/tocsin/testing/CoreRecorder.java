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
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Decides what a kubelet or controller writes about what it observes: counts, combines and leaves
 * out. Handed the time; writes nothing itself. One thread.
 *
 * <p>Semantics: client-go 1.34 tools/record, EventCorrelator with its defaults, for one source. Its
 * caches hold 4096 entries; these hold all.
 */
public final class CoreRecorder {

    /** Prefix of the message of a combined event. */
    public static final String COMBINED = "(combined from similar events): ";

    private static final int SIMILAR = 10;
    private static final Duration SIMILAR_WITHIN = Duration.ofMinutes(10);
    private static final double BURST = 25;
    private static final double PER_SECOND = 1.0 / 300;

    private final Map<String, Aggregate> aggregates = new HashMap<>();
    private final Map<String, PodEvent> logged = new HashMap<>();
    private final Map<String, Bucket> buckets = new HashMap<>();

    /** Has observed nothing yet. */
    public CoreRecorder() {}

    /** Messages seen of similar events, and when the last one came. */
    private record Aggregate(Set<String> messages, Instant last) {}

    /** Writes left for an object at a time. */
    private record Bucket(double tokens, Instant at) {}

    /**
     * Observes once more what happened.
     *
     * @param observed with the name that it would get as a new event, at the time to be written
     * @param now the time by which the recorder decides
     * @return the event to write, whose count tells whether it is new; or null if the spam filter
     *     has it left out, though it is counted
     */
    public PodEvent observe(PodEvent observed, Instant now) {
        String similar = key(observed, observed.type(), observed.reason());
        PodEvent event = observed;
        String logKey = key(observed, observed.type(), observed.reason(), observed.note());
        if (isOneOfMany(similar, observed.note(), now)) {
            event =
                    observed.withReason(
                            observed.type(), observed.reason(), COMBINED + observed.note());
            logKey = similar;
        }
        PodEvent last = logged.get(logKey);
        if (last != null) {
            event =
                    last.withReason(event.type(), event.reason(), event.note())
                            .withCount(last.count() + 1, observed.last());
        }
        logged.put(logKey, event);
        return mayWrite(key(event, event.type()), now) ? event : null;
    }

    /** What a restart of the process does: all counts begin anew, under new names. */
    public void restart() {
        aggregates.clear();
        logged.clear();
        buckets.clear();
    }

    private boolean isOneOfMany(String similar, String message, Instant now) {
        Aggregate last = aggregates.get(similar);
        Set<String> messages =
                last == null || Duration.between(last.last(), now).compareTo(SIMILAR_WITHIN) > 0
                        ? new LinkedHashSet<>()
                        : last.messages();
        messages.add(message);
        aggregates.put(similar, new Aggregate(messages, now));
        if (messages.size() < SIMILAR) {
            return false;
        }
        messages.remove(messages.iterator().next());
        return true;
    }

    private boolean mayWrite(String object, Instant now) {
        Bucket last = buckets.getOrDefault(object, new Bucket(BURST, now));
        double seconds = Duration.between(last.at(), now).toMillis() / 1000.0;
        double tokens = Math.min(BURST, last.tokens() + seconds * PER_SECOND);
        boolean free = tokens >= 1;
        buckets.put(object, new Bucket(free ? tokens - 1 : tokens, now));
        return free;
    }

    private static String key(PodEvent event, String... parts) {
        return event.namespace()
                + "/"
                + event.pod()
                + "/"
                + event.podUid()
                + "/"
                + String.join("/", parts);
    }
}
