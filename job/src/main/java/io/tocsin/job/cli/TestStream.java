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
package io.tocsin.job.cli;

import io.tocsin.annotation.Pure;
import io.tocsin.job.rule.RuleTestCase;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.event.EventRecord;
import io.tocsin.source.event.KubernetesEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What the source of a cluster would emit in a test of rules: events as they happen, those of a
 * blindness as a list at its end; and, as a quiet watch does, time that goes on.
 */
@Pure
final class TestStream {
    /** Name of the cluster of all tests. */
    static final String CLUSTER = "test";

    /** By how much the source's event time is behind. */
    static final long OUT_OF_ORDERNESS_MILLIS = 10_000;

    private static final String SCOPE = "*";
    private static final long TICK_MILLIS = 60_000;
    private static final long MOST_TICKS = 5_000;

    private final RuleTestCase test;
    private final List<Emitted> emitted = new ArrayList<>();

    private TestStream(RuleTestCase test) {
        this.test = test;
    }

    /**
     * Something that is emitted.
     *
     * @param atMillis when, after the test's begin
     * @param order among what is emitted at the same time
     */
    private record Emitted(long atMillis, int order, EventRecord record) {}

    /** The records of a test in their order, up to a little after its last expectation. */
    static List<EventRecord> of(RuleTestCase test) {
        TestStream stream = new TestStream(test);
        stream.fill();
        return stream.emitted.stream()
                .sorted(
                        Comparator.comparingLong(Emitted::atMillis)
                                .thenComparingInt(Emitted::order))
                .map(Emitted::record)
                .toList();
    }

    /** When the last record is emitted: event time has passed the last expectation. */
    static long lastMillis(RuleTestCase test) {
        return test.expectations().get(test.expectations().size() - 1).atMillis()
                + OUT_OF_ORDERNESS_MILLIS
                + 1;
    }

    /** When time goes on though nothing happens. */
    static List<Long> ticks(RuleTestCase test) {
        long last = lastMillis(test);
        List<Long> ticks = new ArrayList<>();
        for (long at = 0; at < last; at += Math.max(TICK_MILLIS, last / MOST_TICKS)) {
            ticks.add(at);
        }
        ticks.add(last);
        return ticks;
    }

    private void fill() {
        long last = lastMillis(test);
        for (RuleTestCase.Blind blind : test.blind()) {
            add(blind.fromMillis(), 4, about(Kind.BLIND, blind.fromMillis(), 0));
            if (blind.toMillis() != 0) {
                long to = blind.toMillis();
                add(to, 0, about(Kind.BLIND, blind.fromMillis(), to));
                add(to, 2, about(Kind.LIST_END, to, 0));
            }
        }
        for (KubernetesEvent event : test.events()) {
            long at = event.timeMillis() - RuleTestCase.BEGIN_MILLIS;
            RuleTestCase.Blind blind = blindAt(at);
            if (blind == null) {
                add(at, 3, version(event, Origin.WATCH));
            } else if (blind.toMillis() != 0) {
                add(blind.toMillis(), 1, version(event, Origin.LISTED));
            }
        }
        ticks(test).forEach(this::tick);
        emitted.removeIf(each -> each.atMillis() > last);
    }

    private void tick(long at) {
        if (blindAt(at) == null) {
            add(at, 5, about(Kind.LIST_END, at, 0));
        }
    }

    private RuleTestCase.Blind blindAt(long millis) {
        return blindAt(test, millis);
    }

    /** The blindness that a time lies in, or null. */
    static RuleTestCase.Blind blindAt(RuleTestCase test, long millis) {
        return test.blind().stream()
                .filter(blind -> blind.fromMillis() < millis)
                .filter(blind -> blind.toMillis() == 0 || millis < blind.toMillis())
                .findFirst()
                .orElse(null);
    }

    private void add(long atMillis, int order, EventRecord record) {
        emitted.add(new Emitted(atMillis, order, record));
    }

    private static EventRecord version(KubernetesEvent event, Origin origin) {
        return new EventRecord(
                new KubernetesRecord(
                        Kind.UPSERTED,
                        origin,
                        CLUSTER,
                        "events",
                        SCOPE,
                        1,
                        event.namespace(),
                        event.name(),
                        event.uid(),
                        event.resourceVersion(),
                        null,
                        0,
                        0,
                        null),
                event);
    }

    private static EventRecord about(Kind kind, long from, long to) {
        return new EventRecord(
                new KubernetesRecord(
                        kind,
                        null,
                        CLUSTER,
                        "events",
                        SCOPE,
                        1,
                        null,
                        null,
                        null,
                        null,
                        null,
                        RuleTestCase.BEGIN_MILLIS + from,
                        to == 0 ? 0 : RuleTestCase.BEGIN_MILLIS + to,
                        null),
                null);
    }
}
