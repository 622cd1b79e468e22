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
package io.tocsin.source.pack;

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesRecord.Origin;

/**
 * Serializes records that tell where they come from by a {@link KubernetesRecord}.
 *
 * @param <T> the record
 */
public abstract class EnvelopeSerializer<T> extends PackedSerializer<T> {

    private static final long serialVersionUID = 1L;

    /** Writes all components. */
    protected static void packEnvelope(KubernetesRecord envelope, Packer to) {
        to.octet(code(envelope.kind()));
        to.octet(code(envelope.origin()));
        to.text(envelope.cluster());
        to.text(envelope.resource());
        to.text(envelope.scope());
        to.count(envelope.epoch());
        to.text(envelope.namespace());
        to.text(envelope.name());
        to.text(envelope.uid());
        to.text(envelope.resourceVersion());
        to.blob(envelope.object());
        to.fixed(envelope.fromMillis());
        to.fixed(envelope.toMillis());
        to.text(envelope.reason());
    }

    /** Reads what {@link #packEnvelope} wrote. */
    protected static KubernetesRecord unpackEnvelope(Unpacker from) {
        Kind kind = kind(from.octet());
        Origin origin = origin(from.octet());
        String[] watch = from.run(3);
        return new KubernetesRecord(
                kind,
                origin,
                watch[0],
                watch[1],
                watch[2],
                (int) from.count(),
                from.name(),
                from.text(),
                from.text(),
                from.text(),
                from.blob(),
                from.fixed(),
                from.fixed(),
                from.text());
    }

    private static int code(Kind kind) {
        return switch (kind) {
            case UPSERTED -> 1;
            case DELETED -> 2;
            case PRESENT -> 3;
            case LIST_END -> 4;
            case BLIND -> 5;
            case POSSIBLE_LOSS -> 6;
            case DEAD_LETTER -> 7;
            case UNWATCHED -> 8;
        };
    }

    private static Kind kind(int code) {
        return switch (code) {
            case 1 -> Kind.UPSERTED;
            case 2 -> Kind.DELETED;
            case 3 -> Kind.PRESENT;
            case 4 -> Kind.LIST_END;
            case 5 -> Kind.BLIND;
            case 6 -> Kind.POSSIBLE_LOSS;
            case 7 -> Kind.DEAD_LETTER;
            case 8 -> Kind.UNWATCHED;
            default -> throw unknown("record's kind", code);
        };
    }

    private static int code(Origin origin) {
        if (origin == null) {
            return 0;
        }
        return switch (origin) {
            case WATCH -> 1;
            case LISTED -> 2;
            case BASELINE -> 3;
        };
    }

    private static Origin origin(int code) {
        return switch (code) {
            case 0 -> null;
            case 1 -> Origin.WATCH;
            case 2 -> Origin.LISTED;
            case 3 -> Origin.BASELINE;
            default -> throw unknown("record's origin", code);
        };
    }
}
