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
package io.tocsin.source.object;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.RecordDeserializer;
import io.tocsin.source.json.VersionReader;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Reads pods, nodes and deployments into {@link ObjectRecord}s; records about the watch pass
 * through.
 *
 * <p>Lenient where an object may be odd, strict where it is none: a field of another type than the
 * API promises, or a time that is none, counts as absent; only bytes that are no JSON object fail.
 * Everything is bounded, see {@link ObjectFields}.
 *
 * <p>The time of an object's version is the latest that it tells of itself: of its conditions, its
 * containers, and of those who manage its fields. A deletion has none; it happened when it was
 * told.
 *
 * <p>Holds no state; any thread.
 */
public final class ObjectDeserializer implements RecordDeserializer<ObjectRecord> {

    private static final long serialVersionUID = 1L;

    /** The resources whose objects are understood, sorted. */
    public static final List<String> RESOURCES = List.of("deployments", "nodes", "pods");

    @Override
    public ObjectRecord deserialize(KubernetesRecord record) throws IOException {
        if (!VersionReader.isVersion(record)) {
            return new ObjectRecord(record, null);
        }
        KubernetesRecord envelope = VersionReader.withoutObject(record);
        WatchedObject read =
                VersionReader.read(
                        record.object(),
                        () -> describe(record),
                        json -> new ObjectFields(envelope).read(json));
        return new ObjectRecord(envelope, read);
    }

    @Override
    public long timestampMillis(ObjectRecord element) {
        KubernetesRecord envelope = element.envelope();
        if (element.object() != null) {
            long time = element.object().timeMillis();
            boolean upserted = envelope.kind() == KubernetesRecord.Kind.UPSERTED;
            return upserted && time > 0 ? time : NO_TIMESTAMP;
        }
        return VersionReader.timestampMillis(envelope);
    }

    @Override
    public TypeInformation<ObjectRecord> getProducedType() {
        return TypeInformation.of(ObjectRecord.class);
    }

    private static String describe(KubernetesRecord record) {
        return "Object "
                + record.namespace()
                + "/"
                + record.name()
                + " of "
                + record.resource()
                + " at version "
                + record.resourceVersion();
    }
}
