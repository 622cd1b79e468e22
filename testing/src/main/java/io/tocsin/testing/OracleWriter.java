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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tocsin.testing.ClusterOracle.Act;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One node with its kubelet, and a scheduler, that report about pods of their own. One thread. */
final class OracleWriter {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int MESSAGES = 30;

    private final ClusterOracle oracle;
    private final KubeRest rest;
    private final String namespace;
    private final String node;
    private final int pods;
    private final Random random;
    private final CoreRecorder kubelet = new CoreRecorder();
    private final SeriesRecorder scheduler = new SeriesRecorder();

    /** Last written version of each event of this writer, by name. */
    private final TreeMap<String, PodEvent> written = new TreeMap<>();

    private final long begun = System.currentTimeMillis();

    /** By which the recorders decide; events are written with the real time. */
    private Instant now = Instant.EPOCH;

    OracleWriter(
            ClusterOracle oracle,
            KubeRest rest,
            String namespace,
            String node,
            int pods,
            Random random) {
        this.oracle = oracle;
        this.rest = rest;
        this.namespace = namespace;
        this.node = node;
        this.pods = pods;
        this.random = random;
    }

    /** Does one thing by chance. */
    void step() {
        pass(Duration.ofMillis(1 + random.nextInt(10_000)));
        int chance = random.nextInt(100);
        if (chance < 70) {
            observe();
        } else if (chance < 85) {
            schedule();
        } else if (chance < 87) {
            pass(Duration.ofSeconds(361 + random.nextInt(300)));
            scheduler.finish(now).forEach(event -> write(event, Act.FINISH_SERIES));
        } else if (chance < 90) {
            scheduler.refresh().forEach(event -> write(event, Act.REFRESH_SERIES));
        } else if (chance < 93) {
            pass(Duration.ofMinutes(5));
        } else if (chance < 99) {
            delete();
        } else {
            kubelet.restart();
            scheduler.restart();
            oracle.did(Act.RESTART);
        }
    }

    /** Repeats every event once, so that what is deleted exists again with its whole count. */
    void settle() {
        for (PodEvent event : List.copyOf(written.values())) {
            write(event.withCount(event.count() + 1, Instant.now()), Act.PATCH);
        }
    }

    private void observe() {
        String pod = node + "-pod-" + random.nextInt(pods);
        PodEvent event =
                PodEvent.backOff(namespace, name(pod), pod, "uid-" + pod).at(Instant.now());
        switch (random.nextInt(4)) {
            case 0 ->
                    event =
                            event.withReason(
                                    "Warning", "Unhealthy", "Readiness probe failed: ⚠ 503");
            case 1, 2 ->
                    event =
                            event.withReason(
                                    "Warning",
                                    "FailedMount",
                                    "volume \"data\": attempt " + random.nextInt(MESSAGES));
            default -> {
                // The back-off.
            }
        }
        PodEvent result = kubelet.observe(event, now);
        if (result == null) {
            oracle.did(Act.FILTER);
        } else {
            boolean combined = result.note().startsWith(CoreRecorder.COMBINED);
            write(result, combined ? Act.COMBINE : result.count() == 1 ? Act.CREATE : Act.PATCH);
        }
    }

    private void schedule() {
        String pod = node + "-big-" + random.nextInt(pods);
        PodEvent event =
                PodEvent.failedScheduling(namespace, name(pod), pod, "uid-" + pod)
                        .at(Instant.now());
        PodEvent result = scheduler.observe(event, "" + random.nextInt(2), now);
        if (result == null) {
            oracle.did(Act.COUNT_SERIES);
        } else {
            write(result, result.count() == 1 ? Act.CREATE : Act.BEGIN_SERIES);
        }
    }

    /** As its time to live or somebody's hand does; no recorder hears of it. */
    private void delete() {
        if (written.isEmpty()) {
            return;
        }
        List<String> names = new ArrayList<>(written.keySet());
        String path = path(written.get(names.get(random.nextInt(names.size()))));
        boolean[] existed = {false};
        untilClear(
                path,
                () -> {
                    KubeRest.Answer answer =
                            rest.call(
                                    "DELETE",
                                    path,
                                    "application/json",
                                    "{\"gracePeriodSeconds\":0}");
                    existed[0] = answer.status() != 404;
                    return existed[0] ? done(answer, "DELETE " + path) : answer;
                });
        if (existed[0]) {
            oracle.did(Act.DELETE);
        }
    }

    private void write(PodEvent event, Act act) {
        String path = path(event);
        boolean[] create = {event.count() == 1};
        boolean[] recreated = {false};
        JsonNode stored =
                untilClear(
                                path,
                                () -> {
                                    if (!create[0]) {
                                        KubeRest.Answer patched =
                                                rest.call(
                                                        "PATCH",
                                                        path,
                                                        "application/merge-patch+json",
                                                        repetition(event).toString());
                                        if (patched.status() != 404) {
                                            return done(patched, "PATCH " + path);
                                        }
                                        // As recorders do: the same name, and the count goes on.
                                        create[0] = true;
                                        recreated[0] = written.containsKey(event.name());
                                    }
                                    KubeRest.Answer created =
                                            rest.call(
                                                    "POST",
                                                    event.collection(),
                                                    "application/json",
                                                    object(event).toString());
                                    if (created.status() == 409) {
                                        // Created by an attempt whose answer was lost, or the
                                        // 404 before was none.
                                        KubeRest.Answer found = rest.call("GET", path, null, null);
                                        create[0] = found.status() == 404;
                                        if (create[0] || isBehind(event, found)) {
                                            return null;
                                        }
                                        oracle.did(Act.AMBIGUOUS);
                                        return done(found, path);
                                    }
                                    return done(created, "POST " + path);
                                })
                        .json();
        written.put(event.name(), event);
        oracle.did(act);
        if (recreated[0]) {
            oracle.did(Act.RECREATE);
        }
        oracle.acknowledged(
                namespace + "/" + event.name(),
                stored.at("/metadata/uid").asText(),
                stored.at("/metadata/resourceVersion").asText(),
                event.count());
    }

    /** Whether what is stored has yet to get this count. */
    private static boolean isBehind(PodEvent event, KubeRest.Answer found) {
        if (found.status() != 200) {
            return false;
        }
        long count =
                event.scheduler()
                        ? found.json().at("/series/count").asLong(1)
                        : found.json().path("count").asLong();
        if (count > event.count()) {
            throw new IllegalStateException(
                    "%s has count %d where %d was to be written: somebody else writes there"
                            .formatted(path(event), count, event.count()));
        }
        return count < event.count();
    }

    private interface Attempt {
        /** Null when the server did not say clearly what became of it. */
        KubeRest.Answer make();
    }

    /**
     * Tries until an answer says clearly what became of it. All attempts are safe to repeat: a
     * patch sets the count it aims at, which changes nothing the second time, and returns the
     * version that the first time made.
     */
    private KubeRest.Answer untilClear(String path, Attempt attempt) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Object unclear;
            try {
                KubeRest.Answer answer = attempt.make();
                if (answer != null) {
                    return answer;
                }
                unclear = "server error";
            } catch (UncheckedIOException e) {
                unclear = e;
            }
            oracle.did(Act.AMBIGUOUS);
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "%s is not clear within %s: %s".formatted(path, PATIENCE, unclear));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private static KubeRest.Answer done(KubeRest.Answer answer, String request) {
        if (answer.status() / 100 == 2) {
            return answer;
        }
        if (answer.status() / 100 == 5 || answer.status() == 429) {
            return null;
        }
        throw new IllegalStateException(
                request + " was answered " + answer.status() + ": " + answer.body());
    }

    private static ObjectNode repetition(PodEvent event) {
        ObjectNode patch = event.repetition();
        if (event.note().startsWith(CoreRecorder.COMBINED)) {
            patch.put("message", event.note());
        }
        return patch;
    }

    private static ObjectNode object(PodEvent event) {
        ObjectNode object = event.object();
        if (event.note().startsWith(CoreRecorder.COMBINED)) {
            // EventAggregate copies the source and leaves out the reporter.
            object.remove(List.of("reportingComponent", "reportingInstance"));
        }
        return object;
    }

    private static String path(PodEvent event) {
        return event.collection() + "/" + event.name();
    }

    /** As unique as the writer's own time, over runs. */
    private String name(String pod) {
        return "%s.%x".formatted(pod, (begun + now.toEpochMilli()) * 1_000_000);
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }
}
