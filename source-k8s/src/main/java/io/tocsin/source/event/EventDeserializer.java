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
package io.tocsin.source.event;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.RecordDeserializer;
import io.tocsin.source.json.VersionReader;
import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Reads Events of events.k8s.io/v1, and of core/v1 under its older field names, into {@link
 * EventRecord}s; records about the watch pass through.
 *
 * <p>Lenient where an event may be odd, strict where it is no event: a field of another type than
 * the API promises, or a time that is none, counts as absent; only bytes that are no JSON object
 * fail. Strings are cut at bounds: {@value #NOTE_CHARS} chars for the note, {@value #TEXT_CHARS}
 * for others; in texts, half surrogates and the separators U+001C to U+001F are replaced. Counts
 * are those of int32, as in the API: larger ones are cut, negative ones are 0.
 *
 * <p>Holds no state; any thread.
 */
public final class EventDeserializer implements RecordDeserializer<EventRecord> {

    private static final long serialVersionUID = 1L;

    static final int NOTE_CHARS = 16 * 1024;
    static final int TEXT_CHARS = 1024;

    @Override
    public EventRecord deserialize(KubernetesRecord record) throws IOException {
        if (!VersionReader.isVersion(record)) {
            return new EventRecord(record, null);
        }
        KubernetesRecord envelope = VersionReader.withoutObject(record);
        KubernetesEvent read =
                VersionReader.read(
                        record.object(),
                        () -> describe(record),
                        json -> new EventFields(envelope).read(json));
        return new EventRecord(envelope, read);
    }

    @Override
    public long timestampMillis(EventRecord element) {
        if (element.event() != null) {
            return element.event().timeMillis();
        }
        return VersionReader.timestampMillis(element.envelope());
    }

    @Override
    public TypeInformation<EventRecord> getProducedType() {
        return TypeInformation.of(EventRecord.class);
    }

    private static String describe(KubernetesRecord record) {
        return "Event "
                + record.namespace()
                + "/"
                + record.name()
                + " at version "
                + record.resourceVersion();
    }
}
