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
package io.tocsin.testing.fault;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/** How often a {@link FaultProxy} did what, per fault and path. Threads may share it. */
public final class FaultCounts {

    /** Path under which faults of connections without a request are counted. */
    public static final String CONNECTION = "(connection)";

    private record Key(Fault fault, String path) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byPath = path.compareTo(other.path);
            return byPath != 0 ? byPath : fault.compareTo(other.fault);
        }
    }

    private final Map<Key, LongAdder> faults = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();

    FaultCounts() {}

    /** How often this was done, on all paths. */
    public long of(Fault fault) {
        return of(fault, path -> true);
    }

    /** How often this was done to requests of this path (without query). */
    public long of(Fault fault, String path) {
        return of(fault, path::equals);
    }

    /** Requests of this path (without query), with a fault or without. */
    public long requests(String path) {
        LongAdder count = requests.get(path);
        return count == null ? 0 : count.sum();
    }

    /** All requests. */
    public long requests() {
        return requests.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** A line per path and fault. */
    @Override
    public String toString() {
        StringBuilder table = new StringBuilder();
        requests.forEach((path, count) -> table.append("%6d %s%n".formatted(count.sum(), path)));
        faults.forEach(
                (key, count) ->
                        table.append(
                                "%6d %s %s%n".formatted(count.sum(), key.fault(), key.path())));
        return table.toString();
    }

    void request(String path) {
        requests.computeIfAbsent(path, absent -> new LongAdder()).increment();
    }

    void add(Fault fault, String path) {
        faults.computeIfAbsent(new Key(fault, path), absent -> new LongAdder()).increment();
    }

    private long of(Fault fault, Predicate<String> path) {
        return faults.entrySet().stream()
                .filter(entry -> entry.getKey().fault() == fault)
                .filter(entry -> path.test(entry.getKey().path()))
                .mapToLong(entry -> entry.getValue().sum())
                .sum();
    }
}
