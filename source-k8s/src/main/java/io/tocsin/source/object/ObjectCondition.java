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
 * A condition of an object's status.
 *
 * @param type such as {@code Ready}
 * @param status {@code True}, {@code False} or {@code Unknown}
 * @param reason why, in one word; null if not told
 * @param message why, in words; null if not told
 * @param transitionMillis lastTransitionTime; 0 if it has none
 */
@StateType
public record ObjectCondition(
        String type, String status, String reason, String message, long transitionMillis) {

    /** Writes the components. */
    void pack(Packer to) {
        int begin = to.begin();
        to.text(type);
        to.text(status);
        to.text(reason);
        to.text(message);
        to.fixed(transitionMillis);
        to.end(begin);
    }

    /** Reads what {@link #pack} wrote. */
    static ObjectCondition unpack(Unpacker from) {
        int outer = from.open();
        ObjectCondition condition =
                new ObjectCondition(
                        from.name(), from.name(), from.name(), from.text(), from.fixed());
        from.close(outer);
        return condition;
    }
}
