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
package io.tocsin.source.reader;

import io.tocsin.annotation.Pure;
import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceVersion;

/** What a split's driver hands to the record emitter, with the position that it moves to. */
@Pure
public sealed interface Element {

    /** Where the split stands once this element is emitted. */
    Position next();

    /** Bytes that this element holds in memory, roughly. */
    default long sizeBytes() {
        return 100;
    }

    /** This element, read from the network at a server time; 0 while that is unknown. */
    default Element readAt(long serverMillis) {
        return this;
    }

    /**
     * A new version of an object, or its deletion.
     *
     * @param readMillis server time at which it was read from the network; 0 if unknown
     */
    record Changed(
            boolean deleted, Origin origin, ObjectVersion object, Position next, long readMillis)
            implements Element {

        /** Read at an unknown time. */
        public Changed(boolean deleted, Origin origin, ObjectVersion object, Position next) {
            this(deleted, origin, object, next, 0);
        }

        @Override
        public Changed readAt(long serverMillis) {
            return new Changed(deleted, origin, object, next, serverMillis);
        }

        @Override
        public long sizeBytes() {
            return 300 + (object.json() == null ? 0 : object.json().length);
        }
    }

    /**
     * An object that a list showed, new or not: so that who keeps objects can retire the others.
     *
     * @param changed its version, to be emitted before; null if it is not new
     * @param asOf version of the list; null until it is known
     */
    record Present(
            Changed changed,
            String namespace,
            String name,
            String uid,
            ResourceVersion asOf,
            Position next)
            implements Element {
        @Override
        public Present readAt(long serverMillis) {
            return changed == null
                    ? this
                    : new Present(changed.readAt(serverMillis), namespace, name, uid, asOf, next);
        }

        @Override
        public long sizeBytes() {
            return 300 + (changed == null ? 0 : changed.sizeBytes());
        }
    }

    /** A line that could not be understood, twice. */
    record DeadLetter(byte[] raw, String reason, Position next) implements Element {
        @Override
        public long sizeBytes() {
            return 200 + raw.length;
        }
    }

    /** Progress without a record. */
    record Moved(Position next) implements Element {}

    /**
     * The end of a list.
     *
     * @param announce whether a record tells it: always for the first list, and where all objects
     *     are told as present; else only if listed objects were emitted
     * @param provenMillis server time of which all earlier writes were emitted; 0 if unknown
     */
    record Listed(boolean announce, long provenMillis, Position next) implements Element {}

    /**
     * The scope is out of reach and nothing else is to wait for it.
     *
     * @param fromMillis server time since when; 0 if unknown
     */
    record Lost(long fromMillis, String reason, Position next) implements Element {}

    /** The scope is read no more, and nobody else reads it. */
    record Unwatched(Position next) implements Element {}

    /**
     * Contact was gained, or regained.
     *
     * @param fromMillis server time since when there was none; 0 for before this run
     * @param atMillis server time; 0 if unknown
     */
    record Regained(long fromMillis, long atMillis, String reason, Position next)
            implements Element {}
}
