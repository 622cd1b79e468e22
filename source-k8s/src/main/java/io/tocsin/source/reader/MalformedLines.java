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
import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.api.Signal;

/**
 * Decides about lines that cannot be understood: each gets a second chance by a reconnect at the
 * same version, then becomes a dead letter, once.
 *
 * <p>Lines are told apart by their order since the version last moved, as the server repeats them.
 */
@Pure
final class MalformedLines {

    /** What to do about a line. */
    enum Verdict {
        RECONNECT,
        DEAD_LETTER,
        PASS
    }

    /** What an object is whose version has no place in an order. */
    static Signal.Malformed unordered(ObjectVersion object) {
        return new Signal.Malformed(
                object.json() == null ? new byte[0] : object.json(),
                "resourceVersion is not a decimal number of at most 128 bits",
                object.namespace(),
                object.name(),
                object.uid());
    }

    private int inThisWatch;
    private int tried;
    private int dead;

    /** A watch begins. */
    void opened() {
        inThisWatch = 0;
    }

    /** The version moved. */
    void moved() {
        inThisWatch = 0;
        tried = 0;
        dead = 0;
    }

    /** A malformed line. */
    Verdict next() {
        inThisWatch++;
        if (inThisWatch <= dead) {
            return Verdict.PASS;
        }
        if (inThisWatch <= tried) {
            dead = inThisWatch;
            return Verdict.DEAD_LETTER;
        }
        tried = inThisWatch;
        return Verdict.RECONNECT;
    }
}
