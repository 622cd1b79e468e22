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

import io.tocsin.annotation.StateType;
import io.tocsin.source.pack.Packer;
import io.tocsin.source.pack.Unpacker;

/**
 * The object that an event is about, as the event names it. Components are null where the event
 * leaves them out.
 *
 * <p>Semantics: core/v1 ObjectReference. The uid is what the reporter wrote: the kubelet writes a
 * node's name there, and the taint eviction controller leaves it out.
 */
@StateType
public record ObjectReference(
        String apiVersion,
        String kind,
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        String fieldPath) {
    /** Writes the components, none of which is lost. */
    public void pack(Packer to) {
        to.text(apiVersion);
        to.text(kind);
        to.text(namespace);
        to.text(name);
        to.text(uid);
        to.text(resourceVersion);
        to.text(fieldPath);
    }

    /** Reads what {@link #pack} wrote. */
    public static ObjectReference unpack(Unpacker from) {
        String[] place = from.run(3);
        return new ObjectReference(
                place[0], place[1], place[2], from.text(), from.text(), from.text(), from.name());
    }
}
