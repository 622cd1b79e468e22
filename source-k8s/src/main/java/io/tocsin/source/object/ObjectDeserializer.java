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

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.RecordDeserializer;
import io.tocsin.source.json.JacksonCursor;
import io.tocsin.source.json.JsonCursor;
import io.tocsin.source.json.PlainCursor;
import io.tocsin.source.pack.Texts;
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
        boolean version =
                record.kind() == KubernetesRecord.Kind.UPSERTED
                        || record.kind() == KubernetesRecord.Kind.DELETED;
        if (!version || record.object() == null) {
            return new ObjectRecord(record, null);
        }
        KubernetesRecord envelope = withoutObject(record);
        return new ObjectRecord(envelope, read(record, envelope));
    }

    @Override
    public long timestampMillis(ObjectRecord element) {
        KubernetesRecord envelope = element.envelope();
        if (element.object() != null) {
            long time = element.object().timeMillis();
            boolean upserted = envelope.kind() == KubernetesRecord.Kind.UPSERTED;
            return upserted && time > 0 ? time : NO_TIMESTAMP;
        }
        if (envelope.toMillis() > 0) {
            return envelope.toMillis();
        }
        return envelope.fromMillis() > 0 ? envelope.fromMillis() : NO_TIMESTAMP;
    }

    @Override
    public TypeInformation<ObjectRecord> getProducedType() {
        return TypeInformation.of(ObjectRecord.class);
    }

    private static KubernetesRecord withoutObject(KubernetesRecord record) {
        return new KubernetesRecord(
                record.kind(),
                record.origin(),
                record.cluster(),
                record.resource(),
                record.scope(),
                record.epoch(),
                Texts.clean(record.namespace()),
                Texts.clean(record.name()),
                Texts.clean(record.uid()),
                Texts.clean(record.resourceVersion()),
                null,
                record.fromMillis(),
                record.toMillis(),
                record.reason());
    }

    private static WatchedObject read(KubernetesRecord record, KubernetesRecord envelope)
            throws IOException {
        byte[] json = record.object();
        try {
            return read(new PlainCursor(json, 0, json.length), envelope);
        } catch (IOException notPlain) {
            // What is wrong with it, if anything, is Jackson's to tell.
        }
        try (JacksonCursor cursor = new JacksonCursor(json, 0, json.length)) {
            return read(cursor, envelope);
        } catch (JsonProcessingException e) {
            throw new IOException(describe(record) + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static WatchedObject read(JsonCursor json, KubernetesRecord envelope)
            throws IOException {
        if (!json.enterObject()) {
            throw new IOException(describe(envelope) + " is no JSON object");
        }
        ObjectFields fields = new ObjectFields(envelope);
        fields.read(json);
        return fields.toObject();
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
