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
package io.tocsin.job.rule;

import io.tocsin.source.event.KubernetesEvent;
import java.util.List;
import java.util.Map;

/**
 * A test of rules: what happens in a cluster, and which alerts are open then. All times are
 * milliseconds after {@link #BEGIN_MILLIS}, but those of events.
 *
 * @param name name of the test
 * @param line where its file has it
 * @param events versions of events in the order of their times, as recorders would write them
 * @param objects versions of watched objects in the order of their times
 * @param blind when the cluster could not be seen
 * @param expectations what must be open when, in the order of time
 */
public record RuleTestCase(
        String name,
        int line,
        List<KubernetesEvent> events,
        List<WatchedVersion> objects,
        List<Blind> blind,
        List<Expectation> expectations) {

    /** When every test begins: 2026-01-01T00:00:00Z. */
    public static final long BEGIN_MILLIS = 1_767_225_600_000L;

    /**
     * What a watched object is from a time on.
     *
     * @param resource its resource, such as {@code pods}
     * @param namespace its namespace; null for what has none
     * @param json the object
     * @param deleted whether it is deleted then
     */
    public record WatchedVersion(
            long atMillis,
            String resource,
            String namespace,
            String name,
            String uid,
            String resourceVersion,
            String json,
            boolean deleted) {}

    /**
     * An interval in which nothing could be seen.
     *
     * @param toMillis its end; 0 if it does not end
     */
    public record Blind(long fromMillis, long toMillis) {}

    /**
     * What must be open at a time: these alerts and no others.
     *
     * @param line where the file has it
     */
    public record Expectation(long atMillis, int line, List<ExpectedAlert> alerts) {}

    /**
     * An alert that must be open. What is null may be anything.
     *
     * @param rule its name
     * @param subject what it is about
     * @param status pending or firing
     * @param severity its severity
     * @param summary its summary
     * @param labels labels that it must have, among others
     * @param sinceMillis when its condition became true; -1 for any time
     */
    public record ExpectedAlert(
            String rule,
            String subject,
            String status,
            String severity,
            String summary,
            Map<String, String> labels,
            long sinceMillis) {}
}
