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
 * What a pod's status tells of a container.
 *
 * @param name its name
 * @param init whether it is an init container
 * @param restarts restartCount
 * @param waiting why it waits, such as {@code CrashLoopBackOff}; null if it does not, or does not
 *     say why
 * @param message what the reason to wait is, in words; null if not told
 * @param runningMillis since when it runs; 0 if it does not
 * @param end how it ended; null if it waits or runs
 * @param lastEnd how it ended the last time before this state; null if it never did, as far as is
 *     known
 */
@StateType
public record ContainerState(
        String name,
        boolean init,
        long restarts,
        String waiting,
        String message,
        long runningMillis,
        ContainerEnd end,
        ContainerEnd lastEnd) {

    /** Writes the components. */
    void pack(Packer to) {
        int begin = to.begin();
        to.text(name);
        to.octet(init ? 1 : 0);
        to.count(restarts);
        to.text(waiting);
        to.text(message);
        to.fixed(runningMillis);
        ContainerEnd.pack(end, to);
        ContainerEnd.pack(lastEnd, to);
        to.end(begin);
    }

    /** Reads what {@link #pack} wrote. */
    static ContainerState unpack(Unpacker from) {
        int outer = from.open();
        ContainerState state =
                new ContainerState(
                        from.name(),
                        from.octet() == 1,
                        from.count(),
                        from.name(),
                        from.text(),
                        from.fixed(),
                        ContainerEnd.unpack(from),
                        ContainerEnd.unpack(from));
        from.close(outer);
        return state;
    }
}
