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

import io.tocsin.job.rule.RuleTestCase;
import io.tocsin.job.rule.RuleTestCase.WatchedVersion;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.object.ObjectDeserializer;
import io.tocsin.source.object.ObjectRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.java.tuple.Tuple2;

/**
 * What the watches of a cluster's objects would emit in a test of rules, with the server's time:
 * versions as they come, those of a blindness at its end, and time that goes on.
 */
final class TestObjectStream {
    private static final String SCOPE = "*";

    private TestObjectStream() {}

    /**
     * The records of a test in their order, each with its time.
     *
     * @param resources the resources that the rules are about; the others are not watched
     */
    static List<Tuple2<Long, ObjectRecord>> of(RuleTestCase test, Set<String> resources)
            throws IOException {
        List<Tuple2<Long, ObjectRecord>> records = new ArrayList<>();
        ObjectDeserializer deserializer = new ObjectDeserializer();
        for (WatchedVersion version : test.objects()) {
            RuleTestCase.Blind blind = TestStream.blindAt(test, version.atMillis());
            long at = blind == null ? version.atMillis() : blind.toMillis();
            boolean seen = blind == null || blind.toMillis() != 0;
            if (seen && resources.contains(version.resource())) {
                records.add(at(at, deserializer.deserialize(version(version))));
            }
        }
        for (RuleTestCase.Blind blind : test.blind()) {
            for (String resource : resources) {
                long from = blind.fromMillis();
                long to = blind.toMillis();
                records.add(at(from, watch(Kind.BLIND, resource, from, 0)));
                if (to != 0) {
                    records.add(at(to, watch(Kind.BLIND, resource, from, to)));
                }
            }
        }
        for (long tick : TestStream.ticks(test)) {
            if (TestStream.blindAt(test, tick) == null) {
                // Nobody minds an unread line, but time goes on with it.
                String resource = resources.iterator().next();
                records.add(at(tick, watch(Kind.DEAD_LETTER, resource, tick, 0)));
            }
        }
        records.removeIf(each -> each.f0 > RuleTestCase.BEGIN_MILLIS + TestStream.lastMillis(test));
        records.sort(Comparator.comparingLong(each -> each.f0));
        return records;
    }

    private static Tuple2<Long, ObjectRecord> at(long millis, ObjectRecord record) {
        return Tuple2.of(RuleTestCase.BEGIN_MILLIS + millis, record);
    }

    private static KubernetesRecord version(WatchedVersion version) {
        return new KubernetesRecord(
                version.deleted() ? Kind.DELETED : Kind.UPSERTED,
                Origin.WATCH,
                TestStream.CLUSTER,
                version.resource(),
                SCOPE,
                1,
                version.namespace(),
                version.name(),
                version.uid(),
                version.resourceVersion(),
                version.json().getBytes(StandardCharsets.UTF_8),
                0,
                0,
                null);
    }

    private static ObjectRecord watch(Kind kind, String resource, long from, long to) {
        return new ObjectRecord(
                new KubernetesRecord(
                        kind,
                        null,
                        TestStream.CLUSTER,
                        resource,
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
