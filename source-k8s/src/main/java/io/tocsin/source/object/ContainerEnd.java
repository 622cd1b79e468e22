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

import io.tocsin.annotation.StateType;
import io.tocsin.source.pack.Packer;
import io.tocsin.source.pack.Unpacker;

/**
 * How a container ended.
 *
 * @param reason such as {@code OOMKilled}; null if not told
 * @param exitCode its exit code
 * @param finishedMillis finishedAt; 0 if not told
 */
@StateType
public record ContainerEnd(String reason, long exitCode, long finishedMillis) {

    /** Writes an end, or that there is none. */
    static void pack(ContainerEnd end, Packer to) {
        to.octet(end == null ? 0 : 1);
        if (end != null) {
            to.text(end.reason);
            to.fixed(end.exitCode);
            to.fixed(end.finishedMillis);
        }
    }

    /** Reads what {@link #pack} wrote. */
    static ContainerEnd unpack(Unpacker from) {
        return from.octet() == 0 ? null : new ContainerEnd(from.name(), from.fixed(), from.fixed());
    }
}
